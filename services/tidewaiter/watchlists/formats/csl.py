"""The Consolidated Screening List of trade.gov, in its layout of today (29 columns) and its old one (28)."""

import re
from collections.abc import Mapping
from typing import Final

from tidewaiter.domain.party import Address
from tidewaiter.domain.watchlist import Entry, EntryKind, EntryName, Identifier
from tidewaiter.matching import address_line, countries
from tidewaiter.watchlists.formats.facts import birth_dates, identifier
from tidewaiter.watchlists.formats.reading import (
    ListRefused,
    ListText,
    Problem,
    Reading,
    Row,
    number_of,
    reading_of,
    whole_rows,
)

_REQUIRED: Final = ("source", "entity_number", "programs", "name", "addresses", "alt_names", "ids")
_SOURCE_CODE: Final = re.compile(r"\(([A-Z]{2,5})\)")
_KINDS: Final[Mapping[str, EntryKind]] = {
    "individual": "person",
    "entity": "organization",
    "vessel": "vessel",
    "aircraft": "aircraft",
}
# BIS names whoever belongs to the party along with it, which is no part of the name.
_SUCCESSORS: Final = re.compile(r";? and any successor.*$", re.IGNORECASE)


def is_csl(head: str) -> bool:
    """Whether ``head`` is the header of either layout."""
    columns = [column.strip(' "').lower() for column in head.split(",")]
    return columns[:2] == ["source", "entity_number"] or columns[:3] == ["_id", "source", "entity_number"]


def read_csl(text: ListText) -> Reading:
    """The entries, each under a list of its own source: ``csl-dpl``, ``csl-uvl``, ``csl-sdn``…

    Raises ListRefused without a column that tells of every entry: all would be in force without it.
    """
    columns = tuple(column.strip(' "').lower() for column in text.head.split(","))
    missing = next((column for column in _REQUIRED if column not in columns), None)
    if missing:
        raise ListRefused(f"{text.name}: no column {missing}, expected {', '.join(_REQUIRED)} among them")
    rows, problems = whole_rows(text, (len(columns),))
    told = len(rows) - 1 + len(problems)
    entries = []
    for row in rows[1:]:
        entry = _entry(columns, row)
        if entry is None:
            problems.append(Problem(text.name, row.line, "source or name empty, expected both", row.lines))
        else:
            entries.append(entry)
    return reading_of(text, "csl", entries, told, problems)


def _entry(columns: tuple[str, ...], row: Row) -> Entry | None:
    cells = dict(zip(columns, row.cells, strict=True))
    name, source = _SUCCESSORS.sub("", cells.get("name", "")), cells.get("source", "")
    if not name or not source:
        return None
    code = _SOURCE_CODE.search(source)
    nations = [countries.code(one) for one in (*_many(cells, "nationalities"), *_many(cells, "citizenships"))]
    return Entry(
        list=f"csl-{code[1].lower() if code else 'other'}",
        entry_id=cells.get("entity_number") or cells.get("_id") or number_of(*row.cells),
        kind=_KINDS.get(cells.get("type", "").lower(), "unknown"),
        names=_names(name, cells),
        addresses=tuple(_places(cells)),
        identifiers=tuple(dict.fromkeys(_identifiers(cells))),
        programs=tuple(_many(cells, "programs")),
        birth_dates=tuple(
            dict.fromkeys(date for text in _many(cells, "dates_of_birth") for date in birth_dates(text))
        ),
        countries=tuple(dict.fromkeys(filter(None, nations))),
        remarks=cells.get("remarks", ""),
    )


def _many(cells: Mapping[str, str], column: str) -> list[str]:
    return [part.strip() for part in cells.get(column, "").split(";") if part.strip()]


def _names(name: str, cells: Mapping[str, str]) -> tuple[EntryName, ...]:
    aliases = [alias.removeprefix("and ").strip() for alias in _many(cells, "alt_names")]
    return (EntryName(name), *(EntryName(alias, "alias") for alias in dict.fromkeys(aliases) if alias))


def _places(cells: Mapping[str, str]) -> list[Address]:
    lines = [line.removeprefix("and ") for line in _many(cells, "addresses")]
    return list(dict.fromkeys(place for line in lines for place in address_line.read(line)))


def _identifiers(cells: Mapping[str, str]) -> list[Identifier]:
    """The ids column: "Passport, 836238033, KP; Website, mspbank.ru"; in the old layout the label comes last:
    "KP, 836238033, Passport; mspbank.ru, Website"."""
    found = [_labelled_first(part) or _labelled_last(part) for part in _many(cells, "ids")]
    return [one for one in found if one]


def _labelled_first(part: str) -> Identifier | None:
    label, _, rest = part.partition(", ")
    value, _, country = rest.rpartition(", ")
    return identifier(label, value or rest, country if value else "")


def _labelled_last(part: str) -> Identifier | None:
    rest, _, label = part.rpartition(", ")
    country, comma, value = rest.partition(", ")
    return identifier(label, value if comma else rest, country if comma else "")
