"""The law by date: what it says of a parcel by its day of entry, origin, channel and entry type."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Final

from tidewaiter.rules.errors import Place, RuleError
from tidewaiter.rules.policyfile import CHANNELS, Calendar, PolicyRow, read_calendar

_REMEMBERED: Final = 65_536  # rulings kept; a day has about 250 origins x 5 channels x 4 entry types
_ANYWHERE: Final = ""  # an origin that no row names
_NO_TYPE: Final = ""  # an entry type that no row names


@dataclass(frozen=True, slots=True)
class Ruling:
    """The answer for one day, origin, channel and entry type.

    ``claim_admitted`` says whether the low-value claim may be made at all; ``threshold_usd`` what one
    person may receive in a day under this entry type (0 where the claim is made but not admitted, but for
    post without one; None where the entry type has no limit). ``mandatory`` are dotted names of event
    fields, "a|b" for either; ``advised`` those that are required but not yet enforced. ``excluded`` are HS
    prefixes that no claim covers; ``agencies`` those whose data are needed whatever the value.
    ``citations`` are the rows that decide, those on the claim first.
    """

    threshold_usd: Decimal | None
    claim_admitted: bool
    entry_type_admitted: bool
    mandatory: tuple[str, ...]
    advised: tuple[str, ...]
    excluded: tuple[str, ...]
    agencies: tuple[str, ...]
    duties: tuple[str, ...]
    gift_limit_usd: Decimal | None
    person_day_key: str
    citations: tuple[PolicyRow, ...]
    rows: tuple[str, ...]


class Policy:
    """A calendar of the law, loaded once. ``version`` is the hash of the file's content."""

    def __init__(self, calendar: Calendar, version: str) -> None:
        self.calendar = calendar
        self.version = version
        self._rulings: dict[tuple[date, str, str, str], Ruling] = {}

    @classmethod
    def load(cls, path: Path) -> "Policy":
        """The policy of a file. Raises OSError, and RuleError for a malformed row or two that contradict."""
        try:
            return cls.of(path.read_text(encoding="utf-8"), path.name)
        except UnicodeDecodeError as error:
            raise RuleError(f"not UTF-8 at byte {error.start}", Place(path.name)) from None

    @classmethod
    def of(cls, text: str, file: str) -> "Policy":
        """The policy of a file's text. Raises RuleError."""
        calendar = read_calendar(text, file)
        for row, other in _contradictions(calendar):
            raise RuleError(f"{row.id} and {other.id} both admit the claim on one day", other.place)
        return cls(calendar, hashlib.sha256(text.encode()).hexdigest()[:12])

    def on(self, law_date: date, origin: str, channel: str, entry_type: str) -> Ruling:
        """What the law says. Every day (Eastern), origin, channel and entry type has exactly one answer.

        ``origin`` may be several countries, joined by commas: what is suspended for one is for the parcel.
        """
        asked = (law_date, origin, channel, entry_type)
        found = self._rulings.get(asked)
        if found is None:
            if len(self._rulings) >= _REMEMBERED:
                self._rulings.clear()
            found = self._rulings[asked] = _ruling(self.calendar, *asked)
        return found


def _ruling(calendar: Calendar, law_date: date, origin: str, channel: str, entry_type: str) -> Ruling:
    rows = [row for row in calendar.rows if row.applies(law_date, origin, channel, entry_type)]
    claim = _deciding(calendar, rows)
    admitted = claim[0].effect == "admits"
    others = [row for row in rows if row.effect not in ("admits", "suspends")]
    citations = tuple(dict.fromkeys((*claim, *others)))
    return Ruling(
        threshold_usd=_threshold(calendar, claim[0], channel, entry_type),
        claim_admitted=admitted,
        entry_type_admitted=_is_allowed(calendar, rows, entry_type),
        mandatory=_joined(calendar.mandatory, (row.mandatory for row in rows)),
        advised=_joined((), (row.advised for row in rows)),
        excluded=calendar.excluded,
        agencies=_joined((), (row.agencies for row in rows)),
        duties=tuple(row.duty for row in rows if row.duty),
        gift_limit_usd=max((row.gift_limit_usd for row in rows if row.gift_limit_usd), default=None),
        person_day_key=calendar.person_day_key,
        citations=citations,
        rows=tuple(row.id for row in citations),
    )


def _deciding(calendar: Calendar, rows: list[PolicyRow]) -> tuple[PolicyRow, ...]:
    """The rows on the claim: those that suspend it, else those that admit it, of goods of several origins the
    one with the least limit first, else that none does."""
    suspending = tuple(row for row in rows if row.effect == "suspends")
    admitting = [row for row in rows if row.effect == "admits"]
    by_limit = tuple(sorted(admitting, key=lambda row: row.threshold_usd or 0))
    return suspending or by_limit or (calendar.otherwise,)


def _threshold(calendar: Calendar, claim: PolicyRow, channel: str, entry_type: str) -> Decimal | None:
    if entry_type not in calendar.claim_entry_types:
        return calendar.entry_limits_usd.get(entry_type)
    if claim.effect == "admits":
        return claim.threshold_usd
    # The post enters what it brings by itself, whether or not an ACE entry type is named.
    return calendar.postal_limit_usd if channel == "POST" and not entry_type else Decimal(0)


def _is_allowed(calendar: Calendar, rows: Iterable[PolicyRow], entry_type: str) -> bool:
    """An entry type that some row allows is admitted only while such a row is in force."""
    needs_row = any(row.effect == "allows" and entry_type in row.entry_types for row in calendar.rows)
    return not needs_row or any(row.effect == "allows" for row in rows)


def _joined(first: tuple[str, ...], more: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *(name for names in more for name in names))))


def _contradictions(calendar: Calendar) -> Iterator[tuple[PolicyRow, PolicyRow]]:
    """Pairs of rows that both admit the claim for one day, origin, channel and entry type."""
    admitting = [row for row in calendar.rows if row.effect == "admits"]
    origins = {_ANYWHERE, *(origin for row in admitting for origin in row.origins)}
    entry_types = {_NO_TYPE, *(entry_type for row in admitting for entry_type in row.entry_types)}
    days = {row.first for row in admitting}
    for parcel in product(days, origins, CHANNELS, entry_types):
        rows = [row for row in admitting if row.applies(*parcel)]
        if len(rows) > 1:
            yield rows[0], rows[1]
