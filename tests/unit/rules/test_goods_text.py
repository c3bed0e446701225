"""What a declaration says of its goods, and the CAS numbers in it."""

import pytest

from tidewaiter.rules.goods_text import cas_numbers, goods_text
from tidewaiter.rules.ordinary import ordinary_event


def test_goods_text_has_each_text_once_with_declared_cas_numbers() -> None:
    event = ordinary_event(
        {"description_raw": "Pigment", "items": [{"description": "Pigment", "cas": ["50-00-0"]}]}
    )

    assert goods_text(event) == "Pigment\n50-00-0"


@pytest.mark.parametrize(
    ("whole", "line", "text"),
    [
        ("Pigment", "Pigment", "Pigment"),
        ("Pigment", "Blue", "Pigment\nBlue"),
        ("", "Blue", "Blue"),
        ("Pigment", "", "Pigment"),
    ],
)
def test_goods_text_of_one_line_has_what_the_whole_and_the_line_say(whole: str, line: str, text: str) -> None:
    event = ordinary_event({"description_raw": whole, "items": [{"description": line}]})
    assert goods_text(event) == text


@pytest.mark.parametrize("number", ["21409267", "#21409267", "21409267 (HCl)", "21409-267", "21409 26 7"])
def test_a_declared_cas_number_without_its_hyphens_is_read_as_one(number: str) -> None:
    event = ordinary_event({"items": [{"description": "Pigment", "cas": [number]}]})
    assert cas_numbers(goods_text(event)) == ("21409-26-7",)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("pigment 4 3 7 - 3 8 - 7 blue", ("437-38-7",)),
        ("pigment c.a.s. 437387", ("437-38-7",)),
        ("pigment c a s 437387", ("437-38-7",)),
        ('<a title="437-38-7">pigment</a>', ("437-38-7",)),
        ("pigment 437387 CAS", ("437-38-7",)),
        ("pigment cas-437-38-7", ("437-38-7",)),
        ("1-437-38-7", ()),
        ("incas-437-38-7", ()),
        ("437387 cases", ()),
        ("size 100 - 52 - 7 cm", ()),
        ("1 4 3 7 - 3 8 - 7 2", ()),
    ],
)
def test_a_cas_number_is_read_with_its_digits_apart_or_its_name_behind(
    text: str, numbers: tuple[str, ...]
) -> None:
    assert cas_numbers(text) == numbers


def test_the_beginning_of_a_cas_number_with_hyphens_is_none_without() -> None:
    assert cas_numbers("lab reagent cas:21409-26-7 research only") == ("21409-26-7",)
