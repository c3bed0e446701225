"""The commands as an analyst meets them."""

import shutil
from pathlib import Path

import msgspec
import orjson
import pytest
from typer.testing import CliRunner, Result

from tests.rules import few_rules
from tests.unit.backtest.weeks import messages
from tidewaiter.cli import app
from tidewaiter.resources import rulesets_directory
from tidewaiter.simulate.lists import write_fictitious_list

DEFAULT = str(rulesets_directory() / "default")


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a history, its labels, the list, a candidate that holds more, and a few rules."""
    folder = Path(tmp_path_factory.mktemp("week"))
    traffic = messages()[:400]
    (folder / "history.ndjson").write_bytes(b"\n".join(message.value for message in traffic))
    labels = (message.label.line() for message in traffic if message.label)
    (folder / "labels.ndjson").write_bytes(b"".join(labels))
    write_fictitious_list(folder / "list", seed=1)
    shutil.copytree(DEFAULT, folder / "candidate")
    settings = folder / "candidate" / "ruleset.yaml"
    settings.write_text(settings.read_text().replace("contact_parties_hold: 12", "contact_parties_hold: 5"))
    (folder / "few").mkdir()
    for name, text in few_rules().bundle.files.items():
        (folder / "few" / name).write_text(text)
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def backtest(
    week: Path, *arguments: str, history: str = "history.ndjson", rules: str = "candidate"
) -> Result:
    given = ("--history", str(week / history), "--rules", str(week / rules))
    return run("backtest", *given, "--list", str(week / "list"), *arguments)


def test_backtest_writes_the_same_bytes_on_one_process_and_on_two(week: Path, tmp_path: Path) -> None:
    written = []
    for processes in ("1", "2"):
        json, html = tmp_path / f"{processes}.json", tmp_path / f"{processes}.html"
        options = ("--against", DEFAULT, "--labels", str(week / "labels.ndjson"), "--processes", processes)
        result = backtest(week, *options, "--json", str(json), "--html", str(html))
        assert result.exit_code == 0, result.output
        written.append((json.read_bytes(), html.read_bytes()))
    assert written[0] == written[1]
    report = orjson.loads(written[0][0])
    assert len(report["flips"]) > 0
    assert report["candidate"]["labels"]["due"] > 0


def test_labels_of_parcels_that_the_history_does_not_have_are_not_missed(week: Path, tmp_path: Path) -> None:
    labels, recalls = tmp_path / "labels.ndjson", []
    known = (week / "labels.ndjson").read_bytes()
    for more in (b"", known.replace(b'"hawb":"', b'"hawb":"9')):
        labels.write_bytes(known + more)
        result = backtest(week, "--labels", str(labels), "--processes", "1", "--json", str(tmp_path / "r"))
        assert result.exit_code == 0, result.output
        recalls.append(orjson.loads((tmp_path / "r").read_bytes())["candidate"]["labels"])
    assert recalls[0] == recalls[1]


def test_backtest_shows_days_rules_ports_carriers_and_changes(week: Path) -> None:
    result = backtest(week, "--against", DEFAULT, "--processes", "1", "--capacity", "1")
    for expected in (
        "a day",
        "held by rule",
        "held by port",
        "held by carrier",
        "newly held",
        "can be examined",
    ):
        assert expected in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--days", "2026-11-30..2026-11-20"), "--days: found '2026-11-30..2026-11-20'"),
        (("--days", "yesterday"), "--days: found 'yesterday', expected a day or FROM..TO"),
        (("--capacity", "many"), "--capacity: found 'many', expected a number a day, or PORT=NUMBER"),
        (("--capacity", "=7"), "--capacity: found '=7', expected a number"),
        (("--capacity", "9" * 5_000), "expected a number a day, or PORT=NUMBER"),
        (("--labels", "absent.ndjson"), "absent.ndjson"),
        (("--list", "absent.csv"), "absent.csv"),
        (("--json", "/absent/report.json"), "--json: found /absent/report.json, expected a file to write"),
        (("--html", "/"), "--html: found /, expected a file to write"),
        (("--html", "-"), "--html: found -, expected a file to write"),
    ],
)
def test_backtest_refuses_what_it_cannot_use_in_one_line(
    week: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = backtest(week, "--processes", "1", *arguments, rules="few")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_backtest_refuses_a_history_that_is_not_there(week: Path) -> None:
    result = backtest(week, history="absent", rules="few")
    assert result.exit_code == 2
    assert "--history: found nothing at" in result.stderr


def test_a_history_without_a_message_on_the_days_asked_for_is_refused(week: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    asked = ("--days", "2025-11-23", "--processes", "1", "--json", str(report))
    result = backtest(week, *asked, rules="few")
    assert result.exit_code == 2
    assert result.stderr.endswith("history.ndjson on these days\n")
    assert not report.exists()


def test_backtest_refuses_labels_with_the_line_that_is_none(week: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.ndjson"
    labels.write_bytes(b'\xef\xbb\xbf{"carrier":"FX","hawb":"1","case":"x"}\n\n{"carrier":"FX"}\n')
    result = backtest(week, "--labels", str(labels), rules="few")
    assert result.exit_code == 2
    assert "labels.ndjson:3: Object missing required field `hawb`" in result.stderr


def test_threshold_is_suggested_from_history_as_json(week: Path) -> None:
    given = ("--history", str(week / "history.ndjson"), "--list", str(week / "list"), "--processes", "1")
    result = run("rules", "suggest-threshold", "A03", "--target-holds-per-day", "1000", *given, "--json")
    assert result.exit_code == 0, result.output
    found = msgspec.json.decode(result.stdout)
    assert (found["rule"], found["limit"], found["is_within"]) == ("A03", "contact_parties_hold", True)
    assert found["suggested"]["mean"] >= found["now"]["mean"]


def test_threshold_of_a_rule_without_a_limit_is_refused(week: Path) -> None:
    given = ("--history", str(week / "history.ndjson"), "--target-holds-per-day", "5")
    result = run("rules", "suggest-threshold", "W01", *given, "--rules", str(week / "few"))
    assert result.exit_code == 2
    assert "reads no limit" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [("--json", "history.ndjson"), ("--html", "history.ndjson"), ("--json", "new", "--html", "new")],
)
def test_backtest_never_writes_over_what_it_reads_or_wrote(week: Path, arguments: tuple[str, ...]) -> None:
    before = (week / "history.ndjson").read_bytes()
    paths = [one if one.startswith("--") else str(week / one) for one in arguments]
    result = backtest(week, *paths, rules="few")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "expected another file than that of" in result.stderr
    assert (week / "history.ndjson").read_bytes() == before
