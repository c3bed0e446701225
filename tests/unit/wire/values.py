"""Decisions, holds, findings and histories of any shape, for properties."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import strategies as st

from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.decision import Decision, Versions
from tidewaiter.domain.evidence import IdentifierHit, PartyHit
from tidewaiter.domain.finding import Finding, Seen
from tidewaiter.domain.hit import Hit, TokenMatch
from tidewaiter.domain.hold import Hold
from tidewaiter.domain.party import ROLES

CARRIER, HAWB = "FDX", "7712345678"

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC) | zones)
texts = st.text(max_size=12)
names = st.text("abcXYZ-/0:", min_size=1, max_size=12)
several_names = st.lists(names, max_size=3).map(tuple)
codes = st.sampled_from(["WL-NARC", "DOC-MISS", "TR-UFLPA", "ELG-AGG", "PGA-DATA", "SYS-STALE"])
identifiers = st.text("0123456789abcdef", min_size=32, max_size=32)
severities = st.integers(1, 5)
removers = st.sampled_from(["DATA", "OFFICER", "DEA"])

holds: st.SearchStrategy[Hold] = st.builds(
    Hold, codes, several_names, severities, removers, moments, several_names, st.none() | moments
)
findings: st.SearchStrategy[Finding] = st.builds(
    Finding,
    rule_id=names,
    title=texts,
    code=codes | st.just(""),
    mode=st.sampled_from(["enforce", "shadow"]),
    holds=st.booleans(),
    weight=st.integers(-50, 500),
    severity=severities,
    seen=st.lists(st.builds(Seen, names, texts), max_size=3).map(tuple),
    basis=several_names,
    is_unavailable=st.booleans(),
    is_unlearned=st.booleans(),
)
versions: st.SearchStrategy[Versions] = st.builds(
    Versions, names, names, st.integers(0, 10**9), st.dictionaries(names, names, max_size=3)
)
scores = st.floats(0, 1)
roles = st.sampled_from(ROLES)
hits: st.SearchStrategy[PartyHit] = st.builds(
    PartyHit,
    roles,
    st.builds(
        Hit,
        scores,
        names,
        names,
        texts,
        texts,
        several_names,
        st.lists(st.builds(TokenMatch, texts, texts, st.just("exact"), scores), max_size=2).map(tuple),
        st.sampled_from([(), ("country",)]),
        st.sampled_from([(), ("birth_date",)]),
        st.booleans(),
        texts,
    ),
)
listed_identifiers: st.SearchStrategy[IdentifierHit] = st.builds(
    IdentifierHit, roles, st.sampled_from(["phone", "email"]), names, names, texts, several_names
)


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    """A RELEASE without holds or a HOLD with some."""
    is_held = draw(st.booleans())
    held: dict[str, Any] = {
        "outcome": "HOLD" if is_held else "RELEASE",
        "disposition": draw(st.sampled_from(["1A", "RFI", "PGA", "SYS"])) if is_held else "1C",
        "holds": tuple(draw(st.lists(holds, min_size=1, max_size=3))) if is_held else (),
        "degraded_components": draw(several_names) if is_held else (),
    }
    return Decision(
        decision_id=draw(identifiers),
        event_id=draw(names),
        carrier=CARRIER,
        hawb=HAWB,
        message_seq=draw(st.integers(0, 10**6)),
        supersedes=draw(st.just("") | identifiers),
        score=draw(st.integers(0, 1000)),
        score_band=draw(names),
        findings=tuple(draw(st.lists(findings, max_size=3))),
        policy_rows=draw(several_names),
        versions=draw(versions),
        event_time=draw(moments),
        is_control_sample=draw(st.booleans()),
        hits=tuple(draw(st.lists(hits, max_size=2))),
        identifiers=tuple(draw(st.lists(listed_identifiers, max_size=2))),
        **held,
    )


@st.composite
def actions(draw: st.DrawFn) -> OfficerAction:
    """An action of any type with what its type demands."""
    demanded: dict[str, Any] = draw(
        st.sampled_from(
            [
                {"action_type": "HOLD_REMOVED", "hold_code": "WL-SDN"},
                {"action_type": "MANUAL_HOLD"},
                {"action_type": "EXAM_RESULT", "outcome": "SEIZED"},
            ]
        )
    )
    return OfficerAction(
        action_id=draw(names),
        action_time=draw(moments),
        schema_version="1",
        source_carrier=CARRIER,
        hawb=HAWB,
        officer_id=draw(names),
        reason=draw(names),
        decision_id=draw(st.just("") | identifiers),
        expires_at=draw(st.none() | moments),
        substance=draw(texts),
        weight_kg=draw(st.sampled_from(["", "0.125"])),
        **demanded,
    )


RELEASED = Decision(
    decision_id="0" * 31 + "1",
    event_id="01J0",
    carrier=CARRIER,
    hawb=HAWB,
    message_seq=1,
    supersedes="",
    outcome="RELEASE",
    disposition="1C",
    holds=(),
    score=0,
    score_band="low",
    findings=(),
    policy_rows=(),
    versions=Versions("r1", "p1", 1, {"ofac-sdn": "v1"}),
    degraded_components=(),
    event_time=datetime(2026, 11, 24, 12, tzinfo=UTC),
)
