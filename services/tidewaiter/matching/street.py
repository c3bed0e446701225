"""Which words of an address are house number, street and unit."""

import re
from collections.abc import Sequence
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
        """How much the part looks like the street: a number counts most, then a type; -1 not at all."""
        if not self.number and not self.before:
            return -1
        has_type = not (SHORT_TYPES.isdisjoint(self.after) and SHORT_TYPES.isdisjoint(self.before))
        return 2 * bool(self.number) + has_type


def street_of(lines: Sequence[str]) -> Street:
    """The street is in the part with a number and a street type, else a number, else a type; other parts are
    names of buildings, districts and firms. Units are taken from all of them."""
    best, best_rank, units, is_telling = _Segment(), -1, [], False
    for line in lines:
        for part in _SEGMENT.split(line):
            found = address_words(part)
            if len(found) == 1 and found[0].is_direction and best.number:
                (best.after or best.before).extend(found[0].plain)
                continue
            segment = _read(found)
            units += segment.units
            is_telling = is_telling or any(word.is_telling for word in found)
            rank = segment.rank()
            if rank > best_rank:
                best, best_rank = segment, rank
    unit = "-".join(sorted(dict.fromkeys(units))) if units else ""
    return Street(best.number, _street_words(best), unit, is_telling)


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
    """How many words a unit takes here: "apt 4", "# 4", "suite # 4", "302 shi", "5th floor"; 0 if none."""
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


def _take_word(segment: _Segment, word: AddressWord, following: AddressWord) -> None:
    """A number is the house's if it is the first, a street's name before a street type, else a unit. As the
    first word it may begin with letters ("n6w23001")."""
    is_first = not segment.number and not segment.before
    if word.is_number or (is_first and word.ends_in_digit and not word.numeral):
        if not segment.number:
            segment.number = word.text
        elif following.is_type:
            segment.after.append(word.text)
        else:
            segment.units.append(word.text)
    elif segment.number and not segment.after and _is_letter_of_number(word, following):
        segment.units.append(word.text)
    elif segment.number:
        segment.after += word.plain
    else:
        segment.before += word.plain


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
