"""Rules on habits: answered sparsely, unavailable while nobody learns, and then in nobody's way."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.rules import shipped_ruleset
from tests.unit.rules.declarations import LAW, findings, parcel, subject
from tidewaiter.domain.evidence import Evidence
from tidewaiter.domain.features import (
    KINDS,
    NO_HABITS,
    UNKNOWN_HABITS,
    AddressStart,
    FeatureKind,
    GoodsNorm,
    Habits,
    Quantiles,
    ShipperPace,
    TextSpread,
)
from tidewaiter.domain.finding import Finding
from tidewaiter.rules.bundle import Bundle
from tidewaiter.rules.catalogue import attribute
from tidewaiter.rules.cel.unknown import UNKNOWN
from tidewaiter.rules.compiled import Answer, Fired
from tidewaiter.rules.facts import CATALOGUE, ORDINARY, ParcelFacts
from tidewaiter.rules.facts.habits import HABITS, SOURCE, facts_of
from tidewaiter.rules.findings import ScreeningRules
from tidewaiter.rules.lint import lint
from tidewaiter.rules.ordinary import ORDINARY_EVIDENCE
from tidewaiter.rules.ruleset import Ruleset

ON_HABITS = {"S02", "S06", "A06", "D08", "D09"}
NORM = GoodsNorm(
    5_000, Quantiles(900.0, 1_500.0, 4_000.0, 9_000.0, 20_000.0), Quantiles(90.0, 120.0, 300.0, 700.0, 900.0)
)


def knowing(habits: Habits) -> Evidence:
    return structs.replace(ORDINARY_EVIDENCE, habits=habits)


def without(*kinds: FeatureKind) -> Evidence:
    return knowing(Habits(unknown=frozenset(kinds)))


def named(finding: Finding) -> dict[str, str]:
    return {seen.fact: seen.value for seen in finding.seen}


@pytest.mark.parametrize("kind", KINDS)
def test_facts_of_a_kind_are_unknown_exactly_while_it_is(kind: FeatureKind) -> None:
    facts = ParcelFacts(subject(without(kind)))
    unknown = {row.fact.name for row in HABITS if getattr(facts, attribute(row.fact.name)) is UNKNOWN}
    assert unknown == facts_of((kind,))


def test_facts_of_habits_are_those_that_the_catalogue_says_come_from_insight() -> None:
    assert {name for name, fact in CATALOGUE.items() if fact.source == SOURCE} == facts_of(KINDS)


def test_shipper_that_surges_scores_with_its_numbers_shown() -> None:
    found = findings(parcel(), knowing(Habits(shipper=ShipperPace(90, 9.0, 28))))["S02"]
    assert (found.code, found.weight, found.holds) == ("SHP-VEL", 20, False)
    assert named(found)["habits.shipper_surge"] == "10.00"
    assert named(found)["habits.shipper_parcels_today"] == "90"


@pytest.mark.parametrize(
    ("rule", "habits"),
    [
        ("S06", Habits(text=TextSpread(12, 12))),
        ("A06", Habits(address=AddressStart(3, 18))),
        ("D08", Habits(goods=GoodsNorm(900, Quantiles(20_000.0, 0, 0, 0, 90_000.0), None))),
        ("D09", Habits(goods=GoodsNorm(900, None, Quantiles(2_000.0, 0, 0, 0, 9_000.0)))),
    ],
)
def test_parcel_that_departs_from_its_habit_scores(rule: str, habits: Habits) -> None:
    assert list(findings(parcel(), knowing(habits))) == [rule]


def test_ordinary_sweater_is_within_the_norm_of_sweaters() -> None:
    assert findings(parcel(), knowing(Habits(goods=NORM))) == {}


def test_rules_on_unknown_habits_are_reported_and_tolerated() -> None:
    found = findings(parcel(), knowing(UNKNOWN_HABITS))
    assert set(found) == ON_HABITS
    assert all(one.is_unavailable and one.is_tolerated and not one.weight for one in found.values())
    assert named(found["A06"]) == {"habits.address_parcels_14d": "unavailable"}
    assert not any(one.is_unlearned for one in found.values())


def test_rules_on_habits_that_nobody_learned_are_answered_alike_and_marked() -> None:
    plain = findings(parcel(), knowing(UNKNOWN_HABITS))
    assert findings(parcel(), knowing(NO_HABITS)) == {
        rule: structs.replace(finding, is_unlearned=True) for rule, finding in plain.items()
    }


def test_rule_that_needs_no_habit_to_fire_fires_without_them() -> None:
    found = findings(
        parcel(value_usd="2.00", declared_value="2.00", gross_weight_kg="5.0"), knowing(UNKNOWN_HABITS)
    )["D08"]
    assert (found.is_unavailable, found.weight) == (False, 15)


def test_rule_that_lacks_windows_beside_habits_is_not_tolerated() -> None:
    found = findings(parcel(), structs.replace(knowing(UNKNOWN_HABITS), windows=None))
    assert not found["D08"].is_tolerated
    assert found["D09"].is_tolerated


def test_rule_that_is_not_tolerated_is_told_where_nobody_learned_habits() -> None:
    found = findings(parcel(), structs.replace(knowing(NO_HABITS), windows=None))
    assert [found[rule].is_unlearned for rule in ("D08", "D09")] == [False, True]


@pytest.mark.parametrize(
    "action", ["hold: SHP-VEL", "score: SHP-VEL, weight: 20, holds_when: parcel.pieces > 9"]
)
def test_rule_that_can_hold_fails_closed_on_habits_and_lint_says_so(action: str) -> None:
    scoring = "action: {score: SHP-VEL, weight: 20}"
    holding = f"action: {{{action}, severity: 2, removable_by: OFFICER}}"
    files = dict(shipped_ruleset().bundle.files)
    assert scoring in files["shipper.yaml"]
    files["shipper.yaml"] = files["shipper.yaml"].replace(scoring, holding)
    changed = Ruleset.of(Bundle(files), CATALOGUE, earlier=shipped_ruleset())

    (found,) = (one for one in ScreeningRules(changed).findings(parcel(), without("shipper"), LAW))

    assert (found.rule_id, found.is_unavailable, found.is_tolerated) == ("S02", True, False)
    assert [
        "S02: holds on what insight learns" in doubt for doubt in lint(changed, ORDINARY, date(2026, 11, 24))
    ] == [True]


@pytest.mark.parametrize("is_blind", [False, True])
@given(data=st.data())
def test_answers_without_lost_facts_are_those_of_the_exact_rules(is_blind: bool, data: st.DataObject) -> None:
    rules = shipped_ruleset()
    lost: frozenset[FeatureKind] = frozenset(data.draw(st.sets(st.sampled_from(KINDS))))
    changes: dict[str, Any] = {
        "value_usd": data.draw(st.sampled_from(["2.00", "60.00", "48.00", "2499.00", None])),
        "gross_weight_kg": data.draw(st.sampled_from(["0.8", "5.0", None])),
        "scanned_weight_kg": data.draw(st.sampled_from(["0.8", "9.0", None])),
    }
    known: dict[str, Any] = {
        kind: data.draw(st.sampled_from([None, row])) for kind, row in ROWS.items() if kind not in lost
    }
    evidence = knowing(Habits(**known, unknown=lost))
    if is_blind:
        evidence = structs.replace(evidence, windows=None)

    plain = rules.evaluate(ParcelFacts(subject(evidence, **changes)), date.max)
    sooner = rules.evaluate_without(facts_of(lost))(ParcelFacts(subject(evidence, **changes)), date.max)

    assert list(map(described, sooner)) == list(map(described, plain))


ROWS = {
    "shipper": ShipperPace(90, 9.0, 28),
    "text": TextSpread(12, 12),
    "address": AddressStart(3, 18),
    "goods": NORM,
}


def described(answer: Answer) -> tuple[object, ...]:
    if isinstance(answer, Fired):
        return answer.rule.id, answer.holds
    return answer.rule.id, answer.missing, answer.fault
