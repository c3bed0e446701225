"""Signals wait while a process is started, so that none is left without an owner."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uninterrupted() -> Iterator[None]:
    """SIGINT and SIGTERM that come in the block are answered by KeyboardInterrupt at its end.

    A process is there for some milliseconds before `subprocess` hands it over: an exception in between
    leaves it running with nobody who knows of it. Other threads than the main one are not interrupted.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda number, _: came.append(number)) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt
