"""What is told to the interpreter holds for as long as it should, and what is let go goes in small steps."""

import gc
import sys
from itertools import pairwise
from weakref import WeakSet

import pytest

from tidewaiter.adapters.interpreter import handing_over_within, let_go, uncollected


class Leaf:
    """A value that can be counted while it lives."""


class Whole:
    """Some thousand values in the containers that an index is made of, and a few beside them."""

    def __init__(self, living: WeakSet[Leaf]) -> None:
        self.by_name = {str(number): Leaf() for number in range(9_000)}
        self.inner = {"in order": tuple(Leaf() for _ in range(5_000)), "one": (Leaf(),)}
        living.update([*self.by_name.values(), *self.inner["in order"], *self.inner["one"]])


def test_what_is_let_go_is_freed_in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    living: WeakSet[Leaf] = WeakSet()
    values: list[object] = [Whole(living)]
    alive = [len(living)]
    monkeypatch.setattr("time.sleep", lambda _: alive.append(len(living)))
    let_go(values)
    assert (values, alive[0], len(living)) == ([], 14_001, 0)
    assert max(before - after for before, after in pairwise(alive)) <= 2_010


def test_what_another_holds_is_not_freed() -> None:
    living: WeakSet[Leaf] = WeakSet()
    whole = Whole(living)
    let_go([whole])
    assert len(living) == len(whole.by_name) + len(whole.inner["in order"]) + 1 == 14_001


def test_nothing_to_let_go_is_no_error() -> None:
    let_go([])
    let_go([None, 1, "a", ()])


def test_garbage_is_collected_again_once_it_may_be() -> None:
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def failing_beside(seconds: float) -> None:
    with handing_over_within(seconds):
        raise ValueError(sys.getswitchinterval())


def test_threads_hand_over_as_before_when_the_work_beside_them_failed() -> None:
    before = sys.getswitchinterval()
    with pytest.raises(ValueError) as failed:
        failing_beside(before / 10)
    assert failed.value.args[0] == pytest.approx(before / 10)
    assert sys.getswitchinterval() == before
