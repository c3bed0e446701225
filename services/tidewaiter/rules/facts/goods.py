"""Facts about the goods: the items, their text, and the listed terms found in it."""

import re
from collections.abc import Mapping
from typing import Final

from tidewaiter.domain.event import Item
from tidewaiter.matching import identifiers
from tidewaiter.matching.text import words
from tidewaiter.rules.catalogue import BOOL, DYN, INT, STRING, CelType, Fact, list_of, map_of
from tidewaiter.rules.declaration import is_company
from tidewaiter.rules.facts.row import Row, Subject

_CAS = re.compile(r"(?<![\d-])[1-9]\d{1,6}-\d{2}-\d(?![\d-])")
_HTS_SIGNS = re.compile(r"\D")
_REPEATED = re.compile(r"(\S)\1{3,}")
_EMPTY_WORDS: Final = frozenset(
    ("a", "an", "and", "for", "of", "the", "with", "in", "on", "to", "by", "from", "new")
) | {"pcs", "pc", "set", "pack", "piece", "pieces", "x"}


def _row(name: str, type_: CelType, meaning: str, ordinary: object, value: object) -> Row:
    return Row(Fact(name, type_, meaning, "parcel-events items and word lists"), ordinary, value)  # type: ignore[arg-type]


def _item(item: Item) -> Mapping[str, object]:
    """An item as a rule reads it. Numbers that were not given are 0; ``hts`` has digits only."""
    hts = _HTS_SIGNS.sub("", item.hts10)
    return {
        "description": item.description,
        "hts": hts,
        "hts6": hts[:6],
        "hts4": hts[:4],
        "hts2": hts[:2],
        "qty": float(item.qty or 0),
        "unit_value": float(item.unit_value or 0),
        "currency": item.currency,
        "net_weight_kg": float(item.net_weight_kg or 0),
        "origin_country": item.origin_country,
        "manufacturer": item.manufacturer,
        "agencies": tuple(row.agency for row in item.pga),
        "agencies_with_data": tuple(row.agency for row in item.pga if row.data_present),
    }


_ORDINARY_ITEM: Final[Mapping[str, object]] = {
    "description": "Women's knitted cotton sweater",
    "hts": "6110202079",
    "hts6": "611020",
    "hts4": "6110",
    "hts2": "61",
    "qty": 2.0,
    "unit_value": 24.0,
    "currency": "USD",
    "net_weight_kg": 0.7,
    "origin_country": "CN",
    "manufacturer": "",
    "agencies": (),
    "agencies_with_data": (),
}


def _cas_numbers(subject: Subject) -> tuple[str, ...]:
    """Valid CAS registry numbers, declared as such or found in the text."""
    declared = (cas for item in subject.event.items for cas in item.cas)
    found = (
        dict.fromkeys((*declared, *_CAS.findall(subject.goods)))
        if "-" in subject.goods
        else dict.fromkeys(declared)
    )
    return tuple(cas for cas in found if identifiers.is_cas(cas))


def _content_words(subject: Subject) -> int:
    """Distinct words of two letters and more that say something, over all texts of the goods."""
    return len({word for word in words(subject.goods) if len(word) > 1 and not word.isdigit()} - _EMPTY_WORDS)


def _has_letters(subject: Subject) -> bool:
    return any(map(str.isalpha, subject.goods))


def _is_company_name(subject: Subject) -> bool:
    """The description is only the name of a company, or of the shipper."""
    event = subject.event
    texts = [text for text in (event.description_raw, *(item.description for item in event.items)) if text]
    shipper = words(subject.shipper.name)
    return bool(texts) and all(is_company(text) or words(text) == shipper for text in texts)


GOODS: Final = (
    _row(
        "items",
        list_of(map_of(STRING, DYN)),
        "each item: description, hts, hts6, hts4, hts2 (digits), qty, unit_value, currency, net_weight_kg, "
        "origin_country, manufacturer, agencies, agencies_with_data",
        (_ORDINARY_ITEM,),
        lambda s: tuple(map(_item, s.event.items)),
    ),
    _row(
        "text.goods",
        STRING,
        "all text about the goods, a line a field",
        "Women's knitted cotton sweater",
        lambda s: s.goods,
    ),
    _row("text.content_words", INT, "distinct words in it that say something", 4, _content_words),
    _row("text.has_letters", BOOL, "there is a letter in it", True, _has_letters),
    _row(
        "text.repeats_a_sign",
        BOOL,
        "one sign four times in a row",
        False,
        lambda s: bool(_REPEATED.search(s.goods)),
    ),
    _row("text.is_company_name", BOOL, "it is only a company's name", False, _is_company_name),
    _row(
        "text.cas_numbers", list_of(STRING), "valid CAS registry numbers in it, or declared", (), _cas_numbers
    ),
    _row(
        "text.terms",
        map_of(STRING, list_of(STRING)),
        "terms of each word list that the text contains, spelling tricks undone; every list has a key",
        {},
        lambda s: s.terms,
    ),
)
