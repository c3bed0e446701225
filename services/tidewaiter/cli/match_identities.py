"""``tidewaiter match identities``: which records of one or several tables are the same person."""

import csv
import io
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import Struct

from tidewaiter.cli.failing import refusals, refuse
from tidewaiter.cli.tables import TableRefused, delimiter, is_blank, plain, refuse_open, table_text
from tidewaiter.matching.linkage import identities as grouped
from tidewaiter.matching.linkage.records import COLUMNS, PersonRecord, known_columns, person_record

app = typer.Typer()

_NUMBER = re.compile(r"\d+")


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
    with refusals(TableRefused):
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
    """The records of a CSV file in UTF-8. Raises TableRefused where it is none, or no column is known."""
    with table_text(path) as text:
        parts = delimiter(text.partition("\n")[0])
        rows = csv.reader(io.StringIO(text, newline=""), skipinitialspace=True, delimiter=parts)
        located = list(_located(path, rows, truth))
    refuse_open(path, text, located[-1].line - 1 if located else 0)
    return located


def _located(path: Path, rows: Any, truth: str) -> Iterator[Located]:
    """Each record with the line where it begins."""
    header: list[str] = next(rows, [])
    columns = known_columns(header)
    if not columns:
        known = ", ".join(names[0] for names in COLUMNS.values())
        raise TableRefused(f"{path.name}: columns {', '.join(header)[:80]!r}, expected some of {known}")
    known_by = next((column for column in header if plain(column) == plain(truth)), "") if truth else ""
    if truth and not known_by:
        raise TableRefused(f"{path.name}: no column {truth!r}, expected it for --truth")
    before = rows.line_num
    for cells in rows:
        line, before = before + 1, rows.line_num
        if is_blank(cells):
            continue
        row = dict(zip_longest(header, cells[: len(header)], fillvalue=""))
        person = _person(path, line, known_by, row) if truth else ""
        yield Located(path.name, line, person_record(row, columns), person)


def _person(path: Path, line: int, truth: str, row: dict[str, str]) -> str:
    number = _NUMBER.search(row[truth])
    if number is None:
        raise TableRefused(f"{path.name} line {line}: {truth} {row[truth][:40]!r}, expected a number in it")
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
