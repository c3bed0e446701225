"""How surely two addresses are one place."""

import re
from collections.abc import Set as AbstractSet
from typing import Final

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from tidewaiter.domain.party import Address
from tidewaiter.matching.address_words import DIRECTIONS, SHORT_TYPES
from tidewaiter.matching.addresses import CITY_STATES, ParsedAddress, parsed

# Under what two streets of one place are another's.
_OTHER_STREET: Final = 0.6
_LEAST_BEGINNING: Final = 6
# The share of a street's letters that another has in words of its own.
_SHARED: Final = 0.6
# From so many letters on one may be otherwise, two, three: "Khalaj" and "Khalage" are one.
_ONE_SLIP_MORE: Final = (4, 7, 12)
_BETWEEN_NUMBERS: Final = re.compile("[-/]")
_NO_NAMES: Final = SHORT_TYPES | DIRECTIONS | {"saint"}


def similarity(first: Address, second: Address) -> float:
    """How surely two addresses are one place, 0..1. Different countries, numbers or cities keep it under 0.5;
    an address without street or box never gets past 0.6, however well the rest agrees."""
    return parts_similarity(parsed(first), parsed(second))


def parts_similarity(first: ParsedAddress, second: ParsedAddress) -> float:
    """``similarity`` of addresses that are already read."""
    if first.country and second.country and first.country != second.country:
        return 0.0
    locality = _locality_similarity(first, second)
    if first.po_box and first.po_box == second.po_box:
        return locality
    has_doors = all([first.number, first.street, second.number, second.street])
    if (first.po_box or second.po_box) and not has_doors:
        return min(0.3, locality)
    if not first.street or not second.street:
        return 0.6 * locality
    return _door_similarity(first, second, locality)


def _door_similarity(first: ParsedAddress, second: ParsedAddress, locality: float) -> float:
    street = _street_similarity(first.street, second.street)
    score = 0.5 * street + 0.5 * locality
    if street < 0.7 or locality < 0.6:
        return min(score, 0.45)
    if not first.number or not second.number:
        return 0.9 * score
    if first.number != second.number:
        return min(score, 0.45)
    return score if first.unit == second.unit or not first.unit or not second.unit else 0.9 * score


def _street_similarity(first: tuple[str, ...], second: tuple[str, ...]) -> float:
    """0 where a number or a direction differs: 5th and 6th Avenue, North and South Main Street. A type that
    is left out on one side costs little."""
    if _are_apart(_numbers(first), _numbers(second)):
        return 0.0
    if _are_apart(DIRECTIONS.intersection(first), DIRECTIONS.intersection(second)):
        return 0.0
    score = _spelling(first, second)
    if SHORT_TYPES.isdisjoint(first) != SHORT_TYPES.isdisjoint(second):
        score = max(score, 0.95 * _spelling(_without_types(first), _without_types(second)))
    return score if _are_one_name(_name(first), _name(second)) else min(score, _OTHER_STREET)


def _are_one_name(first: list[str], second: list[str]) -> bool:
    """Whether the names of two streets are one but for slips or another romanisation, of which one may have
    a district or a given name besides. "Bolshaya Filevskaya" and "Bolshaya Yakimanka" are two."""
    fewer, more = sorted((first, second), key=_letters)
    if not fewer or _is_slip("".join(fewer), "".join(more)):
        return True
    shared = [word for word in fewer if any(_is_slip(word, other) for other in more)]
    return _letters(shared) >= _SHARED * _letters(fewer)


def _letters(words: list[str]) -> int:
    return sum(map(len, words))


def _is_slip(one: str, other: str) -> bool:
    """Whether a word is the other but for a slip, or cut short: "Marienstr" is Marienstrasse."""
    if len(one) >= _LEAST_BEGINNING and other.startswith(one):
        return True
    most = sum(len(other) >= length for length in _ONE_SLIP_MORE)
    return OSA.distance(one, other, score_cutoff=most) <= most


def _name(street: tuple[str, ...]) -> list[str]:
    """What is no type, direction or number; "saint" is written as the type is."""
    return [word for word in street if word.isalpha() and word not in _NO_NAMES]


def _are_apart(one: AbstractSet[str], other: AbstractSet[str]) -> bool:
    return not (one <= other or other <= one)


def _numbers(street: tuple[str, ...]) -> set[str]:
    """Each of "19-59" by itself: the hyphen gets lost, and what is behind it is taken for a unit."""
    return {number for word in street if not word.isalpha() for number in _BETWEEN_NUMBERS.split(word)}


def _without_types(street: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([word for word in street if word not in SHORT_TYPES])


def _spelling(first: tuple[str, ...], second: tuple[str, ...]) -> float:
    joined = fuzz.ratio("".join(first), "".join(second))
    return max(joined, fuzz.token_sort_ratio(" ".join(first), " ".join(second))) / 100


def _locality_similarity(first: ParsedAddress, second: ParsedAddress) -> float:
    """Agreement of postal code and city; 0.5 where nothing can be compared. In a city that is a country,
    districts are written for it. Beside another postal code a city spelt nearly alike is another: Guangzhou,
    Hangzhou. A code of another length is part of one: lists write "Valletta VLT 1107" into one field.
    """
    if first.country == second.country and first.country in CITY_STATES:
        return 1.0
    if first.postal and second.postal:
        if first.postal == second.postal or (first.city and first.city == second.city):
            return 1.0
        if len(first.postal) == len(second.postal):
            return 0.0
    return fuzz.ratio(first.city, second.city) / 100 if first.city and second.city else 0.5
