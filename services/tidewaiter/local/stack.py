"""The embedded stack: everything outside of Python that Tidewaiter needs, for as long as a block lasts."""

import shutil
import tempfile
from pathlib import Path
from types import TracebackType

from tidewaiter.local.interrupts import uninterrupted
from tidewaiter.local.server import Launch, Server, ServerUnusable, free_port, listens
from tidewaiter.local.tansu import tansu
from tidewaiter.local.valkey import valkey


class EmbeddedStack:
    """A broker and a Redis on loopback, with nothing in them, gone when the block ends.

    Port 0 takes any free one. Entering blocks until both answer (0.5 s or so) and raises ServerUnusable
    with one line when one cannot be had: no binary for the platform, port in use, no answer in 30 s.
    Stopping ends exactly the processes that were started, also when the block ends by an exception or
    by KeyboardInterrupt.
    """

    def __init__(self, kafka_port: int = 0, redis_port: int = 0) -> None:
        self._kafka_port = kafka_port or free_port()
        self._redis_port = redis_port or free_port()
        self._directory = Path()
        self.servers: list[Server] = []

    @property
    def bootstrap_servers(self) -> str:
        """For clients of Kafka."""
        return f"127.0.0.1:{self._kafka_port}"

    @property
    def redis_url(self) -> str:
        """For clients of Redis."""
        return f"redis://127.0.0.1:{self._redis_port}/0"

    @property
    def directory(self) -> Path:
        """Where the servers keep their files; gone when the block ends."""
        return self._directory

    def __enter__(self) -> "EmbeddedStack":
        self._directory = Path(tempfile.mkdtemp(prefix="tidewaiter-"))
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def _start(self) -> None:
        for port in (self._kafka_port, self._redis_port):
            if listens(port):
                raise ServerUnusable(f"port {port} on 127.0.0.1 is in use: name another one")
        launches: tuple[Launch, ...] = (
            tansu(self._directory, self._kafka_port),
            valkey(self._directory, self._redis_port),
        )
        for launch in launches:
            with uninterrupted():
                self.servers.append(Server(launch))
        for server in self.servers:
            server.wait_until_it_answers()

    def _stop(self) -> None:
        for server in reversed(self.servers):
            server.stop()
        self.servers.clear()
        shutil.rmtree(self._directory, ignore_errors=True)
