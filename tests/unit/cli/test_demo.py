"""`tidewaiter demo` where things go badly: workers that do not come up, and a machine that is slow."""

import sys
import time
from pathlib import Path
from threading import Thread

import pytest
from rich.progress import Progress

from tidewaiter.cli import demo
from tidewaiter.cli.crew import Crew
from tidewaiter.local.interrupts import Interruption
from tidewaiter.local.server import ServerUnusable, free_port


class NeverInterrupted(Interruption):
    def __init__(self) -> None:
        self._has_come = False


@pytest.mark.parametrize("code", [1, 2])
def test_a_demo_ends_with_the_last_words_of_a_worker_that_ended_at_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    """1: it fell, and would be started again and again; 2: what it was told was refused."""
    program, log = tmp_path / "worker", tmp_path / "workers.log"
    program.write_text(f'#!/bin/sh\necho "I am $5" >&2\necho "and out of ports" >&2\nexit {code}\n')
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    port = free_port()
    crew = Crew(1, log=log)
    crew.start()
    keeper = Thread(target=crew.wait)
    keeper.start()
    try:
        with pytest.raises(ServerUnusable, match=f"worker 0 ended with code {code}"):
            demo._wait_until_assigned(range(port, port + 1), crew, log, NeverInterrupted())
    finally:
        crew.stop()
        keeper.join()
    assert "I am 0\nand out of ports\n" in capsys.readouterr().err


class Answering(demo.Answered):
    """One answer more each time that it is asked, up to as many as there will ever be."""

    def __init__(self, most: int) -> None:
        self._asked, self._most = 0, most

    @property
    def count(self) -> int:
        self._asked += 1
        return min(self._asked, self._most)


def test_a_demo_waits_for_slow_workers_as_long_as_they_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine it once gave up 90 s after the last event, while the workers were answering."""
    monkeypatch.setattr(demo, "_PATIENCE_SECONDS", 0.3)
    slow, progress = Answering(20), Progress(disable=True)
    demo._wait_for(slow, 20, progress, progress.add_task(""))
    assert slow.count == 20


def test_a_demo_gives_up_on_workers_that_answer_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "_PATIENCE_SECONDS", 0.3)
    progress, before = Progress(disable=True), time.monotonic()
    demo._wait_for(Answering(5), 20, progress, progress.add_task(""))
    assert time.monotonic() >= before + 0.3
