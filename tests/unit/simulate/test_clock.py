"""Event times: three million parcels fill a day, in banks."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.simulate.clock import PARCELS_A_DAY, Clock, offset


@given(st.integers(0, 10 * PARCELS_A_DAY))
def test_later_positions_are_never_announced_earlier(position: int) -> None:
    assert offset(position) <= offset(position + 1)


def test_a_day_of_parcels_takes_a_day() -> None:
    clock = Clock(datetime(2026, 11, 23, 6, tzinfo=UTC))
    assert clock.at(PARCELS_A_DAY) - clock.at(0) == timedelta(days=1)


def test_the_fullest_quarter_has_some_six_times_the_mean() -> None:
    quarters = [offset(position) // timedelta(minutes=15) for position in range(0, PARCELS_A_DAY, 100)]
    fullest = max(quarters.count(quarter) for quarter in range(96))
    assert 5 < fullest / (len(quarters) / 96) < 8
