"""Whose parcel a record is about, read as far as it can be from a record that is refused otherwise."""

import re
from collections.abc import Mapping

from msgspec import Struct, structs

from tidewaiter.wire.malformed import Malformed, described

# The same as in parcel-events.v1 (a test compares them): only a name that could be a key is a name.
CARRIER = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$")
HAWB = re.compile(r"^[!-{}~]{1,35}$")
GREATEST_SEQUENCE = 2**31 - 1
_EVENT_ID_LENGTH = 64


class Named(Struct, frozen=True, gc=False):
    """The parcel that a readable record names, and its message."""

    carrier: str
    hawb: str
    message_seq: int | None = None
    event_id: str = ""


def misplaced(key: bytes | None, body: Named) -> Malformed:
    """The refusal of a record whose key is not ``carrier|hawb`` of its body.

    The key chooses the partition and with it the one worker that may decide the parcel: under another
    key two workers would.
    """
    return Malformed(
        stage="key",
        field="key",
        found="no key" if key is None else described(key.decode(errors="replace")),
        expected=described(f"{body.carrier}|{body.hawb}"),
        carrier=body.carrier,
        hawb=body.hawb,
        message_seq=body.message_seq,
        event_id=body.event_id,
    )


def identified(malformed: Malformed, document: Mapping[str, object]) -> Malformed:
    """The refusal with whatever of carrier, hawb, sequence and message id the document says well-formed."""
    return structs.replace(
        malformed,
        carrier=_text(document.get("source_carrier"), CARRIER),
        hawb=_text(document.get("hawb"), HAWB),
        message_seq=_sequence(document.get("message_seq")),
        event_id=_event_id(document.get("event_id", document.get("action_id"))),
    )


def named_by_key(malformed: Malformed, key: bytes | None) -> Malformed:
    """The refusal with the parcel that the record's key names, unless the record itself named one."""
    carrier, hawb = names_in(key)
    if malformed.names_a_parcel or not hawb:
        return malformed
    return structs.replace(malformed, carrier=carrier, hawb=hawb)


def names_in(key: bytes | None) -> tuple[str, str]:
    """Carrier and hawb of a key ``carrier|hawb``; two empty strings when it is not one."""
    try:
        carrier, _, hawb = (key or b"").decode("ascii").partition("|")
    except UnicodeDecodeError:
        return "", ""
    if CARRIER.fullmatch(carrier) and HAWB.fullmatch(hawb):
        return carrier, hawb
    return "", ""


def _text(value: object, pattern: re.Pattern[str]) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _sequence(value: object) -> int | None:
    is_sequence = type(value) is int and 0 <= value <= GREATEST_SEQUENCE
    return value if is_sequence and isinstance(value, int) else None


def _event_id(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= _EVENT_ID_LENGTH else ""
