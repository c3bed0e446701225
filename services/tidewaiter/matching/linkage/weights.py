"""How much each agreement says, learnt from the records themselves (Fellegi and Sunter 1969; EM)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import log
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tidewaiter.matching.linkage.comparison import FIELDS, SAME, Comparison, compare
from tidewaiter.matching.linkage.records import PersonRecord

_LEVELS: Final = SAME + 1
_STRANGERS: Final = 20_000
_ROUNDS: Final = 40
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
_COLUMNS: Final = tuple(tuple(FIELDS.index(field) for field in group) for group in _GROUPS)

Floats = NDArray[np.float64]
Levels = NDArray[np.int8]


def log_odds(records: Sequence[PersonRecord], compared: Sequence[Comparison]) -> list[float]:
    """For each comparison the natural logarithm of the odds that both records are of one person.

    Before any comparison the odds are one in the number of records. Agreement on a rare value weighs more:
    its chance among strangers is its own frequency; fields that go together weigh no more than their
    combination is rare. So one group alone (a name, an address) comes to even odds at most: it takes two.
    """
    if not compared:
        return []
    population = max(len(records), _LEAST_POPULATION)
    levels = _table(compared)
    by_chance = np.log(_by_chance(records))
    rarity = _rarity(records, compared, by_chance)
    ceilings = _ceilings(records, compared, population)
    prior = -log(population)
    for_one = np.tile(_ONE_PERSON, (len(FIELDS), 1))
    for _ in range(_ROUNDS):
        odds = prior + _evidence(np.log(for_one) - by_chance, levels, rarity, ceilings)
        for_one = _agreements(levels, 1 / (1 + np.exp(-np.clip(odds, -500, 500))))
    total = prior + _evidence(np.log(for_one) - by_chance, levels, rarity, ceilings)
    return [float(one) for one in total]


def _table(compared: Sequence[Comparison]) -> Levels:
    """A row a comparison, a column a field; -1 is "not given"."""
    levels = (-1 if level is None else level for each in compared for level in each.levels)
    return np.fromiter(levels, np.int8, len(compared) * len(FIELDS)).reshape(-1, len(FIELDS))


def _strangers(records: Sequence[PersonRecord]) -> Iterator[Comparison]:
    """Pairs spread evenly over all pairs: among n records hardly any is of one person."""
    count = len(records)
    for number in range(min(_STRANGERS, count * (count - 1) // 2)):
        first = number % count
        second = (first + 1 + (number // count * 7919 + first * 104_729) % (count - 1)) % count
        yield compare(records[first], records[second])


def _by_chance(records: Sequence[PersonRecord]) -> Floats:
    """P(level | two persons), a row a field."""
    levels = _table(list(_strangers(records)))
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
    each = padded[np.arange(len(FIELDS)), levels] + rarity
    groups = np.stack([each[:, columns].sum(axis=1) for columns in _COLUMNS], axis=1)
    total: Floats = np.minimum(groups, ceilings).sum(axis=1)
    return total


def _rarity(records: Sequence[PersonRecord], compared: Sequence[Comparison], by_chance: Floats) -> Floats:
    """What the weight of "the same" of a field gains as the value is rare, or loses as it is common."""
    found = np.zeros((len(compared), len(FIELDS)))
    total = len(records) + _WORLD_RECORDS
    for column, field in enumerate(FIELDS):
        counts = Counter(getattr(record, field) for record in records)
        usual, elsewhere = by_chance[column, SAME], _WORLD_RECORDS * _WORLD[field]
        for row, each in enumerate(compared):
            if each.levels[column] == SAME:
                found[row, column] = usual - log((counts[each.values[column]] + elsewhere) / total)
    return found


def _ceilings(records: Sequence[PersonRecord], compared: Sequence[Comparison], population: int) -> Floats:
    """The most that a group may say: how rare its combination of values is, which two have at least."""
    found = np.zeros((len(compared), len(_GROUPS)))
    for place, group in enumerate(_GROUPS):
        counts = Counter(tuple(getattr(record, field) for field in group) for record in records)
        for row, each in enumerate(compared):
            shared = tuple(each.values[column] for column in _COLUMNS[place])
            found[row, place] = log(population / max(2, counts[shared]))
    return found
