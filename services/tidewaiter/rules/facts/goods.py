"""Facts about the goods: the items, their text, and the listed terms found in it."""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from tidewaiter.domain.event import LEAST_USD, ParcelEvent
from tidewaiter.domain.party import Party
from tidewaiter.matching.text import folded, marked_up, visible, words
from tidewaiter.rules.catalogue import Fact
from tidewaiter.rules.cel.types import BOOL, DOUBLE, INT, STRING, CelType, list_of, map_of
from tidewaiter.rules.facts.descriptions import content_words, repeats_a_sign, vague_descriptions
from tidewaiter.rules.facts.item import ITEM, item_facts, tariff_digits
from tidewaiter.rules.facts.row import Row, Subject

# Not "limited", "incorporated" and "plc", which end honest texts too (an edition, a part, a controller).
_COMPANY_END = re.compile(
    r"\b(?:co\W{0,3}(?:ltd|limited)|ltd|l\.?l\.?c|(?<!\d )inc|corp|gmbh|s\.?r\.?l|sarl|pty|s\.?a\.? de c\.?v"
    r"|you\W+xian\W+gong\W+si"
    r"|(?:trading|technology|international|group|holdings?|enterprises?|export|industrial) limited)\W*$"
)
_COMPANY_SIGNS: Final = frozenset("cdhlpvyCDHLPVY.,) ")
_LONGEST_END: Final = 32
_STRINGS = list_of(STRING)


def _row(
    name: str,
    type_: CelType,
    meaning: str,
    ordinary: object,
    value: Callable[[Subject], object],
    unit: str = "",
) -> Row:
    return Row(Fact(name, type_, meaning, "parcel-events items and word lists", unit), ordinary, value)


class _Tariff(NamedTuple):
    """What the tariff numbers of some items say: the distinct chapters, headings and subheadings of those
    that have one, and how many items have none that says what they are."""

    chapters: tuple[str, ...]
    headings: tuple[str, ...]
    subheadings: tuple[str, ...]
    unclassified: int


def _tariff(subject: Subject) -> _Tariff:
    return _tariff_of(tuple([item.hts10 for item in subject.event.items]))


@lru_cache(maxsize=16_384)
def _tariff_of(numbers: tuple[str, ...]) -> _Tariff:
    """Four facts ask for it, and most parcels have one item, of the few thousand numbers that travel."""
    digits = [tariff_digits(number) for number in numbers if number]
    chapters, headings, subheadings = (tuple(dict.fromkeys([one[:n] for one in digits])) for n in (2, 4, 6))
    unclassified = sum([not _is_classified(number) for number in numbers])
    return _Tariff(chapters, headings, subheadings, unclassified)


def _is_classified(number: str) -> bool:
    """Whether a tariff number says what the goods are.

    Chapter 99 never does, its numbers only go beside another; nor does one digit over and over, or a
    chapter filled up with zeros.
    """
    digits = tariff_digits(number)
    return len(digits) == 10 and digits[:2] != "99" and len(set(digits)) > 1 and digits[2:] != "00000000"


def _excluded(subject: Subject) -> tuple[str, ...]:
    numbers = [tariff_digits(item.hts10) for item in subject.event.items if item.hts10]
    return tuple([number for number in numbers if number.startswith(subject.law.excluded)])


def _origins(subject: Subject) -> tuple[str, ...]:
    countries = [item.origin_country for item in subject.event.items]
    return tuple(dict.fromkeys(filter(None, countries)))


def _net_weight(subject: Subject) -> float:
    return sum([float(item.net_weight_kg) for item in subject.event.items if item.net_weight_kg is not None])


def _value_usd(subject: Subject) -> float:
    """Without a quantity, or with none of a thing, a line is worth one. Where no currency is named at all it
    is dollars, as that of the declared value is, unless the value is given in dollars beside it. Lines in the
    currency of the declared value are worth by that what it is in dollars; in another one what that is worth
    at least, where that is known."""
    event = subject.event
    usual = event.currency or ("USD" if event.value_usd is None else "")
    dollars = _worth(event, "USD", usual)
    if usual != "USD" and event.in_usd is not None and event.declared_value:
        dollars += _worth(event, usual, usual) * event.in_usd / event.declared_value
    for currency in {item.currency for item in event.items} - {"", "USD", usual}:
        dollars += _worth(event, currency, usual) * LEAST_USD.get(currency, 0)
    return float(dollars)


def _worth(event: ParcelEvent, currency: str, usual: str) -> Decimal | int:
    """What the items in a currency are worth in it; ``usual`` is that of items that name none."""
    return sum(
        [
            item.unit_value * (item.qty or 1)
            for item in event.items
            if item.unit_value is not None and (item.currency or usual) == currency
        ]
    )


def _agencies(subject: Subject, *, with_data: bool) -> tuple[str, ...]:
    rows = [row for item in subject.event.items if item.pga for row in item.pga]
    if not rows:
        return ()
    return tuple(dict.fromkeys([row.agency.upper() for row in rows if row.data_present == with_data]))


def _has_letters(subject: Subject) -> bool:
    return any(map(str.isalpha, subject.goods))


def _is_company_name(subject: Subject) -> bool:
    """Every description is only the name of a party, or ends as a company's name does."""
    event = subject.event
    # The first text decides nearly always: it is looked at before the others are gathered.
    whole = event.description_raw
    if whole and not _is_name(subject, whole):
        return False
    texts = [item.description for item in event.items if item.description]
    return bool(whole or texts) and all(_is_name(subject, text) for text in texts)


def _is_name(subject: Subject, text: str) -> bool:
    told = marked_up(text).strip()
    return (
        _ends_as_company(told) or _is_name_of(subject.shipper, told) or _is_name_of(subject.consignee, told)
    )


def _ends_as_company(text: str) -> bool:
    # The last sign decides nearly always: no form of company ends in another.
    if text.isascii() and text[-1:] not in _COMPANY_SIGNS:
        return False
    return _COMPANY_END.search(folded(text[-_LONGEST_END:])) is not None


def _is_name_of(party: Party, text: str) -> bool:
    # The first sign decides nearly always, without reading either text.
    return party.name[:1].casefold() == text[:1].casefold() and words(text) == words(party.name)


GOODS: Final = (
    _row(
        "items",
        list_of(ITEM.type),
        "each line of goods, in the order of the declaration",
        (ITEM.ordinary,),
        lambda s: tuple(map(item_facts, s.event.items)),
    ),
    _row(
        "goods.chapters",
        _STRINGS,
        "HS chapters of the items, 2 digits",
        ("61",),
        lambda s: _tariff(s).chapters,
    ),
    _row(
        "goods.headings",
        _STRINGS,
        "HS headings of the items, 4 digits",
        ("6110",),
        lambda s: _tariff(s).headings,
    ),
    _row(
        "goods.subheadings",
        _STRINGS,
        "HS subheadings of the items, 6 digits",
        ("611020",),
        lambda s: _tariff(s).subheadings,
    ),
    _row(
        "goods.excluded",
        _STRINGS,
        "tariff numbers of the items that no exemption covers by the law of the entry date",
        (),
        _excluded,
    ),
    _row(
        "goods.unclassified",
        INT,
        "items without a tariff number of 10 digits that says what they are",
        0,
        lambda s: _tariff(s).unclassified,
    ),
    _row(
        "goods.origins",
        _STRINGS,
        "countries that the items are said to be made in, ISO alpha-2",
        ("CN",),
        _origins,
    ),
    _row(
        "goods.agencies_served",
        _STRINGS,
        "agencies whose data were sent with an item",
        (),
        lambda s: _agencies(s, with_data=True),
    ),
    _row(
        "goods.agencies_owed",
        _STRINGS,
        "agencies named at an item whose data were not sent",
        (),
        lambda s: _agencies(s, with_data=False),
    ),
    _row(
        "goods.value_usd",
        DOUBLE,
        "what the items in US dollars, or in the declared value's currency, are worth by their own values",
        48.0,
        _value_usd,
        "USD",
    ),
    _row("goods.net_weight_kg", DOUBLE, "net weight of all items; 0 when not given", 0.7, _net_weight, "kg"),
    _row(
        "text.goods",
        STRING,
        "all text about the goods, a line a field, as it is shown: HTML read, full-width signs as plain ones",
        "Women's knitted cotton sweater",
        lambda s: visible(marked_up(s.goods)),
    ),
    _row(
        "text.content_words",
        INT,
        "distinct words in it that say something",
        4,
        lambda s: len(content_words(s.goods)),
    ),
    _row(
        "text.vague",
        _STRINGS,
        "descriptions in it that do not say what the goods are, and what is too long to be searched,"
        " or too many makers to look up",
        (),
        lambda s: vague_descriptions(s.event, s.terms) + s.unread,
    ),
    _row("text.has_letters", BOOL, "there is a letter in it", True, _has_letters),
    _row(
        "text.repeats_a_sign",
        BOOL,
        "one sign four times in a row",
        False,
        lambda s: repeats_a_sign(s.goods),
    ),
    _row("text.is_company_name", BOOL, "it is only a company's name", False, _is_company_name),
    _row(
        "text.cas_numbers",
        list_of(STRING),
        "valid CAS registry numbers in it, or declared",
        (),
        lambda s: s.cas_numbers,
    ),
    _row(
        "text.terms",
        map_of(STRING, list_of(STRING)),
        "terms of each word list that the text contains, spelling tricks undone; every list has a key",
        {},
        lambda s: s.terms,
    ),
    _row(
        "alone.terms",
        map_of(STRING, list_of(STRING)),
        "terms of each word list that a description says nothing beside, but an amount or a color;"
        " every list has a key",
        {},
        lambda s: s.terms_alone,
    ),
    _row(
        "unserved.terms",
        map_of(STRING, list_of(STRING)),
        "terms of each word list in the lines of goods that the FDA's data were not sent with;"
        " every list has a key",
        {},
        lambda s: s.terms_unserved,
    ),
    _row(
        "makers.terms",
        map_of(STRING, list_of(STRING)),
        "terms of each word list that the names of the items' makers contain; every list has a key",
        {},
        lambda s: s.maker_terms,
    ),
)
