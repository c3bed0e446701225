"""librdkafka's own statistics, of which the little that tells a slow broker from a slow worker is shown."""

from typing import Final

import msgspec
from msgspec import Struct

from tidewaiter.telemetry.metrics import Metrics

_MICROSECONDS: Final = 1_000_000


class _RoundTrips(Struct, frozen=True):
    p99: int = 0


class _Broker(Struct, frozen=True):
    """``nodeid`` is -1 for an address that was only given to begin with."""

    nodeid: int = -1
    state: str = ""
    rtt: _RoundTrips = _RoundTrips()
    toppars: dict[str, object] = {}

    @property
    def is_down(self) -> bool:
        """In use (it has partitions of ours) and without a connection."""
        return self.nodeid >= 0 and bool(self.toppars) and self.state != "UP"


class _Statistics(Struct, frozen=True):
    """See STATISTICS.md of librdkafka; fields that are not read here are passed over."""

    type: str
    brokers: dict[str, _Broker] = {}


_decode = msgspec.json.Decoder(_Statistics).decode


class KafkaStatistics:
    """Takes what a client's statistics callback gets, of consumers and producers alike."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self.is_away = False
        """Whether the consumer has no connection to any broker."""

    def show(self, text: str) -> None:
        """Set the gauges of one client. Raises msgspec.DecodeError for what librdkafka would never write."""
        found = _decode(text)
        brokers = found.brokers.values()
        if found.type == "consumer":
            self.is_away = all(broker.state != "UP" for broker in brokers)
        slowest = max((broker.rtt.p99 for broker in brokers), default=0)
        self._metrics.kafka_request_seconds.labels(found.type).set(slowest / _MICROSECONDS)
        self._metrics.kafka_brokers_down.labels(found.type).set(sum(broker.is_down for broker in brokers))
