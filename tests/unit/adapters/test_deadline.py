"""A call is waited for up to its deadline, and left behind there."""

import threading
import time
from threading import Event

import pytest

from tidewaiter.adapters.deadline import returned_within


def test_a_call_that_returns_in_time_was_waited_for() -> None:
    done: list[bool] = []

    def call() -> None:
        time.sleep(0.05)
        done.append(True)

    assert returned_within(30.0, call)
    assert done == [True]


def test_a_call_that_is_still_out_does_not_keep_the_process_from_its_end() -> None:
    is_over = Event()
    threads: list[threading.Thread] = []

    def call() -> None:
        threads.append(threading.current_thread())
        is_over.wait(30.0)

    assert not returned_within(0.05, call)
    assert [thread.daemon for thread in threads] == [True]
    is_over.set()


def test_what_the_call_raises_is_raised() -> None:
    def call() -> None:
        raise KeyError("the call's")

    with pytest.raises(KeyError, match="the call's"):
        returned_within(30.0, call)
