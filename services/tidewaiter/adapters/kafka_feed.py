"""All partitions of some topics from given offsets on, outside of any group: its reader has them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from tidewaiter.adapters.kafka_connection import ClientValue, KafkaConnection, KafkaUnavailable, in_words
from tidewaiter.adapters.kafka_ends import bounds
from tidewaiter.adapters.kafka_messages import record_of
from tidewaiter.adapters.kafka_topics import check_alike
from tidewaiter.stream.record import Partition, Record

_BATCH = 4000


class PositionsLost(Exception):
    """The broker no longer has the records at a position; the text is one line."""


class KafkaFeed:
    """Committed records as they come. Raises TopicsUnusable, KafkaUnavailable, and PositionsLost when the
    broker has deleted records that were not read yet, unless ``accept_gaps`` says to read on behind them."""

    def __init__(
        self,
        connection: KafkaConnection,
        topics: Iterable[str],
        positions: Mapping[Partition, int],
        *,
        accept_gaps: bool = False,
        client: Mapping[str, ClientValue] = MappingProxyType({}),
    ) -> None:
        """``client`` is what the reader wants of its client otherwise than the archive does."""
        self._connection = connection
        partitions = [
            Partition(topic, number)
            for topic in topics
            for number in range(check_alike(connection, (topic,)))
        ]
        self._consumer = Consumer(connection.configuration({**_SETTINGS, **client}))
        self._left = dict.fromkeys(partitions, 0)
        starts = {
            partition: self._start(partition, positions.get(partition), accept_gaps)
            for partition in partitions
        }
        self._consumer.assign([TopicPartition(*partition, at) for partition, at in starts.items()])

    def read(self, wait_seconds: float) -> list[Record]:
        """Up to 4,000 records, each partition's in log order; blocks up to the time given."""
        records = []
        for message in self._consumer.consume(_BATCH, wait_seconds):
            error = message.error()
            if error is None:
                records.append(record_of(message))
            elif error.code() == KafkaError._PARTITION_EOF:
                self._ended(Partition(message.topic() or "", message.partition() or 0), message.offset() or 0)
            elif error.code() == KafkaError._AUTO_OFFSET_RESET:
                raise PositionsLost(f"{message.topic()}/{message.partition()}: {in_words(error)}")
            elif not error.retriable():
                raise KafkaUnavailable(in_words(error))
        return records

    @property
    def is_at_end(self) -> bool:
        """Whether every partition was read to the end that it had at the beginning."""
        return not self._left

    def close(self) -> None:
        self._consumer.close()

    def _ended(self, partition: Partition, offset: int) -> None:
        if offset >= self._left.get(partition, offset + 1):
            del self._left[partition]

    def _start(self, partition: Partition, position: int | None, accept_gaps: bool) -> int:
        timeout = self._connection.request_timeout_seconds
        first, self._left[partition] = bounds(self._consumer, *partition, timeout)
        return starting_offset(partition, position, first, accept_gaps=accept_gaps)


def starting_offset(partition: Partition, position: int | None, first: int, *, accept_gaps: bool) -> int:
    """Where to begin when ``first`` is the first offset that the broker still has. Raises PositionsLost."""
    if position is None:
        return OFFSET_BEGINNING
    if position < first and not accept_gaps:
        raise PositionsLost(
            f"{partition.topic}/{partition.number}: offsets {position} to {first - 1} were deleted "
            "before they were archived; --accept-gaps reads on behind them"
        )
    return max(position, first)


# Whatever the group is called, it is never joined.
_SETTINGS: Mapping[str, ClientValue] = {
    "group.id": "tidewaiter-archive",
    "enable.auto.commit": False,
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
}
