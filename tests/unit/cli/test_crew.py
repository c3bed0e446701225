"""N workers on one machine: a fallen one is started again, unless starting again mends nothing."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import pytest

from tidewaiter.cli.crew import Crew

Play = Callable[[str], Path]


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Makes a shell script the program of every worker; $5 is its slot. Returns a directory of its own."""

    def write(script: str) -> Path:
        program = tmp_path / "worker"
        program.write_text(f"#!/bin/sh\ncd {tmp_path}\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(program))
        monkeypatch.setattr("tidewaiter.cli.crew._RESTART_SECONDS", 0.05)
        return tmp_path

    return write


def started(workers: int, log: Path | None = None) -> Crew:
    crew = Crew(workers, log=log)
    crew.start()
    return crew


LISTENS = "trap 'exit 0' TERM"
WAITS = f"{LISTENS}; while :; do sleep 0.05; done"


@pytest.mark.parametrize("code", [1, 3])
def test_a_fallen_worker_is_started_again_in_its_slot(play: Play, code: int) -> None:
    """3: a worker whose transaction was open for too long is fenced, though nobody else has its slot."""
    falls = f'[ "$5" = 1 ] && mkdir fell 2>/dev/null && exit {code}'
    marks = play(f'{LISTENS}; echo "$5" >> starts; {falls}; {WAITS}')
    crew = started(2)
    ending = Thread(target=crew.wait)
    ending.start()
    until = time.monotonic() + 10
    while (marks / "starts").exists() is False or len((marks / "starts").read_text().split()) < 3:
        assert time.monotonic() < until
        time.sleep(0.05)
    crew.stop()
    ending.join(10)
    assert sorted((marks / "starts").read_text().split()) == ["0", "1", "1"]
    assert [process.returncode for process in crew.processes] == [0, 0]


@pytest.mark.parametrize(("code", "starts"), [(2, 1), (3, 2)])
def test_what_starting_again_does_not_mend_ends_the_whole_crew(
    play: Play, capfd: pytest.CaptureFixture[str], code: int, starts: int
) -> None:
    """2: its settings or topics were refused; 3: another worker has its slot, and fences it each time."""
    marks = play(f'[ "$5" = 0 ] && echo >> starts && exit {code}; {WAITS}')
    assert started(2).wait() == code
    assert (marks / "starts").read_text().count("\n") == starts
    assert capfd.readouterr().err == f"tidewaiter: worker 0 ended with code {code}\n" * starts


def test_a_worker_that_is_fenced_now_and_then_is_started_each_time(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidewaiter.cli.crew._FENCED_AGAIN_SECONDS", 0.0)
    marks = play('echo >> starts; [ "$(wc -l < starts)" = 4 ] && exit 2; exit 3')
    assert started(1).wait() == 2
    assert (marks / "starts").read_text().count("\n") == 4


def test_a_worker_that_does_not_end_is_killed_after_a_while(
    play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    play("trap '' TERM; while :; do sleep 0.05; done")
    monkeypatch.setattr("tidewaiter.cli.crew._DRAIN_SECONDS", 0.3)
    crew = started(1)
    time.sleep(0.2)
    crew.stop()
    assert crew.wait() == 9


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent was killed")
def test_workers_are_told_to_drain_when_their_crew_is_killed(play: Play, tmp_path: Path) -> None:
    python = sys.executable
    play("trap 'echo told >> told; exit 0' TERM; echo began >> began; while :; do sleep 0.05; done")
    plays = f"import sys; sys.executable = {sys.executable!r}"
    runs = "from tidewaiter.cli.crew import run_crew; run_crew(1)"
    with subprocess.Popen([python, "-c", f"{plays}; {runs}"]) as crew:
        wait_for(tmp_path / "began")
        crew.kill()
    wait_for(tmp_path / "told")


def wait_for(file: Path) -> None:
    until = time.monotonic() + 30
    while not file.exists():
        assert time.monotonic() < until, file.name
        time.sleep(0.05)


def test_the_log_of_all_workers_goes_where_it_is_wanted(play: Play, tmp_path: Path) -> None:
    play('echo "I am $5" >&2; exit 2')
    started(1, log=tmp_path / "workers.log").wait()
    assert (tmp_path / "workers.log").read_text() == "I am 0\n"


def test_a_crew_asked_to_stop_while_it_starts_leaves_no_worker_running(play: Play) -> None:
    play(WAITS)
    crew = Crew(2)
    crew.stop()
    crew.start()
    assert crew.wait() in (0, signal.SIGTERM), "told before or after it set its trap"
    assert all(process.returncode is not None for process in crew.processes)
