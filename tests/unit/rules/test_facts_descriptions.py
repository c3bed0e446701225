"""Descriptions that do not say what the goods are, and those that do."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rules import shipped_ruleset
from tidewaiter.rules.facts.descriptions import (
    content_words,
    repeats_a_sign,
    terms_alone,
    vague_descriptions,
)
from tidewaiter.rules.ordinary import ordinary_event


def vague(*descriptions: str, whole: str = "", hts: str = "6110202079") -> tuple[str, ...]:
    items = [{"description": description, "hts10": hts} for description in descriptions]
    event = ordinary_event({"items": items, "description_raw": whole})
    text = "\n".join((*descriptions, whole))
    return vague_descriptions(event, shipped_ruleset().word_lists.found(text))


@pytest.mark.parametrize(
    "text",
    [
        "Gift", "GIFTS", "gift items", "Samples", "misc. goods", "Spare parts (12 pcs)", "As per invoice",
        "personal effects", "daily necessities", "0045 1200", "####", "xxxxx", "x", "...", "配件", "礼物",
        "electronic accessories", "N/A", "regalos", "Gift &amp; sample", "<br>Gift<br>", "Spare&nbsp;parts",
    ],
)  # fmt: skip
def test_a_text_of_listed_words_and_fillers_is_vague(text: str) -> None:
    assert vague(text) == (text,)


@pytest.mark.parametrize(
    "text",
    [
        "Gift box of chocolate truffles", "Spare parts for Canon printer", "Toy car", "Wooden box for tea",
        "Men's cotton shirt", "Machine parts: steel bearings 6204", "手机壳 硅胶",
        "Camisa de algodón para hombre",
        "Damen Pullover aus Wolle", "USB-C cable 2 m", "Phone case", "Chemical protection gloves nitrile",
    ],
)  # fmt: skip
def test_a_text_that_names_goods_is_precise(text: str) -> None:
    assert vague(text) == ()


def test_one_word_is_enough_beside_a_tariff_number_only() -> None:
    assert vague("Sunglasses") == ()
    assert vague("Sunglasses", hts="") == ("Sunglasses",)
    assert vague("Sunglasses", hts="90041") == ("Sunglasses",)


def test_signs_over_and_over_need_more_words_beside_them() -> None:
    assert vague("shirt ######## cotton") == ("shirt ######## cotton",)
    assert vague("**** cotton shirt for men, blue ****") == ()


def test_a_precise_whole_excuses_the_only_item_and_not_one_of_two() -> None:
    assert vague("Goods", whole="Knitted wool pullover for women") == ()
    assert vague("Goods", "Wool pullover", whole="Knitted wool pullover for women") == ("Goods",)


def test_a_vague_whole_does_not_spoil_precise_items() -> None:
    assert vague("Knitted wool pullover", whole="Gift") == ()
    assert vague("Knitted wool pullover", "", whole="Gift") == ()


def test_the_whole_is_judged_when_no_item_is_described() -> None:
    assert vague("", whole="Merchandise") == ("Merchandise",)
    assert vague("", "", whole="Merchandise") == ("Merchandise",)
    assert vague("", whole="Knitted wool pullover") == ()
    assert vague("", whole="Sunglasses") == ()
    assert vague(whole="Sunglasses") == ("Sunglasses",)


@pytest.mark.parametrize(
    ("text", "repeats"),
    [("xxxx", True), ("!!!!", True), ("20000 mAh", False), ("a ---- b", False), ("oooh", False)],
)
def test_a_sign_four_times_in_a_row_is_seen_unless_it_parts_or_counts(text: str, repeats: bool) -> None:
    assert repeats_a_sign(text) is repeats


def test_content_words_leave_out_fillers_numbers_and_repeated_letters() -> None:
    assert content_words("Set of 3 pcs 5pcs XXXX cotton towels x2 for A54") == {"cotton", "towels", "a54"}


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_has_an_answer_out_of_what_was_given(text: str, whole: str) -> None:
    assert set(vague(text, whole=whole)) <= {text, whole}


def alone(name: str, *descriptions: str, whole: str = "") -> tuple[str, ...]:
    items = [{"description": description} for description in descriptions]
    event = ordinary_event({"items": items, "description_raw": whole})
    return terms_alone(event, shipped_ruleset().word_lists, date(2026, 11, 24))[name]


@pytest.mark.parametrize(
    "text",
    [
        "Molly",
        "MDA",
        "molly, 10 g",
        "10g Molly",
        "Pure white molly crystals (5 g)",
        "2 x molly 3.5g",
        "Molly10g",
        "Molly&nbsp;1 g",
    ],
)
def test_a_name_stands_alone_beside_amounts_colors_and_praise(text: str) -> None:
    assert alone("slang", text) == ("molly",)


def test_a_name_that_begins_with_a_number_stands_alone_beside_another_one() -> None:
    assert alone("slang", "3-MMC 10 g") == ("3-MMC",)
    assert alone("acronyms", "LSD 25") == ("LSD",)


@pytest.mark.parametrize(
    "text", ["Molly doll 10 g", "Hex bolts 10 g", "10 g", "", "a " * 1000 + "molly bolt"]
)
def test_a_name_beside_goods_does_not_stand_alone(text: str) -> None:
    assert alone("slang", text) == ()


def test_a_name_stands_alone_in_one_line_of_two_and_in_the_whole() -> None:
    assert alone("slang", "Cotton shirt for men", "Ket 10 g") == ("ket",)
    assert alone("slang", "Cotton shirt for men", whole="Ket 10 g") == ("ket",)
