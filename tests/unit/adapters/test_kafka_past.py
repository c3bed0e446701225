"""How far a topic is read back of which workers have answered a part, and what is waited for."""

import time
from collections import deque
from collections.abc import Iterator

import pytest
from confluent_kafka import OFFSET_INVALID, KafkaError, KafkaException, TopicPartition

from tests.unit.adapters.said import Said, end
from tidewaiter.adapters import kafka_past
from tidewaiter.adapters.kafka_connection import KafkaConnection, KafkaUnavailable
from tidewaiter.adapters.kafka_past import KafkaPast
from tidewaiter.stream.record import Partition
from tidewaiter.wire.topics import DECISIONS, PARCEL_EVENTS

EVENTS, ANSWERS = Partition(PARCEL_EVENTS, 0), Partition(DECISIONS, 0)
OLDEST_MS = 1_000


class Broker:
    """A partition a topic, from ``first`` to before ``last``; events are ``answered`` up to there."""

    def __init__(self) -> None:
        self.says: deque[list[Said]] = deque()
        self.first, self.last, self.answered = 0, 0, OFFSET_INVALID
        self.pace_seconds = 0.05
        self.error: KafkaError | None = None
        self.now = 0.0
        self.assigned: list[int] = []

    def get_watermark_offsets(self, _place: TopicPartition, timeout: float) -> tuple[int, int]:
        return self.first, self.last

    def committed(self, places: list[TopicPartition], timeout: float) -> list[TopicPartition]:
        if self.error is not None:
            raise KafkaException(self.error)
        answered = {PARCEL_EVENTS: self.answered}
        return [TopicPartition(one.topic, 0, answered.get(one.topic, OFFSET_INVALID)) for one in places]

    def assign(self, places: list[TopicPartition]) -> None:
        self.assigned += [place.offset for place in places]

    def consume(self, _count: int, _seconds: float) -> list[Said]:
        self.now += self.pace_seconds
        return self.says.popleft() if self.says else []


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    found = Broker()
    monkeypatch.setattr(kafka_past, "Consumer", lambda _settings: found)
    monkeypatch.setattr(kafka_past, "check_alike", lambda _connection, _topics: 1)
    monkeypatch.setattr(time, "monotonic", lambda: found.now)
    yield found
    assert found.now < 60.0


def past() -> KafkaPast:
    return KafkaPast(KafkaConnection("nowhere:1"), "group", {PARCEL_EVENTS: OLDEST_MS, DECISIONS: OLDEST_MS})


def read(partition: Partition) -> list[int]:
    """The offsets of the records that are read back."""
    return [record.offset for batch in past().read(*partition) for record in batch]


def test_of_what_workers_read_that_is_read_back_which_they_have_answered(broker: Broker) -> None:
    broker.says += [[Said(EVENTS, 4), Said(EVENTS, 5)], [Said(EVENTS, 6), Said(EVENTS, 7)]]
    broker.first, broker.last, broker.answered = 4, 20, 7
    assert read(EVENTS) == [4, 5, 6]
    assert broker.assigned == [4]


def test_of_what_workers_read_the_end_is_the_end_where_marks_are_the_last_they_have_answered(
    broker: Broker,
) -> None:
    broker.says += [[Said(EVENTS, 4), end(EVENTS, 9)]]
    broker.last, broker.answered = 9, 9
    assert read(EVENTS) == [4]


@pytest.mark.parametrize("answered", [OFFSET_INVALID, 0, 4])
def test_nothing_is_read_of_a_topic_of_which_nothing_that_is_left_was_answered(
    broker: Broker, answered: int
) -> None:
    broker.first, broker.last, broker.answered = 4, 9, answered
    assert read(EVENTS) == []
    assert broker.assigned == []


def test_what_workers_write_is_read_to_its_end_behind_transactions_that_are_open(broker: Broker) -> None:
    broker.says += [[Said(ANSWERS, 4), end(ANSWERS, 5)], [], [Said(ANSWERS, 5)], [end(ANSWERS, 7)]]
    broker.last = 7
    assert read(ANSWERS) == [4, 5]


def test_what_came_of_another_topic_is_none_of_this_ones(broker: Broker) -> None:
    broker.says += [[Said(EVENTS, 8), end(EVENTS, 9)], [Said(ANSWERS, 4), end(ANSWERS, 5)]]
    broker.last = 5
    assert read(ANSWERS) == [4]


def test_what_is_older_than_redis_would_remember_is_passed_over_and_what_has_no_time_is_not(
    broker: Broker,
) -> None:
    stamped = (OLDEST_MS - 1, OLDEST_MS, -1, 0)
    said = [Said(ANSWERS, offset, stamped_ms=at) for offset, at in enumerate(stamped)]
    broker.says += [[*said, end(ANSWERS, 4)]]
    broker.last = 4
    assert read(ANSWERS) == [1, 2]


def test_a_topic_of_which_nothing_more_comes_is_not_taken_for_read(broker: Broker) -> None:
    broker.says += [[Said(ANSWERS, 4)]]
    broker.last = 9
    with pytest.raises(KafkaUnavailable, match=f"{DECISIONS}: nothing more was read for 10 s"):
        read(ANSWERS)


def test_a_topic_is_read_for_as_long_as_more_comes(broker: Broker) -> None:
    broker.pace_seconds = 4.0
    for offset in range(5):
        broker.says += [[], [Said(ANSWERS, offset)]]
    broker.says += [[end(ANSWERS, 5)]]
    broker.last = 5
    assert read(ANSWERS) == [0, 1, 2, 3, 4]


def test_trouble_that_passes_is_waited_for_and_any_other_is_not(broker: Broker) -> None:
    passing = KafkaError(KafkaError.NOT_LEADER_FOR_PARTITION, retriable=True)
    broker.says += [[Said(ANSWERS, 0, passing)], [Said(ANSWERS, 0), end(ANSWERS, 1)]]
    broker.last = 1
    assert read(ANSWERS) == [0]
    broker.says += [[Said(ANSWERS, 0, KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED))]]
    with pytest.raises(KafkaUnavailable, match="TOPIC_AUTHORIZATION_FAILED"):
        read(ANSWERS)


def test_what_is_answered_is_not_guessed_while_kafka_does_not_say(broker: Broker) -> None:
    broker.last, broker.error = 9, KafkaError(KafkaError._TIMED_OUT)
    with pytest.raises(KafkaUnavailable):
        read(EVENTS)


@pytest.mark.parametrize(("answered", "is_empty"), [(OFFSET_INVALID, True), (0, True), (1, False)])
def test_a_past_is_empty_in_which_nothing_was_answered(broker: Broker, answered: int, is_empty: bool) -> None:
    broker.answered = answered
    assert past().is_empty() is is_empty


@pytest.mark.parametrize(("first", "since_ms"), [(0, 0), (4, 1_500)])
def test_events_are_all_there_since_the_first_that_is_left_where_some_were_deleted(
    broker: Broker, first: int, since_ms: int
) -> None:
    broker.says += [[Said(EVENTS, 4, stamped_ms=1_500)], [Said(EVENTS, 5, stamped_ms=1_600)]]
    broker.first, broker.last, broker.answered = first, 6, 6
    found = past()
    assert [len(batch) for batch in found.read(*EVENTS)] == [1, 1]
    assert found.since_ms(EVENTS.number) == since_ms
