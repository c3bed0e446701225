"""Quality on data labelled by others: a measured table, held to what the service promises."""

import csv
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tidewaiter.domain.watchlist import Entry
from tidewaiter.matching.corroboration import Subject
from tidewaiter.matching.countries import code
from tidewaiter.matching.evaluation import (
    LabelledPair,
    ScoredPair,
    accuracy,
    at_every_threshold,
    recall_at_precision,
    scored,
)
from tidewaiter.matching.index import ALERT_THRESHOLD, NameIndex
from tidewaiter.matching.screening import hits
from tidewaiter.watchlists.formats import read_all

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("TIDEWAITER_DATA", str(ROOT / "../shared/data")))
OFAC = ("ofac_sdn_20240423.csv", "ofac_alt_2025-02.csv", "ofac_add_2025-02.csv")
UN = "un_consolidated.xml"

pytestmark = pytest.mark.skipif(
    not (DATA / "matching").is_dir(), reason=f"no data in {DATA} (TIDEWAITER_DATA)"
)


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / "matching" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def listed(*names: str) -> tuple[Entry, ...]:
    paths = [DATA / "watchlists" / name for name in names]
    return tuple(entry for reading in read_all(paths) for entry in reading.entries)


@cache
def pairs() -> tuple[ScoredPair, ...]:
    return scored(
        LabelledPair(row["name1"], row["name2"], row["is_match"] == "true", row["schema"], row["case_group"])
        for row in rows("name_pairs_dev.csv")
    )


def test_labelled_pairs_are_told_apart_at_the_one_threshold() -> None:
    assert accuracy(pairs(), ALERT_THRESHOLD).f1 >= 0.90


def test_labelled_pairs_are_recalled_at_a_precision_of_nine_in_ten() -> None:
    assert recall_at_precision(at_every_threshold(pairs()), 0.9) >= 0.87


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(lambda pair: pair.schema == "Person", id="people"),
        pytest.param(lambda pair: pair.schema in ("Company", "Organization"), id="firms"),
        pytest.param(lambda pair: pair.category in ("nk_checks", "nk_unit_tests"), id="checks"),
        pytest.param(lambda pair: pair.category == "synth_people", id="invented people"),
        pytest.param(lambda pair: pair.category == "synth_companies", id="invented firms"),
    ],
)
def test_no_group_of_pairs_is_bought_with_another(kept: Callable[[LabelledPair], bool]) -> None:
    group = [each for each in pairs() if kept(each.pair)]
    assert accuracy(group, ALERT_THRESHOLD).f1 >= 0.85


def test_people_on_the_un_list_are_found_under_treated_names() -> None:
    index = NameIndex.build(listed(UN))
    names = [row["full_name"] for row in rows("positives_un_dev.csv")]
    found = sum(bool(index.candidates(name)) for name in names)
    assert found / len(names) >= 0.99


@pytest.fixture(scope="module")
def both_lists() -> NameIndex:
    return NameIndex.build(listed(*OFAC, UN))


def test_ordinary_people_rarely_match_and_never_hold(both_lists: NameIndex) -> None:
    people = rows("negatives_us_dev.csv")
    matched = held = 0
    for person in people:
        subject = Subject(birth_date=person["date_of_birth"], country=code(person["nationality"]))
        found = hits(both_lists, person["full_name"], "person", subject)
        matched += bool(found)
        held += any(hit.holds for hit in found)
    assert matched / len(people) <= 0.01
    assert held / len(people) <= 1 / 10_000
