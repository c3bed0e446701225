"""The catalogue's metrics as objects, in a registry of one process."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from tidewaiter.telemetry import catalogue
from tidewaiter.telemetry.catalogue import Metric


class Registered:
    """A service's page. One attribute a metric, so that a misspelt one is a type error."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

    def _counter(self, metric: Metric) -> Counter:
        counter = Counter(metric.name, metric.meaning, metric.labels, registry=self.registry)
        for labels in metric.begins:
            counter.labels(*labels)
        return counter

    def _gauge(self, metric: Metric) -> Gauge:
        return Gauge(metric.name, metric.meaning, metric.labels, registry=self.registry)

    def _histogram(self, metric: Metric) -> Histogram:
        histogram = Histogram(
            metric.name, metric.meaning, metric.labels, registry=self.registry, buckets=metric.buckets
        )
        for labels in metric.begins:
            histogram.labels(*labels)
        return histogram


class Metrics(Registered):
    """Those of one screening worker."""

    def __init__(self) -> None:
        super().__init__()
        self.decisions = self._counter(catalogue.DECISIONS)
        self.holds = self._counter(catalogue.HOLDS)
        self.hold_orders = self._counter(catalogue.HOLD_ORDERS)
        self.hold_age = self._histogram(catalogue.HOLD_AGE)
        self.officer_actions = self._counter(catalogue.OFFICER_ACTIONS)
        self.examined_holds = self._counter(catalogue.EXAMINED_HOLDS)
        self.rule_hits = self._counter(catalogue.RULE_HITS)
        self.latency = self._histogram(catalogue.LATENCY)
        self.dead_letters = self._counter(catalogue.DEAD_LETTERS)
        self.displaced_records = self._counter(catalogue.DISPLACED_RECORDS)
        self.batch_records = self._histogram(catalogue.BATCH_RECORDS)
        self.stage_seconds = self._histogram(catalogue.STAGE_SECONDS)
        self.transactions = self._counter(catalogue.TRANSACTIONS)
        self.rebalances = self._counter(catalogue.REBALANCES)
        self.partitions = self._gauge(catalogue.PARTITIONS)
        self.stopped_partitions = self._gauge(catalogue.STOPPED_PARTITIONS)
        self.lag_records = self._gauge(catalogue.LAG_RECORDS)
        self.lag_seconds = self._gauge(catalogue.LAG_SECONDS)
        self.degraded = self._gauge(catalogue.DEGRADED)
        self.degraded_seconds = self._counter(catalogue.DEGRADED_SECONDS)
        self.list_generation = self._gauge(catalogue.LIST_GENERATION)
        self.list_age = self._gauge(catalogue.LIST_AGE)
        self.list_entries = self._gauge(catalogue.LIST_ENTRIES)
        self.features_age = self._gauge(catalogue.FEATURES_AGE)
        self.ruleset = self._gauge(catalogue.RULESET)
        self.redis_breaker = self._gauge(catalogue.REDIS_BREAKER)
        self.redis_memory = self._gauge(catalogue.REDIS_MEMORY)
        self.kafka_request_seconds = self._gauge(catalogue.KAFKA_REQUEST_SECONDS)
        self.kafka_brokers_down = self._gauge(catalogue.KAFKA_BROKERS_DOWN)
        self.cold = self._gauge(catalogue.COLD)
        self.replayed_records = self._counter(catalogue.REPLAYED_RECORDS)
        self.ready = self._gauge(catalogue.READY)


class LagMetrics(Registered):
    """Those of `tidewaiter lag`."""

    def __init__(self) -> None:
        super().__init__()
        self.unread_records = self._gauge(catalogue.LAG_UNREAD_RECORDS)
        self.unread_seconds = self._gauge(catalogue.LAG_UNREAD_SECONDS)
        self.members = self._gauge(catalogue.LAG_MEMBERS)
        self.open_transaction_seconds = self._gauge(catalogue.LAG_OPEN_TRANSACTION_SECONDS)
        self.is_known = self._gauge(catalogue.LAG_IS_KNOWN)
        self.open_orders = self._gauge(catalogue.OPEN_ORDERS)
        self.open_order_age = self._gauge(catalogue.OPEN_ORDER_AGE)


class InsightMetrics(Registered):
    """Those of `tidewaiter insight`."""

    def __init__(self) -> None:
        super().__init__()
        self.sightings = self._counter(catalogue.INSIGHT_SIGHTINGS)
        self.alerts = self._counter(catalogue.INSIGHT_ALERTS)
        self.features_age = self._gauge(catalogue.INSIGHT_FEATURES_AGE)
        self.event_age = self._gauge(catalogue.INSIGHT_EVENT_AGE)
        self.days = self._gauge(catalogue.INSIGHT_DAYS)
        self.partitions = self._gauge(catalogue.INSIGHT_PARTITIONS)
        self.bundles_unreadable = self._counter(catalogue.INSIGHT_BUNDLES_UNREADABLE)
