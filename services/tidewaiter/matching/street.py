"""Which words of an address are house number, street and unit."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tidewaiter.matching.address_words import (
    DIRECTIONS,
    DIVISIONS,
    NO_WORD,
    SHORT_TYPES,
    AddressWord,
    address_words,
    unit_text,
)

_SEGMENT: Final = re.compile(r"[,;\n，；、]")
_NAMELESS: Final = SHORT_TYPES | DIRECTIONS | DIVISIONS
_NUMBERED: Final = frozenset({"hwy", "rte"})
# A longer number on its own is a postal code, not a house.
_LONGEST_NUMBER: Final = 4


class Street(NamedTuple):
    """House number, street words in short forms, unit; and whether a word tells of a box or a mail center."""

    number: str
    words: tuple[str, ...]
    unit: str
    is_telling: bool


@dataclass(slots=True)
class _Segment:
    """What one comma-free part of an address was found to hold, while it is read."""

    number: str = ""
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)

    def rank(self) -> int:
        """How much the part looks like the street: 0 not at all, a word that is a name 1, with a type 2 more,
        with a number 3 more. "str. 1" has no name: in Russia that is a building. "80 East Street" has one."""
        words = self.before + self.after
        has_type = not SHORT_TYPES.isdisjoint(words)
        is_named = any(_is_name(word, has_type=has_type) for word in words)
        if not is_named and not (self.number and has_type and len(words) > 1):
            return 0
        return 1 + 2 * has_type + 3 * bool(self.number)


def _is_name(word: str, *, has_type: bool) -> bool:
    """Letters and digits are names of streets beside a type ("j st", "5 ave"); types and directions never."""
    return word not in _NAMELESS and (has_type or len(word) > 1)


def street_of(lines: Sequence[str]) -> Street:
    """The street is in the part that looks like one best, the first of equals; units are taken from all.

    A part that is a number alone is the house's when the street's part has none ("No. 555, Lansong Road"),
    else a unit ("212 W Washington, 1506").
    """
    best, best_rank, is_telling = _Segment(), 0, False
    units: list[str] = []
    lone: list[str] = []
    for found in _parts(lines):
        is_telling = is_telling or any(word.is_telling for word in found)
        if len(found) == 1 and found[0].is_direction and best.number:
            (best.after or best.before).extend(found[0].plain)
            continue
        segment = _read(found)
        units += segment.units
        rank = segment.rank()
        if rank > best_rank:
            best, best_rank = segment, rank
        elif segment.number and rank == 0 and _is_house(segment.number):
            lone.append(segment.number)
    number = best.number or (lone.pop(0) if lone else "")
    unit = "-".join(sorted(dict.fromkeys(units + lone))) if units or lone else ""
    return Street(number, _street_words(best), unit, is_telling)


def _is_house(number: str) -> bool:
    return len(number) <= _LONGEST_NUMBER or "-" in number


def _parts(lines: Sequence[str]) -> Iterator[list[AddressWord]]:
    """The words of each part of each line."""
    for line in lines:
        for part in _SEGMENT.split(line):
            yield address_words(part)


def _read(found: list[AddressWord]) -> _Segment:
    """Sort the words of one part into house number, units and street."""
    segment, position, count = _Segment(), 0, len(found)
    while position < count:
        word = found[position]
        following = found[position + 1] if position + 1 < count else NO_WORD
        if word.unit or following.is_postfix:
            taken = _take_unit(segment, word, following, found[position + 2 : position + 3])
            if taken:
                position += taken
                continue
        if word.joined_unit:
            segment.units.append(word.joined_unit)
        elif not word.is_skipped:
            _take_word(segment, word, following)
        position += 1
    return segment


def _take_unit(
    segment: _Segment, word: AddressWord, following: AddressWord, third: Sequence[AddressWord]
) -> int:
    """How many words a unit takes here: "apt 4", "# 4", "suite # 4", "302 shi", "5th floor"; 0 if none.

    A "#" after a street without number is the house's, as in Mexico ("Monte Rosa #657").
    """
    if (
        word.text == "#"
        and not segment.number
        and following.is_number
        and (segment.before or _goes_on(third))
    ):
        segment.number = following.text
        return 2
    if word.unit and (following.is_skipped or not following.unit):
        skips = following.is_skipped and bool(third)
        value = third[0] if skips else following
        if value.numeral or value.ends_in_digit:
            segment.units.append(unit_text(word.unit, value.numeral or value.text))
            return 3 if skips else 2
    if following.is_postfix and word.numeral:
        segment.units.append(unit_text(following.unit, word.numeral))
        return 2
    return 0


def _goes_on(third: Sequence[AddressWord]) -> bool:
    """Whether words follow that a house number may stand before: "#22 Huayu", but not "#4 12 Main St"."""
    return bool(third) and not third[0].is_number


def _take_word(segment: _Segment, word: AddressWord, following: AddressWord) -> None:
    """A number is the house's if it is the first, a street's name before a street type, else a unit. As the
    first word it may begin with letters ("n6w23001")."""
    is_first = not segment.number and not segment.before
    if word.is_number or (is_first and word.ends_in_digit and not word.numeral):
        if not segment.number:
            segment.number = word.text
        elif following.is_type or _is_numbered_road(segment.after):
            segment.after.append(word.text)
        else:
            segment.units.append(word.text)
    elif segment.number and not segment.after and _is_letter_of_number(word, following):
        segment.units.append(word.text)
    elif segment.number:
        segment.after += word.plain
    else:
        segment.before += word.plain


def _is_numbered_road(street: list[str]) -> bool:
    """Whether the next number is the road's: "7809 Highway 2302", "49548 Road 200"."""
    return bool(street) and (street[-1] in _NUMBERED or (len(street) == 1 and street[0] in SHORT_TYPES))


def _is_letter_of_number(word: AddressWord, following: AddressWord) -> bool:
    """The B of "214 B South Boulevard", but not of "214 B Street" or "214 E Main"."""
    is_letter = len(word.text) == 1 and not word.is_direction
    return is_letter and following is not NO_WORD and not following.is_type


def _street_words(segment: _Segment) -> tuple[str, ...]:
    chosen = segment.after
    if not chosen or (SHORT_TYPES.isdisjoint(chosen) and not SHORT_TYPES.isdisjoint(segment.before)):
        chosen = segment.before
    start, end = _bounds(chosen)
    kept = chosen[start:end]
    return (
        tuple(kept) if DIVISIONS.isdisjoint(kept) else tuple(word for word in kept if word not in DIVISIONS)
    )


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
    while after < end and street[after] in DIRECTIONS:
        after += 1
    return (start, after) if start < last else (0, after)
