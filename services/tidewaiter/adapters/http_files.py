"""Files from where they are published: whole or not at all, and sent again only when they changed.

Beside each file, ``.<file>.origin.json`` keeps its address, ETag, Last-Modified, checksum and time.
"""

import hashlib
import os
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urljoin, urlsplit

import msgspec
from msgspec import Struct

_CHUNK: Final = 65_536
_REDIRECTS: Final = 5
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_AGENT: Final = "tidewaiter-watchlists/1"


class FetchFailed(Exception):
    """A file that could not be had whole; the one from before stays. Its text is one line."""


class Limits(Struct, frozen=True):
    """``timeout_seconds`` is for each answer of the other side, ``deadline_seconds`` for a whole file."""

    timeout_seconds: float = 15.0
    deadline_seconds: float = 300.0
    most_bytes: int = 128 * 1024 * 1024


class Origin(Struct, frozen=True):
    """Where a file came from, and what the server said of it."""

    address: str
    sha256: str
    fetched_at: float
    etag: str = ""
    last_modified: str = ""


class Fetched(Struct, frozen=True):
    """A file in place. ``is_new`` is False when the server says, or the checksum, that it is the same."""

    path: Path
    origin: Origin
    is_new: bool


_LIMITS: Final = Limits()


def fetch_together(
    addresses: Mapping[Path, str], limits: Limits = _LIMITS, clock: Callable[[], float] = time.time
) -> tuple[Fetched, ...]:
    """Have each file hold what is published at its address (http or https). Blocks to the deadline for each.

    The files are written aside, flushed, and renamed once all are had: a reader sees old ones or new ones.
    Raises FetchFailed, and leaves all as they were, for an answer other than 200 or 304, one that is cut,
    empty, packed, too large, too slow, or from a server that cannot be reached or proven.
    """
    received: list[_Received] = []
    try:
        for target, address in addresses.items():
            with _failing(address):
                received.append(_received(address, target, limits, clock()))
        return tuple([_put(one) for one in received])
    finally:
        for one in received:
            if one.aside:
                one.aside.unlink(missing_ok=True)


@contextmanager
def _failing(address: str) -> Iterator[None]:
    """FetchFailed in place of what the network, the disk and http.client raise."""
    try:
        yield
    except (OSError, HTTPException, ValueError) as error:  # ValueError: no address
        reason = " ".join(str(error).split()) or type(error).__name__
        raise FetchFailed(f"{address}: {reason}") from error


def known_origin(target: Path, address: str) -> Origin | None:
    """What is known of ``target`` if it came from ``address`` and is still as it came."""
    note = _note(target)
    if not target.is_file() or not note.is_file():
        return None
    try:
        origin = msgspec.json.decode(note.read_bytes(), type=Origin)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    unchanged = hashlib.sha256(target.read_bytes()).hexdigest() == origin.sha256
    return origin if unchanged and origin.address == address else None


class _Terms(Struct, frozen=True):
    limits: Limits
    until: float
    now: float


class _Received(Struct, frozen=True):
    """A file that was had whole, in ``aside``; without that, one that is still as it was."""

    target: Path
    origin: Origin
    is_new: bool
    aside: Path | None = None


def _received(address: str, target: Path, limits: Limits, now: float) -> _Received:
    before = known_origin(target, address)
    terms = _Terms(limits, time.monotonic() + limits.deadline_seconds, now)
    connection, response, final = _answer(address, before, terms)
    try:
        if response.status == 304 and before is not None:
            return _Received(target, msgspec.structs.replace(before, fetched_at=now), is_new=False)
        if response.status != 200:
            raise FetchFailed(f"{final}: answered {response.status} {response.reason[:60]}, expected 200")
        if (packed := response.headers.get("Content-Encoding", "identity")).lower() != "identity":
            raise FetchFailed(f"{final}: sent as {packed[:20]}, expected it plain as it was asked for")
        return _stored(address, target, response, before, terms)
    finally:
        connection.close()


def _put(received: _Received) -> Fetched:
    with _failing(received.origin.address):
        if received.aside:
            received.aside.replace(received.target)
        _write_note(received.target, received.origin)
    return Fetched(received.target, received.origin, received.is_new)


def _answer(address: str, before: Origin | None, terms: _Terms) -> tuple[HTTPConnection, HTTPResponse, str]:
    """The final answer after redirections, which must not lead from https to http."""
    current = address
    for _ in range(_REDIRECTS + 1):
        parts = urlsplit(current)
        connection = _connection(parts, terms)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        response = _head_of(connection, path, _headers(before), terms)
        location = response.headers.get("Location")
        if response.status not in _MOVED or not location:
            return connection, response, current
        connection.close()
        moved = urljoin(current, location)
        if parts.scheme == "https" and urlsplit(moved).scheme != "https":
            raise FetchFailed(f"{address}: sent on to {moved[:80]}, expected https")
        current = moved
    raise FetchFailed(f"{address}: sent on more than {_REDIRECTS} times")


def _head_of(
    connection: HTTPConnection, path: str, headers: Mapping[str, str], terms: _Terms
) -> HTTPResponse:
    """The answer, of which nothing but its head is read. A timeout is for each byte, so that a head could
    take hours: at the deadline the line is cut."""
    connection.connect()
    cut = threading.Timer(max(0.0, terms.until - time.monotonic()), _hang_up, (connection,))
    cut.daemon = True
    cut.start()
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
    except (OSError, HTTPException):
        connection.close()
        _refuse_late(terms)
        raise
    finally:
        cut.cancel()
    _refuse_late(terms)
    return response


def _hang_up(connection: HTTPConnection) -> None:
    with suppress(OSError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _refuse_late(terms: _Terms) -> None:
    if time.monotonic() >= terms.until:
        raise TimeoutError(f"no answer in {terms.limits.deadline_seconds:g} s, expected its head at least")


def _connection(parts: SplitResult, terms: _Terms) -> HTTPConnection:
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchFailed(f"{parts.geturl()[:80]!r}: expected an http or https address")
    timeout = min(terms.limits.timeout_seconds, max(0.1, terms.until - time.monotonic()))
    if parts.scheme == "http":
        return HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    return HTTPSConnection(parts.hostname, parts.port, timeout=timeout, context=ssl.create_default_context())


def _headers(before: Origin | None) -> dict[str, str]:
    headers = {"User-Agent": _AGENT, "Accept-Encoding": "identity"}
    if before and before.etag:
        headers["If-None-Match"] = before.etag
    if before and before.last_modified:
        headers["If-Modified-Since"] = before.last_modified
    return headers


def _stored(
    address: str, target: Path, response: HTTPResponse, before: Origin | None, terms: _Terms
) -> _Received:
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            digest = _copied(address, response, file.write, terms)
            file.flush()
            os.fsync(file.fileno())
        headers = response.headers
        origin = Origin(address, digest, terms.now, headers.get("ETag", ""), headers.get("Last-Modified", ""))
        return _Received(target, origin, before is None or before.sha256 != digest, aside)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise


def _copied(address: str, response: HTTPResponse, write: Callable[[bytes], int], terms: _Terms) -> str:
    """Copy the body within the limits; its SHA-256. http.client notices a missing chunk, not a short body."""
    announced = response.headers.get("Content-Length")
    most, size, digest = terms.limits.most_bytes, 0, hashlib.sha256()
    while chunk := response.read1(_CHUNK):
        size += len(chunk)
        if size > most:
            raise FetchFailed(f"{address}: more than {most} bytes, expected at most that")
        if time.monotonic() > terms.until:
            raise FetchFailed(
                f"{address}: {size} bytes in {terms.limits.deadline_seconds:g} s, expected all of it"
            )
        digest.update(chunk)
        write(chunk)
    if announced is not None and announced.isdigit() and size != int(announced):
        raise FetchFailed(f"{address}: {size} bytes, expected the {announced} that were announced")
    if size == 0:
        raise FetchFailed(f"{address}: empty, expected a list")
    return digest.hexdigest()


def _note(target: Path) -> Path:
    return target.with_name(f".{target.name}.origin.json")


def _write_note(target: Path, origin: Origin) -> None:
    note = _note(target)
    aside = note.with_name(note.name + ".part")
    aside.write_bytes(msgspec.json.encode(origin))
    aside.replace(note)
