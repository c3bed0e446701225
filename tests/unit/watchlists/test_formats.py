"""List files: known by content, read whole, refused when they are not."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.matching.doors import door_key
from tidewaiter.domain.party import Address
from tidewaiter.domain.watchlist import EntryName, Identifier
from tidewaiter.matching.corroboration import Subject
from tidewaiter.matching.identifiers import is_uscc
from tidewaiter.matching.index import NameIndex
from tidewaiter.matching.listed import listed_identifiers
from tidewaiter.matching.screening import hits
from tidewaiter.watchlists.formats import ListRefused, Reading, read_all
from tidewaiter.watchlists.formats import reading as list_files
from tidewaiter.watchlists.formats.facts import birth_dates, iso_date
from tidewaiter.watchlists.formats.ofac import remarked
from tidewaiter.watchlists.generations import version_of

SDN = (
    '7001,"HARBOR, Ines","individual","SDNTK] [ILLICIT-DRUGS-EO14059",'
    "-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"
    '"DOB 19 Jun 1982; alt. DOB circa 1980; nationality Mexico; '
    "Passport G1 (Mexico); a.k.a. 'La Marea'.\"\r\n"
    '7002,"MOLE CHEMICAL CO., LTD.",-0- ,"ILLICIT-DRUGS-EO14059",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,'
    '"Phone Number 8613812345678; Website www.mole.example; Email Address a@mole.example; '
    'Unified Social Credi"\r\n'
)
ADD = (
    '7001,1,"Calle Juarez 5","Culiacan, Sinaloa 80000","Mexico",-0- \r\n9999,2,-0- ,"Havana","Cuba",-0- \r\n'
)
ALT = (
    '7001,1,"aka","PUERTO, Ines",-0- \r\n7002,2,"fka","PIER CHEMICAL",-0- \r\n9999,3,"aka","NOBODY",-0- \r\n'
)
COMMENTS = '7002,"t Code (USCC) 91350100M000100Y43 (China)."\r\n'


def written(folder: Path, **files: str | bytes) -> list[Path]:
    paths = []
    for name, content in files.items():
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("latin-1"))
        paths.append(path)
    return paths


def read(path: Path) -> Reading:
    """The list in one file."""
    (reading,) = read_all((path,))
    return reading


def ofac(folder: Path, end: str = "\x1a") -> Reading:
    """The set under names that say nothing, satellites first: content alone must tell them apart."""
    (reading,) = read_all(written(folder, a=ALT + end, b=COMMENTS + end, c=ADD + end, d=SDN + end))
    return reading


@pytest.mark.parametrize("end", ["", "\x1a"])
def test_ofac_set_is_joined_whatever_the_files_are_called(tmp_path: Path, end: str) -> None:
    reading = ofac(tmp_path, end)
    person, company = reading.entries
    assert (reading.source, reading.problems) == ("ofac-sdn", ())
    assert person.names == (
        EntryName("HARBOR, Ines"),
        EntryName("PUERTO, Ines", "alias"),
        EntryName("La Marea", "weak_alias"),
    )
    assert person.addresses == (Address(("Calle Juarez 5",), "Culiacan", "Sinaloa", "80000", "MX"),)
    assert (person.kind, person.birth_dates, person.countries) == ("person", ("1982-06-19", "1980"), ("MX",))
    assert person.programs == ("SDNTK", "ILLICIT-DRUGS-EO14059")
    assert company.names[1] == EntryName("PIER CHEMICAL", "former")


def test_ofac_overflow_of_remarks_continues_the_remarks(tmp_path: Path) -> None:
    assert ofac(tmp_path).entries[1].identifiers == (
        Identifier("phone", "8613812345678"),
        Identifier("website", "www.mole.example"),
        Identifier("email", "a@mole.example"),
        Identifier("tax_id", "91350100M000100Y43", "CN"),
    )


def test_ofac_rows_of_another_day_are_counted_not_refused(tmp_path: Path) -> None:
    counts = ofac(tmp_path).counts
    assert (counts["aliases_without_entry"], counts["addresses_without_entry"]) == (1, 1)


def test_ofac_lines_that_cannot_be_read_are_told_and_the_others_stand(tmp_path: Path) -> None:
    one = SDN.partition("\r\n")[0]
    rows = [one.replace("7001", str(8000 + number)) for number in range(200)]
    rows[7] = rows[7].replace('"HARBOR, Ines"', "-0- ").replace("a.k.a. 'La Marea'", "Gender Female")
    rows[9] = "9,too,few"
    found = read_all(written(tmp_path, sdn="\r\n".join(rows) + "\r\n", alt=ALT + "7001,4\r\n"))[0]
    assert (len(found.entries), found.rows) == (198, 204)
    assert [(one.file, one.line, one.reason.partition(":")[0]) for one in found.problems] == [
        ("sdn", 8, "SDN_Name empty, expected a name"),
        ("sdn", 10, "3 columns, expected 12"),
        ("alt", 4, "2 columns, expected 5"),
    ]


def test_ofac_satellite_without_primary_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ListRefused, match="without the primary file"):
        read_all(written(tmp_path, alt=ALT))


@pytest.mark.parametrize("kept", [20, 80, 250, 330, len(SDN) - 30, len(SDN) - 3])
def test_ofac_file_cut_in_a_record_is_refused(tmp_path: Path, kept: int) -> None:
    with pytest.raises(ListRefused):
        read_all(written(tmp_path, sdn=SDN[:kept]))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\x1a\r\n", "empty"),
        (b"\x00\x00\x00", "empty"),
        (b"<html><body>503</body></html>", "begins '<html>"),
        (b"%PDF-1.7\n", "begins '%PDF"),
        (b"<?xml version='1.0'?><OTHER/>", "expected CONSOLIDATED_LIST"),
        (b"<?xml version='1.0'?><CONSOLIDATED_LIST><INDIVIDUALS>", "not whole XML"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><CONSOLIDATED_LIST/>", "declares entities"),
        (b"<?xml version='1.0'?><CONSOLIDATED_LIST/>", "no entry"),
        (b"name,colour\nA,red\n", "unknown column 'colour'"),
        (b"name,phone\n", "no entry"),
        (b'name,phone\nA,"+1 617', "middle of a record"),
        (b'{"name": "A"}\n{"name": "B', "middle of a record"),
        (b"list,name\nx,A\ny,B\n", "expected one list a file"),
        (b"name,phone,phone\nA,1,2\n", "column phone twice"),
        (
            b'{"name": "A", "name": "B"}\n{"name": "A", "phone": "1", "phone": "2"}\n',
            "name twice, expected it once",
        ),
        (b"name,programs\n" + 2 * (b"A," + b"P;" * 201 + b"\n"), "programs: 201, expected at most 200"),
    ],
)
def test_file_that_is_no_whole_list_is_refused_in_one_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    with pytest.raises(ListRefused, match=reason) as refused:
        read_all(written(tmp_path, file=content))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("end", ["B", "B,"], ids=["in a field", "behind a comma"])
def test_table_that_ends_in_the_middle_of_a_record_is_refused(tmp_path: Path, end: str) -> None:
    with pytest.raises(ListRefused, match=r"ends in the middle of a record \(line 4\)"):
        read_all(written(tmp_path, own=f"name,phone,email\nA,,\nC,,\n{end}"))


def test_missing_file_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(ListRefused, match=r"absent.csv: cannot be read: No such file"):
        read(tmp_path / "absent.csv")


def test_file_that_is_larger_than_any_list_is_refused_unread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_files, "MAX_BYTES", 9)
    with pytest.raises(ListRefused, match="own: 10 bytes, expected at most 9"):
        read_all(written(tmp_path, own="name\nAnna\n"))


def test_too_large_a_share_of_bad_lines_is_refused_with_the_first(tmp_path: Path) -> None:
    with pytest.raises(
        ListRefused, match=r"3 of 3 lines cannot be read, .* first own line 2: 3 columns, expected 2"
    ):
        read_all(written(tmp_path, own="name,phone\nA,1,2\nB,1,2\nC,1,2\n"))


def test_one_bad_line_of_a_hundred_is_a_problem_with_its_line(tmp_path: Path) -> None:
    lines = ["name,phone", *(f"Name {number},+1617555{number:04}" for number in range(99))]
    lines.insert(41, "one,two,three")
    (path,) = written(tmp_path, own="\n".join(lines) + "\n")
    reading = read(path)
    assert len(reading.entries) == 99
    assert [(problem.line, problem.reason) for problem in reading.problems] == [
        (42, "3 columns, expected 2: 'one,two,three'")
    ]


def test_own_ndjson_line_that_is_no_object_is_a_line_that_cannot_be_read(tmp_path: Path) -> None:
    (path,) = written(tmp_path, own='{"name": "Lea"}\n["Ines"]\n')
    found = read(path)
    assert [(one.line, one.reason) for one in found.problems] == [(2, "list, expected an object")]


def test_own_ndjson_nested_without_end_is_a_line_that_cannot_be_read(tmp_path: Path) -> None:
    objects = '{"name": "Ann Lee"}\n' * 99 + '{"name": ' + "[" * 9_999 + "\n"
    (path,) = written(tmp_path, ndjson=objects)
    (problem,) = read(path).problems
    assert (problem.line, problem.reason[:8]) == (100, "not JSON")


@pytest.mark.parametrize(
    ("field", "most"), [("entry_id", 64), ("name", 2_000), ("aliases", 2_000), ("programs", 300)]
)
def test_own_entry_that_no_hold_order_could_carry_is_a_line_that_cannot_be_read(
    tmp_path: Path, field: str, most: int
) -> None:
    objects = [{"name": "Ann Lee"} | {field: "7" * length} for length in (most, most + 1)]
    (path,) = written(tmp_path, ndjson="\n".join(map(json.dumps, objects)) + "\n")
    found = read(path)
    assert len(found.entries) == 1
    assert [one.reason for one in found.problems] == [f"{field}: {most + 1} signs, expected at most {most}"]


@pytest.mark.parametrize("name", ['{"first": "Ines"}', '[["Ines"]]', '["Ines", {"last": "Harbor"}]'])
def test_own_ndjson_with_an_object_for_a_text_is_a_line_that_cannot_be_read(
    tmp_path: Path, name: str
) -> None:
    (path,) = written(tmp_path, own=f'{{"name": "Lea"}}\n{{"name": {name}}}\n')
    found = read(path)
    assert [(one.line, one.reason) for one in found.problems] == [
        (2, "name: nested, expected text or an array of texts")
    ]


def test_own_csv_and_ndjson_give_the_same_entries(tmp_path: Path) -> None:
    table = (
        "list,entry_id,name,aliases,address,city,postal,country,phone,birth_date,programs\n"
        "hot,1,Ines Harbor,La Marea;I. Puerto,12 Main St,Reno,89501,United States,"
        "775 322 0000;775 322 0001,1982-06-19,X\n"
    )
    objects = (
        '{"list":"hot","entry_id":1,"name":"Ines Harbor","aliases":["La Marea","I. Puerto"],'
        '"address":"12 Main St",'
        '"city":"Reno","postal":"89501","country":"US","phone":["775 322 0000","775 322 0001"],'
        '"birth_date":"1982-06-19","programs":["X"]}\n'
    )
    first, second = (read(path) for path in written(tmp_path, csv=table, ndjson=objects))
    assert first.entries == second.entries
    assert first.source == "hot"
    assert first.entries[0].identifiers[1] == Identifier("phone", "775 322 0001", "US")


def test_own_entry_has_all_of_its_names_and_tells_of_a_second_place(tmp_path: Path) -> None:
    (path,) = written(tmp_path, own='{"name": ["Ines Harbor", "Lea Pier"], "city": ["Reno", "Boston"]}\n')
    found = read(path)
    assert found.entries[0].names == (EntryName("Ines Harbor"), EntryName("Lea Pier", "alias"))
    (problem,) = found.problems
    assert problem.reason == "city: several values, of which the first counts, expected one"


def test_rows_of_one_own_entry_are_one_entry(tmp_path: Path) -> None:
    """A party that has the name of it, and what a later row alone says, is to be held."""
    table = (
        "entry_id,name,kind,postal,city,country,phone,programs,remarks\n"
        "7,Ines Harbor,person,89501,Reno,US,+1 775 322 0000,X,seen\n"
        "8,Lea Pier,,,,,,,\n"
        "7,Ines Puerto,,,,,,X,again\n"
        "7,Ines Harbor,,02139,Boston,US,+1 617 253 0001,Y,seen\n"
    )
    (path,) = written(tmp_path, own=table)
    found = read(path)
    assert (found.rows, [entry.entry_id for entry in found.entries]) == (4, ["7", "8"])
    entry = found.entries[0]
    assert entry.names == (EntryName("Ines Harbor"), EntryName("Ines Puerto", "alias"))
    assert [place.city for place in entry.addresses] == ["Reno", "Boston"]
    assert (len(entry.identifiers), entry.programs, entry.remarks) == (2, ("X", "Y"), "seen; again")
    (hit,) = hits(NameIndex.build(found.entries), "Ines Harbor", "person", Subject(phone="+16172530001"))
    assert hit.holds


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("Ines,775 322 0000,,,,,", "phone '775 322 0000', expected a number with its country code"),
        ("Ines,1.77532E+10,,US,,,", "phone '1.77532E+10', expected a number"),
        ("Ines,,qq.com,,,,", "website 'qq.com', expected a host that is not shared"),
        ("Ines,,,Mexiko,,,", "country 'Mexiko', expected a country's name or code"),
        ("Ines,,,,12 Main St Reno,,", "address '12 Main St Reno', expected street with number"),
        ("Ines,,,US,12 Main St,Reno,", "address '12 Main St', expected street with number, city, postal"),
        ("Ines,,,,,,10.1.1", "ip '10.1.1', expected an IP address"),
    ],
)
def test_what_of_an_own_entry_nobody_is_found_by_is_told_with_its_line(
    tmp_path: Path, row: str, reason: str
) -> None:
    (path,) = written(tmp_path, own=f"name,phone,website,country,address,city,ip\nGood,,,,,,\n{row}\n")
    found = read(path)
    assert (found.rows, len(found.entries)) == (2, 2)
    (problem,) = found.problems
    assert (problem.line, problem.lines) == (3, 0)
    assert problem.reason.startswith(reason)


def test_own_person_has_nations_and_birth_dates_and_tells_of_those_that_are_none(tmp_path: Path) -> None:
    table = "name,nationality,birth_date\nInes,Mexico;Mexiko,1982;yesterday\n"
    (path,) = written(tmp_path, own=table)
    found = read(path)
    assert (found.entries[0].countries, found.entries[0].birth_dates) == (("MX",), ("1982",))
    assert [problem.reason for problem in found.problems] == [
        "nationality 'Mexiko', expected a country's name or code",
        "birth_date 'yesterday', expected a date as 1961-05-17, or a part of one",
    ]


def test_own_field_that_is_null_says_nothing(tmp_path: Path) -> None:
    (path,) = written(tmp_path, own='{"name": "Ines Harbor", "aliases": null, "phone": null}\n')
    found = read(path)
    assert (found.entries[0].names, found.problems) == ((EntryName("Ines Harbor"),), ())
    assert found.entries[0].identifiers == ()


@pytest.mark.parametrize(
    "address",
    ['"12 Main St, Reno, NV, 89501, US"', '"12 Main St, Reno, NV 89501"', "12 Main St; Reno NV 89501; USA"],
)
def test_an_own_entry_with_its_whole_address_in_one_field_is_found_at_its_door(
    tmp_path: Path, address: str
) -> None:
    (path,) = written(tmp_path, own=f"name,address\nInes Harbor,{address}\n")
    found = read(path)
    assert found.problems == ()
    assert set(listed_identifiers(found.entries)["address"]) == {"US|89501|12|mainst"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_own_list_is_read_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    (path,) = written(tmp_path, own="name,city\nJosé Núñez,Córdoba\n".encode(encoding))
    assert read(path).entries[0].name == "José Núñez"


def test_same_list_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ListRefused, match="list ofac-sdn twice"):
        read_all(written(tmp_path, one=SDN, two=SDN))


CSL_HEAD = (
    "_id,source,entity_number,type,programs,name,title,addresses,federal_register_notice,start_date,end_date,"
    "standard_order,license_requirement,license_policy,call_sign,vessel_type,gross_tonnage,"
    "gross_registered_tonnage,vessel_flag,vessel_owner,remarks,source_list_url,alt_names,citizenships,dates_of_birth,nationalities,"
    "places_of_birth,source_information_url,ids\n"
)


def csl_row(addresses: str, ids: str) -> str:
    """A row of the list with what is given, and all else empty."""
    return f'x1,Entity List (EL) - BIS,,,,PIER,,"{addresses}",' + "," * 20 + f'"{ids}"\n'


@pytest.mark.parametrize(
    "line",
    [
        "5 A RD, RENO, NV, 89501, US",
        "5 A RD, RENO, NV 89501, US",
        "5 A RD, RENO, NV, 89501",
        "5 A RD, RENO, Nevada 89501, USA, US",
    ],
)
def test_csl_address_names_its_door_however_its_line_is_parted(tmp_path: Path, line: str) -> None:
    (path,) = written(tmp_path, csl=CSL_HEAD + csl_row(line, ""))
    (entry,) = read(path).entries
    assert entry.addresses == (Address(("5 A RD",), "RENO", "NV", "89501", "US"),)


@pytest.mark.parametrize(
    ("line", "city", "region"),
    [
        ("A Rd 5, Culiacan, Sinaloa, MX", "Culiacan", "Sinaloa"),
        ("A Rd 5, Culiacan, Sinaloa, 80000, MX", "Culiacan", "Sinaloa"),
        ("A Rd 5, Shijiazhuang, Hebei, China", "Shijiazhuang", "Hebei"),
        ("A Rd 5, Volgograd, Volgogradskaya obl., 400074, RU", "Volgograd", "Volgogradskaya obl."),
        ("A Rd 5, Haidian District, Beijing, CN", "Beijing", ""),
        ("A Rd 5, Krasnogorsk, Krasnogorski Raion, Moskovskaya Obl., 143409, RU", "Krasnogorsk", ""),
        ("A Rd 5, Trinidad, Genaro Estrada, Sinaloa, MX", "Genaro Estrada", "Sinaloa"),
        ("A Rd 5, Panama, PA", "Panama", ""),
        ("A Rd 5, SG", "", ""),
        ("and A Rd 5, Guangzhou, China 510060, CN", "Guangzhou", ""),
    ],
)
def test_csl_address_is_found_by_its_city_whether_or_not_a_region_follows(
    tmp_path: Path, line: str, city: str, region: str
) -> None:
    (path,) = written(tmp_path, csl=CSL_HEAD + csl_row(line, ""))
    entries = read(path).entries
    country = entries[0].addresses[0].country
    door = door_key(Address(("A Rd 5",), city, region, "", country))
    assert door in listed_identifiers(entries)["address"]


def test_csl_ids_of_the_old_layout_have_their_label_last(tmp_path: Path) -> None:
    ids = (
        "CO, 811038291-3, NIT #; 7704681172, Tax ID No.; http://pier.example, Website; "
        "Volga@PIER.example, Email Address; IMO 8898831, Vessel Registration Identification; "
        "Subject to Directive 2, Executive Order 13662 Directive Determination -"
    )
    (path,) = written(tmp_path, csl=CSL_HEAD.removeprefix("_id,") + csl_row("", ids).removeprefix("x1,"))
    (entry,) = read(path).entries
    assert entry.identifiers == (
        Identifier("tax_id", "811038291-3", "CO"),
        Identifier("tax_id", "7704681172"),
        Identifier("website", "http://pier.example"),
        Identifier("email", "Volga@PIER.example"),
    )


def test_csl_entry_stands_under_its_own_source(tmp_path: Path) -> None:
    row = (
        'x1,Denied Persons List (DPL) - BIS,,Individual,,"PIER; and any successor, sub-unit",,'
        '"12 A RD, RENO, NV, 89501, US; Harbor 5, Nicosia, 1066, CY",'
        + ","
        * 14
        + '"PIER ONE; and PIER TWO",,1978-12-05,'
        'KP,,,"Passport, 836238033, KP; Website, pier.example; Gender, Male"\n'
    )
    (path,) = written(tmp_path, csl=CSL_HEAD + row)
    (entry,) = read(path).entries
    assert (entry.list, entry.name) == ("csl-dpl", "PIER")
    assert [name.text for name in entry.names[1:]] == ["PIER ONE", "PIER TWO"]
    assert entry.addresses == (
        Address(("12 A RD",), "RENO", "NV", "89501", "US"),
        Address(("Harbor 5",), "Nicosia", "", "1066", "CY"),
    )
    assert entry.identifiers == (
        Identifier("passport", "836238033", "KP"),
        Identifier("website", "pier.example"),
    )


def test_csl_record_without_name_or_source_is_counted_with_its_line(tmp_path: Path) -> None:
    rows = [csl_row("", "").replace("PIER", f"PIER {number}") for number in range(99)]
    rows.insert(1, csl_row("", "").replace("Entity List (EL) - BIS", ""))
    (path,) = written(tmp_path, csl=CSL_HEAD + "".join(rows))
    found = read(path)
    assert (found.rows, len(found.entries)) == (100, 99)
    assert [(one.line, one.reason) for one in found.problems] == [(3, "source or name empty, expected both")]


def test_csl_field_of_several_values_has_none_that_is_empty(tmp_path: Path) -> None:
    row = csl_row("", "").replace(",,,,PIER", ",,Entity,SDGT; ;NPWMD;,PIER")
    (path,) = written(tmp_path, csl=CSL_HEAD + row)
    assert read(path).entries[0].programs == ("SDGT", "NPWMD")


@pytest.mark.parametrize(
    ("number", "expected"), [("9,", "9"), (",", "x1")], ids=["of the source", "of the list"]
)
def test_csl_entry_has_the_number_of_its_source_else_of_the_list(
    tmp_path: Path, number: str, expected: str
) -> None:
    row = csl_row("", "").replace("BIS,,", f"BIS,{number}")
    (path,) = written(tmp_path, csl=CSL_HEAD + row)
    assert read(path).entries[0].entry_id == expected


@pytest.mark.parametrize(
    ("state", "country", "expected"), [("NV", "", "US"), ("", "CN", "CN"), ("", "", ""), ("ON", "CA", "CA")]
)
def test_dpl_address_without_a_country_is_in_the_united_states_where_it_has_a_state(
    tmp_path: Path, state: str, country: str, expected: str
) -> None:
    head = "name\tstreet_address\tcity\tstate\tcountry\tpostal_code\n"
    (path,) = written(tmp_path, dpl=f"{head}PIER\t12 A RD\tRENO\t{state}\t{country}\t89501\n")
    (place,) = read(path).entries[0].addresses
    assert (place.country, place.region) == (expected, state)


def test_uflpa_company_has_its_aliases_and_one_without_a_name_is_told_of(tmp_path: Path) -> None:
    rows = "Pier Cotton Co.,Pier Ginning; ;Muelle;,2022\n,Nobody,2022\n"
    (path,) = written(tmp_path, uflpa=f"name,aliases,listed_year\n{rows}")
    found = read(path)
    (entry,) = found.entries
    assert [name.text for name in entry.names] == ["Pier Cotton Co.", "Pier Ginning", "Muelle"]
    assert (found.source, found.rows, entry.kind, entry.programs) == ("uflpa", 2, "organization", ("UFLPA",))
    assert [(one.line, one.reason) for one in found.problems] == [(3, "name empty, expected a name")]


def test_csl_without_a_column_that_tells_of_every_entry_is_refused(tmp_path: Path) -> None:
    head = CSL_HEAD.replace(",ids", ",numbers")
    (path,) = written(tmp_path, csl=head + csl_row("", "") * 40)
    with pytest.raises(ListRefused, match="no column ids, expected source"):
        read(path)


def test_ofac_entry_that_has_its_aliases_alone_is_read_under_these(tmp_path: Path) -> None:
    (reading,) = read_all(written(tmp_path, sdn=SDN.replace('"HARBOR, Ines"', "-0- "), alt=ALT))
    assert reading.problems == ()
    assert [name.text for name in reading.entries[0].names] == ["PUERTO, Ines", "La Marea"]


def test_un_entry_that_has_its_own_script_alone_is_read_under_that(tmp_path: Path) -> None:
    script = "<NAME_ORIGINAL_SCRIPT>金铁三</NAME_ORIGINAL_SCRIPT>"
    (path,) = written(tmp_path, un=un_entity(script).replace("PIER", "").encode())
    assert [name.text for name in read(path).entries[0].names] == ["金铁三"]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("19 Jun 1982", ("1982-06-19",)),
        ("circa 1957", ("1957",)),
        ("1955 to 1958", ("1955", "1956", "1957", "1958")),
        ("circa 1957-1958", ("1957", "1958")),
        ("01 Jan 1961 to 31 Dec 1963", ("1961", "1962", "1963")),
        ("01 Jan 1961 to 31 Dec 1961", ("1961",)),
        ("Mar 1960 to Feb 1961", ("1960", "1961")),
        ("unknown", ()),
    ],
)
def test_a_span_of_birth_dates_is_each_of_its_years(text: str, dates: tuple[str, ...]) -> None:
    assert remarked(f"DOB {text}; POB Cali").birth_dates == dates
    assert birth_dates(text) == dates


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1961-05-17", "1961-05-17"),
        ("1961-05", "1961-05"),
        ("1961/5/17", "1961-05-17"),
        ("19610517", "1961-05-17"),
        ("1961-05-17T00:00:00Z", "1961-05-17"),
        ("17.05.1961", "1961-05-17"),
        ("5.6.1961", "1961-06-05"),
        ("17/05/1961", "1961-05-17"),
        ("05/17/1961", "1961-05-17"),
        ("05/05/1961", "1961-05-05"),
        ("05/06/1961", "1961"),
        ("31/31/1961", "1961"),
        ("May 17, 1961", "1961-05-17"),
        ("Sept. 7 1961", "1961-09-07"),
        ("17 May 1961", "1961-05-17"),
        ("May 1961", "1961-05"),
        ("born in 1961", "1961"),
        ("5/17", ""),
    ],
)
def test_a_date_is_read_as_lists_write_it(text: str, date: str) -> None:
    assert iso_date(f" {text} ") == date


def un_entity(inner: str) -> str:
    """A list of one entity."""
    return (
        "<?xml version='1.0'?><CONSOLIDATED_LIST><ENTITIES><ENTITY><FIRST_NAME>PIER</FIRST_NAME>"
        f"<REFERENCE_NUMBER>KPe.1</REFERENCE_NUMBER>{inner}</ENTITY></ENTITIES></CONSOLIDATED_LIST>"
    )


def test_un_contacts_are_read_out_of_its_remarks(tmp_path: Path) -> None:
    text = un_entity(
        "<COMMENTS1>Telephone numbers: 850-2-381-4432; and +850 2 381 4687 (ext. 8). Email addresses: "
        "a@pier.example and b@pier.example. Website: http://www.pier.example/ INTERPOL web link: "
        "https://www.interpol.example/notices. Founded 1999-2004.</COMMENTS1>"
        "<ENTITY_ADDRESS><COUNTRY>Democratic People's Republic of Korea</COUNTRY>"
        "<NOTE>Tel. +236 72 15 47 07 / +236 75 09 43 41</NOTE></ENTITY_ADDRESS>"
    )
    (path,) = written(tmp_path, un=text)
    found = {kind: set(texts) for kind, texts in listed_identifiers(read(path).entries).items()}
    assert found == {
        "phone": {"+85023814432", "+85023814687", "+23672154707", "+23675094341"},
        "email": {"a@pier.example", "b@pier.example"},
        "website": {"pier.example"},
    }


def test_un_addresses_that_stand_in_a_remark_alone_are_read(tmp_path: Path) -> None:
    note = (
        "Branch Office 7: i) 5 Barno Road, Quetta, Pakistan ii) Plaza 8, Tol Road, Lahore, Punjab Province, "
        "Pakistan; Phone 042-6812081"
    )
    text = un_entity(
        f"<ENTITY_ADDRESS><NOTE>{note}</NOTE></ENTITY_ADDRESS>"
        "<ENTITY_ADDRESS><CITY>Herat</CITY><NOTE>as of June 2016, Iran</NOTE></ENTITY_ADDRESS>"
        "<ENTITY_ADDRESS><NOTE>since 2016</NOTE></ENTITY_ADDRESS>"
    )
    (path,) = written(tmp_path, un=text)
    assert read(path).entries[0].addresses == (
        Address(("5 Barno Road",), "Quetta", "", "", "PK"),
        Address(("Plaza 8, Tol Road",), "Lahore", "Punjab Province", "", "PK"),
        Address(("Plaza 8",), "Tol Road", "Lahore, Punjab Province", "", "PK"),
        Address((), "Herat"),
    )


def test_un_entry_has_aliases_by_quality_and_every_year_of_a_span(tmp_path: Path) -> None:
    record = (
        "<?xml version='1.0'?><CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL><DATAID>1</DATAID>"
        "<FIRST_NAME>INES</FIRST_NAME><SECOND_NAME>HARBOR</SECOND_NAME><UN_LIST_TYPE>DRC</UN_LIST_TYPE>"
        "<REFERENCE_NUMBER>CDi.900</REFERENCE_NUMBER>"
        "<NATIONALITY><VALUE>Democratic Republic of the Congo</VALUE></NATIONALITY>"
        "<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>Marea; Ola</ALIAS_NAME></INDIVIDUAL_ALIAS>"
        "<INDIVIDUAL_DATE_OF_BIRTH>"
        "<FROM_YEAR>1960</FROM_YEAR><TO_YEAR>1963</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH>"
        "</INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"
    )
    (path,) = written(tmp_path, un=record)
    (entry,) = read(path).entries
    assert entry.names[1:] == (EntryName("Marea", "weak_alias"), EntryName("Ola", "weak_alias"))
    assert (entry.birth_dates, entry.countries, entry.entry_id) == (
        ("1960", "1961", "1962", "1963"),
        ("CD",),
        "CDi.900",
    )
    assert (entry.kind, entry.programs) == ("person", ("DRC",))


def test_un_entity_is_an_organization_and_a_record_without_its_number_is_told_of(tmp_path: Path) -> None:
    nameless = "</ENTITY><ENTITY><DATAID>7</DATAID><FIRST_NAME>QUAY</FIRST_NAME>"
    (path,) = written(tmp_path, un=un_entity(nameless))
    found = read(path)
    assert [(entry.entry_id, entry.kind) for entry in found.entries] == [("KPe.1", "organization")]
    assert [one.reason for one in found.problems] == ["record 2 (DATAID '7'): no name or REFERENCE_NUMBER"]


@pytest.mark.parametrize(
    ("said", "country"),
    [
        ("<ISSUING_COUNTRY>Iraq</ISSUING_COUNTRY><COUNTRY_OF_ISSUE>Iran</COUNTRY_OF_ISSUE>", "IQ"),
        ("<COUNTRY_OF_ISSUE>Iraq</COUNTRY_OF_ISSUE>", "IQ"),
        ("", ""),
    ],
)
def test_un_document_is_of_the_country_that_issued_it(tmp_path: Path, said: str, country: str) -> None:
    document = f"<TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>G1</NUMBER>{said}"
    text = un_entity(f"<INDIVIDUAL_DOCUMENT>{document}</INDIVIDUAL_DOCUMENT><INDIVIDUAL_DOCUMENT/>")
    (path,) = written(tmp_path, un=text)
    assert read(path).entries[0].identifiers == (Identifier("passport", "G1", country),)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Cedula No. 71980054 (Colombia)", Identifier("national_id", "71980054", "CO")),
        ("info@pier.example", Identifier("email", "info@pier.example")),
        ("http://www.pier.example (website)", Identifier("website", "http://www.pier.example")),
        ("US FEIN 95-4227517", Identifier("tax_id", "95-4227517")),
        ("RTN 05019005483678 (Honduras)", Identifier("tax_id", "05019005483678", "HN")),
        ("C.I.F. B84214477 (Spain)", Identifier("tax_id", "B84214477", "ES")),
        ("Enterprise Number 0430.033.662 (Belgium)", Identifier("tax_id", "0430.033.662", "BE")),
        ("Italian Fiscal Code: KMMMHD68D03Z352N", Identifier("tax_id", "KMMMHD68D03Z352N")),
        ("Phone No. 263-4-486946", Identifier("phone", "263-4-486946")),
        ("C.R. No. J23/863/2002 (Romania)", Identifier("national_id", "J23/863/2002", "RO")),
        (
            "Economic Register Number (CBLS) 11582964 (United Arab Emirates)",
            Identifier("national_id", "11582964", "AE"),
        ),
        (
            "Citizen's Card Number 211226197812154256 (China)",
            Identifier("national_id", "211226197812154256", "CN"),
        ),
        ("Passport LR0503197 (Lebanon) issued 1 Jan 2001", Identifier("passport", "LR0503197", "LB")),
        ("alt. R.F.C. MAT-021004-B99 (Mexico)", Identifier("tax_id", "MAT-021004-B99", "MX")),
        ("Telephone No. (218) 21 273343326", Identifier("phone", "(218) 21 273343326")),
        ("Registration Number 91350100M000100Y43 (China)", Identifier("tax_id", "91350100M000100Y43", "CN")),
        ("V.A.T. Number BG 205244843 (Bulgaria)", Identifier("tax_id", "BG 205244843", "BG")),
    ],
)
def test_remark_is_read_as_the_identifier_it_labels(text: str, expected: Identifier) -> None:
    assert remarked(f"Gender Male; {text}; Linked To: PIER.").identifiers == (expected,)


@pytest.mark.parametrize(
    "text", ["Identification Number IMO 6166689", "Gender Male", "Linked To: PHONE LLC", ""]
)
def test_remark_that_identifies_no_party_is_left(text: str) -> None:
    assert remarked(text).identifiers == ()


@given(
    st.binary(max_size=400),
    st.sampled_from([b"", SDN.encode(), CSL_HEAD.encode(), b"name,phone\n", b"<?xml "]),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_a_list_or_refused(tmp_path: Path, noise: bytes, head: bytes) -> None:
    (path,) = written(tmp_path, file=head + noise)
    try:
        reading = read(path)
    except ListRefused:
        return
    assert reading.entries


def data(*names: str) -> list[Path]:
    folder = Path(os.environ.get("TIDEWAITER_DATA", "../shared/data")) / "watchlists"
    if not folder.exists():
        pytest.skip(f"no {folder}")
    return [folder / name for name in names]


def test_real_ofac_files_are_read_without_a_problem() -> None:
    sdn, cons = read_all(
        data(
            *(
                "ofac_sdn_20240423.csv",
                "ofac_add_2025-02.csv",
                "ofac_alt_2025-02.csv",
                "ofac_sdn_comments_2025-02.csv",
            ),
            *("ofac_cons_prim.csv", "ofac_cons_alt.csv", "ofac_cons_add.csv"),
        )
    )
    assert (sdn.source, len(sdn.entries), sdn.problems) == ("ofac-sdn", 14_641, ())
    assert (cons.source, len(cons.entries), cons.problems) == ("ofac-cons", 442, ())
    uscc = [
        one
        for entry in sdn.entries
        for one in entry.identifiers
        if one.kind == "tax_id" and is_uscc(one.value)
    ]
    assert len(uscc) >= 79
    assert sdn.counts["aliases_without_entry"] == 1_735


def test_real_un_bis_and_csl_files_are_read_without_a_problem() -> None:
    files = data("un_consolidated.xml", "bis_dpl_2022.txt", "csl_consolidated_sample.csv")
    found = {reading.source: reading for reading in read_all(files)}
    assert {source: len(reading.entries) for source, reading in found.items()} == {
        "un-sc": 1_003,
        "bis-dpl": 579,
        "csl": 13,
    }
    assert not any(reading.problems for reading in found.values())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1252"])
def test_un_names_are_read_in_the_encoding_that_the_file_declares(tmp_path: Path, encoding: str) -> None:
    record = (
        f"<?xml version='1.0' encoding='{encoding}'?><CONSOLIDATED_LIST><INDIVIDUALS><INDIVIDUAL>"
        "<FIRST_NAME>JOSÉ</FIRST_NAME><REFERENCE_NUMBER>CDi.900</REFERENCE_NUMBER>"
        "</INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>"
    )
    path = tmp_path / "un.xml"
    path.write_bytes(record.encode(encoding))
    assert read(path).entries[0].name == "JOSÉ"


def test_half_a_character_in_a_name_is_replaced_and_the_entry_kept(tmp_path: Path) -> None:
    line = r'{"name": "Ines \ud800 Harbor \ud83d\ude00", "aliases": ["\udc00"]}'
    (reading,) = read_all(written(tmp_path, own=f"{line}\n"))
    entry = reading.entries[0]
    assert (entry.name, entry.names[1].text) == ("Ines \ufffd Harbor \U0001f600", "\ufffd")
    assert version_of((entry,))
