"""`parcel-events-dlq`: what could not be read, where it lay and why, with the bytes as they came."""

from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from hashlib import sha256
from typing import Any

import orjson
from msgspec import Struct

from tidewaiter.wire.contract import MEBIBYTE, Contract
from tidewaiter.wire.dead_letter import DeadLetter
from tidewaiter.wire.instant import DUMP_OPTIONS, from_ms
from tidewaiter.wire.malformed import Malformed

# An event may have a mebibyte, and a topic of its own takes two: base64 makes four bytes of three.
MAX_QUOTED_BYTES = MEBIBYTE
MAX_KEY_BYTES = 3072
MAX_HEADERS = 50
MAX_HEADER_BYTES = 3072
MAX_HEADER_NAME = 200
_REASON_LENGTH = 400


class Unread(Struct, frozen=True, kw_only=True, gc=False):
    """The record that could not be read, as it lay in the log. ``timestamp_ms`` is -1 where unknown."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    timestamp_ms: int = -1


def encode(record: Unread, malformed: Malformed) -> bytes:
    """The dead letter's value. Deterministic, so that a record set aside twice gives the same bytes.

    A value over ``MAX_QUOTED_BYTES`` is cut; its size and SHA-256 are those of the whole.
    """
    return orjson.dumps(
        {
            **_place(record),
            "stage": malformed.stage,
            "reason": malformed.reason[:_REASON_LENGTH],
            "field": malformed.field,
            "found": malformed.found,
            "expected": malformed.expected,
            **_parcel(malformed),
            **_original(record),
        },
        option=DUMP_OPTIONS,
    )


def decode(value: bytes) -> DeadLetter | Malformed:
    """The dead letter that a record says, checked against the published schema."""
    return _contract().read(value)


def _place(record: Unread) -> dict[str, Any]:
    place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
    known = record.timestamp_ms >= 0
    return {**place, "timestamp": from_ms(record.timestamp_ms)} if known else place


def _parcel(malformed: Malformed) -> dict[str, Any]:
    """Whose parcel it is, as far as could be read."""
    names = {
        "source_carrier": malformed.carrier or None,
        "hawb": malformed.hawb or None,
        "message_seq": malformed.message_seq,
    }
    return {name: value for name, value in names.items() if value is not None}


def _original(record: Unread) -> dict[str, Any]:
    value = record.value or b""
    original: dict[str, Any] = {
        "value_base64": _base64(value[:MAX_QUOTED_BYTES]),
        "value_size": len(value),
        "value_sha256": sha256(value).hexdigest(),
        "value_cut": len(value) > MAX_QUOTED_BYTES,
        "headers": list(_headers(record.headers)),
    }
    if record.key is not None:
        original["key_base64"] = _base64(record.key[:MAX_KEY_BYTES])
    return original


def _headers(headers: Iterable[tuple[str, bytes]]) -> Iterable[dict[str, str]]:
    for name, value in tuple(headers)[:MAX_HEADERS]:
        shown = _base64((value or b"")[:MAX_HEADER_BYTES])
        yield {"name": name[:MAX_HEADER_NAME], "value_base64": shown}


def _base64(content: bytes) -> str:
    return b64encode(content).decode()


@cache
def _contract() -> Contract[DeadLetter]:
    return Contract("dead-letter.v1", DeadLetter, max_bytes=2 * MEBIBYTE)
