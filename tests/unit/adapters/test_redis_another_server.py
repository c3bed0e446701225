"""A server that speaks Redis' protocol and is none is told of in one line, as one that is away is."""

import socketserver
import threading
from collections.abc import Iterator

import pytest
from redis.exceptions import RedisError
from typer.testing import CliRunner

from tidewaiter.adapters.redis_connection import RedisLine, impatient
from tidewaiter.cli import app

SAID = "HELLO is answered with b'OK', expected the fields of a Redis server"
URLS = ("redis://{}/0", "redis://user:password@{}/0", "redis+sentinel://{}/master")


class AlwaysOk(socketserver.StreamRequestHandler):
    """Each command is a line that begins with "*", and lines of its parts."""

    def handle(self) -> None:
        for line in self.rfile:
            if line.startswith(b"*"):
                self.wfile.write(b"+OK\r\n")


@pytest.fixture
def place() -> Iterator[str]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), AlwaysOk) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield "{}:{}".format(*server.server_address)
        server.shutdown()


@pytest.mark.parametrize("url", URLS)
def test_it_fails_as_redis_does_and_not_as_a_bug(place: str, url: str) -> None:
    with pytest.raises(RedisError, match=SAID):
        impatient(url.format(place), 5).ping()
    with pytest.raises(RedisError, match=SAID):
        RedisLine(url.format(place), 5).ask("PING")


@pytest.mark.parametrize("command", [("watchlists", "status"), ("rules", "history")], ids=" ".join)
def test_a_command_says_so_in_one_line(
    place: str, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEWAITER_REDIS_URL", URLS[0].format(place))
    result = CliRunner().invoke(app, command)
    assert (result.exit_code, result.stderr) == (2, f"tidewaiter: Redis: {SAID}\n")
