"""Which words of an address are house number, street and unit, or the name of a house without a number."""

import re
from collections.abc import Sequence
from itertools import chain
from typing import Final, NamedTuple

from tidewaiter.matching.address_words import (
    DIRECTIONS,
    DIVISIONS,
    GENERAL,
    HOUSES,
    QUARTERS,
    SHORT_TYPES,
    AddressWords,
    address_tokens,
    words_of,
)
from tidewaiter.matching.street_grid import plain_grid
from tidewaiter.matching.street_parts import NUMBERED, Part, is_numbered_road, part_of
from tidewaiter.matching.text import MAX_CHARACTERS, folded

_SEGMENT: Final = re.compile(r"[,;\n，；、]")
# A hyphen beside a word parts it off as a comma does; between numbers it is a range.
_DASH: Final = re.compile(r"(?<![0-9]) [-–] | [-–] (?![0-9])")
# Pinyin written as one: "nanshanqu zhongshanlu88hao3dong1401shi". A road's word only before a number or an
# end, since "Honglu Road" has another.
_GLUED_PLACE: Final = re.compile(
    r"(?<=[a-z]{4})(sheng|shi|qu|xian|jiedao)(?![a-z])"
    r"|(?<=[a-z]{3})(dadao|dajie|jie|lu)(?=$|[0-9,]| ?(?:no\b|[0-9]))"
)
_GLUED_NUMBER: Final = re.compile(
    r"(?<=[0-9])(?=(?:hao|dong|zhuang|zuo|danyuan|shi|lou|ceng)(?![a-z]))|(?<=hao|ong|ang|zuo|uan|lou|eng)(?=[0-9])"
)
_ENGLISH: Final = (" road", " rd", " street", " st", " ave")
_NUMBERED_BUILDING: Final = re.compile(r"b([0-9].*)")
_SHORTEST_CODE: Final = 5
_EVERY_HOUSE: Final = HOUSES | GENERAL | DIRECTIONS


class Street(NamedTuple):
    """House number, street words in short forms, unit; and whether a word tells of a box or a mail center.

    ``house`` is the name of the building, only where there is no number.
    """

    number: str
    words: tuple[str, ...]
    unit: str
    house: str
    is_telling: bool


def street_of(lines: Sequence[str], country: str = "") -> Street:
    """The street is in the part that looks like one best, the first of equals; units are taken from all.

    A number beside no street is the house's when the street's part has none ("No. 555, Lansong Road"), else a
    unit ("212 W Washington, 1506").
    """
    known = words_of(country)
    if country == "CO":
        lines = (plain_grid(folded(", ".join(lines))),)
    elif known.family == "chinese":
        lines = [_unglued(line) for line in lines]
    tokens = [address_tokens(part) for line in lines for part in _parts(line)]
    parts = _read(tokens, known)
    ranks = [part.rank() for part in parts]
    best = max(ranks, default=0)
    street = parts[ranks.index(best)] if best else Part()
    units, lone = _inner(parts, ranks, street)
    words, number, house = _street_words(street, known.family), street.number, ""
    if best == NUMBERED:
        words, number = _numbered(street), ""
    elif len(words) == 1 and words[0] in SHORT_TYPES:
        words = ()
    if not number:
        if lone:
            number = lone.pop(0)
        elif units:
            number = _building(street, parts, ranks, units)
            house = "" if number else _house(parts, words, units)
    unit = "-".join(sorted({*units, *lone})) if units or lone else ""
    is_telling = not known.telling.isdisjoint(chain.from_iterable(tokens))
    return Street(number, words, unit, house, is_telling)


def _parts(line: str) -> list[str]:
    """The parts of a line between commas, of its first 2,048 characters: no address has more."""
    line = line[:MAX_CHARACTERS]
    if " - " in line or " – " in line:
        line = _DASH.sub(",", line)
    # Three lines of four are one part: the search for a comma is a third of the split.
    elif line.isascii() and not ("," in line or ";" in line or "\n" in line):
        return [line]
    return _SEGMENT.split(line)


def _unglued(line: str) -> str:
    """A line of pinyin with its words apart; other scripts are parted when they are folded, and who writes in
    English writes words."""
    text = line[:MAX_CHARACTERS].lower()
    if not line.isascii() or any(word in text for word in _ENGLISH):
        return line
    return _GLUED_NUMBER.sub(" ", _GLUED_PLACE.sub(r" \1\2 ", text))


def _read(tokens: Sequence[Sequence[str]], known: AddressWords) -> list[Part]:
    """The parts read; a direction behind a comma belongs to the street before it ("New Jersey Ave., NW")."""
    parts: list[Part] = []
    for found in tokens:
        words = [known[token] for token in found]
        if len(words) == 1 and words[0].is_direction and parts and parts[-1].number:
            (parts[-1].after or parts[-1].before).extend(words[0].plain)
        elif words:
            parts.append(part_of(words, known.family))
    return parts


def _inner(parts: Sequence[Part], ranks: Sequence[int], street: Part) -> tuple[list[str], list[str]]:
    """The units of all parts, and the numbers that stand alone. A number before another name than the
    street's is a unit, too: "10 Anson Road, #17-00 International Plaza"."""
    if len(parts) == 1 and parts[0] is street:
        return street.units, []
    units: list[str] = []
    lone: list[str] = []
    for part, rank in zip(parts, ranks, strict=True):
        units += part.units
        if part.number and part is not street:
            if rank <= NUMBERED:
                if part.has_lone_number:
                    lone.append(part.number)
            elif part.inner_number:
                units.append(part.inner_number)
    return units, lone


def _numbered(part: Part) -> tuple[str, ...]:
    """ "street 28", "12 ave": the number is the name."""
    return (part.number, *part.after) if part.after else (*part.before, part.number)


def _building(street: Part, parts: Sequence[Part], ranks: Sequence[int], units: list[str]) -> str:
    """What stands for the house's number, and leaves ``units``: the kilometre, or the number of a building
    that has no name ("Znamenka Street, Building 19")."""
    if street.is_district or not (street.before or street.after):
        return ""
    for part, rank in zip(parts, ranks, strict=True):
        for unit in part.units if part is street or not rank else ():
            building = _NUMBERED_BUILDING.fullmatch(unit)
            if building or unit.startswith("km"):
                units.remove(unit)
                return building[1] if building else unit
    return ""


def _house(parts: Sequence[Part], street: Sequence[str], units: Sequence[str]) -> str:
    """The name of the building, where one is named. Units in capitals and figures ("E2-101F-33") are one of a
    kind in the place that they are in, a free zone; so is a lot of a block ("Manzana 11 Lote 1")."""
    for part in parts:
        if house := _house_name(part.before + part.after):
            return house
    is_place = SHORT_TYPES.isdisjoint(street) and any(map(_is_code, units))
    is_block = len(units) > 1 and any(unit.startswith("mz") for unit in units)
    return "".join(street) if is_place or is_block else ""


def _is_code(unit: str) -> bool:
    """Letters and three figures or more, but for a floor, a building or a tower ("f305")."""
    figures = sum(map(str.isdigit, unit))
    is_prefixed = unit[0] in "bft" and figures == len(unit) - 1
    return len(unit) >= _SHORTEST_CODE and 3 <= figures < len(unit) and not is_prefixed


def _house_name(words: Sequence[str]) -> str:
    """Up to the last word for a building ("saba tower"), or all behind a first one ("edificio bolivar"). One
    that every town has ("business center") has no name."""
    places = [place for place, word in enumerate(words) if word in HOUSES]
    if not places or words[0] in QUARTERS or _EVERY_HOUSE.issuperset([w for w in words if len(w) > 1]):
        return ""
    return "".join(words if places[0] == 0 else words[: places[-1] + 1])


def _street_words(part: Part, family: str) -> tuple[str, ...]:
    chosen = part.before if family == "latin" and part.before else part.after
    if not chosen or (SHORT_TYPES.isdisjoint(chosen) and not SHORT_TYPES.isdisjoint(part.before)):
        chosen = part.before
    if family in ("latin", "slavic") and (first := _first_type(chosen)) >= 0:
        chosen = chosen[first:]
        kept = chosen if family == "latin" else [*chosen[1:], chosen[0]]
    else:
        start, end = _bounds(chosen)
        kept = chosen[start:end]
    named = tuple(word for word in kept if word not in DIVISIONS)
    return tuple(kept) if SHORT_TYPES.issuperset(named) else named


def _first_type(street: list[str]) -> int:
    """The place of the type that its street's name follows; -1 where it stands behind it."""
    place = next((place for place, word in enumerate(street) if word in SHORT_TYPES), -1)
    return -1 if place > 0 and place == len(street) - 1 else place


def _bounds(street: list[str]) -> tuple[int, int]:
    """Where the street is in its part: up to its type and a direction after it, without the districts around
    it that no comma parts off. A type that comes first ("calle juarez") ends nothing."""
    end = len(street)
    last = end - 1
    while last > 0 and street[last] not in SHORT_TYPES:
        last -= 1
    if last <= 0:
        return 0, end
    start = last
    while start > 0 and street[start - 1] not in DIVISIONS:
        start -= 1
    after = last + 1
    if after < end and is_numbered_road(street[: last + 1]) and street[after][0].isdigit():
        after += 1
    while after < end and street[after] in DIRECTIONS:
        after += 1
    return (start, after) if start < last else (0, after)
