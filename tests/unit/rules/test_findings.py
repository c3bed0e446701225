"""Findings of the default rules: what they show, what they mask, and what a hold of them rests on."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.rules import shipped_ruleset
from tests.unit.rules.declarations import NOW, default_rules, findings, parcel
from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.evidence import Evidence, IdentifierHit, PartyHit, WindowTotals
from tidewaiter.domain.finding import Finding
from tidewaiter.domain.history import Version
from tidewaiter.domain.hit import Hit, TokenMatch
from tidewaiter.domain.parcel import Trigger
from tidewaiter.rules.findings import ScreeningRules
from tidewaiter.rules.ordinary import ORDINARY_EVIDENCE, OrdinaryLaw, ordinary_event

HIT = Hit(
    score=0.9321,
    list="ofac-sdn",
    entry_id="36216",
    entry_name="CASTRO VEGA, Juan",
    alias="CASTRO VEGA, Juan",
    programs=("ILLICIT-DRUGS-EO14059",),
    tokens=(TokenMatch("kastro", "castro", "phonetic", 0.8),),
    corroborated=("address", "phone"),
    holds=True,
)


MANUAL_HOLD = OfficerAction(
    action_id="a1",
    action_type="MANUAL_HOLD",
    action_time=NOW,
    schema_version="1.0",
    source_carrier="FX",
    hawb="1",
    officer_id="7",
    reason="look inside",
)


def looked_up(**changes: Any) -> Evidence:
    return structs.replace(ORDINARY_EVIDENCE, **changes)


def windows(**changes: int) -> Evidence:
    usual = ORDINARY_EVIDENCE.windows or WindowTotals()
    return looked_up(windows=structs.replace(usual, **changes))


def text_of(finding: Finding) -> str:
    return "\n".join(f"{seen.fact}={seen.value}" for seen in finding.seen)


def test_the_ordinary_parcel_has_no_finding() -> None:
    assert findings(parcel()) == {}


def test_a_finding_carries_what_the_bundle_says_of_the_rule() -> None:
    found = findings(parcel(items=[{"description": "Gift"}]))["D01"]

    assert (found.code, found.mode, found.holds, found.weight) == ("DOC-DESC", "enforce", True, 0)
    assert (found.severity, found.removable_by) == (2, "DATA")
    assert "text.vague=Gift" in text_of(found)


def test_a_hold_on_a_list_entry_rests_on_the_entry() -> None:
    found = findings(parcel(), looked_up(hits=(PartyHit("shipper", HIT),)))["W01"]

    (basis,) = found.basis
    assert basis.startswith("W01:ofac-sdn/36216@shipper:")


def test_a_hold_on_a_list_entry_rests_on_who_was_taken_for_it_and_by_what() -> None:
    hits = [
        PartyHit("shipper", HIT),
        PartyHit("seller", HIT),
        PartyHit("shipper", HIT, "the account's holder"),
        PartyHit("shipper", structs.replace(HIT, corroborated=("phone",))),
    ]
    rest_on = {findings(parcel(), looked_up(hits=(hit,)))["W01"].basis for hit in hits}

    assert len(rest_on) == len(hits)


@pytest.mark.parametrize(
    ("names", "bases"),
    [
        (("Dana J. Whitfield", "WHITFIELD, Dana J", "dana  j whitfield"), 1),
        (("Dana Whitfield", "Dana J. Whitfield", "Dana K. Whitfield", "Dana Whitfield Jr."), 4),
    ],
)
def test_a_hold_on_a_list_entry_rests_on_all_words_of_the_name_in_any_order(
    names: tuple[str, ...], bases: int
) -> None:
    hits = looked_up(hits=(PartyHit("consignee", HIT),))
    rest_on = {findings(parcel(consignee={"name": name}), hits)["W01"].basis for name in names}

    assert len(rest_on) == bases


def test_a_list_finding_names_entry_score_words_and_corroboration_and_masks_the_party() -> None:
    found = findings(parcel(), looked_up(hits=(PartyHit("consignee", HIT),)))["W01"]

    (line,) = [seen.value for seen in found.seen if seen.fact == "hits.narcotics"]
    assert line == (
        "consignee D*** W*** is ofac-sdn/36216 'CASTRO VEGA, Juan'; score 0.93; words: castro phonetic; "
        "corroborated by address, phone; programmes ILLICIT-DRUGS-EO14059"
    )


def test_a_listed_identifier_is_named_by_its_kind_and_not_repeated() -> None:
    hit = IdentifierHit("shipper", "phone", "ofac-sdn", "36216", "CASTRO VEGA, Juan", ("SDNTK",))

    found = findings(parcel(), looked_up(identifiers=(hit,)))["W05"]

    assert text_of(found) == (
        "listed.contacts=shipper phone is that of ofac-sdn/36216 'CASTRO VEGA, Juan'; programmes SDNTK"
    )
    (basis,) = found.basis
    assert basis.startswith("W05:ofac-sdn/36216@shipper:")


def test_the_values_of_a_decision_do_not_name_the_parties() -> None:
    hits = (PartyHit("consignee", HIT), PartyHit("shipper", structs.replace(HIT, holds=False)))
    one = parcel(items=[{"description": "Gift"}], consignee={"postal": "90210"}, shipper={"ip": "10.1.2.3"})

    shown = "\n".join(map(text_of, findings(one, looked_up(hits=hits)).values()))

    for personal in ("Dana", "Whitfield", "Bright", "bright-trading", "299 0142", "10.1.2.3", "Neil Ave"):
        assert personal not in shown


def test_a_hold_on_values_rests_on_them_and_changes_with_them() -> None:
    gift = findings(parcel(items=[{"description": "Gift"}]))["D01"].basis
    again = findings(parcel(items=[{"description": "Gift"}], value_usd="51.00"))["D01"].basis
    parts = findings(parcel(items=[{"description": "Parts"}]))["D01"].basis

    assert gift == again
    assert gift != parts
    assert gift[0].startswith("D01:")


def test_one_more_name_at_an_address_does_not_change_what_a_hold_rests_on() -> None:
    many = findings(parcel(), windows(address_names_7d=30))["A02"]
    more = findings(parcel(), windows(address_names_7d=31))["A02"]

    assert many.holds
    assert many.basis == more.basis


@pytest.mark.parametrize(
    ("changes", "is_another"),
    [
        ({"addr_lines": ["1182 Neil Ave"]}, True),
        ({"phone": "+1 614 299 0143"}, True),
        ({"name": "Dan Whitfield"}, True),
        ({"name": "WHITFIELD, DANA", "addr_lines": ["1180 NEIL AVENUE"], "phone": "(614) 299-0142"}, False),
    ],
    ids=["door", "phone", "name", "spelling"],
)
def test_what_windows_count_of_another_party_is_another_hold(
    changes: dict[str, object], is_another: bool
) -> None:
    counted = windows(address_names_7d=30, contact_parties_30d=30, person_positive_exams_90d=1)
    before, after = findings(parcel(), counted), findings(parcel(consignee=changes), counted)

    assert {rule: before[rule].basis != after[rule].basis for rule in ("A02", "A03", "S05")} == dict.fromkeys(
        ("A02", "A03", "S05"), is_another
    )


def test_one_more_find_changes_what_a_hold_rests_on() -> None:
    one = findings(parcel(), windows(person_positive_exams_90d=1))["S05"].basis
    two = findings(parcel(), windows(person_positive_exams_90d=2))["S05"].basis

    assert one != two


def test_an_officers_hold_rests_on_the_order() -> None:
    order = structs.replace(MANUAL_HOLD, action_id="act-9")

    gift = parcel(items=[{"description": "Gift"}])
    found = findings(structs.replace(gift, actions=(order,)))

    assert found["R03"].basis == ("R03:act-9",)
    assert found["D01"].basis == findings(gift)["D01"].basis


def test_a_weak_rule_scores_and_holds_only_when_its_condition_says_so() -> None:
    some = findings(parcel(), windows(address_names_7d=10))["A02"]
    many = findings(parcel(), windows(address_names_7d=30))["A02"]

    assert (some.weight, some.holds) == (30, False)
    assert (many.weight, many.holds) == (30, True)


def test_a_rule_whose_source_is_out_is_unavailable_and_the_outage_holds() -> None:
    found = findings(parcel(), looked_up(windows=None, unavailable=frozenset({"windows"})))

    assert found["V01"].is_unavailable
    assert not found["V01"].holds
    assert text_of(found["V01"]) == "windows.person_day_usd=unavailable\nwindows.person_gifts_usd=unavailable"
    assert (found["R02"].code, found["R02"].holds) == ("SYS-STALE", True)


def test_rules_that_need_nothing_of_a_source_are_answered_while_it_is_out() -> None:
    blind = looked_up(windows=None, unavailable=frozenset({"windows", "identifiers", "names"}))

    found = findings(parcel(items=[{"description": "fentanyl powder"}]), blind)

    assert found["N01"].holds


@pytest.mark.parametrize(
    "description", ["feed shoe for tablet press", "TDP 5", "Upper punch and lower punch set"]
)
def test_press_parts_are_known_before_anything_is_looked_up(description: str) -> None:
    event = ordinary_event({"items": [{"description": description}]})

    assert default_rules().has_press_parts(event)


def test_a_hydraulic_press_has_no_press_parts() -> None:
    event = ordinary_event({"items": [{"description": "Hydraulic press 6 ton"}]})

    assert not default_rules().has_press_parts(event)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"status": "CANCELLED"},
        {"trigger": Trigger("e2", "d2", 9, NOW + timedelta(days=400))},
        {"versions": (Version(1, "a", "CREATE", 900, "shirt"), Version(2, "b", "UPDATE", 100, "shirt"))},
        {"actions": (MANUAL_HOLD,)},
        {"event": ordinary_event({"items": [{"description": "Gift"}]})},
    ],
    ids=lambda changed: "".join(changed) or "nothing",
)
def test_a_ruleset_beside_another_finds_what_it_finds_alone(changed: dict[str, Any]) -> None:
    one, law = parcel(), OrdinaryLaw()
    asked = [
        (one, ORDINARY_EVIDENCE, law),
        (structs.replace(one, **changed), ORDINARY_EVIDENCE, law),
        (one, windows(address_names_7d=30), law),
        (one, ORDINARY_EVIDENCE, OrdinaryLaw(threshold_usd=Decimal(1))),
    ]
    first = ScreeningRules(shipped_ruleset())
    beside = ScreeningRules(shipped_ruleset(), first)

    for before in asked:
        for case in asked:
            first.findings(*before)
            assert beside.findings(*case) == default_rules().findings(*case)


def test_long_values_are_cut() -> None:
    found = findings(parcel(items=[{"description": "gift " * 200}]))["D01"]

    assert max(len(seen.value) for seen in found.seen) <= 300


def test_a_rule_that_is_not_in_force_yet_finds_nothing() -> None:
    listed = looked_up(hits=(PartyHit("seller", structs.replace(HIT, list="uflpa", score=0.99)),))

    assert "W06" in findings(parcel(arrival_time="2022-06-21T12:00:00Z"), listed)
    assert "W06" not in findings(parcel(arrival_time="2022-06-20T12:00:00Z"), listed)


TEXTS = st.text(max_size=40) | st.sampled_from(
    ["437-38-7", "f e n t a n y l", "TDP 5", "Gift", "芬太尼", "no. 5", "\u200b", "-", "CAS", "0" * 30]
)
AMOUNTS = st.none() | st.decimals(0, 10**7, places=2).map(str)
PARTIES = st.none() | st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("name", "city", "region", "postal", "country", "phone", "email", "ip"), TEXTS),
        "addr_lines": st.lists(TEXTS, max_size=3),
        "account": st.none() | st.fixed_dictionaries({"established": TEXTS, "type": TEXTS, "billing": TEXTS}),
    },
)
ITEMS = st.fixed_dictionaries(
    {}, optional={"description": TEXTS, "hts10": TEXTS, "sku_url": TEXTS, "net_weight_kg": AMOUNTS}
)
EVENTS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("shipper", "consignee", "seller", "notify"), PARTIES),
        **dict.fromkeys(("value_usd", "declared_value", "gross_weight_kg", "scanned_weight_kg"), AMOUNTS),
        **dict.fromkeys(("mawb", "s10", "entry_type", "description_raw", "currency", "arrival_tz"), TEXTS),
        "items": st.lists(ITEMS, max_size=3),
        "claim": st.sampled_from(["SEC321", "GIFT", "INFORMAL", "FORMAL", "NONE"]),
    },
)


@given(EVENTS)
def test_any_declaration_is_answered_by_every_rule_and_always_alike(changes: dict[str, Any]) -> None:
    one = parcel(**changes)

    first = default_rules().findings(one, ORDINARY_EVIDENCE, OrdinaryLaw())
    again = default_rules().findings(one, ORDINARY_EVIDENCE, OrdinaryLaw())

    assert first == again
    assert not any(finding.is_unavailable for finding in first)
    assert all(finding.basis for finding in first)
