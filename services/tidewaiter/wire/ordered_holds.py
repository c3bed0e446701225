"""What an order to the inspection still says of its parcel when the parcel's history is lost."""

from datetime import datetime

import msgspec
from msgspec import Struct

from tidewaiter.domain.hold import Hold


class OrderedHolds(Struct, frozen=True):
    """The holds that a decision left open, the sources without an answer, and the declaration's bytes."""

    decision_id: str
    holds: tuple[Hold, ...]
    degraded_components: tuple[str, ...]
    event_time: datetime
    parcel: msgspec.Raw = msgspec.Raw()
    message_seq: int = 0

    @property
    def was_blind(self) -> bool:
        """Whether it was decided without the parcel's history, and nothing remembered of it."""
        return "history" in self.degraded_components

    @property
    def declaration(self) -> bytes | None:
        """The payload of the declaration in force, byte for byte; None where there was none, or too large."""
        return bytes(self.parcel) or None


_decode = msgspec.json.Decoder(OrderedHolds, strict=False).decode


def decode(value: bytes) -> OrderedHolds | None:
    """What an order says; None for a record that is none. Not checked against the schema: it is our own."""
    try:
        return _decode(value)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
