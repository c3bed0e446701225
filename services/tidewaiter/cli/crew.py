"""N worker processes on one machine: started together, stopped together, a fallen one started again."""

import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from tidewaiter.cli.failing import REFUSED
from tidewaiter.cli.worker import FENCED
from tidewaiter.local.parent import ENDS_WITH_PARENT

_POLL_SECONDS = 0.2
_RESTART_SECONDS = 1.0
_DRAIN_SECONDS = 15.0
# The broker fences a worker, too, that stood still for 10 s with a transaction open: a paused machine, and
# nobody else in its slot. Where there is somebody, either fences the other when started, until one gives up.
_FENCED_AGAIN_SECONDS = 3_600.0


class Crew:
    """The processes of `tidewaiter screen --workers N`.

    Ends them all when one refuses what it was told (and has said so in one line), or when another worker has
    its slot: it was fenced, started again, and fenced again within the hour. On Linux they also drain and end
    when the crew itself is killed: none keeps a slot and a port that the next crew needs.
    """

    def __init__(
        self, workers: int, environment: Mapping[str, str] | None = None, log: Path | None = None
    ) -> None:
        self._environment = environment
        self._log: BinaryIO | None = log.open("ab") if log else None
        self._is_stopping = False
        self._cause = 0
        self._fenced_at: dict[int, float] = {}
        self.fallen: str = ""
        """Which worker ended last without being asked to, and how; empty while none has."""
        self._workers = workers
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """Start them all. Asked to stop meanwhile, it tells those, too, that had not begun yet."""
        for slot in range(self._workers):
            self.processes.append(self._started(slot))
        if self._is_stopping:
            self.stop()

    def _started(self, slot: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "tidewaiter", "screen", "--slot", str(slot)]
        return subprocess.Popen(command, env=self._environment, stderr=self._log, preexec_fn=ENDS_WITH_PARENT)

    def wait(self) -> int:
        """Keeps them running until stopped. The exit code: 0, or that of the first that did not end well."""
        while not self._is_stopping:
            time.sleep(_POLL_SECONDS)
            for slot, process in enumerate(self.processes):
                if process.poll() is not None and not self._is_stopping:
                    self._replace(slot, process.returncode)
        return self._drained()

    def stop(self) -> None:
        """Ask all to drain. Safe in a signal handler."""
        self._is_stopping = True
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)

    def _replace(self, slot: int, code: int) -> None:
        self.fallen = f"worker {slot} ended with code {code}"
        print(f"tidewaiter: {self.fallen}", file=sys.stderr)
        if code == REFUSED or (code == FENCED and self._is_fenced_again(slot)):
            # What the others are told to end for; one that is told before it listens ends with 15.
            self._cause = code
            self.stop()
            return
        time.sleep(_RESTART_SECONDS)
        if self._is_stopping:
            return
        self.processes[slot] = self._started(slot)
        # Asked to stop while it started: it was not among those that were told.
        if self._is_stopping:
            self.stop()

    def _is_fenced_again(self, slot: int) -> bool:
        now, before = time.monotonic(), self._fenced_at.get(slot)
        self._fenced_at[slot] = now
        return before is not None and now - before < _FENCED_AGAIN_SECONDS

    def _drained(self) -> int:
        deadline = time.monotonic() + _DRAIN_SECONDS
        for process in self.processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        codes = (self._cause, *(process.returncode for process in self.processes))
        return next((abs(code) for code in codes if code), 0)


def run_crew(workers: int) -> int:
    """Run until SIGTERM or SIGINT; returns the exit code."""
    crew = Crew(workers)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: crew.stop())
    crew.start()
    return crew.wait()
