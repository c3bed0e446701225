"""Where a feed begins, when it has come to the end that there was then, and what it does not read over."""

from collections import deque
from collections.abc import Iterator

import pytest
from confluent_kafka import OFFSET_BEGINNING, KafkaError, TopicPartition

from tests.unit.adapters.said import Said, end
from tidewaiter.adapters import kafka_feed
from tidewaiter.adapters.kafka_connection import KafkaConnection, KafkaUnavailable
from tidewaiter.adapters.kafka_feed import KafkaFeed, PositionsLost
from tidewaiter.stream.record import Partition

ZERO, ONE = Partition("events", 0), Partition("events", 1)


class Broker:
    """Two partitions from offset 4 on, the second of them empty."""

    def __init__(self) -> None:
        self.says: deque[list[Said]] = deque()
        self.assigned: dict[Partition, int] = {}

    def get_watermark_offsets(self, place: TopicPartition, timeout: float) -> tuple[int, int]:
        return (4, 9) if place.partition == ZERO.number else (4, 4)

    def assign(self, places: list[TopicPartition]) -> None:
        self.assigned = {Partition(place.topic, place.partition): place.offset for place in places}

    def consume(self, _count: int, _seconds: float) -> list[Said]:
        return self.says.popleft()


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    found = Broker()
    monkeypatch.setattr(kafka_feed, "Consumer", lambda _settings: found)
    monkeypatch.setattr(kafka_feed, "check_alike", lambda _connection, _topics: 2)
    yield found
    assert not found.says


def feed(positions: dict[Partition, int], *, accept_gaps: bool = False) -> KafkaFeed:
    return KafkaFeed(KafkaConnection("nowhere:1"), ("events",), positions, accept_gaps=accept_gaps)


def test_a_feed_begins_at_its_positions_or_at_the_beginning(broker: Broker) -> None:
    feed({ZERO: 7})
    assert broker.assigned == {ZERO: 7, ONE: OFFSET_BEGINNING}
    feed({ZERO: 4, ONE: 5})
    assert broker.assigned == {ZERO: 4, ONE: 5}


def test_a_feed_does_not_begin_behind_records_that_were_deleted_unless_that_is_accepted(
    broker: Broker,
) -> None:
    with pytest.raises(PositionsLost, match=r"^events/0: offsets 2 to 3 were deleted"):
        feed({ZERO: 2})
    feed({ZERO: 2}, accept_gaps=True)
    assert broker.assigned[ZERO] == 4


def test_a_feed_is_at_its_end_once_all_partitions_are_at_that_which_they_had_at_first(broker: Broker) -> None:
    found = feed({})
    broker.says += [[Said(ZERO, 4), end(ONE, 4)], [end(ZERO, 6)], [Said(ZERO, 6), end(ZERO, 9)]]
    assert [record.offset for record in found.read(0.0)] == [4]
    assert found.read(0.0) == []
    assert not found.is_at_end
    assert [record.offset for record in found.read(0.0)] == [6]
    assert found.is_at_end
    broker.says += [[Said(ZERO, 9), end(ZERO, 10)]]
    assert [record.offset for record in found.read(0.0)] == [9]
    assert found.is_at_end


def test_a_feed_does_not_read_on_behind_records_that_were_deleted_meanwhile(broker: Broker) -> None:
    broker.says += [[Said(ONE, 5, KafkaError(KafkaError._AUTO_OFFSET_RESET))]]
    with pytest.raises(PositionsLost, match=r"^events/1: "):
        feed({}).read(0.0)


def test_a_feed_waits_for_trouble_that_passes_and_for_no_other(broker: Broker) -> None:
    passing = KafkaError(KafkaError.NOT_LEADER_FOR_PARTITION, retriable=True)
    broker.says += [
        [Said(ZERO, 0, passing)],
        [Said(ZERO, 0, KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))],
    ]
    assert feed({}).read(0.0) == []
    with pytest.raises(KafkaUnavailable, match="TOPIC_AUTHORIZATION_FAILED"):
        feed({}).read(0.0)
