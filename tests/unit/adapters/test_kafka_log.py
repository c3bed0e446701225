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
    monkeypatch.setattr(kafka, "Consumer", SilentConsumer)
    monkeypatch.setattr(kafka, "Transactions", lambda _connection, _name: None)
    monkeypatch.setattr(kafka, "check_alike", lambda _connection, _topics: 1)
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
