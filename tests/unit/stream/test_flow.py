"""A lane goes before its topic while it is ready, and is left alone while it is not."""

from tidewaiter.stream.flow import Lane, unreadable
from tidewaiter.stream.record import Partition

LANES = (Lane("again", "in"),)
ASSIGNED = frozenset(Partition(topic, number) for topic in ("in", "again", "other") for number in (0, 1))


def paused(is_ready: bool, backlogs: dict[Partition, int | None]) -> frozenset[Partition]:
    return unreadable(ASSIGNED, LANES, lambda _topic: is_ready, lambda partition: backlogs.get(partition, 0))


def test_nothing_is_paused_while_the_lane_is_empty() -> None:
    assert paused(True, {}) == frozenset()


def test_the_lane_is_paused_while_it_is_not_ready() -> None:
    assert paused(False, {Partition("again", 0): 9}) == {Partition("again", 0), Partition("again", 1)}


def test_a_partition_waits_for_the_backlog_of_its_lane_and_the_others_go_on() -> None:
    assert paused(True, {Partition("again", 1): 9}) == {Partition("in", 1)}


def test_a_partition_waits_while_the_backlog_of_its_lane_is_not_known() -> None:
    assert paused(True, {Partition("again", 0): None}) == {Partition("in", 0)}


def test_partitions_that_are_not_ours_are_never_named() -> None:
    mine = frozenset({Partition("again", 0)})
    assert unreadable(mine, LANES, lambda _topic: True, lambda _partition: 5) == frozenset()


def test_whatever_waits_for_one_lane_is_told_the_same_of_it() -> None:
    answers = iter((False, True))
    lanes = (Lane("again", "in"), Lane("again", "other"))
    assert unreadable(ASSIGNED, lanes, lambda _topic: next(answers), lambda _partition: 9) == {
        Partition("again", 0),
        Partition("again", 1),
    }
