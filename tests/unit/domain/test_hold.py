"""Holds are a set: combining them is a join."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.domain.hold import Hold, combined, in_force, joined, without_basis

START = datetime(2026, 11, 23, tzinfo=UTC)
moments = st.integers(0, 500).map(lambda hours: START + timedelta(hours=hours))
texts = st.sets(st.sampled_from("abcd"), min_size=1).map(lambda names: tuple(sorted(names)))
holds = st.builds(
    Hold,
    code=st.sampled_from(("WL-NARC", "DOC-MISS", "EQP-PRESS")),
    rule_ids=texts,
    severity=st.integers(1, 4),
    removable_by=st.sampled_from(("DATA", "OFFICER", "DEA")),
    placed_at=moments,
    basis=texts,
    expires_at=st.none() | moments,
)


def of_one_code(hold: Hold) -> Hold:
    return Hold(
        "WL-NARC",
        hold.rule_ids,
        hold.severity,
        hold.removable_by,
        hold.placed_at,
        hold.basis,
        hold.expires_at,
    )


@given(holds.map(of_one_code), holds.map(of_one_code), holds.map(of_one_code))
def test_joining_holds_is_commutative_associative_and_idempotent(a: Hold, b: Hold, c: Hold) -> None:
    assert joined(a, b) == joined(b, a)
    assert joined(a, joined(b, c)) == joined(joined(a, b), c)
    assert joined(a, a) == a


@given(st.lists(holds), st.lists(holds))
def test_combining_holds_gives_one_a_code_in_any_order(some: list[Hold], more: list[Hold]) -> None:
    whole = combined((*some, *more))
    assert whole == combined((*more, *some)) == combined((*combined(some), *combined(more)))
    assert [hold.code for hold in whole] == sorted({hold.code for hold in (*some, *more)})


@given(holds.map(of_one_code), holds.map(of_one_code))
def test_a_joined_hold_is_never_weaker_than_its_parts(a: Hold, b: Hold) -> None:
    strictness = ("DATA", "OFFICER", "DEA").index
    whole = joined(a, b)
    assert whole.severity >= max(a.severity, b.severity)
    assert strictness(whole.removable_by) == max(strictness(a.removable_by), strictness(b.removable_by))


def hold(**changes: object) -> Hold:
    fields: dict[str, object] = {
        "code": "WL-NARC",
        "rule_ids": ("W01",),
        "severity": 4,
        "removable_by": "OFFICER",
    }
    fields |= {"placed_at": START, "basis": ("W01:ofac-sdn/1", "W01:ofac-sdn/2")}
    return Hold(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_hold_is_in_force_until_it_expires() -> None:
    ending = hold(expires_at=START + timedelta(hours=1))
    assert in_force((ending,), START) == (ending,)
    assert in_force((ending,), START + timedelta(hours=1)) == ()
    assert in_force((hold(),), START + timedelta(days=9999)) == (hold(),)


def test_a_hold_stays_while_any_of_its_bases_is_left() -> None:
    left = without_basis(hold(), frozenset({"W01:ofac-sdn/1"}))
    assert left is not None
    assert left.basis == ("W01:ofac-sdn/2",)
    assert without_basis(hold(), frozenset({"W01:ofac-sdn/1", "W01:ofac-sdn/2"})) is None
