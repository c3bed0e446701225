"""Two looks at some workers become one reading of how screening goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.exposition import generate_latest

from tidewaiter.inspection.now import Look, reading
from tidewaiter.inspection.reading import Listed, Tally, Waiting, Worker
from tidewaiter.telemetry.metrics import LagMetrics, Metrics, Registered
from tidewaiter.telemetry.scrape import Scrape, parsed


class Berth:
    """A worker's metrics, and its page at a moment."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.metrics.ready.set(1)
        self.metrics.list_generation.set(3)
        self.metrics.ruleset.labels("abc", "p").set(1)
        self.metrics.redis_breaker.labels("closed").set(1)

    def decides(self, outcome: str, count: int, seconds: float = 0.02) -> None:
        self.metrics.decisions.labels(outcome, "1A", "FDX").inc(count)
        self.metrics.batch_records.observe(count)
        for _ in range(count):
            self.metrics.latency.labels("broker").observe(seconds)
            self.metrics.latency.labels("event").observe(seconds + 30)

    def page(self, at: float) -> Scrape:
        return page_of(self.metrics, at)


def page_of(metrics: Registered, at: float) -> Scrape:
    return parsed(generate_latest(metrics.registry).decode(), at)


@pytest.fixture
def berth() -> Berth:
    return Berth()


def test_rates_are_what_came_between_the_looks_by_the_second(berth: Berth) -> None:
    berth.decides("RELEASE", 1000)
    before = berth.page(100)
    berth.decides("RELEASE", 40)
    berth.decides("HOLD", 10)
    found = reading([Look("a:1", before, berth.page(105))])
    assert found.decisions_per_second == {"RELEASE": 8, "HOLD": 2}
    assert (found.events_per_second, found.seconds) == (10, 5)
    assert found.workers[0].decisions_per_second == 10


@given(st.integers(0, 30), st.integers(0, 30), st.booleans())
def test_rates_add_up_over_workers_whichever_was_restarted(
    first: int, second: int, is_restarted: bool
) -> None:
    one, other = Berth(), Berth()
    one.decides("HOLD", 30)
    other.decides("HOLD", 7)
    looks = [one.page(0), other.page(0)]
    if is_restarted:
        one = Berth()
        one.decides("HOLD", min(first, 29))
    else:
        one.decides("HOLD", first)
    other.decides("HOLD", second)
    found = reading([Look("a:1", looks[0], one.page(10)), Look("b:1", looks[1], other.page(10))])
    wanted = (min(first, 29) if is_restarted else first) + second
    assert sum(found.decisions_per_second.values()) == pytest.approx(wanted / 10)


def test_latency_and_the_objective_are_those_of_the_time_between(berth: Berth) -> None:
    berth.decides("RELEASE", 500, seconds=20)
    before = berth.page(0)
    berth.decides("RELEASE", 97, seconds=0.02)
    berth.decides("RELEASE", 3, seconds=2.0)
    found = reading([Look("a:1", before, berth.page(5))])
    assert found.within_objective == 0.97
    latency = found.latency["broker"]
    assert 0.01 < latency.p50 < 0.025
    assert 1.0 < latency.p99 <= 2.5
    assert found.latency["event"].p50 > 25


def test_nothing_is_said_of_rates_after_a_single_look_and_of_latency_without_decisions(berth: Berth) -> None:
    berth.decides("HOLD", 5)
    berth.metrics.holds.labels("WL-SDN", "2095").inc(5)
    single = reading([Look("a:1", None, berth.page(0))])
    assert (single.events_per_second, single.decisions_per_second, single.latency) == (None, {}, {})
    assert single.holds == {"WL-SDN": Tally(None, 5)}
    idle = reading([Look("a:1", berth.page(0), berth.page(5))])
    assert (idle.events_per_second, idle.within_objective, idle.latency) == (0, None, {})


def test_worker_that_does_not_answer_is_down_and_its_old_numbers_are_not_shown(berth: Berth) -> None:
    berth.metrics.lag_records.labels("parcel-events", "0").set(900)
    found = reading([Look("a:1", berth.page(0), None), Look("b:1", None, None)])
    assert found.workers == (Worker("a:1", "down"), Worker("b:1", "down"))
    assert (found.lag, found.generations, found.silent) == (Waiting(0, None), (), ())


def test_states_are_told_apart(berth: Berth) -> None:
    berth.metrics.partitions.set(12)
    berth.metrics.stopped_partitions.set(2)
    ready = Worker("a:1", "ready", None, 12, 2, breaker="closed", generation=3)
    assert reading([Look("a:1", None, berth.page(0))]).workers == (ready,)
    berth.metrics.degraded.set(1)
    assert reading([Look("a:1", None, berth.page(0))]).workers[0].state == "degraded"
    berth.metrics.ready.set(0)
    assert reading([Look("a:1", None, berth.page(0))]).workers[0].state == "not ready"


def test_lag_exporter_is_no_worker_and_its_word_is_kept_by_reader(berth: Berth) -> None:
    lag = LagMetrics()
    for number, (records, seconds) in enumerate([(5, 40.0), (2, 1.0)]):
        lag.unread_records.labels("screener", "parcel-events", str(number)).set(records)
        lag.unread_seconds.labels("screener", "parcel-events", str(number)).set(seconds)
    lag.members.labels("screener").set(0)
    lag.members.labels("insight").set(1)
    found = reading([Look("a:1", None, berth.page(0)), Look("l:1", None, page_of(lag, 0))])
    assert [worker.address for worker in found.workers] == ["a:1"]
    assert found.unread == {"screener": Waiting(7, 40.0, 0), "insight": Waiting(0, None, 1)}
    gone = reading([Look("l:1", page_of(lag, 0), None)])
    assert (gone.workers, gone.unread) == ((), {})


def test_who_measures_the_lag_and_cannot_or_answers_no_more_is_told(berth: Berth) -> None:
    exporter = LagMetrics()
    exporter.is_known.set(1)
    knows = page_of(exporter, 0)
    exporter.is_known.set(0)
    worker = Look("a:1", berth.page(0), berth.page(5))
    found = reading([worker, Look("lag:1", knows, None), Look("lag:2", knows, page_of(exporter, 5))])
    assert (found.silent, found.blind) == (("lag:1",), ("lag:2",))
    well = reading([worker, Look("lag:1", knows, knows)])
    assert (well.silent, well.blind) == ((), ())


def test_brokers_that_a_worker_has_no_connection_to_are_counted(berth: Berth) -> None:
    berth.metrics.kafka_brokers_down.labels("consumer").set(2)
    berth.metrics.kafka_brokers_down.labels("producer").set(1)
    assert reading([Look("a:1", None, berth.page(0))]).workers[0].brokers_down == 2


def test_versions_lists_and_tallies_are_gathered_over_the_workers(berth: Berth) -> None:
    other = Berth()
    other.metrics.list_generation.set(4)
    for one, age in ((berth, 60), (other, 90)):
        one.metrics.list_age.labels("ofac").set(age)
        one.metrics.list_entries.labels("ofac").set(14)
    before = [berth.page(0), other.page(0)]
    berth.metrics.holds.labels("WL-SDN", "2095").inc(3)
    other.metrics.holds.labels("WL-SDN", "2704").inc(1)
    other.metrics.dead_letters.labels("json").inc(2)
    found = reading([Look("a:1", before[0], berth.page(60)), Look("b:1", before[1], other.page(60))])
    assert (found.generations, found.rulesets) == ((3, 4), ("abc",))
    assert found.lists == {"ofac": Listed(90, 14)}
    assert found.holds == {"WL-SDN": Tally(4, 4)}
    assert found.dead_letters == {"json": Tally(2, 2)}
