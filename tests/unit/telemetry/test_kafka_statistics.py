"""librdkafka's statistics become gauges of their client."""

import json

import pytest
from confluent_kafka import Producer

from tidewaiter.telemetry.kafka_statistics import KafkaStatistics
from tidewaiter.telemetry.metrics import Metrics


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


def broker(node: int, state: str, p99: int) -> dict[str, object]:
    return {"nodeid": node, "state": state, "rtt": {"p99": p99, "avg": 1}, "toppars": {"parcel-events-0": {}}}


def test_the_slowest_broker_is_shown_and_the_one_that_is_down(metrics: Metrics) -> None:
    brokers = {"a:9092/0": broker(0, "CONNECT", 90_000)}
    brokers |= {f"b:9092/{number}": broker(number, "UP", 1500) for number in (1, 2)}
    KafkaStatistics(metrics).show(json.dumps({"type": "consumer", "brokers": brokers, "ts": 1}))
    value = metrics.registry.get_sample_value
    assert value("tidewaiter_kafka_request_seconds", {"client": "consumer"}) == 0.09
    assert value("tidewaiter_kafka_brokers_down", {"client": "consumer"}) == 1


def test_an_address_that_only_began_the_conversation_is_not_missed(metrics: Metrics) -> None:
    brokers = {"a:9092/bootstrap": broker(-1, "DOWN", 0), "GroupCoordinator": {"nodeid": -1, "state": "DOWN"}}
    KafkaStatistics(metrics).show(json.dumps({"type": "producer", "brokers": brokers}))
    assert metrics.registry.get_sample_value("tidewaiter_kafka_brokers_down", {"client": "producer"}) == 0


@pytest.mark.parametrize(
    ("states", "is_away"),
    [(("UP", "CONNECT"), False), (("CONNECT", "DOWN"), True), (("INIT", "UP"), False)],
)
def test_kafka_is_away_when_the_consumer_has_no_connection_at_all(
    metrics: Metrics, states: tuple[str, ...], is_away: bool
) -> None:
    statistics = KafkaStatistics(metrics)
    assert not statistics.is_away
    brokers = {f"{state}/{node}": broker(node, state, 0) for node, state in enumerate(states)}
    statistics.show(json.dumps({"type": "consumer", "brokers": brokers}))
    statistics.show(json.dumps({"type": "producer", "brokers": {"a:9092/1": broker(1, "DOWN", 0)}}))
    assert statistics.is_away == is_away


def test_what_the_client_itself_writes_is_read(metrics: Metrics) -> None:
    told: list[str] = []
    producer = Producer({"test.mock.num.brokers": 1, "statistics.interval.ms": 50, "stats_cb": told.append})
    while not told:
        producer.poll(0.1)
    KafkaStatistics(metrics).show(told[-1])
    assert metrics.registry.get_sample_value("tidewaiter_kafka_brokers_down", {"client": "producer"}) == 0
