"""A parcel's history as the store keeps it: one opaque, versioned, compressed blob."""

from collections.abc import Mapping
from types import MappingProxyType

import cramjam
import msgspec
from msgspec import Struct

from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.history import Declaration, Given, History, Unsettled, Version
from tidewaiter.domain.hold import Hold
from tidewaiter.domain.lookup import Kept
from tidewaiter.wire import actions

FORMAT = 1
# What no text begins with, and more than there will be.
_LATER_FORMATS = frozenset(number.to_bytes() for number in range(FORMAT + 1, 32))


class Unreadable(ValueError):
    """Bytes that are no history of any version."""


class _Blob(Struct, array_like=True, frozen=True, gc=False):
    """What of a history cannot be made anew. A declaration is kept as the payload alone, and read again.

    Events and actions are kept as JSON: msgpack turns times to UTC, and the offset of an arrival says
    on which day of the port it was.
    """

    versions: tuple[Version, ...]
    payload: bytes | None
    digest: str
    cancelled_seq: int
    arrival: bytes | None
    scan: bytes | None
    actions: tuple[bytes, ...]
    standing: tuple[Hold, ...]
    cleared: tuple[str, ...]
    unread: tuple[Hold, ...]
    open_holds: tuple[Hold, ...]
    given: dict[str, Given]
    last_decision_id: str
    was_ordered: bool
    unsettled: Unsettled | None = None
    unread_seq: int = -1
    shown: dict[str, tuple[str, ...]] = {}


_KEEP = msgspec.msgpack.Encoder()
_KEEP_EVENT = msgspec.json.Encoder()
_BLOB = msgspec.msgpack.Decoder(_Blob)
# Not strict, as everywhere after the schema: 3.0 is an integer to JSON Schema.
_EVENT = msgspec.json.Decoder(ParcelEvent, strict=False)
_ACTION = msgspec.json.Decoder(OfficerAction, strict=False)


def encode(history: History) -> bytes:
    """The blob: a byte for the format, then lz4 of msgpack, which is seven tenths of the bytes for 1.2 us."""
    return FORMAT.to_bytes() + bytes(cramjam.lz4.compress_block(_KEEP.encode(_blob(history))))


def kept(histories: Mapping[str, History], former: Mapping[str, bytes] = MappingProxyType({})) -> list[Kept]:
    """The histories as the store is given them, by ``carrier|hawb``, with the blobs that they came from."""
    return [
        Kept(key, encode(history), history.is_inspected, former.get(key))
        for key, history in histories.items()
    ]


def decode(blob: bytes) -> History:
    """The history in a blob that `encode` made.

    Raises Unreadable for bytes that are none, ValueError for one of a later version of this service, which
    can be read, but not here.
    """
    if blob[:1] != FORMAT.to_bytes():
        kind = ValueError if blob[:1] in _LATER_FORMATS else Unreadable
        raise kind(f"history: found format {blob[:1]!r}, expected {FORMAT.to_bytes()!r}")
    try:
        return _history(_BLOB.decode(bytes(cramjam.lz4.decompress_block(blob[1:]))))
    except (cramjam.DecompressionError, msgspec.DecodeError) as error:
        raise Unreadable(f"history: found {len(blob)} bytes that cannot be read: {error}") from error


def _blob(history: History) -> _Blob:
    declaration = history.declaration
    return _Blob(
        history.versions,
        declaration.payload if declaration else None,
        declaration.digest if declaration else "",
        history.cancelled_seq,
        _KEEP_EVENT.encode(history.arrival) if history.arrival else None,
        _KEEP_EVENT.encode(history.scan) if history.scan else None,
        tuple(actions.encode(action) for action in history.actions),
        history.standing,
        history.cleared,
        history.unread,
        history.open_holds,
        history.given,
        history.last_decision_id,
        history.was_ordered,
        history.unsettled,
        history.unread_seq,
        history.shown,
    )


def _history(kept: _Blob) -> History:
    return History(
        kept.versions,
        None if kept.payload is None else Declaration(_EVENT.decode(kept.payload), kept.payload, kept.digest),
        kept.cancelled_seq,
        None if kept.arrival is None else _EVENT.decode(kept.arrival),
        None if kept.scan is None else _EVENT.decode(kept.scan),
        tuple(_ACTION.decode(action) for action in kept.actions),
        kept.standing,
        kept.cleared,
        kept.unread,
        kept.open_holds,
        kept.given,
        kept.last_decision_id,
        kept.was_ordered,
        kept.unsettled,
        kept.unread_seq,
        kept.shown,
    )
