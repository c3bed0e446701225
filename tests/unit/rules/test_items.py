"""Rules about lines of goods: fields have types, and a field that does not exist is an error at load."""

from datetime import date

import pytest
from msgspec import structs

from tidewaiter.domain.event import Item
from tidewaiter.rules.bundle import Bundle
from tidewaiter.rules.errors import RuleError
from tidewaiter.rules.facts import ORDINARY
from tidewaiter.rules.facts.item import ITEM, ItemFacts, item_facts
from tidewaiter.rules.ordinary import ordinary_event, ordinary_facts
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.rules.shown import shown
from tidewaiter.rules.testing import run_cases

MAIN = "name: mine\ntitle: Mine\nbands: [{name: low, from: 0}]\n"
FAMILY = """family: goods
rules:
  - id: X01
    title: A heading
    rationale: None
    source: mine
    when: items.exists(i, i.hts4 == "6110" && i.qty > 100.0)
    action: {hold: GDS-XX, severity: 2, removable_by: DATA}
    cases:
      - {name: many, fires: true, facts: {items: [{qty: 101}]}}
      - {name: many of another, fires: false, facts: {items: [{qty: 101, hts4: "6109"}]}}
"""


def ruleset(old: str = "", new: str = "") -> Ruleset:
    assert old in FAMILY
    return Ruleset.of(Bundle({"ruleset.yaml": MAIN, "goods.yaml": FAMILY.replace(old, new)}))


def test_rule_about_items_fires_on_the_line_that_meets_all_of_it() -> None:
    rules = ruleset()
    assert run_cases(rules, ORDINARY).passed == 2
    few = ordinary_facts({"items": [{"qty": "100"}, {"hts10": "6109100012", "qty": "200"}]}, rules)
    many = ordinary_facts({"items": [{"qty": "1"}, {"qty": "200"}]}, rules)
    fired = [bool(rules.evaluate(facts, date(2026, 6, 1))) for facts in (few, many)]
    assert fired == [False, True]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("i.hts4", "i.hts44", "goods.yaml:7:29: item has no field 'hts44'; did you mean 'hts4'?"),
        ("i.qty", "i.quantity", "goods.yaml:7:49: item has no field 'quantity'"),
        ('i.hts4 == "6110"', "i.hts4 > 6110", "'>' does not apply to (string, int)"),
        ('i.hts4 == "6110"', 'i["hts4"] == "6110"', "does not apply to (item, string)"),
        ("items: [{qty: 101}]", "items: [{qtty: 101}]", "item has no field 'qtty'; did you mean 'qty'?"),
        ("items: [{qty: 101}]", 'items: [{qty: "101"}]', "items: found '101', expected double"),
        ("items: [{qty: 101}]", "items: [101]", "items: found 101, expected item"),
    ],
)
def test_item_that_the_catalogue_does_not_know_is_refused_with_its_place(
    old: str, new: str, message: str
) -> None:
    with pytest.raises(RuleError) as refused:
        run_cases(ruleset(old, new), ORDINARY)
    assert message in str(refused.value)


def test_misspelt_item_field_is_shown_with_a_caret_under_it() -> None:
    with pytest.raises(RuleError) as refused:
        ruleset("i.hts4", "i.hts44")
    _, text, caret = refused.value.shown().split("\n")
    assert text[caret.index("^") :].startswith("hts44")


def test_has_of_an_item_field_asks_whether_it_was_given() -> None:
    rules = ruleset('i.hts4 == "6110" && i.qty > 100.0', "!has(i.manufacturer) && has(i.qty)")
    given = [
        bool(rules.evaluate(ordinary_facts({"items": [line]}, rules), date(2026, 6, 1)))
        for line in ({}, {"qty": None}, {"manufacturer": "A Maker"})
    ]
    assert given == [True, False, False]


def test_item_facts_have_every_field_of_the_catalogue_and_no_other() -> None:
    assert tuple(ITEM.types) == ItemFacts.__struct_fields__
    assert item_facts(ordinary_event({}).items[0]) == ITEM.ordinary
    assert not any(structs.astuple(item_facts(Item())))


def test_items_are_shown_by_the_fields_that_were_given() -> None:
    text = shown("items", (item_facts(Item(description="Sweater", hts10="6110.20")),))
    assert text == "description: Sweater; hts: 611020; hts6: 611020; hts4: 6110; hts2: 61"


def test_tariff_number_is_read_by_its_digits_in_whatever_script_they_are() -> None:
    numbers = ("2933.33.0010", "２９３３３３００１０", "٢٩٣٣٣٣٠٠١٠")
    assert {item_facts(Item(hts10=number)).hts6 for number in numbers} == {"293333"}
