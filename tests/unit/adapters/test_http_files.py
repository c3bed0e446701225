"""Fetching: from a server that misbehaves a file comes whole or not at all."""

import gzip
import hashlib
import itertools
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tidewaiter.adapters import http_files
from tidewaiter.adapters.http_files import Fetched, FetchFailed, Limits, fetch_together

LIST = b"name,phone\nInes Harbor,+17753220000\n" * 100
QUICK = Limits(timeout_seconds=0.5, deadline_seconds=1.0, most_bytes=10_000)

Reply = Callable[[BaseHTTPRequestHandler], None]


class Publisher:
    """A server on loopback that answers as the test says, and notes what it was asked."""

    def __init__(self) -> None:
        self.reply: Reply = whole
        self.asked: list[dict[str, str]] = []
        self.paths: list[str] = []
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                publisher.asked.append(dict(self.headers))
                publisher.paths.append(self.path)
                publisher.reply(self)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}/list.csv"
        self.thread = threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def answered(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def whole(handler: BaseHTTPRequestHandler) -> None:
    if handler.headers["If-None-Match"] == '"v1"':
        answered(handler, 304, b"", ETag='"v1"')
    else:
        answered(
            handler,
            200,
            LIST,
            Content_Length=str(len(LIST)),
            ETag='"v1"',
            Last_Modified="Tue, 24 Nov 2026 00:00:00 GMT",
        )


def cut(handler: BaseHTTPRequestHandler) -> None:
    answered(handler, 200, LIST[:500], Content_Length=str(len(LIST)))


def cut_chunks(handler: BaseHTTPRequestHandler) -> None:
    handler.protocol_version = "HTTP/1.1"
    answered(handler, 200, b"ff\r\n" + LIST[:100], Transfer_Encoding="chunked")


def dropped(handler: BaseHTTPRequestHandler) -> None:
    handler.connection.close()


def empty(handler: BaseHTTPRequestHandler) -> None:
    answered(handler, 200, b"", Content_Length="0")


def huge(handler: BaseHTTPRequestHandler) -> None:
    answered(handler, 200, b"x" * 20_000)


def missing(handler: BaseHTTPRequestHandler) -> None:
    answered(handler, 404, b"<html>no</html>")


def unchanged(handler: BaseHTTPRequestHandler) -> None:
    answered(handler, 304, b"")


def away(handler: BaseHTTPRequestHandler) -> None:
    answered(handler, 503, b"later")


def silent(_handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.0)


def dripping(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, each within the timeout of a read: only the deadline of the whole ends it."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(30):
        try:
            handler.wfile.write(b"x")
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.1)


def dripping_head(handler: BaseHTTPRequestHandler) -> None:
    """So, before any of the body, until the line is cut."""
    for sign in itertools.chain(b"HTTP/1.1 200 OK\r\nX-A: ", itertools.repeat(ord("a"))):
        try:
            handler.wfile.write(bytes((sign,)))
            handler.wfile.flush()
        except OSError:
            return
        time.sleep(0.1)


def circling(handler: BaseHTTPRequestHandler) -> None:
    answered(handler, 302, b"", Location="/list.csv")


def astray(handler: BaseHTTPRequestHandler) -> None:
    answered(handler, 302, b"", Location="http://[::1/list.csv")


def packed(handler: BaseHTTPRequestHandler) -> None:
    answered(handler, 200, gzip.compress(LIST), Content_Encoding="gzip")


def nonsense(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"SSH-2.0-nonsense\r\n")


def fetch(
    address: str, target: Path, limits: Limits = QUICK, clock: Callable[[], float] = time.time
) -> Fetched:
    (fetched,) = fetch_together({target: address}, limits, clock)
    return fetched


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    found = Publisher()
    yield found
    found.stop()


def test_file_is_fetched_whole_with_its_origin(publisher: Publisher, tmp_path: Path) -> None:
    target = tmp_path / "own" / "list.csv"
    fetched = fetch(publisher.address, target, clock=lambda: 1_000.0)
    assert target.read_bytes() == LIST
    assert fetched.is_new
    assert fetched.origin.sha256 == hashlib.sha256(LIST).hexdigest()
    assert (fetched.origin.etag, fetched.origin.fetched_at) == ('"v1"', 1_000.0)


def test_unchanged_file_is_asked_for_by_its_tags_and_not_sent_again(
    publisher: Publisher, tmp_path: Path
) -> None:
    target = tmp_path / "list.csv"
    fetch(publisher.address, target, clock=lambda: 1_000.0)
    again = fetch(publisher.address, target, clock=lambda: 2_000.0)
    assert publisher.asked[1]["If-None-Match"] == '"v1"'
    assert publisher.asked[1]["If-Modified-Since"] == "Tue, 24 Nov 2026 00:00:00 GMT"
    assert not again.is_new
    assert again.origin.fetched_at == 2_000.0


def test_file_that_was_changed_here_is_fetched_anew(publisher: Publisher, tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    fetch(publisher.address, target)
    target.write_bytes(b"half")
    assert fetch(publisher.address, target).path.read_bytes() == LIST


def test_file_that_was_removed_here_is_fetched_anew(publisher: Publisher, tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    fetch(publisher.address, target)
    target.unlink()
    assert fetch(publisher.address, target).path.read_bytes() == LIST


def test_file_that_came_from_another_address_is_fetched_anew(publisher: Publisher, tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    fetch(publisher.address, target)
    fetch(f"{publisher.address}?format=csv", target)
    assert "If-None-Match" not in publisher.asked[1]
    assert publisher.paths == ["/list.csv", "/list.csv?format=csv"]


@pytest.mark.parametrize("note", [b"", b"{", b'{"address": "\xff"}'])
def test_file_whose_origin_cannot_be_read_is_fetched_anew(
    publisher: Publisher, tmp_path: Path, note: bytes
) -> None:
    fetch(publisher.address, tmp_path / "list.csv")
    (tmp_path / ".list.csv.origin.json").write_bytes(note)
    assert fetch(publisher.address, tmp_path / "list.csv").is_new


def test_same_content_without_tags_is_not_new(publisher: Publisher, tmp_path: Path) -> None:
    publisher.reply = lambda handler: answered(handler, 200, LIST)
    fetch(publisher.address, tmp_path / "list.csv")
    assert not fetch(publisher.address, tmp_path / "list.csv").is_new


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (cut, "500 bytes, expected the 3600"),
        (cut_chunks, "IncompleteRead"),
        (dropped, "closed connection|reset"),
        (empty, "empty"),
        (huge, "more than 10000 bytes"),
        (missing, "answered 404"),
        (unchanged, "answered 304"),
        (away, "answered 503"),
        (silent, "timed out"),
        (dripping, "bytes in 1 s"),
        (dripping_head, "no answer in 1 s"),
        (circling, "sent on more than 5 times"),
        (astray, "Invalid IPv6 URL"),
        (packed, "sent as gzip, expected it plain"),
        (nonsense, "SSH-2.0"),
    ],
)
def test_misbehaving_server_leaves_the_old_file(
    publisher: Publisher, tmp_path: Path, reply: Reply, reason: str
) -> None:
    target = tmp_path / "list.csv"
    target.write_bytes(b"the old list")
    publisher.reply = reply
    with pytest.raises(FetchFailed, match=reason) as failed:
        fetch(publisher.address, target)
    assert publisher.address in str(failed.value)
    assert "\n" not in str(failed.value)
    assert target.read_bytes() == b"the old list"
    assert [path.name for path in tmp_path.iterdir()] == ["list.csv"]


def test_files_of_one_source_are_put_in_place_together_or_not_at_all(
    publisher: Publisher, tmp_path: Path
) -> None:
    first, second = tmp_path / "sdn.csv", tmp_path / "alt.csv"
    fetch_together({first: publisher.address, second: publisher.address}, QUICK)
    new = LIST + b"one more\n"
    publisher.reply = lambda handler: (
        answered(handler, 200, new) if handler.path == "/list.csv" else missing(handler)
    )
    with pytest.raises(FetchFailed, match="answered 404"):
        fetch_together({first: publisher.address, second: f"{publisher.address}.gone"}, QUICK)
    assert (first.read_bytes(), second.read_bytes()) == (LIST, LIST)
    assert len(list(tmp_path.iterdir())) == 4
    found = fetch_together({first: publisher.address, second: publisher.address}, QUICK)
    assert [one.is_new for one in found] == [True, True]
    assert (first.read_bytes(), second.read_bytes()) == (new, new)


@pytest.mark.parametrize("address", ["ftp://example.com/a", "file:///etc/passwd", "nonsense", "http://"])
def test_address_of_another_kind_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(FetchFailed, match="expected an http or https address"):
        fetch(address, tmp_path / "list.csv")


@pytest.mark.parametrize(
    "address", ["http://[::1", "http://localhost:99999/a", "http://127.0.0.1:1/caf\xe9", "http://a..b/"]
)
def test_address_that_is_none_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(FetchFailed):
        fetch(address, tmp_path / "list.csv")


def test_server_that_is_away_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="refused"):
        fetch("http://127.0.0.1:1/list.csv", tmp_path / "list.csv")


class Proven(HTTPConnection):
    """A connection to a server that has been proven, as that of the test's cannot be."""

    def __init__(self, host: str, port: int, timeout: float, context: ssl.SSLContext) -> None:
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        super().__init__(host, port, timeout=timeout)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_server_that_was_proven_may_send_on_to_another_that_will_be_alone(
    publisher: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    monkeypatch.setattr(http_files, "HTTPSConnection", Proven)
    moved = publisher.address.replace("http:", f"{scheme}:")
    publisher.reply = lambda handler: (
        whole(handler) if handler.path == "/list.csv" else answered(handler, 302, b"", Location=moved)
    )
    address = publisher.address.replace("http:", "https:") + "?latest"
    if scheme == "http":
        with pytest.raises(FetchFailed, match=f"sent on to {publisher.address}, expected https"):
            fetch(address, tmp_path / "list.csv")
    else:
        assert fetch(address, tmp_path / "list.csv").path.read_bytes() == LIST


def test_server_that_cannot_be_proven_is_refused(publisher: Publisher, tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="SSL"):
        fetch(publisher.address.replace("http:", "https:"), tmp_path / "list.csv")
