"""A signal that comes while a process is started waits until it has an owner."""

import contextlib
import os
import signal
import threading

import pytest

from tidewaiter.local.interrupts import Interruption, uninterrupted


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_block_interrupts_at_its_end(number: signal.Signals) -> None:
    done: list[str] = []

    def interrupted() -> None:
        with uninterrupted():
            os.kill(os.getpid(), number)
            done.append("the whole block")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == ["the whole block"]


def test_the_handlers_of_before_are_back_after_the_block() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with uninterrupted():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before


def test_an_error_in_the_block_passes_through() -> None:
    def failing() -> None:
        with uninterrupted():
            raise LookupError("of its own")

    with pytest.raises(LookupError, match="of its own"):
        failing()


def test_another_thread_is_left_alone() -> None:
    seen: list[object] = []

    def ask() -> None:
        with uninterrupted():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_that_was_swallowed_is_found_by_the_check(number: signal.Signals) -> None:
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        interruption = Interruption()
        interruption.check()
        with contextlib.suppress(KeyboardInterrupt):
            os.kill(os.getpid(), number)
        with pytest.raises(KeyboardInterrupt):
            interruption.check()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
