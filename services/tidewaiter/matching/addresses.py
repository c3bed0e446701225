"""Addresses read into their parts, so that the same door is known again however it was written."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from msgspec import Struct
from rapidfuzz import fuzz

from tidewaiter.domain.party import Address
from tidewaiter.matching.address_words import (
    DIRECTIONS,
    DIVISIONS,
    NOISE,
    NUMBER_SIGNS,
    PLAIN_FORMS,
    SHORT_TYPES,
    UNITS,
    US_STATE_CODES,
    US_STATES,
    address_tokens,
)
from tidewaiter.matching.text import folded, words

# Countries whose postal code names a few streets; elsewhere it is often left out or wrong: the city decides.
_POSTAL_DECIDES: Final = frozenset({"US", "CA", "GB", "AU", "NL", "JP", "DE", "FR", "PR"})
_SEGMENT: Final = re.compile(r"[,;\n，；、]")
_ORDINAL: Final = re.compile(r"([0-9]+)(?:st|nd|rd|th)")
_PO_BOX: Final = re.compile(
    r"\b(?:p\W{0,3}o\W{0,3}|post(?:al)? ?(?:office)?\W{0,2})(?:box|bag)\W{0,3}([a-z]?[0-9][a-z0-9-]*)"
    r"|\b(?:apartado(?: postal)?|postfach|casilla|caixa postal)\W{1,3}([0-9][a-z0-9-]*)"
)
_PO_BOX_LONE: Final = re.compile(r"^\W*(?:box|gpo box)\W{1,3}([0-9][a-z0-9-]*)\b")
# Commercial mail receiving agencies (USPS OIG SAT-AR-18-002, finding 7) by brand and by their own signs.
_MAIL_CENTER: Final = re.compile(
    r"\bp\.?m\.?b\b|\bups store|private mail ?box|\bmail ?box(?:es)?\b|postal ?annex|\bpak ?mail\b"
    r"|\bgoin ?postal\b|\bpostnet\b|\bparcel plus\b|\bmail (?:center|centre|depot|stop plus)\b"
    r"|\bpostal (?:connections|center)\b"
)
_FORWARDER: Final = re.compile(
    r"\bfreight|\bforward(?:er|ing)|\blogistic|\bwarehouse|\bconsolidat|\bcargo\b|\breship|\bc/o\b"
)


class ParsedAddress(Struct, frozen=True):
    """An address in normalised parts; "" or () is "not given".

    ``street`` holds words in their short forms ("w", "5", "ave"); ``unit`` the inner parts, sorted, joined by
    "-" ("b5-302"); ``region`` the USPS code in the US; ``postal`` 5 digits in the US; ``country`` as given.
    """

    number: str = ""
    street: tuple[str, ...] = ()
    unit: str = ""
    po_box: str = ""
    city: str = ""
    region: str = ""
    postal: str = ""
    country: str = ""
    is_mail_center: bool = False
    is_po_box: bool = False
    is_forwarder: bool = False


@dataclass(slots=True)
class _Segment:
    """What one comma-free part of an address was found to hold, while it is read."""

    number: str = ""
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)


def parsed(address: Address) -> ParsedAddress:
    """The parts of ``address``. Never raises; the same address is read once in a while of 65,536 others."""
    return _parsed(address)


@lru_cache(maxsize=65_536)
def _parsed(address: Address) -> ParsedAddress:
    text = folded(", ".join(address.lines))
    box = _PO_BOX.search(text) or _PO_BOX_LONE.search(text)
    po_box = next((group for group in box.groups() if group), "") if box else ""
    number, street, unit = _street(address.lines)
    return ParsedAddress(
        number="" if po_box and number in po_box else number,
        street=() if po_box and not number else street,
        unit=unit,
        po_box=po_box,
        city=normal_city(address.city),
        region=normal_region(address.region, address.country),
        postal=normal_postal(address.postal, address.country),
        country=address.country.upper(),
        is_mail_center=_MAIL_CENTER.search(text) is not None,
        is_po_box=bool(po_box),
        is_forwarder=_FORWARDER.search(text) is not None,
    )


def _street(lines: tuple[str, ...]) -> tuple[str, tuple[str, ...], str]:
    """House number, street words and unit. The street is in the part that has a number and a street type,
    else a number, else a type; other parts are names of buildings, districts and firms."""
    best, best_rank, units = _Segment(), -1, []
    for line in lines:
        for part in _SEGMENT.split(line):
            segment = _read(address_tokens(part))
            units += segment.units
            rank = 2 * bool(segment.number) + (not SHORT_TYPES.isdisjoint(segment.before + segment.after))
            if rank > best_rank and (segment.number or segment.before):
                best, best_rank = segment, rank
    street = _street_words(best)
    return best.number, street, "-".join(sorted(dict.fromkeys(units)))


def _read(tokens: list[str]) -> _Segment:
    """Sort the tokens of one part into house number, unit designators and words."""
    segment, position, count = _Segment(), 0, len(tokens)
    while position < count:
        token = tokens[position]
        following = tokens[position + 1] if position + 1 < count else ""
        taken = _take_unit(segment, token, following, tokens[position + 2 : position + 3])
        if taken == 0:
            _take_word(segment, token, following)
            taken = 1
        position += taken
    return segment


def _take_unit(segment: _Segment, token: str, following: str, third: list[str]) -> int:
    """How many tokens a unit takes here: "apt 4", "# 4", "suite # 4", "302 shi", "5th floor"; 0 if none."""
    if token in UNITS and following:
        value = third[0] if following in ("#", "no") and third else following
        if value[0].isdigit() or len(value) == 1 or value[-1].isdigit():
            segment.units.append(_unit(token, value))
            return 3 if value is not following else 2
    if following in UNITS and following not in PLAIN_FORMS and (token[0].isdigit() or len(token) == 1):
        segment.units.append(_unit(following, token))
        return 2
    return 0


def _unit(marker: str, value: str) -> str:
    prefix = UNITS[marker]
    bare = _ORDINAL.sub(r"\1", value)
    return bare if prefix == "u" else prefix + bare


def _take_word(segment: _Segment, token: str, following: str) -> None:
    if token in NUMBER_SIGNS or token in NOISE or token == "#":
        return
    if _is_number(token, first=not segment.before and not segment.number):
        if not segment.number:
            segment.number = token
        elif PLAIN_FORMS.get(following) in SHORT_TYPES:
            segment.after.append(token)
        else:
            segment.units.append(token)
        return
    target = segment.after if segment.number else segment.before
    target.extend(_plain(word) for word in token.replace("/", "-").split("-") if word)


def _is_number(token: str, *, first: bool) -> bool:
    """House numbers begin with a digit ("12", "12a", "10-2") or, as the first word, hold one ("n6w23001")."""
    if token[0].isdigit():
        return not _ORDINAL.fullmatch(token)
    return first and token[-1].isdigit()


def _plain(word: str) -> str:
    ordinal = _ORDINAL.fullmatch(word)
    return ordinal[1] if ordinal else PLAIN_FORMS.get(word, word)


def _street_words(segment: _Segment) -> tuple[str, ...]:
    after_types = not SHORT_TYPES.isdisjoint(segment.after)
    before_types = not SHORT_TYPES.isdisjoint(segment.before)
    chosen = segment.after if segment.after and (after_types or not before_types) else segment.before
    return tuple(_without_tail(chosen))


def _without_tail(street: list[str]) -> list[str]:
    """The street up to its type and a direction after it: districts without a comma around it are cut."""
    last = max((place for place, word in enumerate(street) if word in SHORT_TYPES), default=0)
    if last == 0:
        return [word for word in street if word not in DIVISIONS]
    end = last + 1
    while end < len(street) and street[end] in DIRECTIONS:
        end += 1
    start = max((place + 1 for place, word in enumerate(street[: last - 1]) if word in DIVISIONS), default=0)
    return street[start:end]


@lru_cache(maxsize=16_384)
def normal_city(city: str) -> str:
    """A city's name without its word for city ("深圳市", "Shenzhen Shi", "Shenzhen City" → "shenzhen")."""
    parts = words(city)
    if len(parts) > 1 and parts[-1] in DIVISIONS:
        parts = parts[:-1]
    return "".join(PLAIN_FORMS.get(part, part) for part in parts)


@lru_cache(maxsize=8192)
def normal_region(region: str, country: str) -> str:
    """A state or province: its USPS code in the US, else folded without the word for province."""
    if not region:
        return ""
    parts = words(region)
    if country.upper() == "US":
        plain = " ".join(parts)
        return plain.upper() if plain.upper() in US_STATE_CODES else US_STATES.get(plain, plain)
    return "".join(part for part in parts if part not in DIVISIONS)


def normal_postal(postal: str, country: str) -> str:
    """A postal code without spaces and hyphens, in upper case; the first five digits in the US."""
    bare = "".join(character for character in postal if character.isalnum()).upper()
    return bare[:5] if country.upper() == "US" and bare[:5].isdigit() else bare


def address_key(address: Address) -> str:
    """One text for one door, or "" where the address names no door: no number and box, or no locality.

    Made of country, locality (postal code where it decides, else city), number or box, street and unit.
    """
    return _key(parsed(address), with_unit=True)


def address_keys(address: Address) -> tuple[str, ...]:
    """The keys to look an address up under: the door itself and, if it has a unit, the house that it is in.

    An entry is stored under its ``address_key`` alone: one without a unit then answers for all of its house.
    """
    parts = parsed(address)
    full = _key(parts, with_unit=True)
    if not full or not parts.unit:
        return (full,) if full else ()
    return full, _key(parts, with_unit=False)


def _key(parts: ParsedAddress, *, with_unit: bool) -> str:
    locality = _locality(parts)
    if not locality:
        return ""
    if parts.po_box:
        return f"{parts.country}|{locality}|box {parts.po_box}"
    if not parts.number or not parts.street:
        return ""
    unit = f"|{parts.unit}" if with_unit and parts.unit else ""
    return f"{parts.country}|{locality}|{parts.number}|{''.join(parts.street)}{unit}"


def _locality(parts: ParsedAddress) -> str:
    if parts.country in _POSTAL_DECIDES or not parts.city:
        return parts.postal or parts.city
    return parts.city


def similarity(first: Address, second: Address) -> float:
    """How surely two addresses are one place, 0..1. Different countries, numbers or cities keep it under 0.5;
    an address without street or box never gets past 0.6, however well the rest agrees."""
    return parts_similarity(parsed(first), parsed(second))


def parts_similarity(first: ParsedAddress, second: ParsedAddress) -> float:
    """``similarity`` of addresses that are already read."""
    if first.country and second.country and first.country != second.country:
        return 0.0
    locality = _locality_similarity(first, second)
    if first.po_box or second.po_box:
        same = first.po_box == second.po_box
        return locality if same else min(0.3, locality)
    if not first.street or not second.street:
        return 0.6 * locality
    return _door_similarity(first, second, locality)


def _door_similarity(first: ParsedAddress, second: ParsedAddress, locality: float) -> float:
    street = fuzz.ratio("".join(first.street), "".join(second.street)) / 100
    street = max(street, fuzz.token_sort_ratio(" ".join(first.street), " ".join(second.street)) / 100)
    score = 0.5 * street + 0.5 * locality
    if street < 0.7 or locality < 0.6:
        return min(score, 0.45)
    if not first.number or not second.number:
        return 0.9 * score
    if first.number != second.number:
        return min(score, 0.45)
    return score if first.unit == second.unit or not first.unit or not second.unit else 0.9 * score


def _locality_similarity(first: ParsedAddress, second: ParsedAddress) -> float:
    """Agreement of postal code and city; 0.5 where nothing can be compared."""
    found = []
    if first.postal and second.postal:
        found.append(1.0 if first.postal == second.postal else 0.0)
    if first.city and second.city:
        found.append(fuzz.ratio(first.city, second.city) / 100)
    return max(found, default=0.5)
