"""Reading topics outside of any group: to explain, for dead letters, for reports, to check histories."""

import time
from collections.abc import Callable, Iterable, Iterator

from confluent_kafka import Consumer, TopicPartition

from tidewaiter.adapters.kafka_connection import ClientValue, KafkaConnection, KafkaUnavailable
from tidewaiter.adapters.kafka_ends import READ_TO_THE_END, bounds, is_end, is_record
from tidewaiter.adapters.kafka_messages import record_of
from tidewaiter.adapters.kafka_topics import check_alike
from tidewaiter.stream.partitioner import partition_for
from tidewaiter.stream.record import Record

_BATCH = 4000
_PATIENCE_SECONDS = 30.0


def read_topic(connection: KafkaConnection, topic: str, key: bytes | None = None) -> Iterator[Record]:
    """All committed records of a topic from its beginning to its end of now, each partition's in log order.

    With a ``key`` only the records of that key, and only its partition is read. Transactions that are
    open at the end of now are waited for, so that nothing that is committed behind them is missed.
    Raises KafkaUnavailable when nothing moves for 30 s, TopicsUnusable when there is no such topic.
    """
    count = check_alike(connection, (topic,))
    numbers = range(count) if key is None else [partition_for(key, count)]
    spans = _spans(connection, topic, numbers, "read_uncommitted")
    ends = {number: end for number, (_, end) in spans.items()}
    consumer = Consumer(connection.configuration(_settings("read_committed")))
    try:
        # By number: to find out what OFFSET_BEGINNING is took the client 0.5 s.
        consumer.assign([TopicPartition(topic, number, begin) for number, (begin, _) in spans.items()])
        for record in _until(consumer, ends):
            if key is None or record.key == key:
                yield record
    finally:
        consumer.close()


def tail(
    connection: KafkaConnection, topics: tuple[str, ...], is_over: Callable[[], bool]
) -> Iterator[Record]:
    """Committed records as they come after this call, until ``is_over`` says so (asked every 0.2 s).

    The ends are asked for before it returns: a client that looks for OFFSET_END when it first polls may
    find it behind what came meanwhile. The embedded broker names the beginning of the last batch, which then
    comes again. Raises TopicsUnusable when a topic is missing, KafkaUnavailable when there is no answer.
    """
    places: list[TopicPartition] = []
    for topic in topics:
        numbers = range(check_alike(connection, (topic,)))
        spans = _spans(connection, topic, numbers, "read_committed")
        places += [TopicPartition(topic, number, end) for number, (_, end) in spans.items()]
    return _followed(connection, places, is_over)


def _followed(
    connection: KafkaConnection, places: list[TopicPartition], is_over: Callable[[], bool]
) -> Iterator[Record]:
    consumer = Consumer(connection.configuration(_settings("read_committed")))
    try:
        consumer.assign(places)
        while not is_over():
            messages = consumer.consume(1, 0.2)
            messages += consumer.consume(_BATCH, 0.0) if messages else []
            yield from (record_of(message) for message in messages if message.error() is None)
    finally:
        consumer.close()


def _until(consumer: Consumer, ends: dict[int, int]) -> Iterator[Record]:
    """Records until every partition said that it has no more, at its end or behind it.

    The client's word is waited for besides the end that the broker named, since the embedded broker names
    the beginning of the last batch. Records that came meanwhile are given, too.
    """
    left = dict(ends)
    moved = time.monotonic()
    while left:
        for message in consumer.consume(_BATCH, 0.05):
            moved = time.monotonic()
            if is_record(message):
                yield record_of(message)
            elif is_end(message):
                _note_end(left, message.partition() or 0, message.offset() or 0)
        if time.monotonic() - moved > _PATIENCE_SECONDS:
            raise KafkaUnavailable(
                f"nothing more was read for {_PATIENCE_SECONDS:g} s, ends to reach: {left}"
            )


def _note_end(left: dict[int, int], number: int, offset: int) -> None:
    if offset >= left.get(number, offset + 1):
        del left[number]


def _spans(
    connection: KafkaConnection, topic: str, numbers: Iterable[int], isolation: str
) -> dict[int, tuple[int, int]]:
    """Beginning and end of every partition; at read_uncommitted, open transactions included."""
    consumer = Consumer(connection.configuration(_settings(isolation)))
    try:
        timeout = connection.request_timeout_seconds
        return {number: bounds(consumer, topic, number, timeout) for number in numbers}
    finally:
        consumer.close()


def _settings(isolation: str) -> dict[str, ClientValue]:
    return {**READ_TO_THE_END, "group.id": "tidewaiter-reader", "isolation.level": isolation}
