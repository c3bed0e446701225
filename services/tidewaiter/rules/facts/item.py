"""A line of goods as rules read it: `items.exists(i, i.hts4 == "6110" && i.qty > 100.0)`."""

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct

from tidewaiter.domain.event import Item
from tidewaiter.matching.text import folded
from tidewaiter.rules.catalogue import Field, Record
from tidewaiter.rules.cel.types import DOUBLE, STRING, list_of

_NO_DIGIT: Final = re.compile("[^0-9]")


class ItemFacts(Struct, frozen=True):
    """The fields of `ITEM`, with its ordinary values."""

    description: str = "Women's knitted cotton sweater"
    hts: str = "6110202079"
    hts6: str = "611020"
    hts4: str = "6110"
    hts2: str = "61"
    qty: float = 2.0
    unit_value: float = 24.0
    currency: str = "USD"
    net_weight_kg: float = 0.7
    origin_country: str = "CN"
    manufacturer: str = ""
    cas: tuple[str, ...] = ()
    agencies: tuple[str, ...] = ()
    agencies_with_data: tuple[str, ...] = ()


ITEM: Final = Record(
    "item",
    (
        Field("description", STRING, "what the goods are said to be"),
        Field("hts", STRING, "tariff number, digits only; empty when not given"),
        Field("hts6", STRING, "its first 6 digits, the subheading"),
        Field("hts4", STRING, "its first 4 digits, the heading"),
        Field("hts2", STRING, "its first 2 digits, the chapter"),
        Field("qty", DOUBLE, "how many; 0 when not given"),
        Field("unit_value", DOUBLE, "value of one; 0 when not given", "currency"),
        Field("currency", STRING, "currency of the value, ISO 4217"),
        Field("net_weight_kg", DOUBLE, "net weight of the line; 0 when not given", "kg"),
        Field("origin_country", STRING, "where it was made, ISO alpha-2"),
        Field("manufacturer", STRING, "who made it"),
        Field("cas", list_of(STRING), "CAS registry numbers declared of it"),
        Field("agencies", list_of(STRING), "agencies named at it (FDA, CPSC, ...)"),
        Field("agencies_with_data", list_of(STRING), "those of them whose data were sent"),
    ),
    ItemFacts(),
)


@lru_cache(maxsize=16_384)
def tariff_digits(number: str) -> str:
    """A tariff number without dots and spaces, its digits of any script as plain ones."""
    return _NO_DIGIT.sub("", folded(number))


def item_facts(item: Item) -> ItemFacts:
    """A line of goods as a rule reads it."""
    hts = tariff_digits(item.hts10)
    return ItemFacts(
        description=item.description,
        hts=hts,
        hts6=hts[:6],
        hts4=hts[:4],
        hts2=hts[:2],
        qty=float(item.qty or 0),
        unit_value=float(item.unit_value or 0),
        currency=item.currency,
        net_weight_kg=float(item.net_weight_kg or 0),
        origin_country=item.origin_country,
        manufacturer=item.manufacturer,
        cas=item.cas,
        agencies=tuple(row.agency for row in item.pga),
        agencies_with_data=tuple(row.agency for row in item.pga if row.data_present),
    )
