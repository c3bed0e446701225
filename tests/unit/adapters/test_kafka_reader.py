"""What a reader of a topic makes of a broker that has just started, or says no."""

from collections.abc import Iterator, Mapping

import pytest
from confluent_kafka import KafkaError, KafkaException, TopicPartition

from tidewaiter.adapters import kafka_ends, kafka_feed, kafka_reader
from tidewaiter.adapters.kafka_connection import KafkaConnection, KafkaUnavailable
from tidewaiter.adapters.kafka_feed import KafkaFeed
from tidewaiter.adapters.kafka_reader import read_topic


class EmptyTopic:
    """A client of a topic of one partition without records; ``refusals`` come before the bounds are told."""

    refusals: Iterator[int]

    def __init__(self, _settings: Mapping[str, object]) -> None: ...

    def get_watermark_offsets(self, _place: TopicPartition, timeout: float) -> tuple[int, int]:
        for code in self.refusals:
            raise KafkaException(KafkaError(code))
        return 0, 0

    def assign(self, places: list[TopicPartition]) -> None:
        self._place = places[0]

    def consume(self, _count: int, _seconds: float) -> list[object]:
        return [End(self._place)]

    def close(self) -> None: ...


class End:
    """What the client says at the end of a partition."""

    def __init__(self, place: TopicPartition) -> None:
        self._place = place

    def error(self) -> KafkaError:
        return KafkaError(KafkaError._PARTITION_EOF)

    def partition(self) -> int:
        return self._place.partition

    def offset(self) -> int:
        return 0


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> type[EmptyTopic]:
    for reader in (kafka_reader, kafka_feed):
        monkeypatch.setattr(reader, "Consumer", EmptyTopic)
        monkeypatch.setattr(reader, "check_alike", lambda _connection, _topics: 1)
    monkeypatch.setattr(kafka_ends, "_RETRY_SECONDS", 0.0)
    return EmptyTopic


def test_a_partition_whose_leader_is_moving_is_asked_again(broker: type[EmptyTopic]) -> None:
    broker.refusals = iter((KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE))
    assert list(read_topic(KafkaConnection("nowhere:1"), "events")) == []
    assert next(broker.refusals, None) is None


def test_an_archive_begins_once_a_leader_has_moved(broker: type[EmptyTopic]) -> None:
    broker.refusals = iter((KafkaError.NOT_LEADER_FOR_PARTITION,))
    assert not KafkaFeed(KafkaConnection("nowhere:1"), ("events",), {}).is_at_end
    assert next(broker.refusals, None) is None


def test_whoever_may_not_read_is_told_at_once_in_one_line(broker: type[EmptyTopic]) -> None:
    broker.refusals = iter((KafkaError.TOPIC_AUTHORIZATION_FAILED,))
    with pytest.raises(KafkaUnavailable, match=r"^events/0: TOPIC_AUTHORIZATION_FAILED: "):
        list(read_topic(KafkaConnection("nowhere:1"), "events"))


def test_a_leader_that_does_not_come_is_waited_for_no_longer_than_a_request(broker: type[EmptyTopic]) -> None:
    broker.refusals = iter([KafkaError.NOT_LEADER_FOR_PARTITION] * 1_000_000)
    with pytest.raises(KafkaUnavailable, match="NOT_LEADER_FOR_PARTITION"):
        list(read_topic(KafkaConnection("nowhere:1", request_timeout_seconds=0.01), "events"))
