"""Your own list, as CSV with a header or as NDJSON with the same field names.

Fields (only ``name`` is needed; several values in one are joined by ";", or an array in NDJSON):
``list`` (default "local") · ``entry_id`` (default: a hash of the row; rows of one are one entry) ·
``name`` · ``kind`` (person, organization, unknown) · ``aliases`` · ``weak_aliases`` · ``address`` ``city``
``region`` ``postal`` ``country`` · ``phone`` · ``email`` · ``website`` · ``tax_id`` · ``passport`` ·
``national_id`` · ``account`` · ``ip`` · ``birth_date`` · ``nationality`` · ``programs`` · ``remarks``. An
``address`` without ``city`` and ``postal`` is read as all of it in one line ("12 Main St, Reno, NV 89501,
US").
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar, get_args

from msgspec import Struct

from tidewaiter.domain.party import Address
from tidewaiter.domain.watchlist import Entry, EntryKind, EntryName, Identifier, IdentifierKind
from tidewaiter.matching import address_line, addresses, countries, ips
from tidewaiter.matching.listed import EXPECTED, normal_identifiers
from tidewaiter.watchlists.formats.facts import birth_dates
from tidewaiter.watchlists.formats.reading import (
    ListRefused,
    ListText,
    Problem,
    Reading,
    number_of,
    reading_of,
    whole_rows,
)

Fields = Mapping[str, tuple[str, ...]]
_T = TypeVar("_T")

_IDENTIFIERS: Final[tuple[IdentifierKind, ...]] = (
    "phone",
    "email",
    "website",
    "tax_id",
    "passport",
    "national_id",
    "account",
    "ip",
)
FIELDS: Final = frozenset(
    (
        *("list", "entry_id", "name", "kind", "aliases", "weak_aliases", "birth_date", "nationality"),
        *("address", "city", "region", "postal", "country", "programs", "remarks", *_IDENTIFIERS),
    )
)
# Free text and addresses may hold a semicolon of their own.
_SINGLE: Final = frozenset(
    {"list", "entry_id", "name", "kind", "address", "city", "region", "postal", "remarks"}
)
# As much of an entry as a hold order takes (hold-orders.v1): of a longer one no order could be read again.
_MOST_SIGNS: Final = {
    "list": 64,
    "entry_id": 64,
    "name": 2_000,
    "aliases": 2_000,
    "weak_aliases": 2_000,
    "programs": 300,
}
_MOST_PROGRAMS: Final = 200
_KINDS: Final[Mapping[str, EntryKind]] = {kind: kind for kind in get_args(EntryKind)}


def is_own(head: str) -> bool:
    """Whether ``head`` is a header with a name column, or the beginning of an NDJSON object."""
    return head.lstrip().startswith("{") or "name" in _columns(head)


def _columns(head: str) -> tuple[str, ...]:
    return tuple(column.strip(' "').lower() for column in head.split(","))


def read_own(text: ListText) -> Reading:
    """The entries of one list, rows of one ``entry_id`` as one: each tells another address or phone of it.

    Raises ListRefused for an unknown column, and for rows of several lists.
    """
    read = _objects if text.head.lstrip().startswith("{") else _csv_rows
    entries: list[Entry] = []
    problems: list[Problem] = []
    for found in read(text):
        if isinstance(found, Problem):
            problems.append(found)
        else:
            entries.append(_entry(found.fields))
            problems += [
                Problem(text.name, found.line, reason, lines=0) for reason in _unheeded(found.fields)
            ]
    lists = sorted({entry.list for entry in entries})
    if len(lists) > 1:
        raise ListRefused(f"{text.name}: lists {', '.join(lists)[:80]}, expected one list a file")
    rows = len(entries) + sum(problem.lines > 0 for problem in problems)
    source, whole = lists[0] if lists else "local", _together(entries)
    return reading_of(text, source, whole, rows, problems)


def _together(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    rows: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        rows[entry.entry_id].append(entry)
    return tuple([_joined(each) if len(each) > 1 else each[0] for each in rows.values()])


def _joined(rows: Sequence[Entry]) -> Entry:
    """One entry that says what all its rows say, under the first one's name."""
    first = rows[0]
    names = [
        EntryName(one.text, "alias") if one.kind == "primary" else one for row in rows for one in row.names
    ]
    programs = _each(row.programs for row in rows)
    if len(programs) > _MOST_PROGRAMS:
        raise ListRefused(
            f"entry {first.entry_id[:64]}: {len(programs)} programs, expected at most {_MOST_PROGRAMS}"
        )
    return Entry(
        first.list,
        first.entry_id,
        next((row.kind for row in rows if row.kind != "unknown"), "unknown"),
        (first.names[0], *dict.fromkeys(one for one in names if one.text != first.name)),
        _each(row.addresses for row in rows),
        _each(row.identifiers for row in rows),
        programs,
        _each(row.birth_dates for row in rows),
        _each(row.countries for row in rows),
        "; ".join(_each((row.remarks,) for row in rows if row.remarks)),
    )


def _each(many: Iterable[tuple[_T, ...]]) -> tuple[_T, ...]:
    """What is in any of them, once."""
    return tuple(dict.fromkeys(one for some in many for one in some))


class _Record(Struct, frozen=True):
    """What one line says, and the line's number."""

    line: int
    fields: Fields


def _csv_rows(text: ListText) -> Iterator[_Record | Problem]:
    columns = _columns(text.head)
    _refuse_unknown(text.name, columns)
    twice = next((column for column in columns if columns.count(column) > 1), "")
    if twice:
        raise ListRefused(f"{text.name}: column {twice} twice, expected it once, its values joined by ;")
    rows, problems = whole_rows(text, (len(columns),))
    yield from problems
    for row in rows[1:]:
        fields = {column: _values(column, cell) for column, cell in zip(columns, row.cells, strict=True)}
        reason = _unusable(fields)
        yield Problem(text.name, row.line, reason, row.lines) if reason else _Record(row.line, fields)


def _refuse_unknown(name: str, columns: tuple[str, ...]) -> None:
    unknown = sorted(set(columns) - FIELDS)
    if unknown:
        raise ListRefused(
            f"{name}: unknown column {unknown[0][:40]!r}, expected some of {', '.join(sorted(FIELDS))}"
        )


def _values(column: str, cell: object) -> tuple[str, ...]:
    if isinstance(cell, list):
        parts = [_text(one) for one in cell]
    else:
        parts = [_text(cell)] if column in _SINGLE else _text(cell).split(";")
    return tuple(part.strip() for part in parts if part.strip())


def _text(value: object) -> str:
    """A value as text. JSON may name half a character (``\\ud800``), which nothing could be written with."""
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Twice(Exception):
    """A field that an object has twice; its text is the field."""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object. JSON lets the last of two fields of one name stand: the first would never be matched."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1)[:40])
    return found


def _objects(text: ListText) -> Iterator[_Record | Problem]:
    lines = text.text.split("\n")
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _object(text, number, line, is_last=number == len(lines))


def _object(text: ListText, number: int, line: str, *, is_last: bool) -> _Record | Problem:
    try:
        found = json.loads(line, object_pairs_hook=_once)
    except _Twice as twice:
        return Problem(text.name, number, f"{twice} twice, expected it once")
    except (ValueError, RecursionError) as error:
        if is_last:
            raise ListRefused(
                f"{text.name}: ends in the middle of a record (line {number}), expected a whole file"
            ) from error
        return Problem(text.name, number, f"not JSON: {error}")
    if not isinstance(found, dict):
        return Problem(text.name, number, f"{type(found).__name__}, expected an object")
    _refuse_unknown(text.name, tuple(found))
    nested = next((column for column, value in found.items() if _is_nested(value)), None)
    if nested:
        return Problem(text.name, number, f"{nested}: nested, expected text or an array of texts")
    fields = {column: _values(column, value) for column, value in found.items() if value is not None}
    reason = _unusable(fields)
    return Problem(text.name, number, reason) if reason else _Record(number, fields)


def _is_nested(value: object) -> bool:
    """Whether it is an object, or holds one: its text would be that of Python, which nobody is named."""
    return isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(one, (dict, list)) for one in value)
    )


def _unusable(fields: Fields) -> str:
    """Why no entry can be made of these fields; "" where one can."""
    if not fields.get("name"):
        return "name empty, expected a name"
    for column, most in _MOST_SIGNS.items():
        longest = max(map(len, fields.get(column, ())), default=0)
        if longest > most:
            return f"{column}: {longest} signs, expected at most {most}"
    if len(programs := fields.get("programs", ())) > _MOST_PROGRAMS:
        return f"programs: {len(programs)}, expected at most {_MOST_PROGRAMS}"
    return ""


def _unheeded(fields: Fields) -> Iterator[str]:
    """What of a usable record nothing can be matched with: the entry is in force without it."""
    for column in ("list", "entry_id", "kind", "city", "region", "postal", "country"):
        if len(fields.get(column, ())) > 1:
            yield f"{column}: several values, of which the first counts, expected one"
    if fields.get("country") and not _country(fields):
        yield f"country {_one(fields, 'country')[:40]!r}, expected a country's name or code"
    for value in fields.get("nationality", ()):
        if not countries.code(value):
            yield f"nationality {value[:40]!r}, expected a country's name or code"
    for value in fields.get("birth_date", ()):
        if not birth_dates(value):
            yield f"birth_date {value[:40]!r}, expected a date as 1961-05-17, or a part of one"
    if fields.get("address") and not any(map(addresses.findable_keys, _addresses(fields))):
        written = ", ".join(fields["address"])[:60]
        yield f"address {written!r}, expected street with number, city, postal code and country"
    for one in _identifiers(fields):
        if one.kind in EXPECTED and not _is_looked_up(one):
            yield f"{one.kind} {one.value[:60]!r}, expected {EXPECTED[one.kind]}"


def _is_looked_up(one: Identifier) -> bool:
    if one.kind == "ip":
        return ips.read(one.value) is not None
    return bool(normal_identifiers(one.kind, one.value, one.country))


def _entry(fields: Fields) -> Entry:
    return Entry(
        list=_one(fields, "list") or "local",
        entry_id=_one(fields, "entry_id") or _number(fields),
        kind=_KINDS.get(_one(fields, "kind").lower(), "unknown"),
        names=(
            EntryName(_one(fields, "name")),
            *(EntryName(more, "alias") for more in fields.get("name", ())[1:]),
            *(EntryName(alias, "alias") for alias in fields.get("aliases", ())),
            *(EntryName(alias, "weak_alias") for alias in fields.get("weak_aliases", ())),
        ),
        addresses=_addresses(fields),
        identifiers=_identifiers(fields),
        programs=fields.get("programs", ()),
        birth_dates=tuple(date for text in fields.get("birth_date", ()) for date in birth_dates(text)),
        countries=tuple(filter(None, map(countries.code, fields.get("nationality", ())))),
        remarks=_one(fields, "remarks"),
    )


def _one(fields: Fields, column: str) -> str:
    values = fields.get(column, ())
    return values[0] if values else ""


def _number(fields: Fields) -> str:
    written = json.dumps({key: value for key, value in fields.items() if value}, sort_keys=True)
    return number_of(written)


def _country(fields: Fields) -> str:
    return countries.code(_one(fields, "country"))


def _addresses(fields: Fields) -> tuple[Address, ...]:
    city, region, postal = (_one(fields, column) for column in ("city", "region", "postal"))
    lines, country = fields.get("address", ()), _country(fields)
    if lines and not city and not postal:
        return address_line.read_typed(", ".join((*lines, region) if region else lines), country)
    address = Address(lines, city, region, postal, country)
    return () if address == Address() else (address,)


def _identifiers(fields: Fields) -> tuple[Identifier, ...]:
    return tuple(
        Identifier(kind, value, _country(fields)) for kind in _IDENTIFIERS for value in fields.get(kind, ())
    )
