"""Looking ahead in the lane, while Kafka does not answer."""

import time
from typing import Any

import pytest

from tidewaiter.adapters import kafka_ahead
from tidewaiter.adapters.kafka_ahead import KafkaAhead
from tidewaiter.adapters.kafka_connection import KafkaConnection, KafkaUnavailable


class DeafConsumer:
    """A consumer whose broker has gone: it is told nothing, and waits for as long as it is asked to."""

    waited = 0.0

    def __init__(self, _settings: object) -> None: ...

    def assign(self, _places: object) -> None: ...

    def consume(self, _count: int, seconds: float) -> list[Any]:
        DeafConsumer.waited += seconds
        return []

    def get_watermark_offsets(
        self, _place: object, timeout: float = 0.0, cached: bool = False
    ) -> tuple[int, int] | None:
        DeafConsumer.waited += timeout
        return (-1001, -1001) if cached else None

    def close(self) -> None: ...


def test_a_worker_that_looks_ahead_does_not_wait_for_kafka_longer_than_it_has_to_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kafka_ahead, "Consumer", DeafConsumer)
    monkeypatch.setattr(DeafConsumer, "waited", 0.0)
    monkeypatch.setattr(time, "monotonic", lambda: DeafConsumer.waited)
    ahead = KafkaAhead(KafkaConnection("nowhere:1"), "group")
    with pytest.raises(KafkaUnavailable):
        ahead.keys_from("lane", {0: 0, 1: 0})
    assert 0.0 < DeafConsumer.waited < 5.0
