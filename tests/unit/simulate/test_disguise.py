"""Listed names in disguise: still the same people, no longer the same letters."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from tidewaiter.simulate.chance import Chance
from tidewaiter.simulate.planted.disguise import misspelt, transliterated, turned


@pytest.mark.parametrize(
    ("listed", "written"),
    [
        ("MASWATER WISSTEAD, Manuel", "Manuel Maswater Wisstead"),
        ("LANXILAN WATCHES TRADING CO., LTD.", "Lanxilan Watches Trading Co., Ltd."),
    ],
)
def test_name_is_turned_to_the_order_of_everyday(listed: str, written: str) -> None:
    assert turned(listed) == written


@given(st.integers(0, 10_000))
def test_misspelt_name_is_one_edit_away(seed: int) -> None:
    name = "VETROGONOV, Arseniy"
    assert DamerauLevenshtein.distance(misspelt(name, Chance(seed)), turned(name)) == 1


@given(st.integers(0, 10_000))
def test_typing_error_is_in_a_telling_word_of_a_company(seed: int) -> None:
    assert misspelt("LIMITED LIABILITY COMPANY IMEX EKSPERTIZA", Chance(seed)).startswith(
        "Limited Liability Company Imex "
    )


def test_legal_form_at_the_end_is_written_in_its_other_way() -> None:
    assert misspelt("BAO CO., LTD.", Chance(1)) == "Bao Company Limited"


def test_short_names_are_not_misspelt_beyond_recognition() -> None:
    assert misspelt("LI, Wei", Chance(1)) == "Wei Li"


@pytest.mark.parametrize(
    ("listed", "country", "written"),
    [
        ("ZHANG, Weiqiang", "CN", "张伟强"),
        ("VETROGONOV, Arseniy", "RU", "Арсений Ветрогонов"),
        ("KOROVKIN, Grigory", "KZ", "Григорий Коровкин"),
        ("LEONTYEV, Yevgeni Yurievich", "RU", "Евгений Юрьевич Леонтьев"),
        ("PESKARENKO, Dmytro Volodymyrovych", "UA", "Дмитро Володимирович Пескаренко"),
        ("ELKSADOR WARD, Yarir", "RU", ""),
        ("VETROGONOV, Arseniy", "DE", ""),
        ("HUSSEIN, Mazen", "LB", ""),
        ("LIN, Zuoyou", "RU", "Зуоёу Лин"),
    ],
)
def test_name_is_written_in_the_script_of_its_country(listed: str, country: str, written: str) -> None:
    assert transliterated(listed, country) == written


@given(st.text("abcdefghijklmnopqrstuvwxyz -'", max_size=20))
def test_name_is_never_half_in_one_script_and_half_in_another(given_name: str) -> None:
    assert not re.search("[A-Za-z]", transliterated(f"VETROGONOV, {given_name}", "RU"))
