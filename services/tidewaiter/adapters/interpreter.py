"""How the interpreter is kept from standing in the stream's way: collecting, freeing, handing over."""

import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_MANY: Final = 1_000
_FREED_AT_ONCE: Final = 500  # parts: 0.1 ms


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
    """Take lists, index and rules out of the garbage collector's sight, and let it look less often.

    It would walk their objects again and again: with the OFAC list 365 us of CPU a record became 379 to
    473 without this. What is dropped later goes by reference counts, since none of it is cyclic.
    """
    gc.set_threshold(50_000, 50, 100)
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
    its parts. Here the parts outlive the whole, and other threads wait for 500 of them at most. Meant for
    structures of plain values: it walks all that they hold, but for what is in large containers.
    """
    parts = _parts(values)
    values.clear()
    while parts:
        del parts[-_FREED_AT_ONCE:]
        time.sleep(0)


def _parts(values: list[object]) -> list[object]:
    """What the large containers hold that are reached from ``values``."""
    parts: list[object] = []
    seen: set[int] = set()
    ahead = list(values)
    while ahead:
        for one in gc.get_referents(ahead.pop()):
            if isinstance(one, type) or id(one) in seen:
                continue
            seen.add(id(one))
            if isinstance(one, dict | list | tuple | set) and len(one) > _MANY:
                parts.extend(one)
                parts.extend(one.values() if isinstance(one, dict) else ())
            else:
                ahead.append(one)
    return parts
