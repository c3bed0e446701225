"""The log on Kafka: one member of a consumer group with its transactions.

All topics of a worker are subscribed together under the *range* assignor, which gives partition p of
topics with equal counts to the same member; that is what makes one writer per key. Cooperative-sticky
does not, and assigning the twins by hand beside a group of the first topic alone was tried and left:
the broker forgets offsets of topics that no member subscribes to after offsets.retention.minutes, and
its two rounds took 3 s where the range took 1.5 s (Apache Kafka 4.3, two members, heartbeat 3 s).
Range runs on Apache Kafka and on the embedded broker alike. It is eager: everything is given up for 0.1 s.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from tidewaiter.adapters.kafka_ahead import KafkaAhead
from tidewaiter.adapters.kafka_connection import (
    ClientValue,
    KafkaConnection,
    KafkaUnavailable,
    error_of,
    in_words,
)
from tidewaiter.adapters.kafka_messages import record_of
from tidewaiter.adapters.kafka_topics import check_alike
from tidewaiter.adapters.kafka_transactions import Transactions
from tidewaiter.stream.log import Aborted, CommitResult, Committed, Indefinite, KeysAhead, Plan, Polled
from tidewaiter.stream.outcome import Unavailable
from tidewaiter.stream.partitioner import partition_for
from tidewaiter.stream.record import Outgoing, Partition, Record

Pair = tuple[str, int]
_WAKING_SECONDS = 0.001
_STALE_MEMBER = frozenset(
    {KafkaError.ILLEGAL_GENERATION, KafkaError.UNKNOWN_MEMBER_ID, KafkaError.REBALANCE_IN_PROGRESS}
)


@dataclass(frozen=True)
class GroupMember:
    """Who reads what. ``slot`` is the worker's place: a second worker in the same slot fences the first."""

    group: str
    slot: str
    topics: tuple[str, ...]

    @property
    def transactional_id(self) -> str:
        """The name under which the slot writes."""
        return f"tidewaiter-{self.group}-{self.slot}"


class KafkaLog:
    """See tidewaiter.stream.log.Log.

    Constructing blocks until the broker has answered and whatever an earlier worker of this slot left
    open is settled. Raises KafkaUnavailable (try again later) and TopicsUnusable (missing topics,
    unequal partition counts).
    """

    def __init__(self, connection: KafkaConnection, member: GroupMember) -> None:
        self._count, self._topics = check_alike(connection, member.topics), frozenset(member.topics)
        self._timeout = connection.request_timeout_seconds
        self._transactions = Transactions(connection, member.transactional_id)
        self._ahead = KafkaAhead(connection, member.group)
        self._owned: set[Pair] = set()
        self._paused: set[Pair] = set()
        self._asleep: set[Pair] = set()
        self._positions: dict[Pair, int] = {}
        self._at_end: set[Pair] = set()
        self._committed: dict[Partition, int] = {}
        self._is_committed_asked = False
        self._assigned: set[Pair] = set()
        self._revoked: set[Pair] = set()
        self._lost: set[Pair] = set()
        self._is_closed = False
        self._consumer = Consumer(connection.configuration(_consumer_settings(member)))
        callbacks = {"on_assign": self._on_assign, "on_revoke": self._on_revoke, "on_lost": self._on_lost}
        self._consumer.subscribe(list(member.topics), **callbacks)

    def poll(self, plan: Plan) -> Polled:
        """See Log. Raises KafkaException when the client is beyond help (a fatal error)."""
        messages = self._consumer.consume(1, plan.wait_seconds)
        if messages and plan.max_records > 1:
            messages += self._consumer.consume(plan.max_records - 1, plan.linger_seconds)
        records = self._records(messages) if messages else ()
        if not (self._assigned or self._revoked or self._lost):
            return Polled(records)
        return self._rebalanced(records)

    def commit(self, outgoing: Sequence[Outgoing], offsets: Mapping[Partition, int]) -> CommitResult:
        """See Log. With nothing to write there is nothing to be atomic with, and the offsets go alone.

        (The embedded broker forgets the offsets of a transaction that has no records.)
        """
        places = [TopicPartition(*partition, offset) for partition, offset in offsets.items()]
        if outgoing:
            group = self._consumer.consumer_group_metadata()
            result = self._transactions.commit(outgoing, places, group)
        else:
            result = self._commit_offsets(places)
        if isinstance(result, Committed):
            self._committed.update(offsets)
            self._forget_positions(self._written_to(outgoing))
        return result

    def recover(self) -> bool:
        """See Log."""
        if not self._transactions.renew():
            return False
        try:
            for place in self._ask_committed():
                self._consumer.seek(_from_beginning_if_none(place))
        except KafkaException:
            return False
        self._forget_positions(self._owned)
        return True

    def pause(self, partitions: Iterable[Partition]) -> None:
        """See Log."""
        paused = self._owned.intersection(partitions)
        self._consumer.pause(_places(paused))
        self._paused |= paused
        if self._owned <= self._paused:
            self._asleep |= self._owned

    def resume(self, partitions: Iterable[Partition]) -> None:
        """See Log."""
        resumed = self._owned.intersection(partitions)
        self._forget_positions(resumed)
        self._consumer.resume(_places(resumed))
        self._paused -= resumed
        if resumed & self._asleep:
            self._wake(resumed)

    def backlog(self, partition: Partition) -> int | None:
        """See Log. From what the last fetch said: the broker is not asked."""
        if partition in self._at_end:
            return 0
        position = self._positions.get(partition)
        if position is None:
            return None
        _, end = self._consumer.get_watermark_offsets(TopicPartition(*partition), cached=True)
        return max(0, end - position)

    def committed(self, topic: str, number: int) -> int | None:
        """See Log. While Kafka does not answer it is not asked again: each time would take the timeout."""
        if not self._is_committed_asked:
            with suppress(KafkaException):
                self._ask_committed()
        return self._committed.get(Partition(topic, number))

    def keys_from(self, topic: str, offsets: Mapping[int, int]) -> Mapping[int, KeysAhead] | Unavailable:
        """See Log. Behind open transactions, too."""
        try:
            return self._ahead.keys_from(topic, offsets)
        except KafkaUnavailable as reason:
            return Unavailable(f"Kafka: cannot look ahead in {topic}: {reason}")

    def close(self) -> None:
        """See Log."""
        if not self._is_closed:
            self._is_closed = True
            self._consumer.close()
            self._transactions.close()

    def _wake(self, pairs: set[Pair]) -> None:
        """Have librdkafka's threads look for what they may fetch.

        One that finds all of its partitions paused sleeps for up to a second, and is not told when one is
        resumed: the first record came 0.25 to 0.95 s later. A request wakes it, and so does the answer, which
        nobody waits for; then it takes 10 ms.
        """
        self._asleep -= pairs
        with suppress(KafkaException):
            self._consumer.offsets_for_times(
                [TopicPartition(*pair, OFFSET_END) for pair in pairs], timeout=_WAKING_SECONDS
            )

    def _ask_committed(self) -> list[TopicPartition]:
        """The group's offsets of all that is owned, remembered. Raises KafkaException."""
        self._is_committed_asked = True
        found: list[TopicPartition] = self._consumer.committed(_places(self._owned), timeout=self._timeout)
        self._committed = {Partition(p.topic, p.partition): max(p.offset, 0) for p in found}
        return found

    def _written_to(self, outgoing: Sequence[Outgoing]) -> set[Pair]:
        """Partitions that it reads and has written to: it is not at their end, and no fetch says so yet."""
        return {
            (record.topic, partition_for(record.key or b"", self._count))
            for record in outgoing
            if record.topic in self._topics
        }

    def _records(self, messages: list[Message]) -> tuple[Record, ...]:
        records = [record_of(message, self._count) for message in messages if message.error() is None]
        # A rebalance in the middle of this poll makes what was read before it void: it will be read
        # again from the committed offsets, by whoever has the partition then, which may be us.
        if self._assigned or self._revoked or self._lost:
            steady = self._owned - self._assigned
            records = [r for r in records if (r.topic, r.partition) in steady]
        reached = {(record.topic, record.partition): record.offset + 1 for record in records}
        self._positions |= reached
        self._at_end.difference_update(reached)
        if len(records) < len(messages):
            self._note_ends(messages)
        return tuple(records)

    def _note_ends(self, messages: list[Message]) -> None:
        """Remember which partitions were read to their end, which records cannot tell after a marker. Not of
        one that came in this poll: it was at its end when it went, and what was read before it is void.
        """
        for message in messages:
            error = message.error()
            if error is None:
                continue
            pair = (message.topic() or "", message.partition() or 0)
            if error.fatal():
                raise KafkaException(error)
            if error.code() == KafkaError._PARTITION_EOF and pair in self._owned - self._assigned:
                # Behind the end that a read_committed reader comes to, a transaction may still be open; or it
                # is confirmed, and only its marks are on their way.
                _, end = self._consumer.get_watermark_offsets(TopicPartition(*pair), cached=True)
                if (message.offset() or 0) >= max(end, self._positions.get(pair, 0)):
                    self._at_end.add(pair)
                    self._ahead.forget(*pair)

    def _rebalanced(self, records: tuple[Record, ...]) -> Polled:
        assigned, revoked, lost = self._assigned, self._revoked, self._lost
        self._assigned, self._revoked, self._lost = set(), set(), set()
        return Polled(records, _partitions(assigned & self._owned), _partitions(revoked), _partitions(lost))

    def _commit_offsets(self, places: list[TopicPartition]) -> CommitResult:
        try:
            self._consumer.commit(offsets=places, asynchronous=False)
        except KafkaException as exception:
            error = error_of(exception)
            words = in_words(error)
            return Aborted(words) if error.code() in _STALE_MEMBER else Indefinite(words)
        return Committed()

    def _on_assign(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        """Take the partitions, paused: the loop resumes them once it knows of them."""
        consumer.assign(places)
        consumer.pause(places)
        pairs = _pairs(places)
        self._owned |= pairs
        self._assigned |= pairs
        self._paused |= pairs
        self._asleep |= pairs
        self._is_committed_asked = False

    def _on_revoke(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        self._revoked |= self._give_up(consumer, places)

    def _on_lost(self, consumer: Consumer, places: list[TopicPartition]) -> None:
        self._lost |= self._give_up(consumer, places)

    def _give_up(self, consumer: Consumer, places: list[TopicPartition]) -> set[Pair]:
        consumer.unassign()
        pairs = _pairs(places)
        self._owned -= pairs
        self._paused -= pairs
        self._asleep -= pairs
        self._forget_positions(pairs)
        for pair in pairs:
            self._ahead.forget(*pair)
            self._committed.pop(Partition(*pair), None)
        return pairs

    def _forget_positions(self, pairs: Iterable[Pair]) -> None:
        for pair in pairs:
            self._positions.pop(pair, None)
            self._at_end.discard(pair)


def _consumer_settings(member: GroupMember) -> dict[str, ClientValue]:
    return {
        "group.id": member.group,
        "group.protocol": "classic",
        "partition.assignment.strategy": "range",
        # With any other the embedded broker takes 23 s to let a member join.
        "session.timeout.ms": 6000,
        # Heartbeats tell of a rebalance: at the default of 3 s everybody waits that long for the last.
        "heartbeat.interval.ms": 1000,
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        "isolation.level": "read_committed",
        "enable.partition.eof": True,
        "max.poll.interval.ms": 60_000,
        "fetch.wait.max.ms": 10,
        "fetch.error.backoff.ms": 50,
        # When the local queue is full the next fetch comes this much later; the default of 1 s starves us.
        "fetch.queue.backoff.ms": 5,
        "queued.min.messages": 20_000,
        "queued.max.messages.kbytes": 65_536,
    }


def _pairs(places: Iterable[TopicPartition]) -> set[Pair]:
    return {(place.topic, place.partition) for place in places}


def _places(pairs: Iterable[Pair]) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for topic, number in pairs]


def _partitions(pairs: Iterable[Pair]) -> frozenset[Partition]:
    return frozenset(Partition(*pair) for pair in pairs)


def _from_beginning_if_none(place: TopicPartition) -> TopicPartition:
    from_here = place.offset if place.offset >= 0 else OFFSET_BEGINNING
    return TopicPartition(place.topic, place.partition, from_here)
