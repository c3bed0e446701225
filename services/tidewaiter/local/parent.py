"""Processes of ours that end with the one that started them, whatever way that ends."""

import ctypes
import signal
import sys
from collections.abc import Callable
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_LIBC = ctypes.CDLL(None)


def _end_with_parent() -> None:
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


ENDS_WITH_PARENT: Final[Callable[[], None] | None] = _end_with_parent if sys.platform == "linux" else None
"""To be called in the new process: Linux sends it SIGTERM when the thread that started it ends."""
