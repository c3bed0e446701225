"""How much each agreement says, learnt from the records themselves (Fellegi and Sunter 1969; EM)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tidewaiter.matching.linkage.blocking import Pairs
from tidewaiter.matching.linkage.comparison import FIELDS, SAME, compare
from tidewaiter.matching.linkage.records import PersonRecord

_LEVELS: Final = SAME + 1
_STRANGERS: Final = 20_000
_ROUNDS: Final = 40
_PART: Final = 65_536
# What is taken for granted before anything is known, with the weight of ten pairs: it decides in a file of a
# few records, or without duplicates, and is drowned where there are hundreds.
_PRIOR_PAIRS: Final = 10.0
_ONE_PERSON: Final = np.array((0.1, 0.08, 0.12, 0.7))
_TWO_PERSONS: Final = np.array((0.9, 0.06, 0.02, 0.02))
# A file of a few records is a part of a larger world: the odds before any comparison are one in this many.
_LEAST_POPULATION: Final = 10_000
# How often strangers share a value, roughly, in the world outside: it stands for a hundred records.
_WORLD_RECORDS: Final = 100
_WORLD: Final = {
    "given": 0.005,
    "surname": 0.001,
    "number": 0.01,
    "street": 0.001,
    "extra": 0.005,
    "city": 0.005,
    "postal": 0.0005,
    "region": 0.05,
    "phone": 1e-6,
    "email": 1e-6,
    "birth": 5e-5,
    "number_id": 1e-6,
}
# Fields that go together: who has one in common with a stranger has the others too more often than by chance.
_GROUPS: Final = (
    ("given", "surname"),
    ("number", "street", "extra", "city", "postal", "region"),
    ("phone",),
    ("email",),
    ("birth",),
    ("number_id",),
)
_COLUMNS: Final = tuple([FIELDS.index(field) for field in group] for group in _GROUPS)

Floats = NDArray[np.float64]
Levels = NDArray[np.int8]


def log_odds(records: Sequence[PersonRecord], pairs: Pairs) -> Floats:
    """For each pair the natural logarithm of the odds that both records are of one person.

    Before any comparison the odds are one in the number of records. Agreement on a rare value weighs more:
    its chance among strangers is its own frequency; fields that go together weigh no more than their
    combination is rare. So one group alone (a name, an address) comes to even odds at most: it takes two.
    """
    if not len(pairs):
        return np.zeros(0)
    population = max(len(records), _LEAST_POPULATION)
    levels = _levels(records, _each(pairs), len(pairs))
    by_chance = np.log(_by_chance(records))
    rarity = _rarity(records, pairs, levels, by_chance)
    ceilings = _ceilings(records, pairs, levels, population)
    prior = -log(population)
    for_one = np.tile(_ONE_PERSON, (len(FIELDS), 1))
    for _ in range(_ROUNDS):
        odds = prior + _evidence(np.log(for_one) - by_chance, levels, rarity, ceilings)
        for_one = _agreements(levels, 1 / (1 + np.exp(-np.clip(odds, -500, 500))))
    return prior + _evidence(np.log(for_one) - by_chance, levels, rarity, ceilings)


def _each(pairs: Pairs) -> Iterator[tuple[int, int]]:
    """The pairs as Python's numbers, a part at a time: all at once take twelve times their room."""
    for start in range(0, len(pairs), _PART):
        yield from map(tuple, pairs[start : start + _PART].tolist())


def _levels(records: Sequence[PersonRecord], pairs: Iterable[tuple[int, int]], count: int) -> Levels:
    """A row for each of ``count`` pairs, a column a field; -1 is "not given"."""
    levels = (
        -1 if level is None else level
        for first, second in pairs
        for level in compare(records[first], records[second])
    )
    return np.fromiter(levels, np.int8, count * len(FIELDS)).reshape(-1, len(FIELDS))


def _strangers(count: int) -> Sequence[tuple[int, int]]:
    """Pairs of ``count`` records spread evenly over all: hardly any of them is of one person."""
    numbers = range(min(_STRANGERS, count * (count - 1) // 2))
    firsts = [number % count for number in numbers]
    return [
        (first, (first + 1 + (number // count * 7919 + first * 104_729) % (count - 1)) % count)
        for number, first in zip(numbers, firsts, strict=True)
    ]


def _by_chance(records: Sequence[PersonRecord]) -> Floats:
    """P(level | two persons), a row a field."""
    strangers = _strangers(len(records))
    levels = _levels(records, strangers, len(strangers))
    found = np.stack([np.bincount(column[column >= 0], minlength=_LEVELS) for column in levels.T])
    return _shares(found.astype(np.float64), _TWO_PERSONS)


def _agreements(levels: Levels, belief: Floats) -> Floats:
    """P(level | one person), a row a field, each pair counted as far as it is believed to be one."""
    counts = [
        np.bincount(column[column >= 0], weights=belief[column >= 0], minlength=_LEVELS)
        for column in levels.T
    ]
    return _shares(np.stack(counts), _ONE_PERSON)


def _shares(counts: Floats, prior: Floats) -> Floats:
    smoothed = counts + _PRIOR_PAIRS * prior
    shares: Floats = smoothed / smoothed.sum(axis=1, keepdims=True)
    return shares


def _evidence(weights: Floats, levels: Levels, rarity: Floats, ceilings: Floats) -> Floats:
    """The sum over groups of what their fields say together, each group at most its ceiling."""
    padded = np.concatenate([weights, np.zeros((len(FIELDS), 1))], axis=1)
    total = np.zeros(len(levels))
    for place, columns in enumerate(_COLUMNS):
        each = padded[columns, levels[:, columns]] + rarity[:, columns]
        total += np.minimum(each.sum(axis=1), ceilings[:, place])
    return total


def _rarity(records: Sequence[PersonRecord], pairs: Pairs, levels: Levels, by_chance: Floats) -> Floats:
    """What the weight of "the same" of a field gains as the value is rare, or loses as it is common."""
    found = np.zeros((len(pairs), len(FIELDS)))
    total = len(records) + _WORLD_RECORDS
    for column, field in enumerate(FIELDS):
        values = [getattr(record, field) for record in records]
        held = np.array(list(map(Counter(values).__getitem__, values)))
        same = levels[:, column] == SAME
        shares = (held[pairs[same, 0]] + _WORLD_RECORDS * _WORLD[field]) / total
        found[same, column] = by_chance[column, SAME] - np.log(shares)
    return found


def _ceilings(records: Sequence[PersonRecord], pairs: Pairs, levels: Levels, population: int) -> Floats:
    """The most that a group may say: how rare its combination of values is, which two have at least.

    The values are those of a pair's first record, where both have the same.
    """
    found = np.zeros((len(pairs), len(_GROUPS)))
    for place, group in enumerate(_GROUPS):
        values = [tuple([getattr(record, field) for field in group]) for record in records]
        counts = Counter(values)
        shapes = 1 << len(group)  # one for each choice of fields that are the same
        shape = (levels[:, _COLUMNS[place]] == SAME) @ (1 << np.arange(len(group)))
        asked, rows = np.unique(pairs[:, 0] * shapes + shape, return_inverse=True)
        held = [counts[_shared(values[one // shapes], one % shapes)] for one in asked.tolist()]
        found[:, place] = np.log(population / np.maximum(2, held))[rows]
    return found


def _shared(values: Sequence[str], shape: int) -> tuple[str, ...]:
    """The values at the bits that are set in ``shape``, "" for the others."""
    return tuple([value if shape >> bit & 1 else "" for bit, value in enumerate(values)])
