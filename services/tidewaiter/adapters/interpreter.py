"""How the interpreter is kept from standing in the stream's way: collecting, freeing, handing over."""

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_MANY: Final = 1_000
_FREED_AT_ONCE: Final = 2_000  # parts: 0.4 ms
_REST_SECONDS: Final = 0.001
_CONTAINERS: Final = (dict, list, set, tuple)
_HELD_HERE_ALONE: Final = 2  # by the name that it has here, and by the call that asks


@contextmanager
def uncollected() -> Iterator[None]:
    """No collection meanwhile: hardly anything built here is cyclic, and each pass would walk all of it.

    With collections the OFAC files take 1.04 s of processor time to read, without 0.57.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def leave_to_the_system() -> None:
    """At the end of a process: what is left is freed with it, not walked by collections before, for 0.2 s."""
    gc.freeze()


def spare_what_stays() -> None:
    """Take lists, index and rules out of the garbage collector's sight, and let it look at little at once.

    It would walk their objects again and again: with the OFAC list 365 us of CPU a record became 379 to
    473 without this. What is dropped later goes by reference counts, since none of it is cyclic.

    A pass over 5,000 young objects stops the stream for 1 ms, 5 at most, and takes 18 us a record; over
    50,000 it was 23 ms, 45 at most, and 32 us. What outlives a pass is what caches keep. It is walked again
    after 10,000 passes, some 600,000 records; after 500 that took 0.18 s.
    """
    gc.set_threshold(5_000, 10_000, 100)
    gc.freeze()


@contextmanager
def sparing_what_stays() -> Iterator[None]:
    """``spare_what_stays`` for a while. Processes that are forked within inherit it."""
    before = gc.get_threshold()
    spare_what_stays()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


@contextmanager
def handing_over_within(seconds: float) -> Iterator[None]:
    """A thread that computes gives way to one that waits after ``seconds``. Not for two callers at once."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(seconds)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def let_go(values: list[object]) -> None:
    """Empty ``values`` and free what nobody else holds, a little at a time.

    Freed at once, the index of the OFAC list holds the interpreter for 90 ms: it is one step, however small
    its parts. Here the parts of a large container outlive it, and 2,000 of them go at once, with a rest for
    other threads. Meant for structures of plain values, of which none holds itself.
    """
    ahead = list(values)
    values.clear()
    while ahead:
        one = ahead.pop()
        if isinstance(one, type) or sys.getrefcount(one) > _HELD_HERE_ALONE:
            continue
        if not isinstance(one, _CONTAINERS) or len(one) <= _MANY:
            ahead += gc.get_referents(one)
            continue
        parts = list(one)
        if isinstance(one, dict):
            parts.extend(one.values())
        del one
        while parts:
            del parts[-_FREED_AT_ONCE:]
            time.sleep(_REST_SECONDS)
