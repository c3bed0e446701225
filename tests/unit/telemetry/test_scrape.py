"""Pages are read back as they were written, and counters grow over restarts as Prometheus says they do."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.exposition import generate_latest

from tidewaiter.telemetry import catalogue
from tidewaiter.telemetry.metrics import Metrics
from tidewaiter.telemetry.scrape import Scrape, increases, parsed, quantile

DECISIONS = catalogue.DECISIONS.name
INFINITE = float("inf")


def counted(at: float, **counts: float) -> Scrape:
    """A page with a counter by outcome."""
    return Scrape(at, {DECISIONS: {frozenset({("outcome", name)}): value for name, value in counts.items()}})


def test_page_is_read_back_as_it_was_written() -> None:
    metrics = Metrics()
    metrics.ready.set(1)
    metrics.decisions.labels("HOLD", "1A", 'F"\\DX').inc(3)
    found = parsed(generate_latest(metrics.registry).decode(), at=7.0)
    assert (found.at, found.value(catalogue.READY.name)) == (7.0, 1.0)
    assert list(found.labelled(DECISIONS)) == [
        ({"outcome": "HOLD", "disposition": "1A", "carrier": 'F"\\DX'}, 3.0)
    ]
    assert found.value("tidewaiter_no_such") is None


@pytest.mark.parametrize("text", ["<html>", "tidewaiter_ready one", "a{b 1"])
def test_page_that_holds_no_metrics_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parsed(text, 0.0)


def test_counter_that_was_begun_anew_has_grown_by_what_it_shows() -> None:
    found = increases(
        counted(0, HOLD=100, RELEASE=900), counted(10, HOLD=7, RELEASE=905), DECISIONS, "outcome"
    )
    assert found == {("HOLD",): 7, ("RELEASE",): 5}


def test_series_that_was_not_there_has_grown_from_nothing() -> None:
    assert increases(counted(0), counted(10, HOLD=4), DECISIONS, "outcome") == {("HOLD",): 4}
    assert increases(counted(0, HOLD=4), counted(10), DECISIONS, "outcome") == {}


@given(st.lists(st.lists(st.integers(0, 50), min_size=1), min_size=1, max_size=4))
def test_increases_never_exceed_what_was_counted_whatever_restarts_come_between(
    lives: list[list[int]],
) -> None:
    """Each life of a worker counts up from 0; of what is counted between two looks at most a life is lost."""
    values = [list(itertools.accumulate(life)) for life in lives]
    looks = [0, *itertools.chain.from_iterable(values)]
    grown = [
        increases(counted(n, HOLD=a), counted(n + 1, HOLD=b), DECISIONS)[()]
        for n, (a, b) in enumerate(itertools.pairwise(looks))
    ]
    assert all(one >= 0 for one in grown)
    assert sum(grown) <= sum(map(sum, lives))
    if len(lives) == 1:
        assert sum(grown) == sum(lives[0])


@given(
    st.lists(st.integers(0, 100), min_size=2, max_size=8),
    st.floats(0.01, 1.0),
    st.floats(0.01, 1.0),
)
def test_quantiles_rise_and_stay_within_the_bounds(counts: list[int], one: float, other: float) -> None:
    bounds = [float(2**n) for n in range(len(counts) - 1)] + [INFINITE]
    buckets = dict(zip(bounds, map(float, itertools.accumulate(counts)), strict=True))
    low, high = sorted((one, other))
    if not sum(counts):
        assert quantile(buckets, low) is None
        return
    first, second = quantile(buckets, low), quantile(buckets, high)
    assert first is not None
    assert second is not None
    assert 0 <= first <= second <= bounds[-2]


def test_quantile_lies_within_the_bucket_of_its_rank() -> None:
    buckets = {0.1: 50.0, 0.2: 90.0, 1.0: 100.0, INFINITE: 100.0}
    assert quantile(buckets, 0.5) == pytest.approx(0.1)
    assert quantile(buckets, 0.7) == pytest.approx(0.15)
    assert quantile(buckets, 0.99) == pytest.approx(0.92)


def test_quantile_behind_the_last_bound_is_that_bound() -> None:
    assert quantile({1.0: 0.0, INFINITE: 10.0}, 0.5) == 1.0
    assert quantile({1.0: 6.0, 2.0: 8.0, INFINITE: 10.0}, 0.9) == 2.0
    assert quantile({}, 0.5) is None
