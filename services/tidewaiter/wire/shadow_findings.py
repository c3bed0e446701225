"""`shadow-findings`: what rules on trial found, for the archive and for analysts; carriers never see it."""

from collections.abc import Sequence

import orjson

from tidewaiter.domain.decision import Decision
from tidewaiter.domain.finding import Finding
from tidewaiter.wire.hold_orders import MAX_BYTES, answer, finding_line
from tidewaiter.wire.instant import DUMP_OPTIONS, from_ms, utc

# Of rules, of which a bundle may have thousands.
_FINDINGS_MOST = 100


def in_shadow(decision: Decision) -> Sequence[Finding]:
    """What rules in shadow found: neither what they could not answer nor what officers have excepted."""
    return [
        finding
        for finding in decision.findings
        if finding.mode == "shadow" and not (finding.is_unavailable or finding.excepted)
    ][:_FINDINGS_MOST]


def encode(decision: Decision, decided_at_ms: int, findings: Sequence[Finding]) -> bytes:
    """The record's value; the same decision gives the same bytes. Without evidence where it would be too
    large with it: each fact that a rule reads may take 0.5 kB.
    """
    told = [finding_line(finding) for finding in findings]
    document = answer(decision) | {
        "decision": decision.outcome,
        "disposition": decision.disposition,
        "degraded": decision.is_degraded,
        "rules_version": decision.versions.ruleset,
        "event_time": utc(decision.event_time),
        "decided_at": from_ms(decided_at_ms),
        "findings": told,
    }
    whole = orjson.dumps(document, option=DUMP_OPTIONS)
    if len(whole) <= MAX_BYTES:
        return whole
    bare = [line | {"evidence": []} for line in told]
    return orjson.dumps(document | {"findings": bare}, option=DUMP_OPTIONS)
