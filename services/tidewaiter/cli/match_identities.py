"""``tidewaiter match identities``: which records of one or several tables are the same person."""

import csv
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import Struct

from tidewaiter.cli.failing import in_words, refusals, refuse
from tidewaiter.matching.linkage import identities as grouped
from tidewaiter.matching.linkage.records import COLUMNS, PersonRecord, known_columns, person_record

app = typer.Typer()

_NUMBER = re.compile(r"\d+")


class Refused(ValueError):
    """A table that cannot be read. Its text is one line: file, field, found, expected."""


class Located(Struct, frozen=True):
    """A record, and where it stands. ``truth`` is the person that it is known to be, or ""."""

    file: str
    line: int
    record: PersonRecord
    truth: str = ""


@app.command("identities")
def match_identities(
    files: Annotated[list[Path], typer.Argument(help="CSV files with a header.")],
    truth: Annotated[
        str, typer.Option(help="Column whose number is the person: print precision and recall.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print file, line, person for every record.")] = False,
) -> None:
    """Group records (name, address, phone, e-mail, date of birth, number) that are the same person."""
    if as_json and as_csv:
        refuse("match identities: expected --json or --csv, found both")
    with refusals(Refused):
        located = [record for path in files for record in read_records(path, truth)]
    began = time.perf_counter()
    groups = grouped([each.record for each in located])
    seconds = time.perf_counter() - began
    found: dict[str, Any] = {"records": len(located), "persons": len(groups), "seconds": round(seconds, 3)}
    if truth:
        found |= quality(groups, [each.truth for each in located])
    if as_csv:
        _print_csv(groups, located)
    elif as_json:
        typer.echo(json.dumps(found | {"groups": _groups_json(groups, located)}))
    else:
        _show(found, groups, located)


def read_records(path: Path, truth: str) -> list[Located]:
    """The records of a CSV file. Raises Refused when it is none, or has no column that is known."""
    try:
        with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = list(csv.DictReader(file, skipinitialspace=True, restkey="", restval=""))
    except OSError as error:
        raise Refused(in_words(error)) from error
    except csv.Error as error:
        raise Refused(f"{path}: {error}, expected a CSV file") from error
    header = [column for column in rows[0] if column] if rows else []
    columns = known_columns(header)
    if not columns:
        known = ", ".join(names[0] for names in COLUMNS.values())
        raise Refused(f"{path.name}: columns {', '.join(header)[:80]!r}, expected some of {known}")
    if truth and truth not in header:
        raise Refused(f"{path.name}: no column {truth!r}, expected it for --truth")
    return [
        Located(path.name, line, person_record(row, columns), _person(path, line, row, truth))
        for line, row in enumerate(rows, start=2)
    ]


def _person(path: Path, line: int, row: dict[str, str], truth: str) -> str:
    if not truth:
        return ""
    number = _NUMBER.search(row[truth])
    if number is None:
        raise Refused(f"{path.name} line {line}: {truth} {row[truth][:40]!r}, expected a number in it")
    return number[0]


def quality(groups: Sequence[Sequence[int]], truth: Sequence[str]) -> dict[str, float]:
    """Precision, recall and F1 of the pairs within groups, against the pairs of one true person."""
    found = sum(map(_pairs, map(len, groups)))
    true = sum(map(_pairs, Counter(truth).values()))
    right = sum(
        _pairs(count) for group in groups for count in Counter(truth[place] for place in group).values()
    )
    precision, recall = _share(right, found), _share(right, true)
    f1 = _share(2 * precision * recall, precision + recall)
    return {"precision": precision, "recall": recall, "f1": f1, "true_pairs": true, "found_pairs": found}


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _share(part: float, whole: float) -> float:
    return round(part / whole, 6) if whole else 0.0


def _groups_json(groups: Iterable[Sequence[int]], located: Sequence[Located]) -> list[list[dict[str, Any]]]:
    return [
        [{"file": located[place].file, "line": located[place].line} for place in group]
        for group in groups
        if len(group) > 1
    ]


def _print_csv(groups: Iterable[Sequence[int]], located: Sequence[Located]) -> None:
    person_of = {place: number for number, group in enumerate(groups, start=1) for place in group}
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(("file", "line", "person"))
    writer.writerows((each.file, each.line, person_of[place]) for place, each in enumerate(located))


def _show(found: dict[str, Any], groups: Iterable[Sequence[int]], located: Sequence[Located]) -> None:
    for group in groups:
        if len(group) > 1:
            typer.echo("  ".join(f"{located[place].file}:{located[place].line}" for place in group))
    for name, value in found.items():
        typer.echo(f"{name.replace('_', ' ')}: {value:,}" if isinstance(value, int) else f"{name}: {value}")
