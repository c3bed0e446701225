"""One comma-free part of an address, its words sorted into house number, units and street."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from tidewaiter.matching.address_words import (
    DIRECTIONS,
    DIVISIONS,
    NO_WORD,
    SHORT_TYPES,
    AddressWord,
    unit_text,
)

# "c/o Velmora, S.A. de C.V.": the form of a firm is no street.
_FORMS: Final = frozenset(
    {"co", "ltd", "limited", "llc", "inc", "corp", "gmbh", "sa", "cv", "srl", "sarl", "ltda", "de", "rl"}
)
_NAMELESS: Final = SHORT_TYPES | DIRECTIONS | DIVISIONS | _FORMS
_NUMBERED_ROADS: Final = frozenset({"hwy", "rte"})
# A longer number on its own, and not marked as one, is a postal code and not a house.
_LONGEST_NUMBER: Final = 4
# Ranks of a part: a name; a street with a number for a name ("street 28"); a name with a type.
NAMED, NUMBERED, TYPED = 1, 2, 3
_WITH_NUMBER: Final = 3
_OF: Final = frozenset({"of", "to"})
# Buildings and towers.
_OF_HOUSE: Final = frozenset({"b", "t"})


@dataclass(slots=True)
class Part:
    """What one comma-free part of an address was found to hold, while it is read."""

    family: str = ""
    number: str = ""
    is_marked: bool = False
    is_of_building: bool = False
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    units: list[str] = field(default_factory=list)

    def rank(self) -> int:
        """How much the part looks like the street: 0 not at all, NAMED, NUMBERED or TYPED, and 3 more with a
        number of its own. "80 East Street" has a name. A district's name ("Jiangbei District") takes none.
        Letters and digits are names beside a type ("j st", "5 ave"); types and directions never."""
        words = self.before + self.after
        if SHORT_TYPES.isdisjoint(words):
            if _NAMELESS.issuperset([word for word in words if len(word) > 1]):
                return 0
            return NAMED + _WITH_NUMBER if self.number and not self._is_quarter(words) else NAMED
        if self.number:
            is_street = len(words) > 1 or words[0] not in _NAMELESS
            return TYPED + _WITH_NUMBER if is_street else NUMBERED
        return 0 if _NAMELESS.issuperset(words) else TYPED

    def _is_quarter(self, words: list[str]) -> bool:
        """In Turkey a street's number may stand with the quarter: "Bostan Sok., No: 12 Sariyer"."""
        return words[-1] in DIVISIONS or (self.family == "turkish" and self.is_marked)

    @property
    def is_district(self) -> bool:
        """Whether the words are a district's name: one building of a number is in each of its streets."""
        words = self.after or self.before
        return bool(words) and words[-1] in DIVISIONS and SHORT_TYPES.isdisjoint(words)

    @property
    def inner_number(self) -> str:
        """What the number is if another part is the street: the "17-00" before a name, the "b3" behind a
        building's, or ""."""
        if self.is_of_building:
            return f"b{self.number}"
        is_first = bool(self.after) and not self.before
        return self.number if is_first and (len(self.number) <= _LONGEST_NUMBER or self.is_marked) else ""

    @property
    def has_lone_number(self) -> bool:
        """Whether the number, if the street has none beside it, is that of its house; not in "Region 2"."""
        number = self.number
        if not number or (self.before and DIVISIONS.issuperset(self.before)):
            return False
        return len(number) <= _LONGEST_NUMBER or self.is_marked or "-" in number or "/" in number


def part_of(found: Sequence[AddressWord], family: str) -> Part:
    """Sort the words of one part, up to the first that says that another place follows ("near")."""
    part, position, count = Part(family), 0, len(found)
    while position < count:
        word = found[position]
        position += 1
        if word.is_bare:
            if part.number:
                part.after += word.plain
            else:
                part.before += word.plain
            continue
        following = found[position] if position < count else NO_WORD
        if word.is_beside or (word.is_corner and following.text in _OF):
            _take_marked(part, found[position:])
            break
        if word.unit or following.is_postfix:
            taken = _take_unit(part, word, following, found[position + 1 : position + 2])
            if taken:
                position += taken - 1
                continue
        if word.joined_unit:
            part.units.append(word.joined_unit)
        elif word.is_skipped:
            part.is_marked = part.is_marked or word.is_mark
            if word.is_mark and following.is_number:
                _rename(part)
        else:
            _take_word(part, word, following)
    if part.units and not part.number and (part.before or part.after):
        _take_kilometre(part)
    return part


def _take_marked(part: Part, found: Sequence[AddressWord]) -> None:
    """The number that is marked as the house's behind the name of another place."""
    for mark, number in pairwise(found) if not part.number else ():
        if mark.is_mark and number.is_number:
            part.number = number.text
            return


def _take_kilometre(part: Part) -> None:
    """The kilometre is the number of a road without one."""
    kilometre = next((unit for unit in part.units if unit.startswith("km")), "")
    if kilometre:
        part.units.remove(kilometre)
        part.number = kilometre


def _take_unit(part: Part, word: AddressWord, following: AddressWord, third: Sequence[AddressWord]) -> int:
    """How many words a unit takes here: "apt 4", "# 4", "suite # 4", "302 shi", "5th floor"; 0 if none.

    A "#" is the house's number after a street without one, as in Mexico ("Monte Rosa #657"), and on its own
    or before a name, unless the street has one in another part.
    """
    if word.text == "#" and part.family == "latin" and following.is_number:
        _rename(part)
    if (
        word.text == "#"
        and not part.number
        and following.is_number
        and (part.before or not third or not third[0].is_number)
    ):
        part.number, part.is_marked = following.text, True
        return 2
    if word.unit and (following.is_skipped or not following.unit):
        skips = following.is_skipped and bool(third)
        value = third[0] if skips else following
        if value.is_number and word.unit in _OF_HOUSE and part.before and not part.number:
            _take_building(part, word, value)
            return 3 if skips else 2
        if value.numeral or value.has_digit:
            part.units.append(unit_text(word.unit, value.numeral or value.text))
            return 3 if skips else 2
    is_prefix = following.unit == "km" and third and third[0].is_number
    if following.is_postfix and word.numeral and not is_prefix:
        part.units.append(unit_text(following.unit, word.numeral))
        return 2
    return 0


def _take_building(part: Part, word: AddressWord, value: AddressWord) -> None:
    """The number behind a building's name, or a street's: "Al Moosa Tower 1", "Znamenka St. Building 19"."""
    if SHORT_TYPES.isdisjoint(part.before):
        part.before += word.plain
        part.is_of_building = True
    part.number = value.text


def _take_word(part: Part, word: AddressWord, following: AddressWord) -> None:
    """A number is the house's if it is the first, a street's name before a street type, else a unit. As the
    first word it may begin with letters ("n6w23001"), as in Quito any ("n35-174")."""
    is_first = not part.number and not part.before
    if (
        word.is_number
        or (is_first and word.ends_in_digit)
        or (part.family == "latin" and word.has_digit and "-" in word.text)
    ):
        _take_number(part, word, following)
    elif part.number and not part.after and _is_letter_of_number(word, following, part.family):
        if part.family == "slavic":
            part.number += word.text
        else:
            part.units.append(word.text)
    elif part.number:
        part.after += word.plain
    else:
        part.before += word.plain


def _take_number(part: Part, word: AddressWord, following: AddressWord) -> None:
    if not part.number:
        if _is_name_of_street(part, following):
            part.before.append(word.text)
        else:
            part.number = word.text
    elif following.is_type or is_numbered_road(part.after):
        part.after.append(word.text)
    else:
        part.units.append(word.text)


def _is_name_of_street(part: Part, following: AddressWord) -> bool:
    """The 16 of "Calle 16 No. 4016", the 15 of "Calle 15 de Septiembre", the 8 of "ul. 8 Marta", the 4 of
    "Golbarg 4 Street"."""
    if not part.before or following is NO_WORD:
        return False
    if len(part.before) > 1 or part.before[0] not in SHORT_TYPES:
        return following.is_type and SHORT_TYPES.isdisjoint(part.before)
    if part.family == "slavic":
        return following.is_bare or following.is_mark
    return part.family == "latin" or following.is_number or following.is_mark or following.text == "de"


def _rename(part: Part) -> None:
    """Before a marked number, a first one is in the street's name: "16 de Septiembre No. 21", "Boulevard du
    30 Juin No 110", "Calle 49 A Nro. 3626", "1638 Sokak No 7"."""
    leads = bool(part.before) and part.before[0] in SHORT_TYPES
    is_numbered = part.family == "turkish" and len(part.after) == 1 and part.after[0] in SHORT_TYPES
    if not part.number or not (leads or is_numbered or part.family == "latin"):
        return
    if part.after and (leads or not part.before):
        part.before, part.after, part.number = [*part.before, part.number, *part.after], [], ""
    elif len(part.before) == 1 and len(part.units) == 1 and part.units[0].isalpha():
        part.before.append(part.number + part.units.pop())
        part.number = ""


def is_numbered_road(street: list[str]) -> bool:
    """Whether the next number is the road's: "7809 Highway 2302", "49548 Road 200"."""
    return bool(street) and (street[-1] in _NUMBERED_ROADS or (len(street) == 1 and street[0] in SHORT_TYPES))


def _is_letter_of_number(word: AddressWord, following: AddressWord, family: str) -> bool:
    """The B of "214 B South Boulevard", but not of "214 B Street" or "214 E Main"; in Russia any."""
    if len(word.text) != 1:
        return word.text == "bis"
    if family == "slavic":
        return True
    return not word.is_direction and following is not NO_WORD and not following.is_type
