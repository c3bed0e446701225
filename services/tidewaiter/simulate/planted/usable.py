"""Which entries of a watchlist a case can be planted with."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from tidewaiter.domain.party import Address
from tidewaiter.domain.watchlist import Entry
from tidewaiter.simulate.planted.disguise import transliterated
from tidewaiter.simulate.vocabulary import words

_MAX_WORDS: Final = 6
# With its country code; longer ones are two numbers in one ("381-4431/4432").
_PHONE_DIGITS: Final = range(11, 14)
# A number that is not one of a room in a house without number: an address that others have, too.
_HOUSE_NUMBER: Final = re.compile(
    r"(?<!\w)(?<!office )(?<!suite )(?<!room )(?<!unit )(?<!flat )[0-9]{1,4}\b", re.I
)
_COMMON: Final = frozenset(words("shared_surnames"))


class Placed(NamedTuple):
    """An entry with one of its addresses: a street, abroad."""

    entry: Entry
    address: Address


class Telephoned(NamedTuple):
    """An entry with its telephone number, digits only, and its country."""

    entry: Entry
    digits: str
    country: str


@dataclass(frozen=True, slots=True)
class Usable:
    """Entries by what they are good for; empty without a list."""

    placed: Sequence[Placed] = ()
    scripted: Sequence[Placed] = ()
    telephoned: Sequence[Telephoned] = ()
    namesakes: Sequence[Entry] = ()

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> "Usable":
        """Sort the persons and companies of a list; vessels and aircraft are of no use in parcels."""
        parties = [entry for entry in entries if _is_party(entry)]
        placed = [place for entry in parties if (place := _placed(entry))]
        return cls(
            placed=placed,
            scripted=[one for one in placed if transliterated(one.entry.name, one.address.country)],
            telephoned=[phone for entry in parties if (phone := _telephoned(entry))],
            namesakes=[entry for entry in parties if _is_common(entry)],
        )


def _is_party(entry: Entry) -> bool:
    return entry.kind in ("person", "organization") and 2 <= len(entry.name.split()) <= _MAX_WORDS


def _placed(entry: Entry) -> Placed | None:
    for address in entry.addresses:
        has_house = _HOUSE_NUMBER.search(" ".join(address.lines))
        if has_house and address.city and len(address.country) == 2 and address.country != "US":
            return Placed(entry, address)
    return None


def _telephoned(entry: Entry) -> Telephoned | None:
    country = next((address.country for address in entry.addresses if len(address.country) == 2), "CN")
    for identifier in entry.identifiers:
        digits = "".join(filter(str.isdigit, identifier.value)) if identifier.kind == "phone" else ""
        if len(digits) in _PHONE_DIGITS:
            return Telephoned(entry, digits, country)
    return None


def _is_common(entry: Entry) -> bool:
    family = entry.name.lower().partition(", ")[0]
    abroad = not any(address.country == "US" for address in entry.addresses)
    return entry.kind == "person" and family in _COMMON and abroad
