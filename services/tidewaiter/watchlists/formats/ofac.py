"""OFAC's CSV files: the SDN list and the consolidated list, each a primary file with its satellites.

Layout (OFAC, "SDN delimited file format"): no header, null is ``-0-``, joined on ``ent_num``; primary 12
columns, addresses 6, aliases 5, overflow of remarks 2. Several programmes are joined by ``] [``.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from tidewaiter.domain.party import Address
from tidewaiter.domain.watchlist import Entry, EntryKind, EntryName, Identifier, NameKind
from tidewaiter.matching import countries
from tidewaiter.watchlists.formats.facts import birth_dates, labelled_identifier, place
from tidewaiter.watchlists.formats.reading import (
    ListRefused,
    ListText,
    Problem,
    Reading,
    Row,
    counts_of,
    digest_of,
    refuse_unreadable,
    whole_rows,
)

PRIMARY, ADDRESSES, ALIASES, COMMENTS = 12, 6, 5, 2
_KINDS: Final[Mapping[str, EntryKind]] = {
    "individual": "person",
    "vessel": "vessel",
    "aircraft": "aircraft",
    "": "organization",
}
_ALIAS_KINDS: Final[Mapping[str, NameKind]] = {"aka": "alias", "fka": "former", "nka": "alias"}
# Programmes of the consolidated list: no blocking sanctions, so a file made of them is not the SDN list.
_NON_SDN: Final = re.compile(r"^NS-|^UKRAINE-EO13662|^CMIC-")
_NULL: Final = ("-0-", "-0")
# How a record ends: with its line, or with a last column that is quoted or null.
_ENDS: Final = ("\n", "\r", '"', "-0-", "-0")
_REMARK_NAME: Final = re.compile(r"^([afn])\.?k\.?a\.? '(.+?)'?$")
_NATION: Final = ("nationality ", "citizen ")


class Remarks(Struct, frozen=True):
    """What OFAC's running remarks say that can be matched."""

    names: tuple[EntryName, ...] = ()
    birth_dates: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()


def width_of(head: str) -> int:
    """The number of columns if ``head`` is a line of one of OFAC's files, else 0."""
    if not re.match(r'\s*"?[0-9]+"?\s*,', head):
        return 0
    rows, _ = whole_rows(
        ListText("", head.rstrip("\x1a") + "\n", ""), (PRIMARY, ADDRESSES, ALIASES, COMMENTS)
    )
    return len(rows[0].cells) if rows else 0


def read_sets(texts: Sequence[ListText]) -> tuple[Reading, ...]:
    """One reading for each primary file in ``texts``; a satellite goes to the primary that knows most of its
    numbers. Raises ListRefused when there is no primary, or a file is cut or unreadable past the limit."""
    tables = [_table(text) for text in texts]
    primaries = [table for table in tables if table.width == PRIMARY]
    if not primaries:
        names = ", ".join(text.name for text in texts)
        raise ListRefused(
            f"{names}: aliases, addresses or remarks without the primary file, expected that too"
        )
    satellites: dict[int, list[_Table]] = defaultdict(list)
    for table in tables:
        if table.width != PRIMARY:
            known = [len(table.numbers & primary.numbers) for primary in primaries]
            satellites[known.index(max(known))].append(table)
    return tuple(_reading(primary, satellites[place]) for place, primary in enumerate(primaries))


class _Table(Struct, frozen=True):
    text: ListText
    width: int
    rows: tuple[Row, ...]
    problems: tuple[Problem, ...]
    numbers: frozenset[str]


def _table(text: ListText) -> _Table:
    width = width_of(text.head)
    if not text.text.rstrip("\x1a\x00 \t").endswith(_ENDS):
        raise ListRefused(f"{text.name}: ends in the middle of a record, expected a whole file")
    rows, problems = whole_rows(text, (width,))
    problems += [
        Problem(text.name, row.line, f"ent_num {row.cells[0][:40]!r}, expected a number")
        for row in rows
        if not row.cells[0].isdigit()
    ]
    numbered = [
        Row(row.line, tuple(["" if cell in _NULL else cell for cell in row.cells]))
        for row in rows
        if row.cells[0].isdigit()
    ]
    numbers = frozenset([row.cells[0] for row in numbered])
    return _Table(text, width, tuple(numbered), tuple(problems), numbers)


def _reading(primary: _Table, satellites: Sequence[_Table]) -> Reading:
    by_width = {
        width: _by_number(row for table in satellites if table.width == width for row in table.rows)
        for width in (ADDRESSES, ALIASES, COMMENTS)
    }
    source = _source(primary.rows)
    read = [(row, _entry(row, source, by_width)) for row in primary.rows]
    entries = tuple(entry for _, entry in read if entry.names)
    nameless = tuple(
        Problem(primary.text.name, row.line, "SDN_Name empty, expected a name")
        for row, entry in read
        if not entry.names
    )
    tables = [primary, *satellites]
    return refuse_unreadable(
        Reading(
            source=source,
            entries=entries,
            rows=sum(len(table.rows) + len(table.problems) for table in tables),
            counts=counts_of(entries) | _without_entry(primary, satellites),
            problems=(*nameless, *(problem for table in tables for problem in table.problems)),
            sha256=digest_of([table.text for table in tables]),
            files=tuple(table.text.name for table in tables),
        )
    )


def _by_number(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.cells[0]].append(row)
    return found


def _without_entry(primary: _Table, satellites: Sequence[_Table]) -> dict[str, int]:
    """How many satellite rows name an entry that the primary file does not have: files of different days."""
    labels = {
        ADDRESSES: "addresses_without_entry",
        ALIASES: "aliases_without_entry",
        COMMENTS: "remarks_without_entry",
    }
    missed: Counter[str] = Counter()
    for table in satellites:
        missed[labels[table.width]] += sum(row.cells[0] not in primary.numbers for row in table.rows)
    return dict(missed)


def _source(rows: Sequence[Row]) -> str:
    mild = sum(all(_NON_SDN.match(program) for program in _programs(row.cells[3])) for row in rows)
    return "ofac-cons" if mild * 2 > len(rows) else "ofac-sdn"


def _programs(text: str) -> tuple[str, ...]:
    return tuple(program.strip(" []") for program in text.split("] [") if program.strip(" []"))


def _entry(row: Row, source: str, satellites: Mapping[int, Mapping[str, Sequence[Row]]]) -> Entry:
    number, name, kind, programs = row.cells[:4]
    overflow = "".join(extra.cells[1] for extra in satellites[COMMENTS].get(number, ()))
    text = row.cells[11] + overflow
    remarks = remarked(text)
    aliases = tuple(
        EntryName(alias.cells[3], _ALIAS_KINDS.get(alias.cells[2].lower().replace(".", ""), "alias"))
        for alias in satellites[ALIASES].get(number, ())
        if alias.cells[3]
    )
    return Entry(
        list=source,
        entry_id=number,
        kind=_KINDS.get(kind.lower(), "unknown"),
        names=tuple(dict.fromkeys(one for one in (EntryName(name), *aliases, *remarks.names) if one.text)),
        addresses=tuple(
            _address(line) for line in satellites[ADDRESSES].get(number, ()) if any(line.cells[2:5])
        ),
        identifiers=remarks.identifiers,
        programs=_programs(programs),
        birth_dates=remarks.birth_dates,
        countries=remarks.countries,
        remarks=text,
    )


def _address(row: Row) -> Address:
    return place(row.cells[2], row.cells[3], row.cells[4])


def remarked(text: str) -> Remarks:
    """The facts in OFAC remarks: dates of birth, nationality and citizenship, numbers, names in quotes.

    Names in quotes are what OFAC calls weak aliases ("a.k.a. 'El Mayo'"); former ones are kept as such.
    """
    names: list[EntryName] = []
    born: dict[str, None] = {}
    nations: dict[str, None] = {}
    found: dict[Identifier, None] = {}
    for part in text.split(";"):
        fact = part.strip(" .").removeprefix("alt. ")
        if fact.startswith("DOB "):
            born.update(dict.fromkeys(birth_dates(fact.removeprefix("DOB "))))
        elif fact.startswith(_NATION):
            nations[countries.code(fact.partition(" ")[2])] = None
        elif match := _REMARK_NAME.match(fact):
            names.append(EntryName(match[2], "former" if match[1] == "f" else "weak_alias"))
        elif one := labelled_identifier(fact):
            found[one] = None
    nations.pop("", None)
    return Remarks(tuple(names), tuple(born), tuple(nations), tuple(found))
