"""Shadow findings: what is written is what the schema lets through, however much rules have found."""

from typing import Any

from hypothesis import given
from msgspec import structs

from tests.unit.wire.test_outgoing import NOW_MS
from tests.unit.wire.values import RELEASED
from tests.unit.wire.values import decisions as any_decision
from tidewaiter.domain.decision import Decision
from tidewaiter.domain.finding import Finding, Seen
from tidewaiter.wire.contract import Contract
from tidewaiter.wire.hold_orders import MAX_BYTES
from tidewaiter.wire.malformed import Malformed
from tidewaiter.wire.shadow_findings import encode, in_shadow

CONTRACT = Contract[dict[str, Any]]("shadow-findings.v1", dict)
FOUND = Finding("X01", "a rule on trial", "TRL-XX", "shadow", holds=True)


def read(decision: Decision) -> dict[str, Any]:
    value = encode(decision, NOW_MS, in_shadow(decision))
    assert len(value) <= MAX_BYTES
    found = CONTRACT.read(value)
    assert not isinstance(found, Malformed), found.reason
    return found


def found_by(*findings: Finding) -> Decision:
    return structs.replace(RELEASED, findings=findings)


@given(any_decision())
def test_what_is_written_is_valid_and_of_rules_in_shadow_alone(decision: Decision) -> None:
    told = [one for one in decision.findings if one.mode == "shadow"]
    told = [one for one in told if not one.is_unavailable and not one.excepted]
    assert list(in_shadow(decision)) == told
    if told:
        said = read(decision)
        assert [one["rule_id"] for one in said["findings"]] == [one.rule_id for one in told]
        assert (said["decision"], said["disposition"]) == (decision.outcome, decision.disposition)


def test_what_could_not_be_answered_or_is_excepted_was_not_found() -> None:
    others = (
        structs.replace(FOUND, mode="enforce"),
        structs.replace(FOUND, is_unavailable=True),
        structs.replace(FOUND, excepted="known"),
    )
    assert list(in_shadow(found_by(*others, FOUND))) == [FOUND]


def test_evidence_is_left_out_where_it_would_make_the_record_too_large() -> None:
    seen = tuple(Seen(f"fact.{number}", "x" * 600) for number in range(30))
    few, many = [structs.replace(FOUND, rule_id=f"X{number}", seen=seen) for number in range(2)], 400
    assert [len(one["evidence"]) for one in read(found_by(*few))["findings"]] == [30, 30]
    said = read(
        found_by(*[structs.replace(FOUND, rule_id=f"X{number}", seen=seen) for number in range(many)])
    )
    assert [one["evidence"] for one in said["findings"]] == [[]] * 100
