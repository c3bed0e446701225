"""`parcel-decisions`: what a carrier is told, which is never the rule or the list that decided."""

from datetime import datetime
from functools import cache

import orjson
from msgspec import Struct

from tidewaiter.domain.decision import Decision, Disposition, Outcome
from tidewaiter.wire.contract import Contract
from tidewaiter.wire.instant import DUMP_OPTIONS, from_ms, ms_between, utc
from tidewaiter.wire.malformed import Malformed


class PublicDecision(Struct, frozen=True, kw_only=True):
    """A decision as `parcel-decisions.v1` publishes it."""

    decision_id: str
    event_id: str
    source_carrier: str
    hawb: str
    message_seq: int
    supersedes: str
    decision: Outcome
    disposition: Disposition
    public_reason: str
    degraded: bool
    event_time: datetime
    decided_at: datetime
    latency_ms: int


def encode(decision: Decision, decided_at_ms: int) -> bytes:
    """The record's value. The same arguments give the same bytes: a repeated decision is byte-identical."""
    return orjson.dumps(
        {
            "decision_id": decision.decision_id,
            "event_id": decision.event_id,
            "source_carrier": decision.carrier,
            "hawb": decision.hawb,
            "message_seq": decision.message_seq,
            "supersedes": decision.supersedes,
            "decision": decision.outcome,
            "disposition": decision.disposition,
            "public_reason": decision.public_reason,
            "degraded": decision.is_degraded,
            "event_time": utc(decision.event_time),
            "decided_at": from_ms(decided_at_ms),
            "latency_ms": ms_between(decision.event_time, decided_at_ms),
        },
        option=DUMP_OPTIONS,
    )


def decode(value: bytes) -> PublicDecision | Malformed:
    """The decision that a record says, checked against the published schema."""
    return _contract().read(value)


@cache
def _contract() -> Contract[PublicDecision]:
    return Contract("parcel-decisions.v1", PublicDecision)
