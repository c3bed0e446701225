"""Messages of the simulated stream, and the labels that tell the truth about some of them."""

from datetime import datetime
from typing import Final

import orjson
from msgspec import Struct

from tidewaiter.simulate.places import Fields
from tidewaiter.simulate.planted.draft import Truth

_SCHEMA_VERSION: Final = "1.0"


class Label(Struct, frozen=True):
    """The truth about one event; see ``planted.draft.Truth`` for what the codes mean."""

    event_id: str
    hawb: str
    carrier: str
    truth: Truth

    def line(self) -> bytes:
        """A line of the labels file (NDJSON)."""
        truth = self.truth
        return orjson.dumps(
            {
                "event_id": self.event_id,
                "hawb": self.hawb,
                "carrier": self.carrier,
                "case": truth.case,
                "family": truth.family,
                "expected_codes": truth.expected_codes,
                "must_hold": truth.must_hold,
                "innocent": truth.innocent,
                "group": truth.group,
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )


class Message(Struct, frozen=True):
    """One record of ``parcel-events``; ``label`` is None for ordinary traffic."""

    key: bytes
    value: bytes
    at: datetime
    event_id: str
    event_type: str
    label: Label | None = None


def message(
    at: datetime, event_type: str, seq: int, declaration: Fields, truth: Truth | None = None
) -> Message:
    """The record of an event (``at`` is UTC) about a declaration, or about what later events say of it."""
    carrier, hawb = str(declaration["source_carrier"]), str(declaration["hawb"])
    event_id = f"{carrier}-{hawb}-{seq}"
    event = {
        "event_id": event_id,
        "event_type": event_type,
        "event_time": f"{at.isoformat(timespec='milliseconds')[:-6]}Z",
        "schema_version": _SCHEMA_VERSION,
        "message_seq": seq,
        **declaration,
    }
    label = Label(event_id, hawb, carrier, truth) if truth else None
    return Message(f"{carrier}|{hawb}".encode(), orjson.dumps(event), at, event_id, event_type, label)
