"""What is written is what the published schemas promise, and is read back as it was meant."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.unit.wire.declarations import encoded
from tests.unit.wire.values import RELEASED
from tests.unit.wire.values import decisions as any_decision
from tests.unit.wire.values import holds as any_hold
from tidewaiter.domain.decision import Decision
from tidewaiter.domain.finding import Finding
from tidewaiter.domain.hold import Hold
from tidewaiter.wire import decisions, events, hold_orders
from tidewaiter.wire.decisions import PublicDecision
from tidewaiter.wire.hold_order import HoldOrder, OrderStatus
from tidewaiter.wire.malformed import Malformed
from tidewaiter.wire.schema import validator

NOW_MS = 1_795_500_000_123
TRACE = "f" * 32

later = st.integers(0, 4_000_000_000_000)


def public(decision: Decision, decided_at_ms: int = NOW_MS) -> PublicDecision:
    read = decisions.decode(decisions.encode(decision, decided_at_ms))
    assert isinstance(read, PublicDecision), read
    return read


def written(decision: Decision, parcel: bytes | None = None) -> bytes:
    status: OrderStatus = "OPEN" if decision.outcome == "HOLD" else "WITHDRAWN"
    return hold_orders.encode(decision, NOW_MS, TRACE, parcel, status)


def order(decision: Decision, parcel: bytes | None = None) -> HoldOrder:
    read = hold_orders.decode(written(decision, parcel))
    assert isinstance(read, HoldOrder), read
    return read


@given(any_decision(), later)
def test_a_public_decision_comes_back_as_it_was_decided(decision: Decision, decided_at_ms: int) -> None:
    read = public(decision, decided_at_ms)
    assert read.decision_id == decision.decision_id
    assert (read.source_carrier, read.hawb) == (decision.carrier, decision.hawb)
    assert (read.decision, read.disposition) == (decision.outcome, decision.disposition)
    assert (read.degraded, read.event_time) == (decision.is_degraded, decision.event_time)
    assert round(read.decided_at.timestamp() * 1000) == decided_at_ms


@given(any_decision())
def test_a_public_decision_says_nothing_of_rules_and_lists(decision: Decision) -> None:
    document = orjson.loads(decisions.encode(decision, NOW_MS))
    assert set(document) == set(PublicDecision.__struct_fields__)
    assert not {"holds", "findings", "reasons", "score", "versions"} & set(document)


def test_a_public_decision_has_the_same_bytes_in_whatever_zone_the_event_was() -> None:
    tokyo = datetime.fromisoformat("2026-11-24T21:00:00+09:00")
    elsewhere = structs.replace(RELEASED, event_time=tokyo)
    assert decisions.encode(elsewhere, NOW_MS) == decisions.encode(RELEASED, NOW_MS)


def test_latency_is_zero_when_the_carriers_clock_is_ahead() -> None:
    assert public(RELEASED, 0).latency_ms == 0
    assert public(RELEASED, int(RELEASED.event_time.timestamp() * 1000) + 250).latency_ms == 250


@given(any_decision())
def test_a_hold_order_is_valid_and_keeps_holds_and_findings(decision: Decision) -> None:
    read = order(decision)
    told = [one for one in decision.findings if one.mode == "enforce" and not one.is_unlearned]
    assert read.holds == decision.holds
    assert read.score == decision.score
    assert [reason.rule_id for reason in read.reasons] == [finding.rule_id for finding in told]
    assert [len(reason.evidence) for reason in read.reasons] == [len(finding.seen) for finding in told]
    assert read.watchlist_versions == decision.versions.lists
    assert [hit.entry_id for hit in read.hits] == [found.hit.entry_id for found in decision.hits]
    assert [found.kind for found in read.identifiers] == [found.kind for found in decision.identifiers]


@given(any_decision())
def test_a_hold_order_quotes_the_declaration_with_its_unknown_fields(decision: Decision) -> None:
    payload = encoded(carrier_own={"batch": [1, None]})
    assert order(decision, payload).parcel == orjson.loads(payload)


@given(any_decision())
def test_a_hold_order_leaves_out_a_declaration_that_makes_it_too_large(decision: Decision) -> None:
    payload = encoded(carrier_own="x" * hold_orders.MAX_BYTES)
    assert len(written(decision, payload)) < hold_orders.MAX_BYTES
    omitted = order(decision, payload).parcel_omitted
    assert omitted is not None
    assert omitted.size == len(payload)


def test_a_hold_order_can_be_read_whatever_number_of_rules_fired() -> None:
    scoring = tuple(Finding(f"R{number}", "a rule", "DOC-MISS", "enforce", weight=1) for number in range(600))
    rules = tuple(finding.rule_id for finding in scoring)
    holding = structs.replace(scoring[0], rule_id="LAST", holds=True)
    hold = Hold("DOC-MISS", rules, 1, "DATA", datetime(2026, 11, 24, tzinfo=UTC), ("LAST",))
    held = structs.replace(RELEASED, outcome="HOLD", holds=(hold,), findings=(*scoring, holding))
    read = order(held)
    assert (len(read.reasons), len(read.holds[0].rule_ids)) == (500, 100)
    assert read.reasons[0].rule_id == "LAST"


@pytest.mark.parametrize(("levels", "is_quoted"), [(9, True), (252, True), (253, False)])
def test_a_declaration_nested_so_deep_that_its_order_could_not_be_read_is_not_quoted(
    levels: int, is_quoted: bool
) -> None:
    payload = encoded(carrier_own="?").replace(b'"?"', b"[" * levels + b"]" * levels)
    assert isinstance(events.decode(payload), events.Decoded)
    found = order(RELEASED, payload)
    assert (found.parcel is not None, found.parcel_omitted is not None) == (is_quoted, not is_quoted)


@given(st.lists(any_hold, min_size=1, max_size=4).map(tuple))
def test_priority_follows_the_gravest_hold(holds: tuple[Hold, ...]) -> None:
    decision = structs.replace(RELEASED, outcome="HOLD", holds=holds)
    assert hold_orders.priority(decision) == 6 - max(hold.severity for hold in holds)


@pytest.mark.parametrize("name", ["parcel-decisions.v1", "hold-orders.v1"])
def test_a_release_that_is_degraded_breaks_the_contract(name: str) -> None:
    release = structs.replace(RELEASED, degraded_components=("windows",))
    value = {
        "parcel-decisions.v1": decisions.encode(release, NOW_MS),
        "hold-orders.v1": written(release),
    }[name]
    assert not validator(name).is_valid(orjson.loads(value))


def test_decode_refuses_what_is_no_decision() -> None:
    assert isinstance(decisions.decode(b"{}"), Malformed)
    assert isinstance(hold_orders.decode(b"[]"), Malformed)
