"""A log in memory that keeps the promises of the real one.

It passes the same conformance suite as the Kafka adapter (tests/integration/test_stream_conformance.py).
Offsets have gaps here too, where a transaction's marker or an aborted record lies.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tidewaiter.stream.log import (
    Aborted,
    CommitResult,
    Committed,
    Fenced,
    Indefinite,
    KeysAhead,
    Plan,
    Polled,
)
from tidewaiter.stream.outcome import Unavailable
from tidewaiter.stream.partitioner import partition_for
from tidewaiter.stream.record import Headers, Outgoing, Partition, Record

Fault = Literal["abort", "reply lost", "request lost"]


@dataclass
class _Group:
    members: list["MemoryLog"] = field(default_factory=list)
    offsets: dict[Partition, int] = field(default_factory=dict)


class MemoryBroker:
    """Topics, groups and transactions of one process. ``topics`` says how many partitions each one has.

    ``faults`` are used up one by one, by the next commits of whoever commits.
    """

    def __init__(self, topics: Mapping[str, int]) -> None:
        self._counts = dict(topics)
        self.entries: dict[Partition, list[Record | None]] = {
            Partition(topic, number): [] for topic, count in topics.items() for number in range(count)
        }
        self.groups: dict[str, _Group] = defaultdict(_Group)
        self.epochs: dict[str, int] = defaultdict(int)
        self.faults: list[Fault] = []
        self._round_robin = 0

    def publish(self, topic: str, key: bytes | None, value: bytes | None, headers: Headers = ()) -> Partition:
        """Append one record outside of any transaction; where it went."""
        return self.append(Outgoing(topic, key, value, headers), is_visible=True)

    def append(self, outgoing: Outgoing, is_visible: bool) -> Partition:
        """Append a record, or the gap that an aborted one leaves."""
        partition = self._partition(outgoing)
        entries = self.entries[partition]
        place = (partition.topic, partition.number, len(entries))
        record = Record(*place, outgoing.key, outgoing.value, outgoing.headers, timestamp_ms=0)
        entries.append(record if is_visible else None)
        return partition

    def records(self, topic: str) -> tuple[Record, ...]:
        """All visible records of a topic, partition by partition in log order."""
        numbers = range(self._counts[topic])
        return tuple(r for n in numbers for r in self.entries[Partition(topic, n)] if r is not None)

    def committed(self, group: str) -> dict[Partition, int]:
        """The offsets at which the group reads on."""
        return dict(self.groups[group].offsets)

    def numbers(self, topics: Sequence[str]) -> range:
        """The partition numbers that the topics have in common; ValueError when their counts differ."""
        counts = {topic: self._counts[topic] for topic in topics}
        if len(set(counts.values())) != 1:
            raise ValueError(f"topics read together need equal partition counts, found {counts}")
        return range(next(iter(counts.values())))

    def _partition(self, outgoing: Outgoing) -> Partition:
        count = self._counts[outgoing.topic]
        if outgoing.key is not None:
            return Partition(outgoing.topic, partition_for(outgoing.key, count))
        self._round_robin += 1
        return Partition(outgoing.topic, self._round_robin % count)


class MemoryLog:
    """One member of a group on a MemoryBroker. Polls return at once, whatever the plan's times say.

    A new log of the same ``slot`` fences the old one, as a producer of the same transactional id does.
    """

    def __init__(self, broker: MemoryBroker, group: str, topics: Sequence[str], slot: str = "0") -> None:
        self._broker, self._topics, self._id = broker, tuple(topics), f"{group}-{slot}"
        self._numbers = broker.numbers(topics)
        self._group = broker.groups[group]
        self._positions: dict[Partition, int] = {}
        self._paused: set[Partition] = set()
        self._unknown: set[Partition] = set()
        self._is_lost = False
        self._is_broken = False
        self._group.members.append(self)
        self._begin_epoch()

    def poll(self, plan: Plan) -> Polled:
        """See Log."""
        assert not self._is_broken or self.owned <= self._paused
        lost = self._rejoin()
        revoked = frozenset(self.owned - self._target())
        self._forget(revoked)
        taken = {p for member in self._group.members for p in member.owned}
        assigned = frozenset(self._target() - taken)
        self._positions |= {p: self._group.offsets.get(p, 0) for p in assigned}
        self._paused |= assigned
        self._unknown |= assigned
        return Polled(self._records(plan.max_records), assigned, revoked, lost)

    def commit(self, outgoing: Sequence[Outgoing], offsets: Mapping[Partition, int]) -> CommitResult:
        """See Log."""
        result = self._committed(outgoing, offsets)
        self._is_broken = not isinstance(result, Committed)
        return result

    def recover(self) -> bool:
        """See Log."""
        self._begin_epoch()
        self._is_broken = False
        self._positions = {p: self._group.offsets.get(p, 0) for p in self._positions}
        self._unknown |= self.owned
        return True

    def pause(self, partitions: Iterable[Partition]) -> None:
        """See Log."""
        self._paused |= set(partitions) & self.owned

    def resume(self, partitions: Iterable[Partition]) -> None:
        """See Log."""
        resumed = set(partitions) & self._paused
        self._paused -= resumed
        self._unknown |= resumed

    def backlog(self, partition: Partition) -> int | None:
        """See Log."""
        if partition in self._unknown or partition not in self._positions:
            return None
        return len(self._broker.entries[partition]) - self._positions[partition]

    def committed(self, topic: str, number: int) -> int | None:
        """See Log."""
        partition = Partition(topic, number)
        return self._group.offsets.get(partition, 0) if partition in self.owned else None

    def keys_from(self, topic: str, offsets: Mapping[int, int]) -> Mapping[int, KeysAhead] | Unavailable:
        """See Log. What was aborted is not among it."""
        return {
            number: KeysAhead(self._keys(Partition(topic, number), offset))
            for number, offset in offsets.items()
        }

    def close(self) -> None:
        """See Log."""
        if self in self._group.members:
            self._group.members.remove(self)
        self._forget(frozenset(self.owned))

    def expire(self) -> None:
        """Let the session run out: the group goes on without this member, which learns it when it polls."""
        self._is_lost = True
        self._group.members.remove(self)

    @property
    def members(self) -> tuple["MemoryLog", ...]:
        """The members of the group as it knows them; one whose session ran out is not among them."""
        return tuple(self._group.members)

    @property
    def owned(self) -> set[Partition]:
        """The partitions that this member holds."""
        return set(self._positions)

    def _committed(self, outgoing: Sequence[Outgoing], offsets: Mapping[Partition, int]) -> CommitResult:
        if self._broker.epochs[self._id] != self._epoch:
            return Fenced(f"{self._id}: a newer worker has this slot")
        if not offsets:
            return Indefinite("no offsets, which a client refuses to commit")
        fault = self._broker.faults.pop(0) if self._broker.faults else None
        # Kafka asks who commits, and not whose the partitions are.
        is_visible = not self._is_lost and fault in (None, "reply lost")
        touched = {self._broker.append(record, is_visible) for record in outgoing}
        for partition in touched:
            self._broker.entries[partition].append(None)
        if is_visible:
            self._group.offsets |= offsets
        if fault in ("reply lost", "request lost"):
            return Indefinite(fault)
        return Committed() if is_visible else Aborted(fault or "no longer a member of the group")

    def _keys(self, partition: Partition, offset: int) -> Mapping[bytes, int]:
        entries = self._broker.entries[partition][offset:]
        return {entry.key or b"": entry.offset for entry in entries if entry is not None}

    def _begin_epoch(self) -> None:
        self._broker.epochs[self._id] += 1
        self._epoch = self._broker.epochs[self._id]

    def _rejoin(self) -> frozenset[Partition]:
        if not self._is_lost:
            return frozenset()
        lost = frozenset(self.owned)
        self._forget(lost)
        self._is_lost = False
        self._group.members.append(self)
        return lost

    def _forget(self, partitions: frozenset[Partition]) -> None:
        self._positions = {p: at for p, at in self._positions.items() if p not in partitions}
        self._paused -= partitions
        self._unknown -= partitions

    def _target(self) -> set[Partition]:
        members = self._group.members
        mine = members.index(self)
        share = [n for n in self._numbers if n * len(members) // len(self._numbers) == mine]
        return {Partition(topic, number) for topic in self._topics for number in share}

    def _records(self, count: int) -> tuple[Record, ...]:
        records: list[Record] = []
        for partition in sorted(self.owned - self._paused):
            entries, at = self._broker.entries[partition], self._positions[partition]
            while at < len(entries) and (len(records) < count or entries[at] is None):
                entry = entries[at]
                records += [entry] if entry is not None else []
                at += 1
            self._positions[partition] = at
            self._unknown.discard(partition)
        return tuple(records)
