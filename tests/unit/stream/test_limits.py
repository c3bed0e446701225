"""Dead letters are limited per partition: past the limits the partition stops before it sets aside more."""

from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.stream.limits import Cut, Limits, Tallies, Tally, within_limits
from tidewaiter.stream.outcome import DeadLetter, Done, Outcome
from tidewaiter.stream.record import Partition, Record

GOOD, DEAD = Done(()), DeadLetter((), "hawb: missing", "validate")
LIMITS = Limits(run=3, ratio=0.5, window=10)
FIRST, SECOND = Partition("in", 0), Partition("in", 1)


def cut(outcomes: list[Outcome], tallies: Tallies | None = None, partition: Partition = FIRST) -> Cut:
    records = [Record(*partition, offset, b"k", b"v") for offset in range(len(outcomes))]
    return within_limits(records, outcomes, tallies or {}, LIMITS)


def test_limits_let_a_batch_without_dead_letters_pass() -> None:
    result = cut([GOOD] * 5)
    assert (len(result.finished), result.stopped) == (5, {})
    assert result.tallies == {FIRST: Tally(run=0, dead=0, seen=5)}


def test_limits_let_a_run_of_dead_letters_pass_that_ends_in_time() -> None:
    assert cut([DEAD, DEAD, DEAD, GOOD, DEAD, DEAD, DEAD, GOOD]).stopped == {}


def test_limits_stop_a_partition_before_the_dead_letter_that_is_one_too_many() -> None:
    result = cut([GOOD, DEAD, DEAD, DEAD, DEAD, GOOD])
    assert [record.offset for record in result.finished] == [0, 1, 2, 3]
    assert list(result.stopped) == [FIRST]
    assert "in/0@4, validate: hawb: missing" in result.stopped[FIRST]


def test_limits_count_a_run_over_the_end_of_a_batch() -> None:
    first = cut([DEAD] * 3)
    assert cut([DEAD], first.tallies).stopped != {}


def test_limits_end_a_run_with_a_good_batch() -> None:
    first = cut([DEAD] * 3)
    second = cut([GOOD], first.tallies)
    assert cut([DEAD] * 2, second.tallies).stopped == {}


def test_limits_stop_a_partition_whose_share_of_dead_letters_is_too_high() -> None:
    result = cut([DEAD, DEAD, GOOD] * 6)
    assert "of the last 10 records are dead letters, more than 50%" in result.stopped[FIRST]
    assert len(result.finished) == 9


def test_limits_let_a_share_of_dead_letters_pass_that_is_not_too_high() -> None:
    assert cut([GOOD, DEAD] * 50).stopped == {}


def test_limits_forget_good_records_of_long_ago() -> None:
    before: list[Outcome] = [GOOD] * 1000
    recent: list[Outcome] = [DEAD, DEAD, GOOD] * 10
    assert cut([*before, *recent]).stopped != {}


def test_limits_of_one_partition_leave_the_others_alone() -> None:
    records = [Record(*partition, offset, b"k", b"v") for offset in range(6) for partition in (FIRST, SECOND)]
    outcomes = [DEAD if record.partition == 0 else GOOD for record in records]
    result = within_limits(records, outcomes, {}, LIMITS)
    assert [record.offset for record in result.finished if record.partition == 1] == list(range(6))
    assert list(result.stopped) == [FIRST]


@given(st.lists(st.booleans(), max_size=200))
def test_limits_keep_a_prefix_of_every_partition(is_dead: list[bool]) -> None:
    result = cut([DEAD if dead else GOOD for dead in is_dead])
    assert [record.offset for record in result.finished] == list(range(len(result.finished)))
    assert (len(result.finished) == len(is_dead)) == (result.stopped == {})


@given(st.integers(0, 100_000))
def test_the_window_slides_whatever_the_size_of_a_batch(count: int) -> None:
    assert Tally().after_good(count, LIMITS).seen < 2 * LIMITS.window
