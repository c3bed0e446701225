"""The default bundle: its own cases hold, every rule has enough of them, codes and lists are as published."""

import csv
import os
import re
from datetime import date
from pathlib import Path

import pytest

from tests.rules import shipped_ruleset
from tests.unit.rules.declarations import findings, parcel
from tidewaiter.matching import identifiers
from tidewaiter.matching.text import words
from tidewaiter.rules.compiled import CompiledRule
from tidewaiter.rules.ordinary import OrdinaryLaw, ordinary_facts
from tidewaiter.rules.testing import own_cases
from tidewaiter.rules.wordforms import short_forms, sounded_forms, vowelless_forms
from tidewaiter.rules.wordlists import WordLists

CATALOGUE = Path(os.environ.get("TIDEWAITER_DATA", "../shared/data")) / "derived" / "rules_catalogue.csv"
REMOVABLE_BY = {
    "DOC": "DATA",
    "ELG": "DATA",
    "PGA": "DATA",
    "SYS": "DATA",
    "WL": "OFFICER",
    "NAR": "OFFICER",
    "MAN": "OFFICER",
    "LNK": "OFFICER",
    "RND": "OFFICER",
    "TR": "OFFICER",
    "ADR": "OFFICER",
    "EQP": "DEA",
}


def rules() -> tuple[CompiledRule, ...]:
    return shipped_ruleset().rules


def test_the_cases_of_every_rule_come_out_as_they_say() -> None:
    report = own_cases(shipped_ruleset())

    assert report.failures == ()


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.rule.id)
def test_a_rule_has_two_cases_that_fire_and_two_that_do_not(rule: CompiledRule) -> None:
    outcomes = [case.fires for case in rule.rule.cases]

    assert outcomes.count("true") >= 2
    assert outcomes.count("false") >= 2


def test_no_rule_fires_on_the_ordinary_parcel() -> None:
    facts = ordinary_facts({}, shipped_ruleset())

    assert shipped_ruleset().evaluate(facts, date(2026, 11, 24)) == []


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.rule.id)
def test_a_hold_can_be_removed_by_whom_its_family_says(rule: CompiledRule) -> None:
    action = rule.rule.action
    if action.holds or action.holds_when:
        assert action.removable_by == REMOVABLE_BY[action.code.partition("-")[0]]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule.rule.id)
def test_a_rule_that_only_scores_does_not_hold_alone(rule: CompiledRule) -> None:
    assert not shipped_ruleset().settings.band(rule.rule.action.weight).holds


def test_the_bundle_has_every_rule_of_the_catalogue() -> None:
    if not CATALOGUE.exists():
        pytest.skip(f"{CATALOGUE} is not there: set TIDEWAITER_DATA")
    with CATALOGUE.open(encoding="utf-8") as file:
        wanted = {row["id"]: row["hold_code"] for row in csv.DictReader(file)}

    found = {rule.rule.id: rule.rule.action.code for rule in rules()}

    assert found == wanted


def test_every_cas_number_of_a_word_list_has_a_right_check_digit() -> None:
    lists = shipped_ruleset().word_lists.lists.values()
    wrong = [cas for one in lists for term in one.terms for cas in term.cas if not identifiers.is_cas(cas)]

    assert wrong == []


@pytest.mark.parametrize(
    "name", ["substances", "precursors", "scheduled", "presses", "adulterants", "reagents"]
)
def test_every_innocent_phrase_contains_a_term_that_it_excuses(name: str) -> None:
    one = shipped_ruleset().word_lists.lists[name]
    phrases = {words(phrase) for term in one.terms for phrase in (*term.phrases, *term.signs)}
    for forms_of in (short_forms, vowelless_forms, sounded_forms) if one.is_disguised else ():
        phrases |= {words(form) for term in one.terms for form in forms_of(term.name)}
    own = [
        innocent
        for innocent in one.innocents
        if not {"{term}", "{terms}"} & set(re.findall(r"\{\w+\}", innocent))
    ]
    idle = [innocent for innocent in own if not _contains_any(words(innocent), phrases)]

    assert idle == []


def _contains_any(text: tuple[str, ...], phrases: set[tuple[str, ...]]) -> bool:
    return any(
        text[start:end] in phrases for start in range(len(text)) for end in range(start + 1, len(text) + 1)
    )


def test_every_listed_substance_of_the_table_is_found_by_its_number() -> None:
    table = CATALOGUE.with_name("substances_cas_hs.csv")
    if not table.exists():
        pytest.skip(f"{table} is not there: set TIDEWAITER_DATA")
    with table.open(encoding="utf-8") as file:
        numbers = [row["cas"] for row in csv.DictReader(file)]
    lists = shipped_ruleset().word_lists

    assert [cas for cas in numbers if not any(lists.found(f"pigment {cas}").values())] == []


def test_every_controlled_drug_that_the_tariff_names_is_found_by_its_name() -> None:
    tariff = CATALOGUE.parents[1] / "tariff" / "usitc_hts_2025-04.csv"
    if not tariff.exists():
        pytest.skip(f"{tariff} is not there: set TIDEWAITER_DATA")
    subheadings = shipped_ruleset().settings.constants["sets.drug_subheadings"]
    assert isinstance(subheadings, tuple)
    with tariff.open(encoding="utf-8-sig") as file:
        texts = [
            row["Description"]
            for row in csv.DictReader(file)
            if row["HTS Number"].replace(".", "").startswith(subheadings)
        ]
    names = {name for text in texts for name in re.findall(r"([A-Za-z-]+(?: [a-z]+)?) \(INN\)", text)}
    lists, drugs = shipped_ruleset().word_lists, {"substances", "precursors", "scheduled"}

    assert len(names) > 80
    assert [name for name in sorted(names) if not drugs & set(listed(lists, name))] == []


def listed(lists: WordLists, text: str) -> list[str]:
    """The lists that have a term in a text."""
    return [name for name, terms in lists.found(text).items() if terms]


def test_agency_data_are_asked_for_by_the_law_and_not_by_a_date_of_the_rule() -> None:
    tea = parcel(items=[{"description": "Green tea leaves", "hts10": "0902109050"}])
    assert "V06" in findings(tea)
    assert "V06" not in findings(tea, law=OrdinaryLaw(agencies=()))
