"""``tidewaiter match``: how well names are matched, and whom a file of names would match."""

import gc
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer
from msgspec import Struct

from tidewaiter.cli.failing import refusals, refuse
from tidewaiter.cli.match_views import (
    evaluation_figures,
    print_csv,
    print_evaluation,
    print_json,
    print_table,
)
from tidewaiter.cli.tables import TableRefused, table_rows
from tidewaiter.domain.hit import Hit
from tidewaiter.domain.party import Address
from tidewaiter.domain.watchlist import EntryKind
from tidewaiter.matching import address_line
from tidewaiter.matching.corroboration import Subject
from tidewaiter.matching.countries import code
from tidewaiter.matching.evaluation import LabelledPair, scored
from tidewaiter.matching.index import ALERT_THRESHOLD, NameIndex
from tidewaiter.matching.screening import hits
from tidewaiter.watchlists.formats import ListRefused, read_all
from tidewaiter.watchlists.formats.facts import iso_date

app = typer.Typer(help="Names against names, and names against lists.", no_args_is_help=True)

Threshold = Annotated[float, typer.Option(min=0.0, max=1.0, help="The score from which names match.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]

_TRUTHS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "1.0"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "0.0"), False),
}
_KINDS: Mapping[str, EntryKind] = {
    "person": "person",
    "organization": "organization",
    "unknown": "unknown",
}


@app.command()
def evaluate(
    pairs: Annotated[Path, typer.Argument(help="CSV with name1, name2 and is_match; and schema, category.")],
    threshold: Threshold = ALERT_THRESHOLD,
    as_json: AsJson = False,
) -> None:
    """Measure precision, recall and F1 on labelled pairs of names."""
    with refusals(TableRefused, ListRefused):
        labelled = _labelled_pairs(pairs)
        started = perf_counter()
        found = scored(labelled)
        speed = round(len(found) / (perf_counter() - started))
        figures = evaluation_figures(found, threshold) | {"pairs_per_second": speed}
        if as_json:
            typer.echo(json.dumps(figures, ensure_ascii=False))
        else:
            print_evaluation(figures)


def _labelled_pairs(path: Path) -> list[LabelledPair]:
    rows = table_rows(path, ("name1", "name2", "is_match"), ("schema", "category", "case_group"))
    if not rows:
        raise TableRefused(f"{path}: no pairs, expected at least one")
    return [_labelled(path, line, row) for line, row in enumerate(rows, start=2)]


def _labelled(path: Path, line: int, row: Mapping[str, str]) -> LabelledPair:
    truth = _TRUTHS.get(row["is_match"].strip().lower())
    if truth is None:
        raise TableRefused(f"{path}: row {line}: is_match {row['is_match']!r}, expected true or false")
    category = row.get("category", "") or row.get("case_group", "")
    return LabelledPair(row["name1"], row["name2"], truth, row.get("schema", ""), category)


class Columns(Struct, frozen=True):
    """Which columns of a names file say what; an empty name is a column that is not there."""

    name: str
    birth: str = ""
    country: str = ""
    address: str = ""
    phone: str = ""
    email: str = ""

    @property
    def named(self) -> tuple[str, ...]:
        """The columns that the file must have."""
        given = (self.birth, self.country, self.address, self.phone, self.email)
        return (self.name, *(column for column in given if column))

    def subjects(self, row: Mapping[str, str]) -> tuple[Subject, ...]:
        """What a row says beside the name, for each way that its address may be read, the likeliest first."""
        country = code(row.get(self.country, ""))
        places = address_line.read(row.get(self.address, ""), country) or (Address(country=country),)
        return tuple(
            Subject(
                place,
                phone=row.get(self.phone, ""),
                email=row.get(self.email, ""),
                birth_date=iso_date(row.get(self.birth, "")),
                country=country or place.country,
            )
            for place in places
        )


@app.command()
def screen(
    names: Annotated[Path, typer.Argument(help="CSV with a column of names.")],
    column: Annotated[str, typer.Option(help="The column of names.")],
    lists: Annotated[list[Path], typer.Option("--list", help="List file or folder; known by content.")],
    more_lists: Annotated[
        list[Path] | None, typer.Argument(help="More lists: --list A B C is --list A --list B --list C.")
    ] = None,
    kind: Annotated[str, typer.Option(help="person, organization or unknown.")] = "unknown",
    threshold: Threshold = ALERT_THRESHOLD,
    birth_column: Annotated[str, typer.Option(help="Column of the date of birth.")] = "",
    country_column: Annotated[str, typer.Option(help="Column of the country.")] = "",
    address_column: Annotated[str, typer.Option(help="Column of the address.")] = "",
    phone_column: Annotated[str, typer.Option(help="Column of the phone.")] = "",
    email_column: Annotated[str, typer.Option(help="Column of the e-mail.")] = "",
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV, one line a hit.")] = False,
) -> None:
    """Screen every name of a file against lists; hits are shown with what speaks for and against them."""
    if as_json and as_csv:
        refuse("match screen: expected --json or --csv, found both")
    columns = Columns(column, birth_column, country_column, address_column, phone_column, email_column)
    with refusals(TableRefused, ListRefused):
        asked = _kind(kind)
        rows = table_rows(names, columns.named)
        index = _index((*lists, *(more_lists or ())), threshold)
        found = ((row[column], _likeliest(index, row[column], asked, columns.subjects(row))) for row in rows)
        show = print_json if as_json else print_csv if as_csv else print_table
        show(found)


def _likeliest(index: NameIndex, name: str, kind: EntryKind, subjects: Sequence[Subject]) -> tuple[Hit, ...]:
    """The hits by the first subject of which one holds, else by the first."""
    found = [hits(index, name, kind, subject) for subject in subjects]
    return next((each for each in found if any(hit.holds for hit in each)), found[0])


def _kind(kind: str) -> EntryKind:
    if kind not in _KINDS:
        raise TableRefused(f"--kind {kind!r}, expected person, organization or unknown")
    return _KINDS[kind]


def _index(lists: Sequence[Path], threshold: float) -> NameIndex:
    index = NameIndex.build((entry for reading in read_all(lists) for entry in reading.entries), threshold)
    # The index lives as long as the command: the collector need not walk it again and again.
    gc.freeze()
    return index
