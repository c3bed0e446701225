"""The log as the loop sees it: polls, transactions and partitions, whether Kafka or memory stands behind."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tidewaiter.stream.outcome import Unavailable
from tidewaiter.stream.record import Outgoing, Partition, Record


@dataclass(frozen=True)
class Plan:
    """How to poll: wait for a first record, then linger until ``max_records`` are together.

    Waiting and lingering are apart because a single timeout costs latency at low rates: with it a
    poll that has one record sits out the rest of its time in the hope of a second.
    """

    max_records: int
    wait_seconds: float
    linger_seconds: float = 0.0


@dataclass(frozen=True)
class Polled:
    """What a poll brought. ``records`` lie in assigned partitions only, each partition's in log order.

    ``assigned`` partitions are new and come paused: nothing is read from them before ``resume``.
    ``revoked`` ones have been given up; ``lost`` ones were taken away (the session had run out), so
    that another worker may have read them already. Unfinished records of both are to be dropped.
    """

    records: tuple[Record, ...] = ()
    assigned: frozenset[Partition] = frozenset()
    revoked: frozenset[Partition] = frozenset()
    lost: frozenset[Partition] = frozenset()


@dataclass(frozen=True)
class Committed:
    """Outgoing records and offsets are visible, all of them."""


@dataclass(frozen=True)
class Aborted:
    """Nothing of the transaction is visible, nor will be."""

    reason: str


@dataclass(frozen=True)
class Indefinite:
    """Nobody knows whether the transaction is visible; the committed offsets will tell after ``recover``."""

    reason: str


@dataclass(frozen=True)
class Fenced:
    """A newer worker has this worker's place: whatever this one does from now on is void."""

    reason: str


@dataclass(frozen=True)
class KeysAhead:
    """Where the last record of each key lies in a partition: of what is ``committed``, and of what is, or
    just was, ``open``, and may yet be aborted.
    """

    committed: Mapping[bytes, int]
    open: Mapping[bytes, int] = field(default_factory=dict)


CommitResult = Committed | Aborted | Indefinite | Fenced


class Log(Protocol):
    """Topics read by one member of a group, and transactions that write records and offsets together.

    Used by one thread. Topics that are read together have equal partition counts, and partition p of
    every one of them belongs to the same worker, so that a key has one writer.
    """

    def poll(self, plan: Plan) -> Polled:
        """Records and changes of the assignment; blocks for the plan's times, keeps the membership alive."""

    def commit(self, outgoing: Sequence[Outgoing], offsets: Mapping[Partition, int]) -> CommitResult:
        """Write all of ``outgoing`` and the next ``offsets`` to read, or nothing; blocks until it is known.

        After anything but Committed the log is broken: the next call has to be ``recover`` or ``poll``
        with every partition paused.
        """

    def recover(self) -> bool:
        """Mend what a failed commit left and go back to the committed offsets; False: try again later."""

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Read nothing from these until they are resumed. Idempotent."""

    def resume(self, partitions: Iterable[Partition]) -> None:
        """Read on, after the last record that was polled. Idempotent."""

    def backlog(self, partition: Partition) -> int | None:
        """Offsets between what was polled and the end; None while not known since assignment or resume."""

    def committed(self, topic: str, number: int) -> int | None:
        """The offset before which a partition that is assigned is answered and committed; None where that
        is not known. Asks the broker once after an assignment."""

    def keys_from(self, topic: str, offsets: Mapping[int, int]) -> Mapping[int, KeysAhead] | Unavailable:
        """The keys of what lies in partitions of a topic from these offsets to the end of now, by partition,
        each with the offset of its last record; Unavailable where that cannot be found out now.

        All that anybody has committed is among it. There may be what lies before. Blocks for some seconds at
        most while 100,000 records of 1.5 kB take 0.7 s, and begins where it stopped when asked again.
        """

    def close(self) -> None:
        """Leave the group at once, without committing. Idempotent."""
