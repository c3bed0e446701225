"""Two small lists with headers: the BIS Denied Persons List and an extract of the UFLPA Entity List."""

from collections.abc import Callable, Mapping
from typing import Final

from tidewaiter.domain.party import Address
from tidewaiter.domain.watchlist import Entry, EntryName
from tidewaiter.matching import countries
from tidewaiter.watchlists.formats.reading import (
    ListText,
    Problem,
    Reading,
    number_of,
    reading_of,
    whole_rows,
)

_DPL_HEAD: Final = ("name", "street_address", "city", "state", "country", "postal_code")
_UFLPA_HEAD: Final = ("name", "aliases", "listed_year")


def _columns(head: str, delimiter: str) -> tuple[str, ...]:
    return tuple(column.strip(' "\ufeff').lower() for column in head.split(delimiter))


def is_dpl(head: str) -> bool:
    """Whether ``head`` is the Denied Persons List's header, tab-separated."""
    return _columns(head, "\t")[: len(_DPL_HEAD)] == _DPL_HEAD


def is_uflpa(head: str) -> bool:
    """Whether ``head`` is the header of the UFLPA extract."""
    return _columns(head, ",") == _UFLPA_HEAD


def read_dpl(text: ListText) -> Reading:
    """Denied persons. The list has no numbers: an entry's is a hash of its name, address and date."""
    return _read(text, "bis-dpl", "\t", _denied)


def read_uflpa(text: ListText) -> Reading:
    """Companies on the Uyghur Forced Labor Prevention Act list, aliases joined by ";"."""
    return _read(text, "uflpa", ",", _forced_labor)


def _read(
    text: ListText, source: str, delimiter: str, entry_of: Callable[[Mapping[str, str]], Entry]
) -> Reading:
    columns = _columns(text.head, delimiter)
    rows, problems = whole_rows(text, (len(columns),), delimiter)
    told = len(rows) - 1 + len(problems)
    cells = [(row, dict(zip(columns, row.cells, strict=True))) for row in rows[1:]]
    nameless = [row.line for row, found in cells if not found["name"]]
    problems += [Problem(text.name, line, "name empty, expected a name") for line in nameless]
    entries = dict.fromkeys(entry_of(found) for _, found in cells if found["name"])
    return reading_of(text, source, entries, told, problems)


def _denied(cells: Mapping[str, str]) -> Entry:
    street, city = cells["street_address"], cells["city"]
    # The list leaves the country out for the United States now and then, but never the state.
    country = countries.code(cells["country"]) or ("US" if cells["state"] else "")
    until = cells.get("expiration_date", "")
    return Entry(
        list="bis-dpl",
        entry_id=number_of(cells["name"], street, city, cells.get("effective_date", "")),
        kind="unknown",
        names=(EntryName(cells["name"]),),
        addresses=(
            Address((street,) if street else (), city, cells["state"], cells["postal_code"], country),
        ),
        programs=("DPL",),
        remarks=" ".join(
            filter(None, [cells.get("fr_citation", ""), f"denied until {until}" if until else ""])
        ),
    )


def _forced_labor(cells: Mapping[str, str]) -> Entry:
    aliases = dict.fromkeys(alias.strip() for alias in cells["aliases"].split(";") if alias.strip())
    return Entry(
        list="uflpa",
        entry_id=number_of(cells["name"]),
        kind="organization",
        names=(EntryName(cells["name"]), *(EntryName(alias, "alias") for alias in aliases)),
        addresses=(Address(country="CN"),),
        programs=("UFLPA",),
        remarks=f"listed {cells['listed_year']}",
    )
