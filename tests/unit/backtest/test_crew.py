"""A process of a replay lives as long as the one that it works for, and says nothing when that ends."""

import multiprocessing
import os
import signal

import pytest

from tests.unit.backtest.weeks import bench, default
from tidewaiter.backtest.crew import Mate, _work


def test_a_mate_leaves_ctrl_c_to_the_process_that_it_works_for() -> None:
    with Mate(bench(default()), ()) as mate:
        mate.ask(())
        mate.asked()
        assert mate._process.pid
        os.kill(mate._process.pid, signal.SIGINT)
        assert mate.account()


def test_a_mate_that_is_left_alone_ends_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, ours, bench(default()), ()), daemon=True)
    process.start()
    theirs.close()
    ours.close()
    process.join(60)
    assert (process.exitcode, capfd.readouterr().err) == (0, "")
