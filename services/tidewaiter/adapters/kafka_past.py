"""What the topics still have of parcels that were decided, to rebuild from it what is known of them."""

import time
from collections.abc import Iterator, Mapping

from confluent_kafka import Consumer, KafkaException, TopicPartition

from tidewaiter.adapters.kafka_connection import (
    ClientValue,
    KafkaConnection,
    KafkaUnavailable,
    error_of,
    in_words,
)
from tidewaiter.adapters.kafka_ends import READ_TO_THE_END, bounds, is_end, is_record
from tidewaiter.adapters.kafka_messages import record_of
from tidewaiter.adapters.kafka_topics import check_alike
from tidewaiter.stream.record import Record
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS, RESCREENS

_BATCH = 2000
# Offsets are committed of what the workers read; the others are read to the end of now.
_READ_BY_WORKERS = frozenset({PARCEL_EVENTS, OFFICER_ACTIONS, RESCREENS})
TOPICS = (PARCEL_EVENTS, OFFICER_ACTIONS, RESCREENS, DECISIONS, HOLD_ORDERS)
_PATIENCE_SECONDS = 10.0


class KafkaPast:
    """See ``screener.rebuilding.Past``. Raises KafkaUnavailable; TopicsUnusable for topics that are missing
    or whose partitions are not alike, since a share is the same partition of each.

    ``group`` is the workers'. Records of a topic from before its ``oldest_ms`` are passed over.
    """

    def __init__(self, connection: KafkaConnection, group: str, oldest_ms: Mapping[str, int]) -> None:
        self._connection, self._oldest_ms = connection, oldest_ms
        self._timeout = connection.request_timeout_seconds
        self._committed = Consumer(connection.configuration(_settings(group, "read_committed")))
        self._bounds = Consumer(connection.configuration(_settings(group, "read_uncommitted")))
        self._reader = Consumer(connection.configuration(_settings(group, "read_committed")))
        self._first_ms: dict[int, int] = {}

    def close(self) -> None:
        """Let go of the connections."""
        for consumer in (self._committed, self._bounds, self._reader):
            consumer.close()

    def shares(self) -> int:
        """See Past."""
        return check_alike(self._connection, TOPICS)

    def is_empty(self) -> bool:
        """See Past."""
        numbers = range(self.shares())
        return not any(self._answered([(t, n) for t in _READ_BY_WORKERS for n in numbers]))

    def read(self, topic: str, share: int) -> Iterator[list[Record]]:
        """See Past."""
        first, end = bounds(self._bounds, topic, share, self._timeout)
        answered = self._answered([(topic, share)])[0] if topic in _READ_BY_WORKERS else None
        if (end if answered is None else answered) <= first:
            return
        self._reader.assign([TopicPartition(topic, share, first)])
        partitions = self.shares() if topic == PARCEL_EVENTS else 0
        for records in self._until(topic, end, answered, partitions):
            if topic == PARCEL_EVENTS:
                self._first_ms.setdefault(share, records[0].timestamp_ms)
            recent = [record for record in records if not 0 <= record.timestamp_ms < self._oldest_ms[topic]]
            if recent:
                yield recent

    def since_ms(self, share: int) -> int:
        """See Past."""
        first, _ = bounds(self._bounds, PARCEL_EVENTS, share, self._timeout)
        return self._first_ms.get(share, 0) if first else 0

    def _until(self, topic: str, end: int, answered: int | None, partitions: int) -> Iterator[list[Record]]:
        """Batches up to where the workers had come, else until the client says that there is no more: the
        embedded broker names the beginning of the last batch as the end. Open transactions are waited for.
        """
        moved, is_over = time.monotonic(), False
        while not is_over:
            messages = [message for message in self._reader.consume(_BATCH, 0.05) if message.topic() == topic]
            records = [record_of(message, partitions) for message in messages if is_record(message)]
            is_over = any(is_end(message) and (message.offset() or 0) >= end for message in messages)
            if answered is not None and records:
                is_over |= records[-1].offset + 1 >= answered
                records = [record for record in records if record.offset < answered]
            if records:
                yield records
            if messages:
                moved = time.monotonic()
            elif time.monotonic() - moved > _PATIENCE_SECONDS:
                raise KafkaUnavailable(f"{topic}: nothing more was read for {_PATIENCE_SECONDS:g} s")

    def _answered(self, places: list[tuple[str, int]]) -> list[int]:
        """The offsets up to which the workers have answered, 0 where they have not begun."""
        asked = [TopicPartition(*place) for place in places]
        try:
            found = self._committed.committed(asked, timeout=self._timeout)
        except KafkaException as exception:
            raise KafkaUnavailable(in_words(error_of(exception))) from exception
        return [max(place.offset, 0) for place in found]


def _settings(group: str, isolation: str) -> dict[str, ClientValue]:
    """The group is only asked for its offsets, never joined."""
    return {**READ_TO_THE_END, "group.id": group, "isolation.level": isolation}
