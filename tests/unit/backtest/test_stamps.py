"""Records whose clock nobody around them bears out have the time of the one before."""

import pytest

from tidewaiter.backtest.stamps import steadied
from tidewaiter.stream.record import Record

DAY = 86_400_000
NOW = 20_000 * DAY
YEARS = 73 * 365 * DAY


def times(*stamps: int) -> list[int]:
    records = (Record("parcel-events", 0, offset, None, None, (), at) for offset, at in enumerate(stamps))
    return [record.timestamp_ms for record in steadied(records)]


@pytest.mark.parametrize("wrong", [NOW + YEARS, NOW + 3 * DAY, NOW - YEARS, 0, -1])
def test_a_time_far_from_all_around_it_is_that_of_the_record_before(wrong: int) -> None:
    after = [NOW + n for n in range(2, 150)]
    assert times(NOW, wrong, *after) == [NOW, NOW, *after]
    assert times(NOW, wrong, wrong, *after) == [NOW, NOW, NOW, *after]


@pytest.mark.parametrize("wrong", [NOW + YEARS, 0, -1])
def test_a_first_time_that_is_far_ahead_or_none_is_one_of_those_behind_it(wrong: int) -> None:
    after = [NOW + n for n in range(150)]
    first, *others = times(wrong, *after)
    assert others == after
    assert NOW <= first <= NOW + 100


@pytest.mark.parametrize(
    "stamps",
    [
        pytest.param([], id="nothing"),
        pytest.param([-1, -1], id="no times"),
        pytest.param([NOW, NOW + YEARS], id="a last one that nothing follows"),
        pytest.param([NOW + n * 7 * DAY for n in range(120)], id="a record a week"),
        pytest.param([NOW, *(NOW + 3 * DAY + n for n in range(120))], id="three days of silence"),
        pytest.param([NOW + n for n in range(120)] + [NOW - 9 * DAY + n for n in range(120)], id="two files"),
        pytest.param([NOW + n * 1000 for n in range(120)], id="as they come"),
    ],
)
def test_times_that_can_be_stay_as_they_are(stamps: list[int]) -> None:
    assert times(*stamps) == stamps
