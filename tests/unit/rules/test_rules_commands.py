"""The commands ``rules`` and ``policy``: what they print, their exit codes, what they refuse in one line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.unit.rules.test_cel_conformance import SUITE
from tidewaiter.cli.policy import app as policy
from tidewaiter.cli.rules import app as rules
from tidewaiter.resources import rulesets_directory

RUN = CliRunner().invoke

MAIN = "name: mine\ntitle: Mine\nbands: [{name: low, from: 0}]\n"
FAMILY = """family: value
rules:
  - id: X01
    title: Dear
    rationale: None
    source: mine
    when: parcel.value_usd > 700
    action: {hold: VAL-XX, severity: 2, removable_by: DATA}
    cases:
      - {name: dear, fires: true, facts: {parcel.value_usd: 701}}
      - {name: dear event, fires: true, parcel: {value_usd: "701", declared_value: "701"}}
      - {name: cheap, fires: false}
"""
# Never true, never false, and one that another contains.
IDLE = """\
  - id: X02
    title: Less than nothing
    rationale: None
    source: mine
    when: parcel.value_usd < 0.0
    action: {hold: VAL-NEG, severity: 2, removable_by: DATA}
  - id: X03
    title: Anything
    rationale: None
    source: mine
    when: parcel.value_usd >= 0.0
    action: {score: VAL-ANY, weight: 1}
  - id: X04
    title: From China and cheap
    rationale: None
    source: mine
    when: parcel.origin == "CN" && parcel.value_usd < 50.0
    action: {hold: VAL-CN, severity: 2, removable_by: DATA}
  - id: X05
    title: From China
    rationale: None
    source: mine
    when: parcel.origin == "CN"
    action: {hold: VAL-CN, severity: 3, removable_by: OFFICER}
"""


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    (tmp_path / "ruleset.yaml").write_text(MAIN)
    (tmp_path / "value.yaml").write_text(FAMILY)
    return tmp_path


def test_rules_test_runs_the_cases_of_a_bundle(bundle: Path) -> None:
    result = RUN(rules, ["test", str(bundle), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout) | {"version": ""} == {
        "version": "",
        "passed": 3,
        "failed": 0,
        "failures": [],
        "uncovered": [],
    }


def test_rules_test_fails_with_the_case_that_fails(bundle: Path) -> None:
    (bundle / "value.yaml").write_text(FAMILY.replace("> 700", "> 800"))
    result = RUN(rules, ["test", str(bundle)])
    assert result.exit_code == 1
    assert "FAILED X01 'dear' (value.yaml:10:9): expected fires: true, found fires: false" in result.stdout
    assert "parcel.value_usd = 701.0" in result.stdout


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"701"}}', '"701", shiper: {}}}', "parcel: unknown field 'shiper'; did you mean 'shipper'?"),
        (
            '"701"}}',
            '"701", shipper: {account: {age_days: 3}}}}',
            "account: unknown field 'age_days'; known are number, holder, issuer, established",
        ),
        (
            '"701"}}',
            '"701", items: [{descripton: toner}]}}',
            "items: unknown field 'descripton'; did you mean",
        ),
        ('value: "701"', 'value: "701 USD"', "parcel: Invalid decimal string - at `$.declared_value`"),
    ],
    ids=["of the event", "of an account", "of an item", "no amount"],
)
def test_rules_test_names_the_case_whose_parcel_no_event_can_be(
    bundle: Path, old: str, new: str, message: str
) -> None:
    (bundle / "value.yaml").write_text(FAMILY.replace(old, new))
    result = RUN(rules, ["test", str(bundle)])
    assert result.exit_code == 2
    assert result.stderr.startswith(f"tidewaiter: value.yaml:11:9: 'dear event': {message}")
    assert result.stderr.count("\n") == 1


def test_rules_test_shows_of_word_lists_those_with_a_term(bundle: Path) -> None:
    terms = "terms: [{term: toner}]\n"
    (bundle / "wordlists").mkdir()
    for name in ("abrasives", "bearings", "chemicals", "dyes", "elastics", "toners"):
        (bundle / f"wordlists/{name}.yaml").write_text(
            f"name: {name}\ntitle: T\nsource: mine\n{terms if name == 'toners' else 'terms: []'}"
        )
    when = "size(text.terms.toners) > 0 && parcel.value_usd > 700"
    event = "parcel: {items: [{description: Toner}]}"
    changed = FAMILY.replace("parcel.value_usd > 700", when).replace("facts: {parcel.value_usd: 701}", event)
    (bundle / "value.yaml").write_text(changed)
    assert "    text.terms = {'toners': ('toner',)}\n" in RUN(rules, ["test", str(bundle)]).stdout


def test_rules_check_refuses_a_broken_rule_with_its_place_and_a_caret(bundle: Path) -> None:
    (bundle / "value.yaml").write_text(FAMILY.replace("parcel.value_usd > 700", "parcel.valeu_usd > 700"))
    result = RUN(rules, ["check", str(bundle)])
    assert result.exit_code == 2
    assert result.stderr.splitlines()[0].startswith(
        "tidewaiter: value.yaml:7:11: unknown name 'parcel.valeu_usd'; did you mean 'parcel.value_usd'?"
    )
    assert result.stderr.splitlines()[-1].strip() == "^"


def test_rules_check_finds_nothing_doubtful_in_the_text_of_the_ruleset_shipped() -> None:
    result = RUN(rules, ["check", str(rulesets_directory() / "default"), "--parcels", "0"])
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)


def test_rules_check_finds_nothing_doubtful_in_what_the_ruleset_shipped_does_on_traffic() -> None:
    result = RUN(rules, ["check", "--parcels", "800", "--json"])
    printed = json.loads(result.stdout)
    assert (result.exit_code, printed["doubts"]) == (0, [])
    assert printed["decisions"] >= 800
    assert printed["fired"]["W04"]
    assert "W04" not in printed["silent"]
    assert {*printed["fired"], "all rules"} == set(printed["calls"])
    assert (
        max(printed["calls"].values()) == printed["calls"]["all rules"] < sum(printed["calls"].values()) / 2
    )


def test_rules_check_tries_rules_on_a_whole_week(bundle: Path) -> None:
    """A rule that holds on one day of it is neither never true nor never false."""
    dated = "{from: 2026-11-29, to: 2026-11-30}"
    (bundle / "value.yaml").write_text(
        FAMILY + IDLE.replace("weight: 1}", f"weight: 1}}\n    effective: {dated}")
    )
    printed = json.loads(RUN(rules, ["check", str(bundle), "--parcels", "70", "--json"]).stdout)
    assert 0 < printed["fired"]["X03"] < printed["decisions"] / 3
    assert printed["decisions"] >= 70


def test_rules_check_finds_rules_that_traffic_shows_to_say_nothing(bundle: Path) -> None:
    (bundle / "value.yaml").write_text(FAMILY + IDLE)
    result = RUN(rules, ["check", str(bundle), "--parcels", "300", "--json"])
    doubts = "\n".join(json.loads(result.stdout)["doubts"])
    assert result.exit_code == 1
    assert "rule X02: never true: fired on none of" in doubts
    assert "rule X03: never false: fired on every one of" in doubts
    assert "rule X04: adds nothing: X05 held for the same code all" in doubts
    assert not any(f"rule {name}: adds" in doubts for name in ("X01", "X05"))


def test_rules_check_names_the_rules_over_the_budget_and_finds_the_same_each_time(bundle: Path) -> None:
    words = [f"{letter}{letter}+ extract" for letter in "abcdefghijklmnopqrst"]
    dear = f"items.exists(i, {words}.exists(word, i.description.matches(word) || i.hts.matches(word)))"
    (bundle / "value.yaml").write_text(FAMILY.replace("when: ", f"when: {dear} || "))
    check = ["check", str(bundle), "--parcels", "70"]
    result, again = RUN(rules, check), RUN(rules, check)
    assert result.exit_code == 1
    assert "value.yaml:7:11: rule X01: makes " in result.stdout
    assert " calls a parcel, over the budget of 100" in result.stdout
    assert result.stdout == again.stdout
    assert RUN(rules, [*check, "--budget", "1e6"]).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["check", "/nowhere"], "no ruleset.yaml in this directory"),
        (["publish"], "--reason: not given"),
        (["rollback", "--reason", " "], "--reason: not given"),
        (["conformance", "/nowhere.textproto"], "No such file"),
    ],
)
def test_rules_refuses_bad_arguments_in_one_line(arguments: list[str], message: str) -> None:
    result = RUN(rules, arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_rules_conformance_refuses_what_is_no_textproto(tmp_path: Path) -> None:
    (tmp_path / "x.textproto").write_text("section {")
    result = RUN(rules, ["conformance", str(tmp_path / "x.textproto")])
    assert result.exit_code == 2
    assert "is missing at the end" in result.stderr


def test_rules_conformance_refuses_a_file_without_a_test(tmp_path: Path) -> None:
    (tmp_path / "empty.textproto").write_text("")
    result = RUN(rules, ["conformance", str(tmp_path / "empty.textproto")])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "empty.textproto: found no test" in result.stderr


def test_rules_conformance_prints_each_outcome_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "trial.textproto").write_text(SUITE)
    result = RUN(rules, ["conformance", str(tmp_path / "trial.textproto"), "--json"])
    assert result.exit_code == 1
    printed = json.loads(result.stdout)
    assert (printed["passed"], printed["failed"], printed["out_of_subset"]) == (6, 4, 8)
    assert {"suite", "test", "expr", "outcome", "reason"} == printed["tests"][0].keys()


def test_rules_facts_lists_the_catalogue() -> None:
    printed = json.loads(RUN(rules, ["facts", "--json"]).stdout)
    names = {one["name"] for one in printed}
    assert {"parcel.value_usd", "text.terms"} <= names
    assert all(one["meaning"] and one["type"] and one["source"] for one in printed)


def test_rules_facts_gives_the_fields_of_items_with_the_fact() -> None:
    printed = {one["name"]: one for one in json.loads(RUN(rules, ["facts", "--json"]).stdout)}
    assert {"hts6", "qty"} <= {field["name"] for field in printed["items"]["fields"]}
    assert "fields" not in printed["parcel.value_usd"]


def test_page_about_the_facts_is_the_one_that_the_catalogue_makes() -> None:
    page = Path(__file__).parents[3] / "docs" / "facts.md"
    assert RUN(rules, ["facts", "--markdown"]).stdout == page.read_text(encoding="utf-8")


def test_rules_diff_tells_the_changes_between_two_directories(bundle: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "ruleset.yaml").write_text(MAIN)
    (other / "value.yaml").write_text(FAMILY.replace("> 700", "> 800"))
    (bundle / "other").rename(tmp_path.parent / f"{tmp_path.name}-other")
    result = RUN(rules, ["diff", str(bundle), str(tmp_path.parent / f"{tmp_path.name}-other")])
    assert result.stdout == "rule X01: when: parcel.value_usd > 700  →  parcel.value_usd > 800\n"


def test_policy_on_answers_with_the_rows_that_decide() -> None:
    result = RUN(policy, ["on", "2025-05-03", "--origin", "CN", "--channel", "EXPRESS", "--json"])
    printed = json.loads(result.stdout)
    assert printed["claim_admitted"] is False
    assert printed["rows"][0]["id"] == "US-CN-NONPOST"
    assert json.loads(result.stdout)["gift_limit_usd"] == "100"
    shown = RUN(policy, ["on", "2025-05-03", "--origin", "cn"]).stdout
    assert "EO 14256" in shown
    assert "gifts             up to $100" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["on", "soon", "--origin", "CN"], "DATE: found 'soon', expected a day like 2025-05-03"),
        (["on", "2025-05-03", "--origin", "China"], "--origin: found 'China', expected a country code"),
        (
            ["on", "2025-05-03", "--origin", "CN", "--channel", "MAIL"],
            "--channel: found 'MAIL', expected one of",
        ),
        (["on", "2025-05-03", "--origin", "CN", "--file", "/nowhere.yaml"], "No such file"),
    ],
)
def test_policy_refuses_bad_arguments_in_one_line(arguments: list[str], message: str) -> None:
    result = RUN(policy, arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


def test_rules_names_a_bundle_of_any_title(bundle: Path) -> None:
    (bundle / "ruleset.yaml").write_text(MAIN.replace("name: mine", 'name: "[/mine] :us:"'))
    result = RUN(rules, ["check", str(bundle), "--parcels", "0"])
    assert result.stdout.startswith("[/mine] :us: ")
