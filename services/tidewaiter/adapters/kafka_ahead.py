"""What lies ahead of a worker in partitions that it reads, without reading it in the worker's place."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from tidewaiter.adapters.kafka_connection import (
    ClientValue,
    KafkaConnection,
    KafkaUnavailable,
    error_of,
    in_words,
)
from tidewaiter.adapters.kafka_ends import READ_TO_THE_END, bounds, is_end, is_record
from tidewaiter.stream.log import KeysAhead

_BATCH: Final = 10_000
_WAIT_SECONDS: Final = 0.05
# The worker polls nothing meanwhile, and does not see that it is to stop. What was read by then stays read.
_MOST_SECONDS: Final = 2.0


@dataclass
class _Seen:
    """Of one partition the last offset of each key, from the offset ``first`` up to before ``end``."""

    first: int
    end: int
    last: dict[bytes, int] = field(default_factory=dict)


class KafkaAhead:
    """The keys that lie ahead, each with its last offset.

    Reads behind open transactions, too. What the worker has just committed may still be open to a reader,
    and one that hangs would hide it for as long; what is aborted in the end comes again, and is only counted
    early. ``group`` is the workers': it is not joined.
    """

    def __init__(self, connection: KafkaConnection, group: str) -> None:
        self._timeout = connection.request_timeout_seconds
        own: Mapping[str, ClientValue] = {"group.id": group, "isolation.level": "read_uncommitted"}
        # Statistics are told of the clients that a worker keeps.
        self._settings = replace(connection, on_stats=None).configuration({**READ_TO_THE_END, **own})
        self._seen: dict[tuple[str, int], _Seen] = {}

    def keys_from(self, topic: str, offsets: Mapping[int, int]) -> KeysAhead:
        """See ``stream.log.Log``. Raises KafkaUnavailable, also where it takes longer than a few seconds:
        asked again, it goes on from there."""
        consumer = Consumer(self._settings)
        try:
            self._read_on(consumer, topic, offsets)
        except KafkaException as exception:
            raise KafkaUnavailable(in_words(error_of(exception))) from exception
        finally:
            consumer.close()
        return {number: self._seen[topic, number].last for number in offsets}

    def forget(self, topic: str, number: int) -> None:
        """Nothing lies ahead there, or it is another worker's to read. Idempotent."""
        self._seen.pop((topic, number), None)

    def _read_on(self, consumer: Consumer, topic: str, offsets: Mapping[int, int]) -> None:
        left: dict[int, int] = {}
        places: list[TopicPartition] = []
        for number, offset in offsets.items():
            begin, left[number] = bounds(consumer, topic, number, self._timeout)
            places.append(TopicPartition(topic, number, max(begin, self._from(topic, number, offset).end)))
        consumer.assign(places)
        for message in _until(consumer, left):
            seen = self._seen[topic, message.partition() or 0]
            seen.end = (message.offset() or 0) + 1
            seen.last[message.key() or b""] = seen.end - 1

    def _from(self, topic: str, number: int, offset: int) -> _Seen:
        seen = self._seen.get((topic, number))
        if seen is None or not seen.first <= offset <= seen.end:
            self._seen[topic, number] = seen = _Seen(offset, offset)
        return seen


def _until(consumer: Consumer, left: dict[int, int]) -> Iterator[Message]:
    """Records until every partition said that it has no more, at its end or behind it: the end that the
    embedded broker names is the beginning of the last batch.
    """
    until = time.monotonic() + _MOST_SECONDS
    while left:
        messages = consumer.consume(1, _WAIT_SECONDS)
        messages += consumer.consume(_BATCH, 0.0) if messages else []
        for message in messages:
            if is_record(message):
                yield message
            elif is_end(message) and (message.offset() or 0) >= left.get(message.partition() or 0, 0):
                left.pop(message.partition() or 0, None)
        if left and time.monotonic() > until:
            raise KafkaUnavailable(f"not read to the end within {_MOST_SECONDS:g} s")
