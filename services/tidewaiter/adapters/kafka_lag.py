"""How far readers are behind, asked of the broker itself, so that a reader that is dead is seen, too."""

import time
from collections.abc import Iterable, Iterator, Mapping

from confluent_kafka import (
    Consumer,
    ConsumerGroupState,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import OffsetSpec  # type: ignore[attr-defined]  # without __all__
from msgspec.structs import replace

from tidewaiter.adapters.kafka_connection import (
    ClientValue,
    KafkaConnection,
    KafkaUnavailable,
    admin_of,
    error_of,
    in_words,
)
from tidewaiter.stream.record import Partition
from tidewaiter.stream.unread import Backlog, Reader, Unread, starting_point


class KafkaLag:
    """Measures backlogs. It joins no group and commits nothing, though it asks under each group's name.

    Ends are the last stable offsets, behind which `read_committed` does not read. Offsets alone would count
    marks of transactions and aborted records for ever, so the first record behind each position is read:
    where the client says that there is none, nothing is unread. That is one fetch a partition that lags.
    (The embedded broker names the beginning of the last batch as the end, and no members.)
    """

    def __init__(self, connection: KafkaConnection) -> None:
        self._timeout = connection.request_timeout_seconds
        self._connection = connection
        self._consumers: dict[tuple[str, str], Consumer] = {}
        self._admin = admin_of(self._connection)

    def measured(self, readers: Iterable[Reader]) -> tuple[Backlog, ...]:
        """The backlog of each reader now; topics that do not exist are passed over.

        Blocks up to the request's timeout for each of four requests a reader. Raises KafkaUnavailable when
        one is not answered, so that no number is half of now.
        """
        try:
            topics = self._admin.list_topics(timeout=self._timeout).topics
            counts = {name: len(topic.partitions) for name, topic in topics.items()}
            return tuple(self._backlog(reader, counts) for reader in readers)
        except KafkaException as exception:
            raise self._away(exception) from exception

    def open_transactions(self, topics: Iterable[str]) -> dict[Partition, int | None]:
        """Where a transaction keeps records from readers now, with the timestamp (ms) of its first record.

        None where that could not be read in time. Raises KafkaUnavailable as ``measured`` does.
        """
        try:
            known = self._admin.list_topics(timeout=self._timeout).topics
            partitions = [Partition(t, n) for t in topics if t in known for n in known[t].partitions]
            # Asked for in this order: what comes meanwhile is no open transaction.
            ends = self._offsets(partitions, _LATEST, IsolationLevel.READ_UNCOMMITTED)
            stable = self._offsets(partitions, _LATEST)
            held = [
                Unread(one, None, stable[one], end) for one, end in ends.items() if stable.get(one, end) < end
            ]
            looked_into = self._looked_into(self._consumer(_NO_GROUP, "read_uncommitted"), held)
            return {one.partition: one.oldest_ms for one in looked_into}
        except KafkaException as exception:
            raise self._away(exception) from exception

    def close(self) -> None:
        for consumer in self._consumers.values():
            consumer.close()
        self._consumers.clear()

    def _away(self, exception: KafkaException) -> KafkaUnavailable:
        """Begin with new clients: after a restart of the broker the old admin client was never told again who
        is in a group (45 s of time-outs, librdkafka 2.16)."""
        self.close()
        self._admin = admin_of(self._connection)
        return KafkaUnavailable(f"{self._connection.bootstrap_servers}: {in_words(error_of(exception))}")

    def _backlog(self, reader: Reader, counts: Mapping[str, int]) -> Backlog:
        topics = reader.topics or [name for name in counts if not name.startswith("__")]
        partitions = [Partition(topic, n) for topic in topics for n in range(counts.get(topic, 0))]
        consumer = self._consumer(reader.group or _NO_GROUP)
        positions = self._committed(consumer, partitions) if reader.group else reader.positions
        if not reader.topics:
            read = {partition.topic for partition in positions}
            partitions = [partition for partition in partitions if partition.topic in read]
        starts = self._starts(partitions, positions)
        members = self._members(reader.group) if reader.group else None
        return Backlog(reader.name, members, tuple(self._looked_into(consumer, starts)))

    def _consumer(self, group: str, isolation: str = "read_committed") -> Consumer:
        """Kept, with its connections. The admin client can ask for a group's offsets, too, but it crashes
        when the group's coordinator is moving (seen with librdkafka 2.16: it wakes a consumer that it lacks).
        """
        if (group, isolation) not in self._consumers:
            settings = {**_SETTINGS, "group.id": group, "isolation.level": isolation}
            self._consumers[group, isolation] = Consumer(self._connection.configuration(settings))
        return self._consumers[group, isolation]

    def _committed(self, consumer: Consumer, partitions: list[Partition]) -> dict[Partition, int]:
        """Waits for a coordinator that is just moving, as on a broker that was started this moment."""
        asked = [TopicPartition(*partition) for partition in partitions]
        until = time.monotonic() + self._timeout
        while asked:
            try:
                places = consumer.committed(asked, timeout=self._timeout)
            except KafkaException as exception:
                if error_of(exception).code() not in _MOVING or time.monotonic() > until:
                    raise
                time.sleep(_RETRY_SECONDS)
                continue
            return {Partition(one.topic, one.partition): one.offset for one in places if one.offset >= 0}
        return {}

    def _starts(self, partitions: list[Partition], positions: Mapping[Partition, int]) -> list[Unread]:
        beginnings, ends = self._offsets(partitions, _EARLIEST), self._offsets(partitions, _LATEST)
        return [
            starting_point(one, positions.get(one), beginnings[one], ends[one])
            for one in partitions
            if one in beginnings and one in ends
        ]

    def _members(self, group: str) -> int | None:
        """How many there are; None where a broker says that a group works and names nobody."""
        try:
            found = self._admin.describe_consumer_groups([group], request_timeout=self._timeout)
            description = found[group].result()
        except KafkaException as exception:
            if error_of(exception).code() == KafkaError.GROUP_ID_NOT_FOUND:
                return 0
            raise
        is_untold = description.state == ConsumerGroupState.STABLE and not description.members
        return None if is_untold else len(description.members)

    def _offsets(
        self,
        partitions: list[Partition],
        which: OffsetSpec,
        isolation: IsolationLevel = IsolationLevel.READ_COMMITTED,
    ) -> dict[Partition, int]:
        """An offset of each partition, except of those that were deleted meanwhile."""
        if not partitions:
            return {}
        asked = {TopicPartition(*partition): which for partition in partitions}
        futures = self._admin.list_offsets(asked, isolation_level=isolation, request_timeout=self._timeout)
        found = {}
        for place, future in futures.items():
            try:
                found[Partition(place.topic, place.partition)] = future.result().offset
            except KafkaException as exception:
                if error_of(exception).code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                    raise
        return found

    def _looked_into(self, consumer: Consumer, starts: list[Unread]) -> Iterator[Unread]:
        """With the first record of each that has some; as they are where it does not come in time."""
        left = {one.partition: one for one in starts if one.records}
        found: dict[Partition, Unread] = {}
        consumer.assign([TopicPartition(*one.partition, one.first) for one in left.values()])
        until = time.monotonic() + self._timeout
        while left and time.monotonic() < until:
            for message in consumer.consume(1, 0.1):
                partition = Partition(message.topic() or "", message.partition() or 0)
                if one := left.pop(partition, None):
                    found[partition] = _with_first(one, message)
                    consumer.incremental_unassign([TopicPartition(*partition)])
        consumer.unassign()
        return (found.get(one.partition, one) for one in starts)


def _with_first(one: Unread, message: Message) -> Unread:
    """What a first message says: a record, the end, or an error that leaves the age unknown."""
    error = message.error()
    if error is None:
        _, written_ms = message.timestamp()
        first = min(message.offset() or 0, one.end)
        return replace(one, first=first, oldest_ms=written_ms if written_ms >= 0 else None)
    return replace(one, first=one.end) if error.code() == KafkaError._PARTITION_EOF else one


_EARLIEST: OffsetSpec = OffsetSpec.earliest()  # type: ignore[no-untyped-call]
_LATEST: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
_RETRY_SECONDS = 0.2
_MOVING = frozenset(
    (
        KafkaError.NOT_COORDINATOR,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    )
)
# Under this name what a reader without a group has not read is looked into.
_NO_GROUP = "tidewaiter-lag"
_SETTINGS: Mapping[str, ClientValue] = {
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "enable.partition.eof": True,
    "fetch.wait.max.ms": 10,
    # One record a partition is wanted, and the client fetches ahead for 100,000. Its queue is for all of them
    # together, and when that is full the next fetch is put off by 1 s: 12 partitions took more than 10 s.
    "queued.min.messages": 100,
    "fetch.queue.backoff.ms": 5,
    "fetch.message.max.bytes": 65_536,
}
