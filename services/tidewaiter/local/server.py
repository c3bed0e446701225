"""One server process of our own on loopback: started, waited for by asking, stopped by its own pid."""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tidewaiter.local.parent import ENDS_WITH_PARENT

# From 32,768 on Linux, and 49,152 elsewhere, outgoing connections take ports for their own end.
_NOT_GIVEN_TO_CONNECTIONS: Final = range(10_000, 32_768)
_GRACE_SECONDS: Final = 10.0


class ServerUnusable(Exception):
    """A server cannot be started here; the message says which one and why, in one line."""


@dataclass(frozen=True)
class Launch:
    """How to start a server: its name for messages, its command line, and how to ask whether it answers.

    ``directory`` is where it runs and where its log goes (``<name>.log``). ``environment`` adds to ours.
    """

    name: str
    command: Sequence[str]
    directory: Path
    answers: Callable[[], bool]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.directory / f"{self.name}.log"


class Server:
    """A running server. It has a session of its own, so that Ctrl-C reaches our workers before it.

    On Linux it also ends when the thread that started it does, whatever way that is.
    """

    def __init__(self, launch: Launch) -> None:
        self._launch = launch
        try:
            with launch.log.open("ab") as log:
                self._process = subprocess.Popen(
                    launch.command,
                    cwd=launch.directory,
                    env={**os.environ, **launch.environment},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=ENDS_WITH_PARENT,
                )
        except OSError as error:
            raise ServerUnusable(f"{launch.name}: {launch.command[0]} cannot be started: {error}") from error

    @property
    def pid(self) -> int:
        """The process id of the server."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process.poll() is None

    def wait_until_it_answers(self, deadline_seconds: float = 30.0) -> None:
        """Ask until there is an answer; ServerUnusable when it dies or the deadline passes first."""
        until = time.monotonic() + deadline_seconds
        while not self._launch.answers():
            if not self.is_running:
                raise ServerUnusable(
                    f"{self._launch.name} ended with {self._process.returncode}: {self._last_words()}"
                )
            if time.monotonic() > until:
                self.stop()
                raise ServerUnusable(f"{self._launch.name} did not answer within {deadline_seconds:g} s")
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask it to end and see that it does. Idempotent."""
        if self.is_running:
            self._process.terminate()
        try:
            self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a crash would. Idempotent."""
        if self.is_running:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def _last_words(self) -> str:
        lines = self._launch.log.read_text(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else "it said nothing"


def free_port() -> int:
    """A loopback port that nobody listens on now, and that no connection takes before somebody does: the
    system gives those higher ones.
    """
    while True:
        port = secrets.choice(_NOT_GIVEN_TO_CONNECTIONS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def listens(port: int) -> bool:
    """Whether anybody accepts connections on that loopback port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
