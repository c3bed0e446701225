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


class Interruption:
    """SIGINT and SIGTERM as a KeyboardInterrupt that cannot get lost; for the main thread.

    An exception that a signal raises inside of a client's callback or a destructor is swallowed there, and
    the program would go on as if nobody had asked: whoever goes through a loop asks ``check`` as well.
    """

    def __init__(self) -> None:
        self._has_come = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self._come())

    def check(self) -> None:
        """Raises KeyboardInterrupt if a signal has come, however long ago."""
        if self._has_come:
            raise KeyboardInterrupt

    def _come(self) -> None:
        self._has_come = True
        raise KeyboardInterrupt
