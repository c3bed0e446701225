"""Headers of every record: CloudEvents, W3C trace context, and which record was answered."""

import re
from hashlib import blake2b

from msgspec import Struct

Headers = tuple[tuple[str, bytes], ...]

ID, TYPE, SOURCE, TIME = "ce_id", "ce_type", "ce_source", "ce_time"
SPECVERSION, TRACEPARENT = "ce_specversion", "traceparent"
CAUSE = "tw_source"
# Of the lane: the decision that a record got before, and the key of one that could not be read where that
# brought it to another worker than its parcel's. An answer to the lane says by VIA that it is one.
DEGRADED_DECISION, LANE_KEY, VIA = "tw_degraded_decision", "tw_key", "tw_via"
SCREENER = "/tidewaiter/screener"
INSIGHT = "/tidewaiter/insight"

DECISION_TYPE = "tidewaiter.parcel-decision.v1"
HOLD_ORDER_TYPE = "tidewaiter.hold-order.v1"
DEAD_LETTER_TYPE = "tidewaiter.dead-letter.v1"
SHADOW_FINDINGS_TYPE = "tidewaiter.shadow-findings.v1"
SURGE_ALERT_TYPE = "tidewaiter.surge-alert.v1"
PARCEL_EVENT_TYPE = "tidewaiter.parcel-event.v1"

_SPECVERSION_HEADER = (SPECVERSION, b"1.0")
# https://www.w3.org/TR/trace-context/: versions after 00 may add fields; ff is no version.
_TRACEPARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_NO_TRACE, _NO_SPAN = b"0" * 32, b"0" * 16


class Envelope(Struct, frozen=True, kw_only=True, gc=False):
    """What the headers of one record say.

    ``time`` is RFC 3339 in UTC. ``cause`` is topic/partition/offset of the record that it answers.
    """

    id: str
    type: str
    source: str
    time: str
    traceparent: str
    cause: str = ""


def encode(envelope: Envelope) -> Headers:
    """The headers of a record, in a fixed order, so that a record that comes again has the same bytes."""
    always = (
        (ID, envelope.id.encode()),
        (TYPE, envelope.type.encode()),
        (SOURCE, envelope.source.encode()),
        (TIME, envelope.time.encode()),
        _SPECVERSION_HEADER,
        (TRACEPARENT, envelope.traceparent.encode()),
    )
    return (*always, (CAUSE, envelope.cause.encode())) if envelope.cause else always


def cause_in(headers: Headers) -> str:
    """The record that an answer with these headers answers; "" if they do not say, whoever wrote them."""
    return (dict(headers).get(CAUSE) or b"").decode(errors="replace")


def continued(parent: bytes | None, seed: str) -> str:
    """The traceparent of what answers a record: its trace if it has a valid one, else one made from the seed.

    The same parent and seed (a decision_id, an offset) give the same trace and span, on every replay.
    """
    derived = blake2b(seed.encode(), digest_size=24).hexdigest()
    match = _TRACEPARENT.fullmatch(parent or b"")
    if match is None or match[1] == _NO_TRACE or match[2] == _NO_SPAN:
        return f"00-{derived[:32]}-{derived[32:]}-01"
    return f"00-{match[1].decode()}-{derived[32:]}-{match[3].decode()}"


def trace_id_of(traceparent: str) -> str:
    """The trace that a traceparent made by `continued` belongs to: 32 hex digits."""
    return traceparent[3:35]


def place_name(topic: str, partition: int, offset: int) -> str:
    """Where a record lies, as ``tw_source`` says it: topic/partition/offset."""
    return f"{topic}/{partition}/{offset}"
