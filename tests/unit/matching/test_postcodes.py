"""ZIP codes and the states that they lie in."""

import csv
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.matching.postcodes import us_states_of_zip

ZIP_CODES = Path(os.environ.get("TIDEWAITER_DATA", "../shared/data")) / "geo" / "us_zip_codes_2010.csv"


@pytest.mark.parametrize(
    ("zip_code", "state"),
    [
        ("43215", "OH"),
        ("90210", "CA"),
        ("00501", "NY"),
        ("00901", "PR"),
        ("96701", "HI"),
        ("99501", "AK"),
        ("20500", "DC"),
    ],
)
def test_a_zip_code_lies_in_its_state(zip_code: str, state: str) -> None:
    assert state in us_states_of_zip(zip_code)


@pytest.mark.parametrize("written", ["43215-1234", "432151234", " 43215 "])
def test_a_longer_zip_code_lies_in_the_state_of_its_first_digits(written: str) -> None:
    assert us_states_of_zip(written) == us_states_of_zip("43215")


@pytest.mark.parametrize("written", ["", "4321", "432156", "K1A 0B1", "43215-", "000000", "00000", "4321S"])
def test_what_is_no_zip_code_lies_nowhere(written: str) -> None:
    assert us_states_of_zip(written) == frozenset()


@given(st.text(max_size=12))
def test_any_text_has_an_answer(text: str) -> None:
    assert all(len(state) == 2 for state in us_states_of_zip(text))


def test_every_zip_code_of_the_census_lies_in_its_state() -> None:
    if not ZIP_CODES.exists():
        pytest.skip(f"{ZIP_CODES} is not there: set TIDEWAITER_DATA")
    with ZIP_CODES.open(encoding="utf-8") as file:
        rows = [(row[0], row[4]) for row in csv.reader(file)]

    wrong = [(code, state) for code, state in rows if state not in us_states_of_zip(code)]

    assert wrong == []
