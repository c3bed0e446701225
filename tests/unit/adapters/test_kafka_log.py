"""What the log asks of the client library: whoever sleeps while everything is paused is woken."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from tidewaiter.adapters import kafka
from tidewaiter.adapters.kafka import GroupMember, KafkaLog
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.stream.log import Plan
from tidewaiter.stream.record import Partition

EVENTS, LANE = Partition("events", 0), Partition("lane", 0)


class SilentConsumer:
    """A client that is given its partitions by the first poll, and answers no request in time."""

    def __init__(self, _settings: Mapping[str, object]) -> None:
        self.asked: list[set[Partition]] = []
        self._assign: Callable[[Any, list[TopicPartition]], None] | None = None

    def subscribe(self, _topics: Sequence[str], **callbacks: Any) -> None:
        self._assign = callbacks["on_assign"]

    def consume(self, _count: int, _seconds: float) -> list[Message]:
        given, self._assign = self._assign, None
        if given:
            given(self, [TopicPartition(*EVENTS), TopicPartition(*LANE)])
        return []

    def assign(self, places: Iterable[TopicPartition]) -> None: ...

    def pause(self, places: Iterable[TopicPartition]) -> None: ...

    def resume(self, places: Iterable[TopicPartition]) -> None: ...

    def offsets_for_times(self, places: Iterable[TopicPartition], timeout: float) -> None:
        self.asked.append({Partition(place.topic, place.partition) for place in places})
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> KafkaLog:
    return log_over(monkeypatch, SilentConsumer, partitions=1)


def log_over(monkeypatch: pytest.MonkeyPatch, consumer: type, partitions: int) -> KafkaLog:
    monkeypatch.setattr(kafka, "Consumer", consumer)
    monkeypatch.setattr(kafka, "Transactions", lambda _connection, _name: None)
    monkeypatch.setattr(kafka, "check_alike", lambda _connection, _topics: partitions)
    log = KafkaLog(KafkaConnection("nowhere:1"), GroupMember("group", "0", ("events", "lane")))
    assert log.poll(Plan(1, 0.0)).assigned == {EVENTS, LANE}
    return log


def asked(log: KafkaLog) -> list[set[Partition]]:
    consumer: Any = log._consumer
    assert isinstance(consumer, SilentConsumer)
    return consumer.asked


def test_what_was_assigned_is_asked_for_once_it_is_resumed(log: KafkaLog) -> None:
    log.resume([EVENTS])
    assert asked(log) == [{EVENTS}]
    log.resume([LANE])
    assert asked(log) == [{EVENTS}, {LANE}]


def test_what_is_resumed_after_everything_was_paused_is_asked_for(log: KafkaLog) -> None:
    log.resume([EVENTS, LANE])
    log.pause([LANE])
    log.pause([EVENTS])
    log.resume([EVENTS, LANE])
    assert asked(log) == [{EVENTS, LANE}] * 2


def test_a_lane_that_is_paused_beside_its_stream_wakes_nobody(log: KafkaLog) -> None:
    """That happens with each batch, and the stream's own fetches are under way."""
    log.resume([EVENTS, LANE])
    for _ in range(3):
        log.pause([LANE])
        log.resume([LANE])
    assert asked(log) == [{EVENTS, LANE}]


class StrayMessage:
    """A message in the last of twelve partitions, where its key does not belong."""

    def error(self) -> None: ...

    def topic(self) -> str:
        return EVENTS.topic

    def partition(self) -> int:
        return 11

    def offset(self) -> int:
        return 0

    def key(self) -> bytes:
        return b"FX|770000000001"

    def value(self) -> bytes:
        return b""

    def headers(self) -> list[tuple[str, bytes]]:
        return []

    def timestamp(self) -> tuple[int, int]:
        return 1, 0


def test_a_message_that_its_producer_sent_to_another_partition_than_its_keys_is_displaced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def consume(consumer: SilentConsumer, count: int, seconds: float) -> list[Any]:
        return SilentConsumer.consume(consumer, count, seconds) or [StrayMessage()]

    stray = type("StrayConsumer", (SilentConsumer,), {"consume": consume})
    log = log_over(monkeypatch, stray, partitions=12)
    (record,) = log.poll(Plan(1, 0.0)).records
    assert record.is_displaced
