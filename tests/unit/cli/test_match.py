"""`tidewaiter match`: evaluating pairs and screening files of names, and what is refused."""

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tidewaiter.cli.match import app

PAIRS = """name1,name2,schema,is_match,category
Darya Yastrebova,"Yastrebova, Darya",Person,true,order
Darya Yastrebova,Daria Yastrebova,Person,true,slip
Darya Yastrebova,Olga Yastrebova,Person,false,given name
Velmora GmbH,Velmora LLC,Company,true,form
Velmora Fund IV,Velmora Fund III,Company,true,number
"""
LIST = """list,entry_id,kind,name,birth_date
hot,17,person,Darya Yastrebova,1961-05-17
hot,18,person,Omar Nashashibi,
"""
NAMES = """name,born,land
"Yastrebova, Daria",1961-05-17,France
Zelmir Okonkwo,,
"""


def ran(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def written(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_evaluating_pairs_gives_the_figures_as_json(tmp_path: Path) -> None:
    figures = json.loads(ran("evaluate", written(tmp_path, "pairs.csv", PAIRS), "--json").stdout)
    assert (figures["precision"], figures["recall"], figures["f1"]) == (1.0, 0.75, 0.8571)
    assert figures["recall_at_precision_90"] == 1.0
    assert figures["by_schema"]["Person"]["f1"] == 1.0
    assert [error["name2"] for error in figures["errors"]] == ["Velmora Fund III"]
    assert {"threshold", "best_f1", "best_threshold", "pairs_per_second"} <= figures.keys()


def test_evaluating_pairs_shows_a_table_and_the_errors(tmp_path: Path) -> None:
    shown = ran("evaluate", written(tmp_path, "pairs.csv", PAIRS)).stdout
    assert "given name" in shown
    assert "missed" in shown
    assert "Velmora Fund III" in shown


@pytest.mark.parametrize(
    ("text", "column", "reason"),
    [
        ("name,born\nInes,1961\n", "", "expected  among them, once"),
        ("name,name\nInes Harbor,Omar\n", "name", "columns name, name; expected name among them, once"),
        ('name,born\n"Ines,1961\nOmar,1962\n', "name", "line 2: a quotation that does not end"),
        ('name,born\nOmar,1962\nLea,1962\nInes,"1961\n', "name", "line 4: a quotation that does not end"),
        ("name\nHarbor, Ines\n", "name", "line 2: more than 1 columns"),
    ],
)
def test_a_table_that_would_hide_names_is_refused(
    tmp_path: Path, text: str, column: str, reason: str
) -> None:
    names, listed = written(tmp_path, "names.csv", text), written(tmp_path, "list.csv", LIST)
    refused = ran("screen", names, "--column", column, "--list", listed)
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)
    assert reason.replace("  ", " ") in refused.stderr


def test_a_quoted_name_of_two_lines_and_an_empty_column_at_the_end_are_read(tmp_path: Path) -> None:
    names = written(tmp_path, "names.csv", 'name,born\n"Darya\nYastrebova",1961,\nOmar,1962\n')
    shown = ran("screen", names, "--column", "name", "--list", written(tmp_path, "list.csv", LIST), "--json")
    assert [json.loads(line)["name"] for line in shown.stdout.splitlines()] == ["Darya\nYastrebova", "Omar"]


def test_a_threshold_that_nothing_reaches_matches_nothing(tmp_path: Path) -> None:
    pairs = written(tmp_path, "pairs.csv", PAIRS)
    figures = json.loads(ran("evaluate", pairs, "--threshold", "1", "--json").stdout)
    assert (figures["precision"], figures["recall"], figures["f1"]) == (0, 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        PAIRS.replace("name1,name2,schema,is_match", " Name1,NAME2,Schema , IS_MATCH"),
        PAIRS.replace(",", ";").replace('"Yastrebova; Darya"', '"Yastrebova, Darya"'),
        PAIRS.replace(",", "\t").replace('"Yastrebova\t Darya"', '"Yastrebova, Darya"'),
        PAIRS.replace("true", "T").replace("false", "N"),
        PAIRS.replace("true", "1.0").replace("false", "0"),
        PAIRS.replace("Velmora GmbH", "\n,,,,\n  \nVelmora GmbH"),
        "\ufeff" + PAIRS,
    ],
    ids=["capitals", "semicolons", "tabs", "letters", "numbers", "blank rows", "byte order mark"],
)
def test_pairs_are_read_however_their_table_is_written(tmp_path: Path, text: str) -> None:
    figures = json.loads(ran("evaluate", written(tmp_path, "pairs.csv", text), "--json").stdout)
    assert (figures["pairs"], figures["precision"], figures["recall"]) == (5, 1.0, 0.75)
    assert figures["by_schema"]["Person"]["f1"] == 1.0


def test_pairs_need_no_schema(tmp_path: Path) -> None:
    text = "is_match,name2,name1\nyes,Darya Yastrebova,Daria Yastrebova\nno,Omar Saleh,Lea Marin\n"
    figures = json.loads(ran("evaluate", written(tmp_path, "pairs.csv", text), "--json").stdout)
    assert (figures["pairs"], figures["f1"]) == (2, 1.0)


def test_names_are_screened_whatever_parts_the_columns_of_their_table(tmp_path: Path) -> None:
    names = written(tmp_path, "names.csv", "Born;Full_Name\n1961-05-17;Yastrebova, Daria\n;\n")
    listed = written(tmp_path, "list.csv", LIST)
    shown = ran(
        "screen", names, "--column", "full_name", "--birth-column", "born", "--list", listed, "--json"
    )
    (found,) = map(json.loads, shown.stdout.splitlines())
    assert found["name"] == "Yastrebova, Daria"
    assert found["hits"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("name1,name2,schema\na,b,c\n", "is_match"),
        (PAIRS.replace("true,order", "perhaps,order"), "'perhaps'"),
        ("name1,name2,schema,is_match\n", "no pairs"),
        ("", "none"),
    ],
)
def test_evaluating_refuses_a_file_that_is_no_table_of_pairs(tmp_path: Path, text: str, found: str) -> None:
    result = ran("evaluate", written(tmp_path, "pairs.csv", text))
    assert result.exit_code == 2
    assert found in result.stderr
    assert result.stderr.count("\n") == 1


def test_evaluating_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = ran("evaluate", str(tmp_path / "absent.csv"))
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def screened(tmp_path: Path, *options: str) -> Result:
    names, listed = written(tmp_path, "names.csv", NAMES), written(tmp_path, "hot.csv", LIST)
    return ran("screen", names, "--column", "name", "--list", listed, *options)


def test_screening_prints_one_object_a_name(tmp_path: Path) -> None:
    lines = [json.loads(line) for line in screened(tmp_path, "--json").stdout.splitlines()]
    assert [line["name"] for line in lines] == ["Yastrebova, Daria", "Zelmir Okonkwo"]
    assert lines[1]["hits"] == []
    (hit,) = lines[0]["hits"]
    assert (hit["entry"], hit["alias"], hit["holds"]) == ("17", "Darya Yastrebova", False)
    assert "daria = darya" in hit["why"]


def test_screening_takes_several_lists_behind_one_option(tmp_path: Path) -> None:
    names, listed = written(tmp_path, "names.csv", NAMES), written(tmp_path, "list.csv", LIST)
    more = written(tmp_path, "more.csv", "list,entry_id,name\nmore,1,Zelmir Okonkwo\n")
    shown = ran("screen", names, "--column", "name", "--list", listed, more, "--json")
    found = [json.loads(line)["hits"] for line in shown.stdout.splitlines()]
    assert [hit["list"] for hits in found for hit in hits] == ["hot", "more"]


def test_screening_with_a_birth_column_corroborates(tmp_path: Path) -> None:
    lines = screened(tmp_path, "--json", "--birth-column", "born", "--country-column", "land").stdout
    (hit,) = json.loads(lines.splitlines()[0])["hits"]
    assert (hit["corroborated"], hit["holds"]) == (["birth_date"], True)


@pytest.mark.parametrize(
    "born", ["19610517", "1961/05/17", "17/05/1961", "05/17/1961", "17.5.1961", "May 17, 1961"]
)
def test_screening_reads_a_birth_date_however_it_is_written(tmp_path: Path, born: str) -> None:
    names = written(tmp_path, "names.csv", f'name,born\n"Yastrebova, Daria","{born}"\n')
    listed = written(tmp_path, "hot.csv", LIST)
    result = ran("screen", names, "--column", "name", "--list", listed, "--json", "--birth-column", "born")
    (hit,) = json.loads(result.stdout)["hits"]
    assert (hit["corroborated"], hit["holds"]) == (["birth_date"], True)


def test_screening_reads_no_birth_date_of_other_digits(tmp_path: Path) -> None:
    names = written(tmp_path, "names.csv", 'name,born\n"Yastrebova, Daria",²²²²-01-01\n')
    listed = written(tmp_path, "hot.csv", LIST)
    result = ran("screen", names, "--column", "name", "--list", listed, "--json", "--birth-column", "born")
    assert json.loads(result.stdout)["hits"][0]["holds"] is False


@pytest.mark.parametrize(
    "address",
    [
        "14 Kestrel St, Omaha, NE 68102",
        "14 Kestrel Street, Omaha, NE, 68102, US",
        "14 Kestrel St, Omaha, Nebraska 68102",
    ],
)
def test_screening_with_an_address_column_corroborates(tmp_path: Path, address: str) -> None:
    lines = ("list,entry_id,kind,name,address,city,region,postal,country",
             "hot,17,person,Darya Yastrebova,14 Kestrel Street,Omaha,NE,68102,US")  # fmt: skip
    listed = written(tmp_path, "hot.csv", "\n".join(lines) + "\n")
    names = written(tmp_path, "names.csv", f'name,at\n"Yastrebova, Daria","{address}"\n')
    result = ran("screen", names, "--column", "name", "--list", listed, "--json", "--address-column", "at")
    (hit,) = json.loads(result.stdout)["hits"]
    assert ("address" in hit["corroborated"], hit["holds"]) == (True, True)


def test_screening_prints_one_csv_line_a_hit(tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(screened(tmp_path, "--csv").stdout)))
    assert [(row["name"], row["entry"], row["holds"]) for row in rows] == [
        ("Yastrebova, Daria", "17", "false")
    ]


def test_screening_shows_a_table_and_a_count(tmp_path: Path) -> None:
    assert "1 of 2 names match" in screened(tmp_path).stdout


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (("--birth-column", "dob"), "dob"),
        (("--kind", "ship"), "'ship'"),
        (("--list", "absent.csv"), "absent.csv"),
    ],
)
def test_screening_refuses_what_is_not_there(tmp_path: Path, options: tuple[str, str], found: str) -> None:
    result = screened(tmp_path, *options)
    assert result.exit_code == 2
    assert found in result.stderr
    assert result.stderr.count("\n") == 1


def test_screening_shows_names_as_they_are_written(tmp_path: Path) -> None:
    names = written(tmp_path, "names.csv", "name\nDarya Yastrebova [/b]\n\x1bDarya Yastrebova :b:\n")
    hot = written(tmp_path, "hot.csv", LIST)
    command = ["screen", names, "--column", "name", "--list", hot]
    shown = CliRunner().invoke(app, command, env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.exception
    assert "Darya Yastrebova [/b]" in shown.output
    assert r"\x1bDarya Yastrebova :b:" in shown.output
