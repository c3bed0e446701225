"""Given names: every spelling means one name, and a slip of typing the one name near to it."""

import pytest

from tidewaiter.matching.given_names import given_name, is_given_only, is_shared, mended_given_name
from tidewaiter.matching.vocabulary import vocabulary_lines

LINES = vocabulary_lines("given_names.txt")


def test_no_spelling_means_two_names() -> None:
    told = [word for line in LINES if line[0] not in "+*" for word in line.replace(":", " ").split()]
    assert sorted(told) == sorted(set(told))


def test_what_bears_a_mark_is_a_name() -> None:
    marked = [word for line in LINES if line[0] == "*" for word in line[1:].split()]
    told = {word for line in LINES if line[0] != "*" for word in line.strip("+").replace(":", " ").split()}
    assert set(marked) - told == set()


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("bob", "robert"),
        ("jonathon", "jonathan"),
        ("filip", "philip"),
        ("robert", "robert"),
        ("chris", "chris"),
    ],
)
def test_a_spelling_means_its_name(word: str, name: str) -> None:
    assert given_name(word) == name


@pytest.mark.parametrize("word", ["meyer", "thi", "kim", "wei", "zyskowski", ""])
def test_what_is_no_known_given_name_means_none(word: str) -> None:
    assert given_name(word) == ""


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("jonahtan", "jonathan"),
        ("jnathan", "jonathan"),
        ("jonatthan", "jonathan"),
        ("jonarhan", "jonathan"),
        ("ojnathan", "jonathan"),
        ("daivd", "david"),
        ("robrt", "robert"),
    ],
)
def test_a_slip_is_mended(word: str, name: str) -> None:
    assert mended_given_name(word) == name


@pytest.mark.parametrize(
    "word",
    ["robertq", "rober", "daved", "roberts", "meyer", "xonathan", "jnahtan", "zq", ""],
)
def test_what_may_be_another_name_is_not_mended(word: str) -> None:
    assert mended_given_name(word) == ""


def test_families_and_names_that_brothers_share_are_known() -> None:
    assert (is_given_only("jonatan"), is_given_only("scott"), is_given_only("meyer")) == (True, False, False)
    assert (is_shared("jose"), is_shared("jonathan")) == (True, False)
