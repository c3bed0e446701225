"""A reader is as fresh as the last end that it was seen to reach."""

from tidewaiter.stream.reached import Place, Reached
from tidewaiter.stream.record import Partition

ONE, OTHER = Partition("parcel-events", 0), Partition("parcel-events", 1)


def test_nothing_is_known_before_an_end_is_reached() -> None:
    reached = Reached()
    assert reached.until_ms({}) is None
    assert reached.until_ms({ONE: Place(1000, 50, 0)}) is None
    assert reached.until_ms({ONE: Place(2000, 60, 49)}) is None
    assert reached.until_ms({ONE: Place(3000, 60, 50)}) == 1000


def test_who_is_at_the_end_is_as_fresh_as_the_broker_was_heard() -> None:
    reached = Reached()
    assert reached.until_ms({ONE: Place(1000, 50, 50)}) == 1000
    assert reached.until_ms({ONE: Place(2000, 50, 50)}) == 2000


def test_while_the_broker_is_not_heard_time_stands_still() -> None:
    reached = Reached()
    assert [reached.until_ms({ONE: Place(1000, 50, 50)}) for _ in range(3)] == [1000] * 3


def test_who_is_never_at_the_end_is_as_fresh_as_the_last_end_that_it_reached() -> None:
    reached = Reached()
    seen = [reached.until_ms({ONE: Place(at * 1000, at * 10, at * 10 - 5)}) for at in range(1, 6)]
    assert seen == [None, 1000, 2000, 3000, 4000]


def test_who_falls_behind_grows_old() -> None:
    reached = Reached()
    assert reached.until_ms({ONE: Place(1000, 50, 50)}) == 1000
    assert [reached.until_ms({ONE: Place(at, 900, 60)}) for at in (2000, 3000, 60_000)] == [1000] * 3


def test_the_partition_that_is_furthest_behind_tells_for_all() -> None:
    reached = Reached()
    assert reached.until_ms({ONE: Place(1000, 5, 5), OTHER: Place(1000, 9, 2)}) is None
    assert reached.until_ms({ONE: Place(2000, 5, 5), OTHER: Place(2000, 9, 9)}) == 2000
    assert reached.until_ms({ONE: Place(3000, 5, 5), OTHER: Place(3000, 20, 10)}) == 2000
    assert reached.until_ms({ONE: Place(4000, 5, 5)}) == 4000
