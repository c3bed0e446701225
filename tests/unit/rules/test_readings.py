"""The readings of a goods text, and how much of it is searched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.rules.readings import readings, searchable


@pytest.mark.parametrize("text", ["", "cotton sweater", "COTTON 100% 5 pcs", "m&m <3", "女士毛衣"])
def test_most_texts_are_read_as_they_stand_alone(text: str) -> None:
    assert readings(text) == [text]


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("f%65ntanyl", ["fentanyl"]),
        ("BuyFentanylNow", ["Buy Fentanyl Now"]),
        ("рор", ["pop"]),
        ("%D1%80%D0%BE%D1%80", ["рор", "pop"]),
        ("%46entanylPowder", ["FentanylPowder", "%46entanyl Powder", "Fentanyl Powder"]),
    ],
)
def test_a_text_is_read_as_what_it_may_stand_for_besides(text: str, others: list[str]) -> None:
    assert readings(text) == [text, *others]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("fent&shy;anyl", "fent\u00adanyl"),
        ("fenta<br/>nyl", "fenta\nnyl"),
        ("f€n", "fen"),
        ("fen★tanyl™", "fen*tanyl*"),
        ("毛衣、heroin", "毛衣, heroin"),
    ],
)
def test_a_text_is_read_as_a_browser_shows_it_and_its_signs_as_letters_and_ends(
    text: str, shown: str
) -> None:
    assert readings(text) == [shown]


def test_of_another_reading_the_lines_alone_are_read_that_are_others_and_what_is_near() -> None:
    far, near = ["wool " * 40] * 2, "cap"
    coded, plain = [*far, near, "%41 hat", near, *far], [near, "A hat", near]
    _, other = readings("\n".join(coded))
    assert other == "\n".join([far[0], *plain, far[0]])


@given(st.text(min_size=1, max_size=8), st.integers(1, 100_000))
def test_what_is_searched_of_any_text_is_its_beginning(repeated: str, length: int) -> None:
    text = repeated * (length // len(repeated))
    assert text.startswith(searchable(text))


def test_what_is_searched_of_a_long_text_is_half_of_what_could_be_and_is_found_once() -> None:
    lines = "\n".join([*["cotton sweater"] * 20, "%41 iPhone чехол"])
    text = f"{lines}\n" * 1_200
    assert len(searchable(text)) >= 16_384
    assert searchable(text) is searchable(text)
