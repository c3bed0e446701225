"""`parcel-events`: what carriers send."""

from functools import cache
from hashlib import sha256

from msgspec import Struct

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.wire.contract import Contract
from tidewaiter.wire.identity import Named, misplaced
from tidewaiter.wire.malformed import Malformed


class Decoded(Struct, frozen=True, gc=False):
    """An event and what identifies the very bytes that were screened: 32 hex digits of their SHA-256."""

    event: ParcelEvent
    digest: str


def decode(value: bytes) -> Decoded | Malformed:
    """The event that the bytes of a record say, or why they say none. Never raises on any bytes."""
    event = _contract().read(value)
    if isinstance(event, Malformed):
        return event
    return Decoded(event, digest_of(value))


def digest_of(value: bytes) -> str:
    """The first half of the SHA-256 of a payload, in hex."""
    return sha256(value).hexdigest()[:32]


def key_problem(key: bytes | None, event: ParcelEvent) -> Malformed | None:
    """None if the record's key is ``carrier|hawb`` of its body, as it must be."""
    if key == event.key.encode():
        return None
    return misplaced(key, Named(event.source_carrier, event.hawb, event.message_seq, event.event_id))


@cache
def _contract() -> Contract[ParcelEvent]:
    return Contract("parcel-events.v1", ParcelEvent)
