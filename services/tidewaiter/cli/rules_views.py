"""What ``tidewaiter rules`` shows: tables for people, plain objects for machines."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tidewaiter.cli.heard import is_silent, shown_silence
from tidewaiter.rules.cel.conformance import Suite
from tidewaiter.rules.publishing import Publication, WorkerRules
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.rules.testing import CaseReport, Failure

_VALUE_CHARACTERS = 60


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def show_rows(out: Console, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    table = _table(*columns)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    out.print(table)


def checked(out: Console, ruleset: Ruleset, doubts: Sequence[str]) -> None:
    terms = sum(len(one.terms) for one in ruleset.word_lists.lists.values())
    lists = len(ruleset.word_lists.lists)
    size = f"{len(ruleset.rules)} rules, {terms} terms in {lists} lists"
    out.print(f"{ruleset.settings.name} {ruleset.version}: {size}")
    for doubt in doubts:
        out.print(f"  {doubt}", markup=False)


def tested(out: Console, ruleset: Ruleset, report: CaseReport) -> None:
    for failure in report.failures:
        _failure(out, failure)
    if report.uncovered:
        out.print(f"without a case that fires and one that does not: {', '.join(report.uncovered)}")
    out.print(
        f"{ruleset.settings.name} {ruleset.version}: {report.passed} cases passed, "
        f"{len(report.failures)} failed"
    )


def _failure(out: Console, failure: Failure) -> None:
    head = f"FAILED {failure.rule_id} {failure.case!r} ({failure.place})"
    out.print(f"{head}: expected {failure.expected}, found {failure.found}", markup=False)
    for name, value in failure.seen:
        shown = repr(_telling(value))
        cut = shown if len(shown) <= _VALUE_CHARACTERS else f"{shown[: _VALUE_CHARACTERS - 1]}…"
        out.print(f"    {name} = {cut}", markup=False)


def _telling(value: object) -> object:
    """Of a map, as of word lists, the keys that have something."""
    return {key: one for key, one in value.items() if one} if isinstance(value, Mapping) else value


def report_json(ruleset: Ruleset, report: CaseReport) -> dict[str, Any]:
    failures = [
        {
            "rule": one.rule_id,
            "case": one.case,
            "place": one.place,
            "expected": one.expected,
            "found": one.found,
        }
        for one in report.failures
    ]
    return {
        "version": ruleset.version,
        "passed": report.passed,
        "failed": len(failures),
        "failures": failures,
        "uncovered": list(report.uncovered),
    }


def suites(out: Console, found: Sequence[Suite]) -> None:
    for suite in found:
        for one in suite.failed:
            out.print(f"FAILED {suite.file} {one.name}: {one.expr}\n    {one.reason}", markup=False)
    counts = [(len(one.passed), len(one.failed), len(one.outside)) for one in found]
    lines = [(one.file, *numbers) for one, numbers in zip(found, counts, strict=True)]
    total = ("in all", *map(sum, zip(*counts, strict=True)))
    show_rows(out, ("suite", "passed", "failed", "out of subset"), (*lines, total))
    for reason, count in _reasons(found).items():
        out.print(f"  {count:4} out of the subset: {reason}", markup=False)


def _reasons(found: Sequence[Suite]) -> Mapping[str, int]:
    counted: dict[str, int] = {}
    for suite in found:
        for one in suite.outside:
            counted[one.reason] = counted.get(one.reason, 0) + 1
    return counted


def suites_json(found: Sequence[Suite]) -> dict[str, Any]:
    tests = [(suite, kind, one) for suite in found for kind, one in suite.results()]
    named = [
        {"suite": suite.file, "test": one.name, "expr": one.expr, "outcome": kind, "reason": one.reason}
        for suite, kind, one in tests
    ]
    counts = {
        kind: sum(1 for one in named if one["outcome"] == kind)
        for kind in ("passed", "failed", "out_of_subset")
    }
    suites = [
        {
            "suite": suite.file,
            "passed": len(suite.passed),
            "failed": len(suite.failed),
            "out_of_subset": len(suite.outside),
        }
        for suite in found
    ]
    return {**counts, "suites": suites, "tests": named}


def status(
    out: Console,
    current: str | None,
    publications: Sequence[Publication],
    workers: Mapping[str, WorkerRules],
    now: datetime,
) -> None:
    if current is None:
        out.print("no ruleset is published")
        return
    last = next((one for one in reversed(publications) if one.version == current), None)
    since = f" since {last.at:%Y-%m-%d %H:%M:%S} by {last.by}: {last.reason}" if last else ""
    out.print(f"in force: {current}{since}", markup=False)
    for name, worker in workers.items():
        behind = "" if worker.version == current else "  (not the one in force)"
        seen = f"seen {worker.seen_at:%Y-%m-%d %H:%M:%S}"
        silent = shown_silence(worker.seen_at, now)
        out.print(f"  worker {name}: {worker.version}, {seen}{silent}{behind}", markup=False)


def status_json(
    current: str | None,
    publications: Sequence[Publication],
    workers: Mapping[str, WorkerRules],
    now: datetime,
) -> dict[str, Any]:
    last = next((one for one in reversed(publications) if one.version == current), None)
    return {
        "current": current,
        "published": publication_json(last) if last else None,
        "workers": {
            name: {"version": one.version, "seen_at": one.seen_at, "is_silent": is_silent(one.seen_at, now)}
            for name, one in workers.items()
        },
    }


def history(out: Console, publications: Sequence[Publication]) -> None:
    rows = [(f"{one.at:%Y-%m-%d %H:%M:%S}", one.version, one.by, one.reason) for one in publications]
    show_rows(out, ("when", "version", "by", "reason"), rows)


def publication_json(one: Publication) -> dict[str, Any]:
    return {"version": one.version, "reason": one.reason, "by": one.by, "at": one.at.isoformat()}
