"""The batch grows with the backlog and shrinks with the pace."""

from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.stream.log import Plan
from tidewaiter.stream.pressure import Bounds, Taken, first_plan, next_plan, retry_seconds

BOUNDS = Bounds(smallest=10, largest=1000, batch_seconds=1.0, wait_seconds=0.2, linger_seconds=0.02)


def test_pressure_begins_small() -> None:
    assert first_plan(BOUNDS) == Plan(10, 0.2, 0.0)


def test_pressure_doubles_the_batch_when_it_was_full() -> None:
    assert next_plan(Plan(10, 0.2), Taken(10, 0.01, 0), BOUNDS) == Plan(20, 0.2, 0.02)


def test_pressure_doubles_the_batch_when_more_is_known_to_wait() -> None:
    assert next_plan(Plan(10, 0.2), Taken(3, 0.01, 5000), BOUNDS).max_records == 20


def test_pressure_keeps_the_batch_when_it_fitted() -> None:
    assert next_plan(Plan(100, 0.2), Taken(60, 0.01, 0), BOUNDS) == Plan(100, 0.2, 0.0)


def test_pressure_halves_the_batch_when_most_of_it_stayed_empty() -> None:
    assert next_plan(Plan(100, 0.2), Taken(5, 0.01, 0), BOUNDS) == Plan(50, 0.2, 0.0)


def test_pressure_cuts_the_batch_to_what_fits_the_time_when_the_last_one_took_too_long() -> None:
    assert next_plan(Plan(800, 0.2), Taken(800, 4.0, 9999), BOUNDS).max_records == 200


@given(st.integers(10, 1000), st.integers(0, 5000), st.floats(0, 100), st.integers(0, 10**7))
def test_pressure_stays_within_its_bounds(size: int, records: int, seconds: float, backlog: int) -> None:
    plan = next_plan(Plan(size, 0.2), Taken(records, seconds, backlog), BOUNDS)
    assert (1 if seconds > BOUNDS.batch_seconds else BOUNDS.smallest) <= plan.max_records <= BOUNDS.largest


def test_pressure_takes_one_at_a_time_of_what_takes_longer_than_a_batch_may() -> None:
    assert next_plan(Plan(10, 0.2), Taken(10, 20.0, 9999), BOUNDS).max_records == 1


def test_pressure_grows_from_one_by_doubling_where_it_has_seen_the_pace() -> None:
    assert next_plan(Plan(1, 0.2), Taken(1, 0.01, 9999), BOUNDS).max_records == 2
    assert next_plan(Plan(1, 0.2), Taken(0, 0.0, 9999), BOUNDS).max_records == 1


def test_retries_come_later_and_later_up_to_two_seconds() -> None:
    waits = [retry_seconds(failures) for failures in range(1, 12)]
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (0.05, 2.0)


def test_retries_go_on_through_an_outage_of_days() -> None:
    assert retry_seconds(1_000_000) == 2.0
