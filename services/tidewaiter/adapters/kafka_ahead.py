"""What lies ahead of a worker in partitions that it reads, without reading it in the worker's place."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition

from tidewaiter.adapters.kafka_connection import (
    KafkaConnection,
    KafkaUnavailable,
    error_of,
    in_words,
)
from tidewaiter.adapters.kafka_ends import READ_TO_THE_END, bounds, is_end, is_record
from tidewaiter.stream.log import KeysAhead

_BATCH: Final = 10_000
_WAIT_SECONDS: Final = 0.05
# The worker polls nothing meanwhile, and does not see that it is to stop: then it has five for the batch in
# hand. Kafka has to answer a new client within it. What was read by then stays read.
_MOST_SECONDS: Final = 4.0
_LEAST_SECONDS: Final = 1.0  # for a new client to hear where one partition ends
# Marks of a commit follow it by milliseconds, and so does the abort of a worker that was given up.
_SETTLING_SECONDS: Final = 0.3


@dataclass
class _Seen:
    """Of one partition the last offset of each key, from the offset ``first`` up to before ``end``."""

    first: int
    end: int
    last: dict[bytes, int] = field(default_factory=dict)


class KafkaAhead:
    """The keys that lie ahead, each with its last offset.

    Reads behind open transactions, too. What the worker has just committed may still be open to a reader,
    and one that hangs would hide it for as long. That is told apart: a worker that was given up in the middle
    of a commit may have written behind what its successor wrote of the same records, and what is aborted does
    not come. ``group`` is the workers': it is not joined.
    """

    def __init__(self, connection: KafkaConnection, group: str) -> None:
        # Statistics are told of the clients that a worker keeps.
        self._settings = replace(connection, on_stats=None).configuration(
            {**READ_TO_THE_END, "group.id": group}
        )
        self._seen: dict[tuple[str, int], _Seen] = {}

    def keys_from(self, topic: str, offsets: Mapping[int, int]) -> Mapping[int, KeysAhead]:
        """See ``stream.log.Log``. Raises KafkaUnavailable, also where it takes longer than a few seconds:
        asked again, it goes on from there."""
        until = time.monotonic() + _MOST_SECONDS
        try:
            open_from = self._read_on(topic, offsets, until)
            found = self._open(topic, open_from, until) if open_from else {}
            return {
                number: KeysAhead(self._seen[topic, number].last, found.get(number, {})) for number in offsets
            }
        except KafkaException as exception:
            raise KafkaUnavailable(in_words(error_of(exception))) from exception

    def forget(self, topic: str, number: int) -> None:
        """Nothing lies ahead there, or it is another worker's to read. Idempotent."""
        self._seen.pop((topic, number), None)

    def _read_on(self, topic: str, offsets: Mapping[int, int], until: float) -> dict[int, int]:
        """Where something open begins, by partition, once all before it is seen."""
        with self._reader("read_committed") as consumer:
            reading = _Reading(consumer, topic, until)
            places: list[TopicPartition] = []
            for number, offset in offsets.items():
                seconds = max(_LEAST_SECONDS, until - time.monotonic())
                begin, reading.left[number] = bounds(consumer, topic, number, seconds)
                read_to = self._from(topic, number, offset).end
                places.append(TopicPartition(topic, number, max(begin, read_to)))
            consumer.assign(places)
            for message in reading.records(_SETTLING_SECONDS):
                seen = self._seen[topic, message.partition() or 0]
                seen.end = (message.offset() or 0) + 1
                seen.last[message.key() or b""] = seen.end - 1
            return {number: reading.ends[number] for number in reading.hidden}

    def _open(
        self, topic: str, open_from: Mapping[int, int], until: float
    ) -> Mapping[int, Mapping[bytes, int]]:
        """What is open now; that is not remembered, since it may be aborted."""
        found: dict[int, dict[bytes, int]] = {number: {} for number in open_from}
        with self._reader("read_uncommitted") as consumer:
            reading = _Reading(consumer, topic, until, dict(open_from))
            consumer.assign([TopicPartition(topic, *place) for place in open_from.items()])
            for message in reading.records():
                found[message.partition() or 0][message.key() or b""] = message.offset() or 0
        return found

    @contextmanager
    def _reader(self, isolation: str) -> Iterator[Consumer]:
        consumer = Consumer({**self._settings, "isolation.level": isolation})
        try:
            yield consumer
        finally:
            consumer.close()

    def _from(self, topic: str, number: int, offset: int) -> _Seen:
        seen = self._seen.get((topic, number))
        if seen is None or not seen.first <= offset <= seen.end:
            self._seen[topic, number] = seen = _Seen(offset, offset)
        return seen


@dataclass
class _Reading:
    """Partitions that are read to their ends: those ``left``, each with an offset that its end is not
    before (a new leader may not know at once how far it goes); and ``ends``, where the others had no more.
    """

    consumer: Consumer
    topic: str
    until: float
    left: dict[int, int] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)

    @property
    def hidden(self) -> list[int]:
        """Partitions of which more is written than can be read: it is open."""
        return [number for number, end in self.ends.items() if self._written(number) > end]

    def records(self, settling_seconds: float = 0.0) -> Iterator[Message]:
        """Records until every partition said that it has no more, at its end or behind it: the end that the
        embedded broker names is the beginning of the last batch. Where more is open they are waited for so
        long. Raises KafkaUnavailable.
        """
        settled = time.monotonic() + settling_seconds
        while self.left or (time.monotonic() < settled and self.hidden):
            messages = self.consumer.consume(1, _WAIT_SECONDS)
            messages += self.consumer.consume(_BATCH, 0.0) if messages else []
            for message in messages:
                if is_record(message):
                    yield message
                elif is_end(message):
                    self._note_end(message.partition() or 0, message.offset() or 0)
            if self.left and time.monotonic() > self.until:
                raise KafkaUnavailable(f"not read to the end within {_MOST_SECONDS:g} s")

    def _note_end(self, number: int, offset: int) -> None:
        if offset >= self.left.get(number, 0):
            self.left.pop(number, None)
            self.ends[number] = offset

    def _written(self, number: int) -> int:
        _, end = self.consumer.get_watermark_offsets(TopicPartition(self.topic, number), cached=True)
        return end
