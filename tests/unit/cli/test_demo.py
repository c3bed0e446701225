"""`tidewaiter demo` before anything is streamed: what it does when its workers do not come up."""

import sys
from pathlib import Path
from threading import Thread

import pytest

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
