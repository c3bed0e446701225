"""Where a reader would go on, and how much and how old what waits for it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.stream.record import Partition
from tidewaiter.stream.unread import Backlog, Unread, starting_point

ZERO, ONE = Partition("in", 0), Partition("in", 1)


@pytest.mark.parametrize(
    ("committed", "bounds", "first", "records"),
    [
        (7, (0, 10), 7, 3),
        (None, (0, 10), 0, 10),
        (None, (4, 10), 4, 6),
        (2, (4, 10), 4, 6),
        (10, (0, 10), 10, 0),
        (12, (0, 10), 10, 0),
    ],
    ids=["committed", "none yet", "none and deleted", "deleted since", "all read", "a topic made anew"],
)
def test_a_reader_goes_on_where_it_committed_or_where_the_log_begins(
    committed: int | None, bounds: tuple[int, int], first: int, records: int
) -> None:
    one = starting_point(ZERO, committed, *bounds)
    assert (one.first, one.records, one.committed) == (first, records, committed)


@given(st.integers(0, 50), st.integers(0, 50), st.none() | st.integers(0, 200))
def test_what_waits_is_never_more_than_the_log_has(
    beginning: int, length: int, committed: int | None
) -> None:
    one = starting_point(ZERO, committed, beginning, beginning + length)
    assert beginning <= one.first <= one.end
    assert 0 <= one.records <= length


def test_a_backlog_is_as_old_as_its_oldest_record() -> None:
    backlog = Backlog("r", 0, (Unread(ZERO, 0, 0, 2, 5_000), Unread(ONE, 3, 3, 4, 1_000)))
    assert backlog.seconds(now_ms=6_000) == 5.0
    assert backlog.records == 3


def test_a_backlog_is_as_old_as_the_oldest_record_of_which_that_is_known() -> None:
    backlog = Backlog("r", 0, (Unread(ZERO, 0, 0, 2), Unread(ONE, 3, 3, 4, 1_000)))
    assert backlog.seconds(now_ms=6_000) == 5.0


def test_a_backlog_whose_ages_could_not_be_read_is_not_said_to_be_young() -> None:
    assert Backlog("r", 0, (Unread(ZERO, 0, 0, 2),)).seconds(6_000) is None
    assert Backlog("r", 0, (Unread(ZERO, 0, 0, 2), Unread(ONE, 0, 2, 2))).seconds(6_000) is None
    assert Backlog("r", 0, (Unread(ZERO, 0, 2, 2),)).seconds(6_000) == 0.0


def test_a_partition_without_unread_records_has_no_age() -> None:
    assert Unread(ZERO, 0, 2, 2).seconds(now_ms=6_000) == 0.0


def test_a_record_from_a_clock_that_is_ahead_has_no_negative_age() -> None:
    assert Unread(ZERO, 0, 0, 1, 9_000).seconds(now_ms=6_000) == 0.0
