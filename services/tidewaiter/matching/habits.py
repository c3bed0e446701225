"""What of a parcel has habits: its shipper, its text, its consignee's address, its goods; as plain keys.

The insight service counts under these keys and the screener asks for them, each through tokens of its own
kind (`goods` excepted, which is a heading of the tariff).
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

from msgspec import Struct

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.money import cents
from tidewaiter.domain.party import Party
from tidewaiter.matching import addresses
from tidewaiter.matching.identity import name_key
from tidewaiter.matching.text import folded

# "phone case" is everybody's; four words in one order are somebody's.
_TELLING_WORDS: Final = 4
_HEADING_DIGITS: Final = 4
_GRAMS: Final = 1000
_NO_DIGIT: Final = re.compile(r"\D")


class PartyKeys(NamedTuple):
    """See ``shipper_key`` and ``address_key``; ``consignee`` is who receives, by name."""

    shipper: str
    address: str
    consignee: str


class GoodsMeasures(Struct, frozen=True):
    """A parcel's goods as they are measured, all of one heading; None for what was not declared.

    ``cents_per_kg`` is the declared value in US cents over the gross weight, ``grams_per_unit`` the gross
    weight over the units of all items.
    """

    heading: str
    cents_per_kg: float | None
    grams_per_unit: float | None


def shipper_key(shipper: Party | None) -> str:
    """A shipper by its name, as windows know it; "" without one. One that many bear has a habit, too."""
    return name_key(shipper.name) if shipper is not None else ""


def address_key(consignee: Party | None) -> str:
    """The door of a consignee's address; "" where it names none."""
    doors = addresses.parts_keys(addresses.parsed(consignee.address)) if consignee is not None else ()
    return doors[0] if doors else ""


def party_keys(event: ParcelEvent) -> PartyKeys:
    """The keys of a parcel's parties, for whoever has not read them already."""
    consignee = event.consignee
    return PartyKeys(shipper_key(event.shipper), address_key(consignee), shipper_key(consignee))


def text_key(event: ParcelEvent) -> str:
    """All descriptions of the goods in lower case; "" for fewer than four different words."""
    items = event.items
    if len(items) == 1:
        return _folded((event.description_raw, items[0].description))
    return _folded((event.description_raw, *[item.description for item in items]))


@lru_cache(maxsize=16_384)
def _folded(texts: tuple[str, ...]) -> str:
    """Goods repeat: 2 us a text are spent once."""
    told = folded("\n".join(dict.fromkeys(filter(None, texts)))).split()
    return " ".join(told) if len(set(told)) >= _TELLING_WORDS else ""


def heading(event: ParcelEvent) -> str:
    """The four-digit heading of all items; "" where they have none, or more than one."""
    found = {_heading(item.hts10) for item in event.items}
    return found.pop() if len(found) == 1 else ""


@lru_cache(maxsize=16_384)
def _heading(number: str) -> str:
    digits = _NO_DIGIT.sub("", number)[:_HEADING_DIGITS]
    return digits if len(digits) == _HEADING_DIGITS else ""


def goods_measures(event: ParcelEvent) -> GoodsMeasures | None:
    """What a parcel says of its heading; None where it has not just one."""
    code = heading(event)
    if not code:
        return None
    weight = float(event.gross_weight_kg or 0)
    value = _value_cents(event)
    units = units_of(event)
    return GoodsMeasures(
        code,
        value / weight if value and weight > 0 else None,
        weight * _GRAMS / units if weight > 0 and units else None,
    )


def units_of(event: ParcelEvent) -> float:
    """The units of all items; 0 where one of them is not counted."""
    counted = [item.qty for item in event.items if item.qty]
    return float(sum(counted)) if len(counted) == len(event.items) else 0.0


def _value_cents(event: ParcelEvent) -> int:
    """The declared value in US cents; 0 where it was declared in another currency alone."""
    value = event.in_usd
    return cents(value) if value is not None else 0
