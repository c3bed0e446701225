"""`hold-orders`: what the inspection is told, with all the evidence and the declaration as it came."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Any

import orjson

from tidewaiter.domain.decision import Decision
from tidewaiter.domain.evidence import IdentifierHit, PartyHit
from tidewaiter.domain.finding import Finding
from tidewaiter.domain.hold import Hold
from tidewaiter.wire.contract import MEBIBYTE, Contract
from tidewaiter.wire.document import parsed
from tidewaiter.wire.hold_order import HoldOrder, OrderStatus
from tidewaiter.wire.instant import DUMP_OPTIONS, from_ms, ms_between, utc
from tidewaiter.wire.malformed import Malformed

# A record of the topic may have 1 MiB with its key and headers; a declaration alone may have as much.
MAX_BYTES = 1_000_000
_LEVELS_MOST = 254
_VALUE_LENGTH = 500
_EXCEPTED_LENGTH = 2_000
_REASON_LENGTH = 8000
_LAST_PRIORITY = 5
# 0.4 kB each, and each of a message's 999 makers may match a dozen entries: 6 MB, which no topic takes.
_HITS_MOST = 500
# Of identifiers, and of what a hold rests on, so many are shown. Thousands of entries may have one phone
# on a list, and all of them count: an order with them could not be read.
_IDENTIFIERS_MOST = 500
_BASIS_MOST = 200
_PROGRAMS_MOST = 20
# Of rules, of which a bundle may have thousands.
_REASONS_MOST = 500
_RULES_MOST = 100


def encode(
    decision: Decision, decided_at_ms: int, trace_id: str, parcel: bytes | None, status: OrderStatus = "OPEN"
) -> bytes:
    """The record's value, at most ``MAX_BYTES`` unless the findings alone are larger. Deterministic.

    ``parcel`` is the payload of the declaration in force, byte for byte, None if none could be read. A
    WITHDRAWN order takes the parcel out of the queue.
    """
    order = _order(decision, decided_at_ms, trace_id) | {"status": status}
    if parcel is None:
        return orjson.dumps(order, option=DUMP_OPTIONS)
    whole = orjson.dumps(order | {"parcel": orjson.Fragment(parcel)}, option=DUMP_OPTIONS)
    if len(whole) <= MAX_BYTES and _is_readable(whole, parcel):
        return whole
    omitted = {"size": len(parcel), "sha256": sha256(parcel).hexdigest()}
    return orjson.dumps(order | {"parcel_omitted": omitted}, option=DUMP_OPTIONS)


def _is_readable(whole: bytes, parcel: bytes) -> bool:
    """False where a declaration of 254 levels, the most that is read, makes the order one of 255."""
    is_flat = parcel.count(b"{") + parcel.count(b"[") < _LEVELS_MOST
    return is_flat or not isinstance(parsed(whole), Malformed)


def decode(value: bytes) -> HoldOrder | Malformed:
    """The order that a record says, checked against the published schema."""
    return _contract().read(value)


def priority(decision: Decision) -> int:
    """1 is looked at first: the gravest open hold counts; 5 when there is none."""
    gravest = max((hold.severity for hold in decision.holds), default=1)
    return _LAST_PRIORITY + 1 - gravest


def _order(decision: Decision, decided_at_ms: int, trace_id: str) -> dict[str, Any]:
    versions = decision.versions
    return answer(decision) | {
        "priority": priority(decision),
        "decision": decision.outcome,
        "disposition": decision.disposition,
        "public_reason": decision.public_reason,
        "officer_reason": decision.officer_reason[:_REASON_LENGTH],
        "holds": [_hold(hold) for hold in decision.holds],
        "score": decision.score,
        "score_band": decision.score_band,
        "reasons": [_reason(finding) for finding in _gravest(decision.findings)],
        "hits": [_hit(found) for found in _foremost(decision.hits)],
        "identifiers": [_identifier(found) for found in decision.identifiers[:_IDENTIFIERS_MOST]],
        "policy_version": versions.policy,
        "policy_rows": decision.policy_rows,
        "rules_version": versions.ruleset,
        "watchlist_generation": versions.generation,
        "watchlist_versions": dict(versions.lists),
        "degraded": decision.is_degraded,
        "degraded_components": decision.degraded_components,
        "event_time": utc(decision.event_time),
        "decided_at": from_ms(decided_at_ms),
        "latency_ms": ms_between(decision.event_time, decided_at_ms),
        "trace_id": trace_id,
        "sampled_control": decision.is_control_sample,
    }


def answer(decision: Decision) -> dict[str, Any]:
    """Which decision it is, on which message of which parcel."""
    return {
        "decision_id": decision.decision_id,
        "supersedes": decision.supersedes,
        "event_id": decision.event_id,
        "source_carrier": decision.carrier,
        "hawb": decision.hawb,
        "message_seq": decision.message_seq,
    }


def _hold(hold: Hold) -> dict[str, Any]:
    line = {
        "code": hold.code,
        "family": hold.family,
        "rule_ids": hold.rule_ids[:_RULES_MOST],
        "severity": hold.severity,
        "removable_by": hold.removable_by,
        "placed_at": utc(hold.placed_at),
        "basis": hold.basis[:_BASIS_MOST],
    }
    if hold.expires_at is not None:
        line["expires_at"] = utc(hold.expires_at)
    return line


def _gravest(findings: tuple[Finding, ...]) -> Sequence[Finding]:
    """The findings but for rules in shadow, and on habits that nobody has learned; of too many those first
    that hold."""
    told = [one for one in findings if one.mode == "enforce" and not one.is_unlearned]
    if len(told) <= _REASONS_MOST:
        return told
    return sorted(told, key=lambda finding: not finding.holds)[:_REASONS_MOST]


def _foremost(hits: tuple[PartyHit, ...]) -> Sequence[PartyHit]:
    """The hits, of too many those first that hold."""
    if len(hits) <= _HITS_MOST:
        return hits
    return sorted(hits, key=lambda found: not found.hit.holds)[:_HITS_MOST]


def _hit(found: PartyHit) -> dict[str, Any]:
    """An entry that a party's name matched: by which words, and what speaks for and against it."""
    hit = found.hit
    return {
        "role": found.role,
        "list": hit.list,
        "entry_id": hit.entry_id,
        "entry_name": hit.entry_name,
        "alias": hit.alias,
        "score": round(hit.score, 4),
        "programs": hit.programs[:_PROGRAMS_MOST],
        "tokens": [
            {"query": t.query, "entry": t.entry, "relation": t.relation, "similarity": round(t.similarity, 4)}
            for t in hit.tokens
        ],
        "corroborated": hit.corroborated,
        "contradicted": hit.contradicted,
        "holds": hit.holds,
        "excepted": hit.excepted,
    }


def _identifier(found: IdentifierHit) -> dict[str, Any]:
    """A listed identifier that a party carries."""
    return {
        "role": found.role,
        "kind": found.kind,
        "list": found.list,
        "entry_id": found.entry_id,
        "entry_name": found.entry_name,
        "programs": found.programs[:_PROGRAMS_MOST],
    }


def _reason(finding: Finding) -> dict[str, Any]:
    line = finding_line(finding) | {
        "unavailable": finding.is_unavailable,
        "basis": finding.basis[:_BASIS_MOST],
    }
    return line | {"excepted": finding.excepted[:_EXCEPTED_LENGTH]} if finding.excepted else line


def finding_line(finding: Finding) -> dict[str, Any]:
    """What a rule found, and the facts that it read, with their values as they may be shown."""
    return {
        "rule_id": finding.rule_id,
        "title": finding.title,
        "hold_code": finding.code,
        "holds": finding.holds,
        "weight": finding.weight,
        "severity": finding.severity,
        "evidence": [
            {"field": seen.fact, "value_masked": seen.value[:_VALUE_LENGTH]} for seen in finding.seen
        ],
    }


@cache
def _contract() -> Contract[HoldOrder]:
    return Contract("hold-orders.v1", HoldOrder, max_bytes=2 * MEBIBYTE)
