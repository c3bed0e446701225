"""Bundles: what loads, what is refused and where, what rules make of facts, what their cases say."""

from datetime import date
from pathlib import Path
from typing import Any
from weakref import ref

import pytest

from tests.unit.rules.bundles import (
    ADDRESS,
    CATALOGUE,
    FILES,
    MAIN,
    NARCOTICS,
    ORDINARY,
    SUBSTANCES,
    facts,
    ruleset,
)
from tidewaiter.adapters.interpreter import uncollected
from tidewaiter.rules.bundle import Bundle
from tidewaiter.rules.cel.unknown import UNKNOWN
from tidewaiter.rules.compiled import Fired, Unavailable
from tidewaiter.rules.difference import difference
from tidewaiter.rules.errors import RuleError
from tidewaiter.rules.lint import lint
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.rules.testing import run_cases

DAY = date(2026, 6, 1)
RULES = ruleset()


def answers(on: date = DAY, **changes: Any) -> list[tuple[str, str]]:
    return [(one.rule.id, type(one).__name__) for one in RULES.evaluate(facts(**changes), on)]


def test_a_ruleset_that_is_dropped_is_freed_without_a_collection() -> None:
    """Workers keep what they load from being collected: what held itself would stay, 43 MB a publication."""
    with uncollected():
        rules = ruleset()
        rules.word_lists.found("heroin")
        held: list[ref[Any]] = [ref(rules.word_lists), *[ref(one) for one in rules._evaluations]]
        held += [ref(function) for one in rules.rules for function in (one.program.fast, one.program.exact)]
        assert None not in [one() for one in held]
        del rules
        assert [one() for one in held] == [None] * len(held)


def test_ruleset_says_nothing_of_an_ordinary_parcel() -> None:
    assert answers() == []


def test_ruleset_answers_the_rules_that_fire_in_the_order_of_the_bundle() -> None:
    fired = answers(items=({"hts6": "293333"},), windows__names=30)
    assert fired == [("A02", "Fired"), ("N03", "Fired")]


def test_rule_that_fired_names_the_facts_it_saw() -> None:
    found = RULES.evaluate(facts(windows__names=9), DAY)[0]
    assert found.compiled.seen(facts(windows__names=9)) == (("windows.names", 9), ("parcel.value_usd", 48.0))


@pytest.mark.parametrize(("names", "holds"), [(9, False), (21, True)])
def test_scoring_rule_holds_only_when_its_further_condition_is_true(names: int, holds: bool) -> None:
    found = RULES.evaluate(facts(windows__names=names), DAY)[0]
    assert isinstance(found, Fired)
    assert found.holds is holds


def test_scoring_rule_holds_when_its_further_condition_cannot_be_answered() -> None:
    found = RULES.evaluate(facts(windows__names=UNKNOWN, parcel__value_usd=800.0), DAY)[0]
    assert isinstance(found, Fired)
    assert found.holds


def test_rule_without_the_fact_it_needs_is_unavailable_and_names_it() -> None:
    found = RULES.evaluate(facts(windows__names=UNKNOWN), DAY)
    assert found == [Unavailable(found[0].compiled, ("windows.names",))]


def test_rule_that_runs_into_an_error_is_unavailable_with_the_reason() -> None:
    found = RULES.evaluate(facts(items=({},)), DAY)
    assert found == [Unavailable(found[0].compiled, (), "no such key: 'hts6'")]


@pytest.mark.parametrize(
    ("day", "is_in_force"),
    [
        (date(2025, 12, 31), False),
        (date(2026, 1, 1), True),
        (date(2026, 12, 31), True),
        (date(2027, 1, 1), False),
    ],
)
def test_rule_fires_from_its_first_day_to_before_its_end(day: date, is_in_force: bool) -> None:
    assert (("N03", "Fired") in answers(day, items=({"hts6": "293333"},))) is is_in_force


@pytest.mark.parametrize(("score", "band"), [(0, "low"), (69, "low"), (70, "high"), (1000, "high")])
def test_band_is_the_last_one_that_begins_at_or_below_the_score(score: int, band: str) -> None:
    assert RULES.settings.band(score).name == band


def test_bundle_survives_the_way_through_bytes_with_its_version() -> None:
    again = Ruleset.from_bytes(RULES.bundle.to_bytes(), CATALOGUE)
    assert again.version == RULES.version
    assert again.bundle.to_bytes() == RULES.bundle.to_bytes()


def test_word_lists_are_those_of_the_ruleset_before_while_they_are_the_same() -> None:
    other_rules = Ruleset.of(ruleset(narcotics=f"{NARCOTICS}# another version\n").bundle, CATALOGUE, RULES)
    assert other_rules.version != RULES.version
    assert other_rules.word_lists is RULES.word_lists
    other_words = ruleset(wordlists__substances=SUBSTANCES.replace("fentanyl", "carfentanil"))
    changed = Ruleset.of(other_words.bundle, CATALOGUE, RULES)
    assert changed.word_lists.found("carfentanil") == other_words.word_lists.found("carfentanil")
    assert changed.word_lists.found("carfentanil") != RULES.word_lists.found("carfentanil")


def test_bundle_is_the_same_from_a_directory_and_its_version_follows_any_change(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert Ruleset.load(tmp_path, CATALOGUE).version == RULES.version
    (tmp_path / "ruleset.yaml").write_text(MAIN.replace("many: 8", "many: 9"))
    assert Ruleset.load(tmp_path, CATALOGUE).version != RULES.version


@pytest.mark.parametrize("name", ["more.yml", "drugs/more.yaml", "wordlists/drugs/more.yaml", "gone.yaml"])
def test_a_file_that_would_be_left_out_of_a_bundle_is_refused(tmp_path: Path, name: str) -> None:
    for file, text in {**FILES, name: ""}.items():
        (tmp_path / file).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / file).write_text(text)
    if name == "gone.yaml":
        (tmp_path / name).unlink()
        (tmp_path / name).symlink_to("nowhere")
    with pytest.raises(RuleError, match=f"{name}: not a file of a bundle"):
        Bundle.of_directory(tmp_path)


def test_a_mounted_bundle_is_the_files_that_it_was_made_from(tmp_path: Path) -> None:
    (tmp_path / "..data").mkdir()
    for name, text in FILES.items():
        mounted = tmp_path / "..data" / name.replace("/", "-")
        mounted.write_text(text)
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(mounted)
    assert Bundle.of_directory(tmp_path).version == RULES.version


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"a.yaml": "x"}', b'{"ruleset.yaml": 3}'])
def test_bytes_that_are_no_bundle_are_refused(content: bytes) -> None:
    with pytest.raises(RuleError, match="not a rule bundle"):
        Bundle.from_bytes(content)


BELOW = (
    "name: low, from: 0}\n"
    "  - {name: odd, from: 9, holds: true, severity: 1, removable_by: DATA}\n"
    "  - {name: top, from: 50"
)


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "line"),
    [
        ("narcotics", "i.hts6 in sets", "i.hts6 in set", "unknown name 'set.drug_headings'", 8),
        ("narcotics", "terms.substances", "terms.substance", "unknown word list 'substance'", 18),
        ("narcotics", "size(text.terms.substances) > 0", "('drug' in text.terms)", "word list 'drug'", 18),
        ("narcotics", "id: N01", "id: N03", "'N03' is there twice, first at narcotics.yaml:4:5", 14),
        ("narcotics", "family: narcotics", "family: drugs", "expected the name of the file", 2),
        ("narcotics", "    rationale: It says so\n", "", "the field 'rationale' is missing", 14),
        ("narcotics", "severity: 5", "severity: 6", "found '6', expected a whole number from 1 to 5", 19),
        ("narcotics", "removable_by: OFFICER}", "removable_by: NOBODY}", "expected one of DATA, OFFICER", 19),
        ("narcotics", "    when: size", "    whenn: size", "unknown field 'whenn'; did you mean 'when'?", 18),
        ("narcotics", 'disposition: "1A"', "disposition: RFI", "found 'RFI', expected 1A", 9),
        ("narcotics", "fires: false}", "fires: no way}", "expected one of True, False, unknown", 22),
        (
            "narcotics",
            "size(text.terms.substances) > 0",
            "size(text.terms.substances)",
            "a rule needs a bool",
            18,
        ),
        (
            "address",
            "windows.names >= limits.many",
            "windows.name >= limits.many",
            "unknown name 'windows.name'",
            9,
        ),
        (
            "address",
            "parcel.value_usd > limits",
            "parcel.valu_usd > limits",
            "unknown name 'parcel.valu_usd'",
            10,
        ),
        ("address", "windows.names > 20", "windows.names > 'x'", "does not apply to", 11),
        ("narcotics", "hold: NAR-SUBST", "hold: nar_subst", "expected a hold code like WL-NARC", 19),
        ("narcotics", "id: N01", f"id: {'N' * 41}", "id: 41 characters, expected at most 40", 14),
        ("address", "holds_when: windows.names > 20, ", "", "unknown field 'severity'; known are score", 11),
        ("ruleset", "holds: true, ", "", "unknown field 'severity'; known are name, from", 8),
        ("address", "weight: 20", "weight: 0", "expected a whole number from 1 to 100", 11),
        ("ruleset", "from: 0", "from: 5", "expected rising numbers that begin with 0", 7),
        ("ruleset", "name: low, from: 0", BELOW, "more may not hold less", 7),
        ("narcotics", "to: 2027-01-01", "to: 2026-01-01", "expected a day after 2026-01-01", 10),
        ("ruleset", "many: 8", "many: lots", "found 'lots', expected a number", 4),
        ("ruleset", "name: trial", "name: trial\nname: again", "the field 'name' is there twice", 3),
        ("ruleset", "name: trial", "name: [trial", "not YAML", 3),
        ("ruleset", "title: A trial", "title: 2026-01-01", "quote it", 3),
    ],
)
def test_bundle_with_a_mistake_is_refused_with_file_line_and_what_was_expected(
    file: str, old: str, new: str, message: str, line: int
) -> None:
    text = {"narcotics": NARCOTICS, "address": ADDRESS, "ruleset": MAIN}[file]
    assert old in text
    changed = new.join(text.rsplit(old, 1)) if file == "narcotics" else text.replace(old, new, 1)
    with pytest.raises(RuleError, match=message) as raised:
        ruleset(**{file: changed})
    assert (raised.value.file, raised.value.line) == (f"{file}.yaml", line)


def test_mistake_in_an_expression_is_shown_with_a_caret_under_it() -> None:
    with pytest.raises(RuleError) as raised:
        ruleset(address=ADDRESS.replace("parcel.value_usd >", "parcel.valu_usd >"))
    first, text, caret = raised.value.shown().splitlines()
    assert first == "address.yaml:10:10: unknown name 'parcel.valu_usd'; did you mean 'parcel.value_usd'?"
    assert text[caret.index("^") :].startswith("parcel.valu_usd")


def test_yaml_with_aliases_is_refused() -> None:
    with pytest.raises(RuleError, match="aliases"):
        ruleset(ruleset=MAIN.replace("limits:", "x: &a [1]\ny: *a\nlimits:"))


def test_cases_of_a_sound_bundle_pass() -> None:
    report = run_cases(RULES, ORDINARY)
    assert (report.passed, report.failures, report.uncovered) == (9, (), ())


def test_case_that_comes_out_otherwise_is_reported_with_what_the_rule_saw() -> None:
    wrong = ruleset(address=ADDRESS.replace("{windows.names: 9}", "{windows.names: 7}"))
    report = run_cases(wrong, ORDINARY)
    (failure,) = report.failures
    assert report.passed == 8
    assert (failure.rule_id, failure.case, failure.expected, failure.found) == (
        "A02",
        "many",
        "fires: true",
        "fires: false",
    )
    assert ("windows.names", 7) in failure.seen


def test_case_says_whether_a_rule_holds_that_always_does_when_it_fires() -> None:
    named = "{name: named, fires: true,"
    report = run_cases(ruleset(narcotics=NARCOTICS.replace(named, f"{named} holds: true,")), ORDINARY)
    assert report.is_clean
    (failure,) = run_cases(
        ruleset(narcotics=NARCOTICS.replace(named, f"{named} holds: false,")), ORDINARY
    ).failures
    assert (failure.expected, failure.found) == ("holds: false", "holds: true")


def test_case_that_ends_in_an_error_is_reported_with_it() -> None:
    wrong = ruleset(narcotics=NARCOTICS.replace("i.hts6 in", "i.hts60 in"))
    found = {failure.found for failure in run_cases(wrong, ORDINARY).failures}
    assert "fires: error (no such key: 'hts60')" in found


def test_band_may_say_that_it_does_not_hold() -> None:
    text = MAIN.replace("holds: true, severity: 3, removable_by: OFFICER", "holds: false")
    assert not ruleset(ruleset=text).settings.band(70).holds


@pytest.mark.parametrize("case", ["fires: false, ", "fires: unknown, unknown: [windows.names], "])
def test_case_that_must_hold_and_does_not_even_fire_is_reported(case: str) -> None:
    wrong = ruleset(address=f"{ADDRESS}      - {{name: idle, {case}holds: true}}\n")
    (failure,) = run_cases(wrong, ORDINARY).failures
    assert (failure.case, failure.expected, failure.found) == ("idle", "holds: true", "holds: false")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("facts: {windows.names: 9}", "facts: {windows.nam: 9}", "unknown fact 'windows.nam'; did you mean"),
        ("facts: {windows.names: 9}", "facts: {windows.names: nine}", "found 'nine', expected int"),
        ("facts: {windows.names: 9}", "facts: {windows.names: true}", "found True, expected int"),
    ],
)
def test_case_with_a_wrong_fact_is_refused(old: str, new: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        run_cases(ruleset(address=ADDRESS.replace(old, new)), ORDINARY)


def test_case_on_a_whole_parcel_uses_the_facts_worked_out_from_it() -> None:
    text = ADDRESS + "      - {name: whole, fires: true, parcel: {value: 800}}\n"
    changed = ruleset(address=text)
    report = run_cases(
        changed, ORDINARY, lambda parcel, _: facts(parcel__value_usd=float(str(parcel["value"])))
    )
    assert (report.passed, report.failures) == (10, ())


def test_lint_finds_what_is_doubtful() -> None:
    constant = NARCOTICS.replace("when: size(text.terms.substances) > 0", "when: 1 > 2 && true")
    doubts = lint(ruleset(narcotics=constant), ORDINARY, DAY)
    assert any("N01: reads no fact, so it is always false" in doubt for doubt in doubts)
    unused = lint(ruleset(ruleset=MAIN.replace("many: 8", "many: 8, spare: 1")), ORDINARY, DAY)
    assert unused == ("ruleset.yaml: limits.spare is used by no rule",)
    assert lint(RULES, ORDINARY, DAY) == ()


@pytest.mark.parametrize(
    ("old", "new", "doubt"),
    [
        (
            "from: 2026-03-10",
            "from: 2026-03-10, to: 2026-03-10",
            "term 'propionyl chloride': is never in force: it ends on 2026-03-10, and begins on 2026-03-10",
        ),
        ("437-38-7", "437-38-8", "term 'fentanyl': cas '437-38-8' is no CAS number by its check digit"),
        (
            "fentanyl test strip",
            '"{word} test strip"',
            "innocent '{word} test strip': expected {term} or {terms}",
        ),
    ],
    ids=["ends before it begins", "check digit", "placeholder"],
)
def test_lint_finds_what_of_a_word_list_no_text_can_meet(old: str, new: str, doubt: str) -> None:
    changed = ruleset(wordlists__substances=SUBSTANCES.replace(old, new))
    (found,) = lint(changed, ORDINARY, DAY)
    assert found.startswith(f"wordlists/substances.yaml: {doubt}")


def test_lint_finds_the_rule_that_is_in_force_no_more() -> None:
    assert lint(RULES, ORDINARY, date(2026, 12, 31)) == ()
    (doubt,) = lint(RULES, ORDINARY, date(2027, 1, 1))
    assert doubt.endswith("rule N03: is in force no more: it ended on 2027-01-01")


def test_lint_finds_a_code_that_asks_for_an_examination_and_is_freed_by_none() -> None:
    (doubt,) = lint(ruleset(narcotics=NARCOTICS.replace("NAR-SUBST", "TON-SUBST")), ORDINARY, DAY)
    assert "rule N01: holds as TON, which no examination frees; one frees ADR, EQP," in doubt
    assert lint(ruleset(narcotics=NARCOTICS.replace("NAR-SUBST", "DOC-SUBST")), ORDINARY, DAY) == ()


def test_difference_between_two_rulesets_is_told_in_words() -> None:
    new = ruleset(
        ruleset=MAIN.replace("many: 8", "many: 9").replace('"293334"', '"293336"').replace("A tr", "Our tr"),
        address=ADDRESS.replace("mode: shadow", "mode: enforce").replace("weight: 20", "weight: 30"),
        wordlists__substances=SUBSTANCES.replace("fentanil, ", ""),
    )
    assert difference(RULES, new) == (
        "title: trial, A trial  →  trial, Our trial",
        "rule A02: mode: shadow  →  enforce",
        "rule A02: weight: 20  →  30",
        "limits.many: 8  →  9",
        "sets.drug_headings gains 293336",
        "sets.drug_headings loses 293334",
        "word list substances loses fentanyl: fentanil",
    )
    assert difference(RULES, RULES) == ()


def test_difference_tells_how_and_when_terms_are_found() -> None:
    term = "stem: true, ending: true, signs: [芬太], from: 2026-02-01, to: 2026-03-01"
    changed = SUBSTANCES.replace('hs: ["293333"]', term).replace(", 芬太尼", "")
    changed = changed.replace("terms:", "disguised: true\nabroad: true\ninnocents_like: substances\nterms:")
    assert difference(RULES, ruleset(wordlists__substances=changed)) == (
        "word list substances gains abroad, disguised, fentanyl: ending, fentanyl: from 2026-02-01,"
        " fentanyl: stem, fentanyl: to 2026-03-01, fentanyl: 芬太, innocents like substances",
        "word list substances loses fentanyl: 芬太尼",
    )


def test_difference_tells_who_may_remove_the_hold_of_a_band() -> None:
    (change,) = difference(RULES, ruleset(ruleset=MAIN.replace("removable_by: OFFICER", "removable_by: DEA")))
    assert (
        change
        == "bands: low from 0, high from 70 holds (3, OFFICER)  →  low from 0, high from 70 holds (3, DEA)"
    )
