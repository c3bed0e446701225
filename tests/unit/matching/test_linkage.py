"""Linkage: records of one person in one group, in spite of typing errors, and others apart."""

import csv
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tidewaiter.cli.match_identities import app, quality
from tidewaiter.domain.party import Party
from tidewaiter.matching.alike import alike
from tidewaiter.matching.identity import identity_of
from tidewaiter.matching.linkage import PersonRecord, identities
from tidewaiter.matching.linkage.blocking import candidate_pairs
from tidewaiter.matching.linkage.clustering import clusters
from tidewaiter.matching.linkage.comparison import FIELDS, SAME, compare
from tidewaiter.matching.linkage.records import known_columns, person_record

MEYERS = PersonRecord(
    "phillip", "meyers", "12", "mainst", "", "reno", "89501", "nv", "+17753220000", "", "19610517"
)
GOMEZ = PersonRecord(
    "ana", "gomez", "9", "elmave", "", "boston", "02139", "ma", "+16172530123", "", "19800101"
)
MOYER = PersonRecord(
    "phillip", "moyer", "44", "oakrd", "", "reno", "89503", "nv", "+17753220909", "", "19750203"
)


def changed(record: PersonRecord, **fields: str) -> PersonRecord:
    parts = {field: getattr(record, field) for field in record.__struct_fields__}
    return PersonRecord(**(parts | fields))


@pytest.mark.parametrize(
    "other",
    [
        changed(MEYERS),
        changed(MEYERS, given="philip", street="mianst"),
        changed(MEYERS, given="meyers", surname="phillip"),
        changed(MEYERS, birth="19611705"),
        changed(MEYERS, birth="", phone=""),
        changed(MEYERS, number="", postal="89510"),
        changed(MEYERS, street="", extra="mainst"),
    ],
)
def test_record_with_a_slip_is_the_same_person(other: PersonRecord) -> None:
    assert identities([MEYERS, GOMEZ, other, MOYER]) == ((0, 2), (1,), (3,))


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_few_records_are_told_apart(count: int) -> None:
    assert identities([MEYERS, GOMEZ, MOYER][:count]) == tuple((place,) for place in range(count))


def test_swapped_names_agree_in_full() -> None:
    found = compare(MEYERS, changed(MEYERS, given="meyers", surname="phillip"))
    assert found[FIELDS.index("given")] == found[FIELDS.index("surname")] == SAME


@pytest.mark.parametrize(
    ("field", "one", "other", "level"),
    [
        ("surname", "martha", "marhta", 2),
        ("surname", "dixon", "dickson", 1),
        ("surname", "meyers", "gomez", 0),
        ("phone", "+17753220000", "+17753220009", 2),
        ("phone", "+17753220000", "+17753220099", 1),
        ("phone", "+17753220000", "+17753220999", 0),
        ("number", "12", "21", 2),
        ("number", "12", "45", 0),
        ("region", "nv", "nw", 0),
        ("birth", "19610517", "19611705", 2),
        ("birth", "17051961", "05171961", 2),
        ("birth", "19610517", "19160517", 2),
        ("birth", "19610517", "19710518", 1),
        ("birth", "19610517", "19750203", 0),
        ("birth", "610517", "056117", 0),
    ],
)
def test_fields_that_differ_resemble_by_their_kind(field: str, one: str, other: str, level: int) -> None:
    found = compare(PersonRecord(**{field: one}), PersonRecord(**{field: other}))
    assert found[FIELDS.index(field)] == level


@pytest.mark.parametrize(
    "alike",
    [
        PersonRecord(given="ana"),
        PersonRecord(number="12", postal="89501"),
        PersonRecord(street="mainst", postal="89501"),
        PersonRecord(street="mainst", number="12"),
        PersonRecord(city="reno", region="nv"),
    ],
)
def test_what_many_strangers_share_makes_no_pair(alike: PersonRecord) -> None:
    assert len(candidate_pairs([alike, alike])) == 0


def test_missing_field_says_nothing() -> None:
    found = compare(MEYERS, changed(MEYERS, birth=""))
    assert found[FIELDS.index("birth")] is None


def test_block_that_everybody_shares_is_left_out() -> None:
    crowd = [PersonRecord(given="ana", surname=f"s{number}", birth="19800101") for number in range(300)]
    assert len(candidate_pairs(crowd)) == 0


@pytest.mark.parametrize("count", [2_000, 8_000, 32_000])
def test_pairs_of_a_record_are_bounded_however_many_records_there_are(count: int) -> None:
    crowded = [
        PersonRecord(f"g{number % 97}", f"s{number % 89}", str(number % 50), f"st{number % 83}", "", "reno")
        for number in range(count)
    ]
    assert len(candidate_pairs(crowded)) <= count * 17 * 25


def grouped(count: int, links: Mapping[tuple[int, int], float]) -> tuple[tuple[int, ...], ...]:
    """The groups that these pairs, ascending, and their odds make."""
    return clusters(count, np.array(list(links)), np.array(list(links.values())))


def test_records_that_are_all_linked_are_one_group() -> None:
    links = {(0, 1): 9.0, (0, 2): 7.0, (1, 2): 8.0}
    assert grouped(3, links) == ((0, 1, 2),)


def test_one_false_link_makes_no_chain() -> None:
    links = {(0, 1): 9.0, (0, 2): -4.0, (0, 3): -4.0, (1, 2): 0.5, (1, 3): -4.0, (2, 3): 9.0}
    assert grouped(4, links) == ((0, 1), (2, 3))


@pytest.mark.parametrize(
    ("against", "found"), [(-4.0, ((0, 1, 2), (3,))), (-5.0, ((0, 1), (2, 3)))], ids=["too little", "enough"]
)
def test_what_speaks_against_a_link_counts_across_groups(
    against: float, found: tuple[tuple[int, ...], ...]
) -> None:
    """Records that were not compared count against one person, too."""
    assert grouped(4, {(0, 1): 9.0, (0, 2): against, (1, 2): 4.5, (2, 3): 3.0}) == found


names = st.text("abcdefg", max_size=6)
records = st.builds(PersonRecord, given=names, surname=names, city=names, postal=names, birth=names)


@given(st.lists(records, max_size=25))
@settings(max_examples=40, deadline=None)
def test_every_record_is_in_exactly_one_group(given_records: list[PersonRecord]) -> None:
    groups = identities(given_records)
    assert sorted(place for group in groups for place in group) == list(range(len(given_records)))


def test_columns_are_known_by_their_usual_names() -> None:
    header = ["rec_id", " Given Name", "last_name", "ZIP", "DOB", "Phone"]
    found = known_columns(header)
    assert set(found) == {"given", "surname", "postal", "birth", "phone"}


@pytest.mark.parametrize("name", ["Phillip Meyers", "MEYERS, Phillip"])
def test_whole_name_is_parted(name: str) -> None:
    record = person_record({"name": name, "address": "12 Main Street"}, known_columns(["name", "address"]))
    assert (record.given, record.surname) == ("phillip", "meyers")
    assert (record.number, record.street) == ("12", "mainst")


@pytest.mark.parametrize(
    ("row", "number", "street"),
    [
        ({"address": "Main Street"}, "", "mainst"),
        ({"address": "12"}, "", "12"),
        ({"address": "4 Main Street", "house_number": "12"}, "12", "4mainst"),
    ],
)
def test_a_house_number_is_what_an_address_begins_with(row: dict[str, str], number: str, street: str) -> None:
    record = person_record(row, known_columns(list(row)))
    assert (record.number, record.street) == (number, street)


def test_a_given_name_of_its_own_is_not_read_from_the_whole() -> None:
    row = {"name": "Phillip Meyers", "given_name": "Ana"}
    assert person_record(row, known_columns(list(row))).given == "ana"


def test_quality_counts_pairs() -> None:
    found = quality([(0, 1, 2), (3,)], ["a", "a", "b", "b"])
    assert found["precision"] == pytest.approx(1 / 3, abs=1e-6)
    assert found["recall"] == 0.5


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("colour,size\nred,1\n", "expected some of name"),
        ("", "expected some of name"),
        ("name,rec_id\nAna,none\n", "line 2: rec_id 'none', expected a number in it"),
        ("name\nAna\n", "no column 'rec_id'"),
        ('rec_id,name\n1,Ana\n2,"Ben\n3,Cyd\n', "line 3: a quotation that does not end"),
        ("name,rec_id\nAna\udce9,1\n", "can't decode byte 0xe9 in position 15"),
    ],
)
def test_table_that_cannot_be_read_is_refused_in_one_line(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(content, errors="surrogateescape")
    result = CliRunner().invoke(app, [str(path), "--truth", "rec_id"])
    assert result.exit_code == 2
    assert reason in result.stderr
    assert result.stderr.count("\n") == 1


def _febrl(number: int) -> Path:
    folder = Path(os.environ.get("TIDEWAITER_DATA", "../shared/data")) / "matching"
    if not folder.exists():
        pytest.skip(f"no {folder}")
    return folder / f"febrl_dataset{number}.csv"


def _febrl_rows(number: int) -> list[dict[str, str]]:
    with _febrl(number).open(newline="") as file:
        return list(csv.DictReader(file, skipinitialspace=True))


def _found_again(rows: Sequence[Mapping[str, str]]) -> float:
    """F1 of the groups that the records are put into."""
    columns = known_columns(list(rows[0]))
    groups = identities([person_record(row, columns) for row in rows])
    return quality(groups, [row["rec_id"].split("-")[1] for row in rows])["f1"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_febrl_persons_are_found_again(number: int) -> None:
    assert _found_again(_febrl_rows(number)) >= 0.998


@pytest.mark.parametrize(("number", "share"), [(1, 0.44), (2, 0.34), (3, 0.30)])
def test_whom_the_windows_take_for_one_linkage_does_too(number: int, share: float) -> None:
    """Keys alone find a third of what comparing finds, and never two persons as one."""
    rows = _febrl_rows(number)
    truth = [row["rec_id"].split("-")[1] for row in rows]
    counted = _pairs_by_window_key(rows)
    columns = known_columns(list(rows[0]))
    linked = _pairs(identities([person_record(row, columns) for row in rows]))
    assert all(truth[one] == truth[other] for one, other in counted)
    assert len(counted & linked) >= 0.99 * len(counted)
    assert len(counted) >= share * sum(truth[one] == truth[other] for one, other in linked)


def _pairs(groups: Iterable[Iterable[int]]) -> set[tuple[int, int]]:
    return {pair for group in groups for pair in combinations(sorted(group), 2)}


def _pairs_by_window_key(rows: Sequence[Mapping[str, str]]) -> set[tuple[int, int]]:
    found: dict[str, set[int]] = {}
    for place, row in enumerate(rows):
        line = f"{row['street_number']} {row['address_1']}"
        name, suburb = f"{row['given_name']} {row['surname']}", row["suburb"]
        party = Party(name, (line, row["address_2"]), suburb, row["state"].upper(), row["postcode"], "AU")
        identity = identity_of(party)
        for key in (*identity.person_keys, *alike(name, identity).keys):
            found.setdefault(key, set()).add(place)
    return _pairs(found.values())


def test_in_a_file_of_people_who_moved_an_address_says_little() -> None:
    rows = _febrl_rows(1)
    address = ("street_number", "address_1", "address_2", "suburb", "postcode", "state")
    copies = [row for row in rows if "dup" in row["rec_id"]]
    for row, other in zip(copies[::2], copies[1::2], strict=True):
        row |= {field: other[field] for field in address}
    assert _found_again(rows) >= 0.95


def test_strangers_who_share_names_are_left_apart() -> None:
    """4,000 persons with 60 given names, 200 surnames and a date of birth each, and no duplicate."""
    strangers = [
        PersonRecord(
            given=f"given{number * 7 % 60:02}",
            surname=f"surname{number * 31 % 200:03}",
            birth=f"19{number % 83 + 10}{number * 5 % 12 + 1:02}{number * 11 % 28 + 1:02}",
        )
        for number in range(4_000)
    ]
    assert len(identities(strangers)) >= 0.99 * len(strangers)


@pytest.mark.parametrize(
    "written",
    ["1961-05-17", "19610517", "1961/5/17", "17/05/1961", "17.5.1961", "05/17/1961", " 17-05-1961 "],
)
def test_birth_dates_of_two_files_are_one_however_they_are_written(written: str) -> None:
    assert person_record({"dob": written}, known_columns(["dob"])).birth == "19610517"


def test_birth_date_that_is_none_keeps_its_letters_and_digits() -> None:
    births = [
        person_record({"dob": text}, known_columns(["dob"])).birth for text in ("", "17 May 1961", "1961")
    ]
    assert births == ["", "17may1961", "1961"]


RECORDS = """rec_id, given_name, surname, date_of_birth, soc_sec_id
rec-7-org, lachlan, berry, 19990219, 7364009

rec-8-org, "mina
ann", corbett, 19610517, 5521177
BLANK
rec-7-dup-0, lachlan, bery, 19990219, 7364009
"""


@pytest.mark.parametrize("parts", [", ", ",", ";", "\t", "|"])
@pytest.mark.parametrize("header", [str.lower, str.upper], ids=["small", "capitals"])
def test_records_are_read_whatever_parts_them_and_told_by_the_line_where_they_begin(
    tmp_path: Path, parts: str, header: Callable[[str], str]
) -> None:
    first, _, rest = RECORDS.partition("\n")
    path = tmp_path / "records.csv"
    text = f"{header(first)}\n{rest}".replace(", ", parts).replace("BLANK", parts * 4)
    path.write_text(f"\ufeff{text}", encoding="utf-8")
    result = CliRunner().invoke(app, [str(path), "--truth", "rec_id", "--json"])
    found = json.loads(result.stdout)
    assert (found["records"], found["f1"]) == (3, 1.0)
    assert found["groups"] == [[{"file": "records.csv", "line": 2}, {"file": "records.csv", "line": 7}]]


def test_a_table_of_records_may_have_none(tmp_path: Path) -> None:
    path = tmp_path / "records.csv"
    path.write_text("given_name,surname\n")
    assert json.loads(CliRunner().invoke(app, [str(path), "--json"]).stdout)["records"] == 0
