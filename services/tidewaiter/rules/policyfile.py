"""The file of the policy calendar: dated rows of law with their sources, as an operator edits them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, Literal, get_args

from tidewaiter.domain.event import Channel
from tidewaiter.domain.party import Role
from tidewaiter.matching import countries
from tidewaiter.rules.elements import is_element
from tidewaiter.rules.errors import Place
from tidewaiter.rules.yamlfile import Entry, read

Effect = Literal["admits", "suspends", "allows", "requires", "duty", "notice"]

CHANNELS: Final[tuple[str, ...]] = get_args(Channel)


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """One provision: from its first day to before its end, for some channels, origins and entry types.

    Empty ``origins`` or ``entry_types`` mean all. ``admits`` and ``suspends`` concern the low-value claim,
    ``allows`` an entry type, ``requires`` data; ``duty`` and ``notice`` bear on a parcel without deciding.
    """

    id: str
    title: str
    effect: Effect
    first: date
    end: date | None
    source: str
    confidence: str
    place: Place
    channels: tuple[str, ...] = CHANNELS
    origins: tuple[str, ...] = ()
    entry_types: tuple[str, ...] = ()
    threshold_usd: Decimal | None = None
    gift_limit_usd: Decimal | None = None
    mandatory: tuple[str, ...] = ()
    advised: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    duty: str = ""
    jurisdiction: str = ""

    def applies(self, on: date, origin: str, channel: str, entry_type: str) -> bool:
        """Whether the row is in force on a day, for such a parcel; of several origins ("CN,VN") for any."""
        is_in_force = self.first <= on and (self.end is None or on < self.end)
        is_for_entry = not self.entry_types or entry_type in self.entry_types
        return is_in_force and is_for_entry and channel in self.channels and self._covers(origin)

    def _covers(self, origin: str) -> bool:
        return not self.origins or not set(self.origins).isdisjoint(origin.upper().split(","))


@dataclass(frozen=True, slots=True)
class Calendar:
    """A policy file: its rows for the jurisdiction that decides, and those of others in ``elsewhere``."""

    name: str
    title: str
    person_day_key: Role
    entry_limits_usd: Mapping[str, Decimal]
    postal_limit_usd: Decimal
    claim_entry_types: tuple[str, ...]
    mandatory: tuple[str, ...]
    excluded: tuple[str, ...]
    otherwise: PolicyRow
    rows: tuple[PolicyRow, ...]
    elsewhere: tuple[PolicyRow, ...]


_MOST_USD: Final = Decimal(1_000_000_000)
_LONGEST_ID: Final = 100  # as hold orders carry it (hold-orders.v1)
_ENTRY_TYPE: Final = re.compile(r"[0-9]{2}")
_CALENDAR: Final = (
    "name", "title", "jurisdiction", "person_day_key", "entry_limits_usd", "postal_limit_usd",
    "claim_entry_types", "mandatory", "excluded", "otherwise", "rows",
)  # fmt: skip
_REQUIRED: Final = ("id", "title", "effect", "from", "source", "confidence")
_ELEMENTS: Final = ("mandatory", "advised")
_OPTIONAL: Final = (
    "jurisdiction", "to", "channels", "origins", "entry_types", "threshold_usd", "gift_limit_usd", "agencies",
    "duty", *_ELEMENTS,
)  # fmt: skip


def read_calendar(text: str, file: str) -> Calendar:
    """The calendar of a policy file. Raises RuleError."""
    fields = read(text, file).fields(_CALENDAR)
    home = _jurisdiction(fields["jurisdiction"])
    rows = [_row(entry, home) for entry in fields["rows"].items()]
    _unique(rows, fields["rows"])
    return Calendar(
        name=fields["name"].text(),
        title=fields["title"].text(),
        person_day_key=fields["person_day_key"].choice(get_args(Role)),
        entry_limits_usd=_entry_limits(fields["entry_limits_usd"]),
        postal_limit_usd=_amount(fields["postal_limit_usd"]),
        claim_entry_types=tuple(_possibly_empty(entry) for entry in _some(fields["claim_entry_types"])),
        mandatory=_elements(fields["mandatory"]),
        excluded=tuple(prefix for entry in fields["excluded"].items() for prefix in _excluded(entry)),
        otherwise=_otherwise(fields["otherwise"], home),
        rows=tuple(row for row in rows if row.jurisdiction == home),
        elsewhere=tuple(row for row in rows if row.jurisdiction != home),
    )


def _row(entry: Entry, home: str) -> PolicyRow:
    fields = entry.fields(_REQUIRED, _OPTIONAL)
    first = fields["from"].date()
    end = fields["to"].date() if "to" in fields else None
    if end is not None and end <= first:
        raise fields["to"].error(f"to: found {end}, expected a day after {first}")
    jurisdiction = _jurisdiction(fields["jurisdiction"]) if "jurisdiction" in fields else home
    effect = fields["effect"].choice(get_args(Effect))
    if jurisdiction == home:
        _refuse_idle(entry, fields, effect)
    return PolicyRow(
        id=fields["id"].text(_LONGEST_ID),
        title=fields["title"].text(),
        effect=effect,
        first=first,
        end=end,
        source=fields["source"].text(),
        confidence=fields["confidence"].text(),
        place=entry.place,
        channels=_channels(fields["channels"]) if "channels" in fields else CHANNELS,
        origins=tuple(map(_origin, _some(fields["origins"]))) if "origins" in fields else (),
        entry_types=tuple(map(_entry_type, _some(fields["entry_types"]))) if "entry_types" in fields else (),
        threshold_usd=_amount(fields["threshold_usd"]) if "threshold_usd" in fields else None,
        gift_limit_usd=_amount(fields["gift_limit_usd"]) if "gift_limit_usd" in fields else None,
        agencies=tuple(map(_agency, _some(fields["agencies"]))) if "agencies" in fields else (),
        duty=fields["duty"].text() if "duty" in fields else "",
        jurisdiction=jurisdiction,
        **{name: _elements(fields[name]) for name in _ELEMENTS if name in fields},
    )


def _refuse_idle(entry: Entry, fields: Mapping[str, Entry], effect: Effect) -> None:
    """Refuse what a row lacks to bear on a parcel, and what would bear on none."""
    if effect == "admits" and "threshold_usd" not in fields:
        raise entry.error("threshold_usd: missing, expected the limit of one person's day")
    if effect != "admits" and "threshold_usd" in fields:
        raise fields["threshold_usd"].error("threshold_usd: found in a row that does not admit the claim")
    if effect == "allows" and "entry_types" not in fields:
        raise entry.error("entry_types: missing, expected those that the row allows")
    if effect == "requires" and not fields.keys() & {*_ELEMENTS, "agencies"}:
        raise entry.error(f"{', '.join((*_ELEMENTS, 'agencies'))}: missing, expected what the row requires")


def _otherwise(entry: Entry, home: str) -> PolicyRow:
    fields = entry.fields(("id", "title", "source"))
    return PolicyRow(
        id=fields["id"].text(_LONGEST_ID),
        title=fields["title"].text(),
        effect="notice",
        first=date.min,
        end=None,
        source=fields["source"].text(),
        confidence="",
        place=entry.place,
        jurisdiction=home,
    )


def _some(entry: Entry) -> Sequence[Entry]:
    """The items of a list that has any: an empty one would be for nothing, or for everything."""
    found = entry.items()
    if not found:
        raise entry.expected("at least one")
    return found


def _channels(entry: Entry) -> tuple[str, ...]:
    return tuple(item.choice(CHANNELS) for item in _some(entry))


def _entry_limits(entry: Entry) -> Mapping[str, Decimal]:
    limits = entry.entries()
    for name, limit in limits.items():
        if not _ENTRY_TYPE.fullmatch(name):
            raise limit.error(f"{entry.name}: found {name!r}, expected an entry type of two digits")
    return {name: _amount(limit) for name, limit in limits.items()}


def _entry_type(entry: Entry) -> str:
    """One that no parcel has would be a row that never applies, or a limit that nobody has."""
    if not _ENTRY_TYPE.fullmatch(entry.text()):
        raise entry.expected("an entry type of two digits, like 11")
    return entry.text()


def _possibly_empty(entry: Entry) -> str:
    return "" if entry.value() == "" else _entry_type(entry)


def _excluded(entry: Entry) -> tuple[str, ...]:
    fields = entry.fields(("goods", "hs"))
    fields["goods"].text()
    return tuple(map(_prefix, _some(fields["hs"])))


def _prefix(entry: Entry) -> str:
    found = entry.text()
    if not (found.isascii() and found.isdigit()):
        raise entry.expected("the first digits of a tariff number, without dots")
    return found


def _jurisdiction(entry: Entry) -> str:
    """One in small letters would be another one than that which decides, and its rows would not count."""
    found = entry.text()
    if len(found) != 2 or not found.isascii() or not found.isupper():
        raise entry.expected("two capitals, like US")
    return found


def _elements(entry: Entry) -> tuple[str, ...]:
    for item in _some(entry):
        if not is_element(item.text()):
            raise item.expected("an element of a declaration, like consignee.phone")
    return entry.texts()


def _agency(entry: Entry) -> str:
    """As rules ask for it: one in small letters would be another."""
    found = entry.text()
    if not (found.isascii() and found.isalpha() and found.isupper()):
        raise entry.expected("an agency in capitals, like FDA")
    return found


def _origin(entry: Entry) -> str:
    found = entry.text()
    if countries.code(found) != found:
        raise entry.expected("a country as ISO alpha-2, like CN")
    return found


def _amount(entry: Entry) -> Decimal:
    """An amount that a sum can exceed: "NaN" would be a limit that nobody is over."""
    try:
        found = Decimal(entry.text())
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite() or not 0 <= found <= _MOST_USD:
        raise entry.expected('an amount in quotes, like "800"')
    return found


def _unique(rows: list[PolicyRow], entry: Entry) -> None:
    seen: set[str] = set()
    for row, item in zip(rows, entry.items(), strict=True):
        if row.id in seen:
            raise item.error(f"id: {row.id!r} is there twice")
        seen.add(row.id)
