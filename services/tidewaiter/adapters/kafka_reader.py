"""Reading topics outside of any group: to explain, for dead letters, for reports, to check histories."""

import time
from collections.abc import Callable, Iterator

from confluent_kafka import OFFSET_END, Consumer, KafkaError, KafkaException, TopicPartition

from tidewaiter.adapters.kafka_connection import (
    ClientValue,
    KafkaConnection,
    KafkaUnavailable,
    error_of,
    in_words,
)
from tidewaiter.adapters.kafka_messages import record_of
from tidewaiter.adapters.kafka_topics import check_alike
from tidewaiter.stream.partitioner import partition_for
from tidewaiter.stream.record import Record

_BATCH = 4000
_RETRY_SECONDS = 0.2
_MOVING = frozenset({KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE})


def read_topic(
    connection: KafkaConnection, topic: str, key: bytes | None = None, patience_seconds: float = 30.0
) -> Iterator[Record]:
    """All committed records of a topic from its beginning to its end of now, each partition's in log order.

    With a ``key`` only the records of that key, and only its partition is read. Transactions that are
    open at the end of now are waited for, so that nothing that is committed behind them is missed.
    Raises KafkaUnavailable when nothing moves for ``patience_seconds``, TopicsUnusable when there is no
    such topic.
    """
    count = check_alike(connection, (topic,))
    numbers = range(count) if key is None else [partition_for(key, count)]
    bounds = _bounds(connection, topic, numbers)
    ends = {number: end for number, (_, end) in bounds.items()}
    consumer = Consumer(connection.configuration(_settings("read_committed")))
    try:
        # By number: to find out what OFFSET_BEGINNING is took the client 0.5 s.
        consumer.assign([TopicPartition(topic, number, begin) for number, (begin, _) in bounds.items()])
        for record in _until(consumer, ends, patience_seconds):
            if key is None or record.key == key:
                yield record
    finally:
        consumer.close()


def tail(
    connection: KafkaConnection, topics: tuple[str, ...], is_over: Callable[[], bool]
) -> Iterator[Record]:
    """Committed records as they come, from the end of now, until ``is_over`` says so (asked every 0.2 s).

    Raises TopicsUnusable when a topic is missing.
    """
    counts = {topic: check_alike(connection, (topic,)) for topic in topics}
    consumer = Consumer(connection.configuration(_settings("read_committed")))
    try:
        places = [TopicPartition(t, n, OFFSET_END) for t, count in counts.items() for n in range(count)]
        consumer.assign(places)
        while not is_over():
            messages = consumer.consume(1, 0.2)
            messages += consumer.consume(_BATCH, 0.0) if messages else []
            yield from (record_of(message) for message in messages if message.error() is None)
    finally:
        consumer.close()


def _until(consumer: Consumer, ends: dict[int, int], patience_seconds: float) -> Iterator[Record]:
    """Records until every partition said that it has no more, at its end or behind it.

    The client's word is waited for besides the end that the broker named, since the embedded broker names
    the beginning of the last batch. Records that came meanwhile are given, too.
    """
    left = dict(ends)
    moved = time.monotonic()
    while left:
        for message in consumer.consume(_BATCH, 0.05):
            moved = time.monotonic()
            error = message.error()
            if error is None:
                yield record_of(message)
                continue
            _refuse_unless_end(error)
            number, offset = message.partition() or 0, message.offset() or 0
            if error.code() == KafkaError._PARTITION_EOF and offset >= left.get(number, offset + 1):
                del left[number]
        if time.monotonic() - moved > patience_seconds:
            raise KafkaUnavailable(f"nothing more was read for {patience_seconds:g} s, ends to reach: {left}")


def _bounds(
    connection: KafkaConnection, topic: str, numbers: range | list[int]
) -> dict[int, tuple[int, int]]:
    """Beginning and end of every partition, open transactions included."""
    consumer = Consumer(connection.configuration(_settings("read_uncommitted")))
    try:
        return {number: _watermarks(consumer, connection, topic, number) for number in numbers}
    finally:
        consumer.close()


def _watermarks(consumer: Consumer, connection: KafkaConnection, topic: str, number: int) -> tuple[int, int]:
    """Waits for a leader that is just moving, as on a broker that was started this moment."""
    place, timeout = TopicPartition(topic, number), connection.request_timeout_seconds
    until = time.monotonic() + timeout
    while True:
        try:
            watermarks: tuple[int, int] | None = consumer.get_watermark_offsets(place, timeout=timeout)
        except KafkaException as exception:
            error = error_of(exception)
            if error.code() not in _MOVING or time.monotonic() > until:
                raise KafkaUnavailable(f"{topic}/{number}: {in_words(error)}") from exception
            time.sleep(_RETRY_SECONDS)
            continue
        if watermarks is None:
            raise KafkaUnavailable(f"{topic}/{number}: no answer within {timeout:g} s")
        return watermarks


def _refuse_unless_end(error: KafkaError | None) -> None:
    if error is not None and error.code() != KafkaError._PARTITION_EOF and not error.retriable():
        raise KafkaUnavailable(in_words(error))


def _settings(isolation: str) -> dict[str, ClientValue]:
    return {
        "group.id": "tidewaiter-reader",
        "enable.auto.commit": False,
        "auto.offset.reset": "earliest",
        "isolation.level": isolation,
        "enable.partition.eof": True,
        "fetch.queue.backoff.ms": 5,
        # An empty partition is answered after this long, and only then is its end known: 0.5 s by default.
        "fetch.wait.max.ms": 10,
    }
