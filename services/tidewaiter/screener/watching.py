"""What a worker shows of itself: its metrics, counted once a batch is committed, and a log line a change."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import inf
from typing import Any, Final

import structlog

from tidewaiter.domain.decision import Decision
from tidewaiter.domain.features import FeatureKind
from tidewaiter.domain.finding import Finding
from tidewaiter.domain.history import bases_of
from tidewaiter.domain.hold import HISTORY_UNREAD
from tidewaiter.screener.case import Case
from tidewaiter.screener.deciding import Decided
from tidewaiter.screener.in_force import InForce, Wanted
from tidewaiter.screener.inspecting import InspectionCount
from tidewaiter.screener.work import Watcher
from tidewaiter.stream.log import Aborted, Fenced, Indefinite
from tidewaiter.stream.observer import BatchReport, Observer
from tidewaiter.stream.record import Partition, Record
from tidewaiter.telemetry.few import Few
from tidewaiter.telemetry.metrics import Metrics
from tidewaiter.wire import headers

# There are some 330 ports of entry and a few dozen carriers. Both are text from outside.
_MOST_PORTS: Final = 400
_MOST_CARRIERS: Final = 50


class Watch(Observer, Watcher):
    """The loop's Observer and the work's Watcher in one.

    What a batch decided is only counted when it is committed: an aborted batch is decided again, and
    its decisions would be counted twice.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self.is_degraded = False
        self._log: Any = structlog.get_logger("screener")
        self._decided: list[tuple[Record, Decision, int]] = []
        self._redis_seconds = 0.0
        self._stages: Counter[str] = Counter()
        self._assigned: frozenset[Partition] = frozenset()
        self._told: set[Partition] = set()
        self._late: set[Partition] = set()
        self._stopped: set[Partition] = set()
        self._kinds: set[FeatureKind] = set()
        self._lists: frozenset[str] = frozenset()
        self._is_waiting = False
        self._displaced: Counter[str] = Counter()
        self._told_displaced: set[str] = set()
        self._inspection = InspectionCount(metrics)
        self._carriers, self._ports = Few(_MOST_CARRIERS), Few(_MOST_PORTS)

    def decided(self, record: Record, decision: Decision, latency_ms: int) -> None:
        self._decided.append((record, decision, latency_ms))

    def for_inspection(self, case: Case, one: Decided) -> None:
        self._inspection.note(case, one)
        found = bases_of(one.decision.holds) - bases_of(one.held_before)
        if any(basis.startswith(HISTORY_UNREAD) for basis in found):
            self._log.error("a parcel is held: its history in Redis cannot be read", parcel=case.key)

    def refused(self, stage: str) -> None:
        self._stages[stage] += 1

    def displaced(self, record: Record) -> None:
        """Logged once a topic: such a producer does it to all of its records."""
        self._displaced[record.topic] += 1
        if record.topic not in self._told_displaced:
            self._told_displaced.add(record.topic)
            self._log.warning(
                "held first, and screened by way of the lane: a producer chooses partitions otherwise than "
                "by murmur2 (librdkafka: set partitioner=murmur2_random)",
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
            )

    def gathered(self, seconds: float) -> None:
        self._redis_seconds += seconds

    def degraded(self, reason: str | None) -> None:
        self.is_degraded = reason is not None
        self.metrics.degraded.set(self.is_degraded)
        if reason is None:
            self._log.info("degraded mode ended")
        else:
            self._log.warning("degraded mode: parcels are held", reason=reason)

    def switched(self, in_force: InForce) -> None:
        wanted = in_force.wanted
        self.metrics.list_generation.set(wanted.generation)
        self.metrics.ruleset.clear()
        self.metrics.ruleset.labels(in_force.ruleset.version, in_force.policy.version).set(1)
        self.metrics.list_entries.clear()
        for name, count in in_force.list_entries.items():
            self.metrics.list_entries.labels(name).set(count)
        self._log.info(
            "in force",
            generation=wanted.generation,
            ruleset=wanted.rules_version,
            policy=in_force.policy.version,
        )

    def tick(self, seconds: float) -> None:
        """So much time has passed."""
        if self.is_degraded:
            self.metrics.degraded_seconds.inc(seconds)

    def ages(self, loaded_at: Mapping[str, datetime], now: datetime) -> None:
        """How old each list in force is, 0 by a clock that is ahead. One that is in force no more has no age:
        a gauge left behind would page for it, or call it young, for ever.
        """
        for name in self._lists - loaded_at.keys():
            self.metrics.list_age.remove(name)
        self._lists = frozenset(loaded_at)
        for name, at in loaded_at.items():
            self.metrics.list_age.labels(name).set(max(0.0, (now - at).total_seconds()))

    def habits(self, ages: Mapping[FeatureKind, timedelta]) -> None:
        """How old the features are, by kind; without end where Redis has lost a kind."""
        self._kinds.update(ages)
        for kind in self._kinds:
            age = ages[kind].total_seconds() if kind in ages else inf
            self.metrics.features_age.labels(kind).set(age)

    def redis(self, breaker: str, memory: Mapping[str, Any] | None) -> None:
        """The breaker's state, and the memory section of Redis' INFO; None, and no series, when it did not
        answer: it may come back with another memory, or another limit."""
        self.metrics.redis_breaker.clear()
        self.metrics.redis_breaker.labels(breaker).set(1)
        self.metrics.redis_memory.clear()
        if memory is not None:
            self.metrics.redis_memory.labels("used").set(memory["used_memory"])
            self.metrics.redis_memory.labels("limit").set(memory["maxmemory"])

    def not_loaded(self, wanted: Wanted, error: BaseException) -> None:
        self._log.error("a new version cannot be loaded, the old one stays", wanted=wanted, error=str(error))

    def forget(self) -> None:
        """A batch begins (again): what was decided before without a commit does not count."""
        self._decided.clear()
        self._stages.clear()
        self._displaced.clear()
        self._inspection.forget()
        self._redis_seconds = 0.0

    def committed(self, report: BatchReport) -> None:
        metrics = self.metrics
        metrics.transactions.labels("committed").inc()
        metrics.batch_records.observe(report.records)
        for stage, seconds in (
            ("poll", report.poll_seconds),
            ("redis", self._redis_seconds),
            ("process", report.process_seconds),
            ("commit", report.commit_seconds),
        ):
            metrics.stage_seconds.labels(stage).observe(seconds)
        for stage, count in self._stages.items():
            metrics.dead_letters.labels(stage).inc(count)
        for topic, count in self._displaced.items():
            metrics.displaced_records.labels(topic).inc(count)
        self._count_decisions()
        self._inspection.count()
        self._measure_delays()
        self._is_waiting = False
        self.forget()

    def _count_decisions(self) -> None:
        """Counted by hand first: a labelled increment costs 1 us, and most parcels fall under one label."""
        decisions: Counter[tuple[str, str, str]] = Counter()
        holds: Counter[tuple[str, str]] = Counter()
        hits: Counter[tuple[str, str]] = Counter()
        since_event = self.metrics.latency.labels("event")
        for _, decision, latency_ms in self._decided:
            decisions[decision.outcome, decision.disposition, self._carriers.shown(decision.carrier)] += 1
            holds.update((hold.code, self._ports.shown(decision.port)) for hold in decision.holds)
            hits.update((one.rule_id, _mode(one)) for one in decision.findings)
            since_event.observe(max(0, latency_ms) / 1000)
        for labels, count in decisions.items():
            self.metrics.decisions.labels(*labels).inc(count)
        for pair, count in holds.items():
            self.metrics.holds.labels(*pair).inc(count)
        for pair, count in hits.items():
            self.metrics.rule_hits.labels(*pair).inc(count)

    def _measure_delays(self) -> None:
        """From the broker's time on, 0 by a clock that is ahead. The slowest of a batch carries its trace:
        one exemplar is enough.
        """
        delays = [
            (max(0.0, _seconds_since(record, decision, latency_ms)), record, decision)
            for record, decision, latency_ms in self._decided
            if record.timestamp_ms >= 0
        ]
        slowest = max(delays, key=lambda one: one[0], default=None)
        since_broker = self.metrics.latency.labels("broker")
        for one in delays:
            trace = {"trace_id": _trace(*one[1:])} if one is slowest else None
            since_broker.observe(one[0], trace)
        latest = {(record.topic, record.partition): seconds for seconds, record, _ in delays}
        for (topic, number), seconds in latest.items():
            self._late.add(Partition(topic, number))
            self.metrics.lag_seconds.labels(topic, str(number)).set(seconds)

    def rebalanced(
        self, assigned: frozenset[Partition], revoked: frozenset[Partition], lost: frozenset[Partition]
    ) -> None:
        self._assigned = (self._assigned - revoked - lost) | assigned
        self.metrics.rebalances.inc()
        self.metrics.partitions.set(len(self._assigned))
        for partition in revoked | lost:
            self._forget_partition(partition)
        self._show_stopped(self._stopped - revoked - lost)
        self._log.info(
            "assignment", partitions=len(self._assigned), gained=len(assigned), lost=len(revoked | lost)
        )

    def _forget_partition(self, partition: Partition) -> None:
        """Another worker has it now: a gauge left behind would show its lag forever."""
        if partition in self._told:
            self._told.discard(partition)
            self.metrics.lag_records.remove(partition.topic, str(partition.number))
        if partition in self._late:
            self._late.discard(partition)
            self.metrics.lag_seconds.remove(partition.topic, str(partition.number))

    def failed(self, result: Aborted | Indefinite | Fenced) -> None:
        kind = type(result).__name__.lower()
        self.metrics.transactions.labels(kind).inc()
        self._log.warning(f"transaction {kind}", reason=result.reason)
        self.forget()

    def recovered(self, failures: int) -> None:
        self._log.info("reading on from the committed offsets", failures=failures)

    def waiting(self, reason: str, seconds: float) -> None:
        if not self._is_waiting:
            self._log.warning("a batch waits", reason=reason, seconds=round(seconds, 3))
        self._is_waiting = True
        self.forget()

    def stopped(self, partition: Partition, reason: str) -> None:
        self._show_stopped(self._stopped | {partition})
        self._log.error("partition stopped", topic=partition.topic, partition=partition.number, reason=reason)

    def _show_stopped(self, partitions: set[Partition]) -> None:
        self._stopped = partitions
        self.metrics.stopped_partitions.set(len(partitions))

    def backlogs(self, backlogs: Mapping[Partition, int]) -> None:
        for partition, count in backlogs.items():
            self._told.add(partition)
            self.metrics.lag_records.labels(partition.topic, str(partition.number)).set(count)
            if not count:
                self._late.add(partition)
                self.metrics.lag_seconds.labels(partition.topic, str(partition.number)).set(0)


def _seconds_since(record: Record, decision: Decision, latency_ms: int) -> float:
    """From a record's own time to its decision."""
    return decision.event_time.timestamp() + (latency_ms - record.timestamp_ms) / 1000


def _mode(finding: Finding) -> str:
    if finding.is_unavailable:
        return "unavailable"
    return "excepted" if finding.excepted else finding.mode


def _trace(record: Record, decision: Decision) -> str:
    """The trace that the decision's own record continues, or begins where its event had none."""
    parent = dict(record.headers).get(headers.TRACEPARENT)
    return headers.trace_id_of(headers.continued(parent, decision.decision_id))
