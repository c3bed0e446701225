"""A worker's metrics: what was committed is counted, once; what was not is not."""

from datetime import timedelta

import pytest
from msgspec import structs

from tests.unit.screener.desk import NOW, WANTED, Desk, event, in_force, listed
from tidewaiter.screener.watching import Watch
from tidewaiter.stream.log import Aborted
from tidewaiter.stream.observer import BatchReport
from tidewaiter.stream.record import Headers, Partition, Record
from tidewaiter.telemetry.metrics import Metrics

REPORT = BatchReport(2, 1, 0, 5, 0.01, 0.02, 0.005)
FIRST, SECOND = Partition("parcel-events", 0), Partition("parcel-events", 1)


@pytest.fixture
def watch() -> Watch:
    return Watch(Metrics())


def value(watch: Watch, name: str, **labels: str) -> float | None:
    return watch.metrics.registry.get_sample_value(f"tidewaiter_{name}", labels)


def decided(watch: Watch) -> None:
    desk = Desk()
    desk.answers(desk.event(event(first_us_port="2095")), desk.event(listed(hawb="7")))
    watch.forget()
    for decision in desk.notes.decisions:
        watch.decided(desk.event(event()), decision, 1500)
    watch.refused("json")
    watch.displaced(desk.event(event()))


def test_decisions_are_counted_when_they_are_committed(watch: Watch) -> None:
    decided(watch)
    assert value(watch, "decisions_total", outcome="HOLD", disposition="1A", carrier="FX") is None
    watch.committed(REPORT)
    assert value(watch, "decisions_total", outcome="HOLD", disposition="1A", carrier="FX") == 1
    assert value(watch, "decisions_total", outcome="RELEASE", disposition="1C", carrier="FX") == 1
    assert value(watch, "holds_total", code="WL-NARC", port="2095") == 1
    assert value(watch, "rule_hits_total", rule="W01", mode="enforce") == 1
    assert value(watch, "dead_letters_total", stage="json") == 1
    assert value(watch, "displaced_records_total", topic="parcel-events") == 1
    assert value(watch, "decision_latency_seconds_sum", since="event") == 3.0
    assert value(watch, "transactions_total", result="committed") == 1


def test_what_was_aborted_is_not_counted(watch: Watch) -> None:
    decided(watch)
    watch.failed(Aborted("fenced off"))
    watch.committed(REPORT)
    assert value(watch, "decisions_total", outcome="HOLD", disposition="1A", carrier="FX") is None
    assert value(watch, "dead_letters_total", stage="json") == 0
    assert value(watch, "displaced_records_total", topic="parcel-events") == 0
    assert value(watch, "transactions_total", result="aborted") == 1


def test_a_batch_is_counted_once_though_it_is_tried_again(watch: Watch) -> None:
    decided(watch)
    decided(watch)
    watch.committed(REPORT)
    assert value(watch, "decisions_total", outcome="HOLD", disposition="1A", carrier="FX") == 1
    assert value(watch, "displaced_records_total", topic="parcel-events") == 1


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


def test_a_list_that_is_in_force_no_more_has_no_age(watch: Watch) -> None:
    watch.ages({"ofac-sdn": NOW - timedelta(hours=40), "ours": NOW + timedelta(seconds=2)}, NOW)
    assert value(watch, "list_age_seconds", list="ours") == 0
    watch.ages({"ours": NOW}, NOW)
    assert value(watch, "list_age_seconds", list="ofac-sdn") is None
    assert value(watch, "list_age_seconds", list="ours") == 0


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


def committed_at(watch: Watch, timestamps: tuple[int, ...], headers: Headers = ()) -> None:
    """Commit a batch of one decision, made at NOW + 1.5 s, of records with these broker's times."""
    desk = Desk()
    desk.answers(desk.event(event()))
    watch.forget()
    for at in timestamps:
        record = Record("parcel-events", 1, 7, None, b"", headers, at)
        watch.decided(record, desk.notes.decisions[0], 1500)
    watch.committed(REPORT)


def test_the_lag_of_a_partition_is_that_of_its_newest_record_until_nothing_waits(watch: Watch) -> None:
    desk = Desk()
    desk.answers(desk.event(event()))
    sent = int(desk.notes.decisions[0].event_time.timestamp() * 1000)
    watch.rebalanced(frozenset({SECOND}), frozenset(), frozenset())
    committed_at(watch, (sent - 9_000, sent - 4_500))
    place = {"topic": "parcel-events", "partition": "1"}
    assert value(watch, "lag_seconds", **place) == pytest.approx(6.0)
    watch.backlogs({SECOND: 0})
    assert value(watch, "lag_seconds", **place) == 0
    watch.rebalanced(frozenset(), frozenset({SECOND}), frozenset())
    assert value(watch, "lag_seconds", **place) is None


def test_a_clock_that_is_ahead_makes_no_time_less_than_none(watch: Watch) -> None:
    desk = Desk()
    desk.answers(desk.event(event()))
    (decision,) = desk.notes.decisions
    watch.forget()
    ahead = int(decision.event_time.timestamp() * 1000) + 60_000
    watch.decided(Record("parcel-events", 1, 7, None, b"", (), ahead), decision, -5_000)
    watch.committed(REPORT)
    assert value(watch, "lag_seconds", topic="parcel-events", partition="1") == 0
    for since in ("event", "broker"):
        assert value(watch, "decision_latency_seconds_sum", since=since) == 0


def test_the_slowest_parcel_of_a_batch_leaves_its_trace(watch: Watch) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    committed_at(watch, (1, 2), (("traceparent", f"00-{trace}-00f067aa0ba902b7-01".encode()),))
    exemplars = [
        sample.exemplar.labels
        for metric in watch.metrics.registry.collect()
        for sample in metric.samples
        if sample.exemplar
    ]
    assert exemplars == [{"trace_id": trace}]


def test_a_record_without_the_brokers_time_has_no_delay(watch: Watch) -> None:
    committed_at(watch, (-1,))
    assert value(watch, "decision_latency_seconds_count", since="broker") == 0
    assert value(watch, "decision_latency_seconds_count", since="event") == 1


def test_the_breaker_shows_one_state_and_redis_its_memory_when_it_answers(watch: Watch) -> None:
    watch.redis("open", None)
    watch.redis("closed", {"used_memory": 5, "maxmemory": 10})
    assert value(watch, "redis_breaker", state="open") is None
    assert value(watch, "redis_breaker", state="closed") == 1
    assert value(watch, "redis_memory_bytes", what="used") == 5
    assert value(watch, "redis_memory_bytes", what="limit") == 10
    watch.redis("open", None)
    assert value(watch, "redis_memory_bytes", what="used") is None


def test_misprinted_ports_and_carriers_do_not_grow_the_page_without_end(watch: Watch) -> None:
    desk = Desk()
    record = desk.event(listed())
    desk.answers(record)
    (decision,) = desk.notes.decisions
    for number in range(500):
        watch.decided(record, structs.replace(decision, carrier=f"C{number}", port=f"P{number}"), 1)
    watch.committed(REPORT)
    assert value(watch, "decisions_total", outcome="HOLD", disposition="1A", carrier="C49") == 1
    assert value(watch, "decisions_total", outcome="HOLD", disposition="1A", carrier="other") == 450
    assert value(watch, "holds_total", code="WL-NARC", port="other") == 100


def test_features_that_redis_lost_are_shown_as_older_than_any_limit(watch: Watch) -> None:
    watch.habits({})
    assert value(watch, "features_age_seconds", kind="text") is None
    watch.habits({"text": timedelta(seconds=20), "goods": timedelta(seconds=30)})
    assert value(watch, "features_age_seconds", kind="text") == 20
    watch.habits({"goods": timedelta(seconds=40)})
    assert value(watch, "features_age_seconds", kind="text") == float("inf")
    assert value(watch, "features_age_seconds", kind="goods") == 40
