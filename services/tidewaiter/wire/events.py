"""`parcel-events`: what carriers send."""

from functools import cache
from hashlib import sha256

from msgspec import Struct

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.wire.contract import Contract
from tidewaiter.wire.malformed import Malformed, described


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
    """None if the record's key is ``carrier|hawb`` of its body, as it must be.

    The key chooses the partition and with it the one worker that may decide the parcel: under another
    key two workers would.
    """
    expected = event.key
    if key == expected.encode():
        return None
    return Malformed(
        stage="key",
        field="key",
        found=_key_found(key),
        expected=described(expected),
        carrier=event.source_carrier,
        hawb=event.hawb,
        message_seq=event.message_seq,
        event_id=event.event_id,
    )


def _key_found(key: bytes | None) -> str:
    if key is None:
        return "no key"
    return described(key.decode(errors="replace"))


@cache
def _contract() -> Contract[ParcelEvent]:
    return Contract("parcel-events.v1", ParcelEvent)
