"""A worker's metrics: what was committed is counted, once; what was not is not."""

from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry
from tests.unit.screener.desk import NOW, WANTED, Desk, event, in_force, listed

from tidewaiter.screener.watching import Watch
from tidewaiter.stream.log import Aborted
from tidewaiter.stream.observer import BatchReport
from tidewaiter.stream.record import Partition
from tidewaiter.telemetry.metrics import Metrics

REPORT = BatchReport(2, 1, 0, 5, 0.01, 0.02, 0.005)
FIRST, SECOND = Partition("parcel-events", 0), Partition("parcel-events", 1)


@pytest.fixture
def watch() -> Watch:
    return Watch(Metrics(CollectorRegistry()))


def value(watch: Watch, name: str, **labels: str) -> float | None:
    return watch.metrics.registry.get_sample_value(f"tidewaiter_{name}", labels)


def decided(watch: Watch) -> None:
    desk = Desk()
    desk.answers(desk.event(event(first_us_port="2095")), desk.event(listed(hawb="7")))
    watch.forget()
    for decision in desk.notes.decisions:
        watch.decided(desk.event(event()), decision, 1500)
    watch.refused("json")


def test_decisions_are_counted_when_they_are_committed(watch: Watch) -> None:
    decided(watch)
    assert value(watch, "decisions_total", outcome="HOLD", disposition="1A", carrier="FX") is None
    watch.committed(REPORT)
    assert value(watch, "decisions_total", outcome="HOLD", disposition="1A", carrier="FX") == 1
    assert value(watch, "decisions_total", outcome="RELEASE", disposition="1C", carrier="FX") == 1
    assert value(watch, "holds_total", code="WL-NARC", port="2095") == 1
    assert value(watch, "rule_hits_total", rule="W01", mode="enforce") == 1
    assert value(watch, "dead_letters_total", stage="json") == 1
    assert value(watch, "decision_latency_seconds_sum", since="event") == 3.0
    assert value(watch, "transactions_total", result="committed") == 1


def test_what_was_aborted_is_not_counted(watch: Watch) -> None:
    decided(watch)
    watch.failed(Aborted("fenced off"))
    watch.committed(REPORT)
    assert value(watch, "decisions_total", outcome="HOLD", disposition="1A", carrier="FX") is None
    assert value(watch, "dead_letters_total", stage="json") is None
    assert value(watch, "transactions_total", result="aborted") == 1


def test_a_batch_is_counted_once_though_it_is_tried_again(watch: Watch) -> None:
    decided(watch)
    decided(watch)
    watch.committed(REPORT)
    assert value(watch, "decisions_total", outcome="HOLD", disposition="1A", carrier="FX") == 1


def test_the_lists_and_rules_in_force_are_shown_in_place_of_those_before(watch: Watch) -> None:
    watch.switched(in_force())
    newer = in_force(WANTED._replace(generation=4), entries=())
    watch.switched(newer)
    assert value(watch, "list_entries", list="ofac-sdn") == 0
    assert value(watch, "ruleset_info", ruleset=newer.ruleset.version, policy=newer.policy.version) == 1
    assert value(watch, "list_generation") == 4


def test_the_age_of_a_list_is_counted_from_its_loading(watch: Watch) -> None:
    watch.ages({"ofac-sdn": NOW - timedelta(hours=3)}, NOW)
    assert value(watch, "list_age_seconds", list="ofac-sdn") == 3 * 3600


def test_the_lag_of_a_partition_that_went_away_is_shown_no_more(watch: Watch) -> None:
    watch.rebalanced(frozenset({FIRST, SECOND}), frozenset(), frozenset())
    watch.backlogs({FIRST: 4, SECOND: 9})
    watch.rebalanced(frozenset(), frozenset({SECOND}), frozenset())
    assert value(watch, "partitions") == 1
    assert value(watch, "lag_records", topic="parcel-events", partition="0") == 4
    assert value(watch, "lag_records", topic="parcel-events", partition="1") is None


def test_a_stopped_partition_is_shown_until_it_goes_away(watch: Watch) -> None:
    watch.rebalanced(frozenset({FIRST, SECOND}), frozenset(), frozenset())
    watch.stopped(FIRST, "too many dead letters")
    watch.stopped(FIRST, "too many dead letters")
    assert value(watch, "stopped_partitions") == 1
    watch.rebalanced(frozenset(), frozenset({FIRST}), frozenset())
    assert value(watch, "stopped_partitions") == 0


def test_degraded_time_is_counted_only_while_degraded(watch: Watch) -> None:
    watch.tick(1.0)
    watch.degraded("Redis: no answer")
    watch.tick(1.0)
    assert (value(watch, "degraded"), value(watch, "degraded_seconds_total")) == (1, 1)
    watch.degraded(None)
    watch.tick(1.0)
    assert (value(watch, "degraded"), value(watch, "degraded_seconds_total")) == (0, 1)
