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
_ROUNDS: Final = 60
# What is taken for granted before anything is known, with the weight of ten pairs: it decides in a file of a
# few records, and is drowned in one of hundreds.
_PRIOR_PAIRS: Final = 10.0
_ONE_PERSON: Final = np.array((0.1, 0.08, 0.12, 0.7))
_TWO_PERSONS: Final = np.array((0.9, 0.06, 0.02, 0.02))

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def log_odds(records: Sequence[PersonRecord], compared: Sequence[Comparison]) -> list[float]:
    """For each comparison the natural logarithm of the odds that both records are of one person.

    Agreement on a rare value weighs more: its chance among strangers is the value's own frequency.
    """
    if not compared:
        return []
    levels = _table(compared)
    by_chance = _by_chance(records)
    for_one, share = _estimated(levels, by_chance)
    weights = np.log(for_one) - np.log(by_chance)
    scores = _summed(weights, levels) + log(share / (1 - share))
    return [
        float(score) + extra
        for score, extra in zip(scores, _rarity(records, compared, by_chance), strict=True)
    ]


def _table(compared: Sequence[Comparison]) -> Ints:
    """A row a comparison, a column a field; -1 is "not given"."""
    rows = [[-1 if level is None else level for level in each.levels] for each in compared]
    return np.array(rows, dtype=np.int64)


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


def _shares(counts: Floats, prior: Floats) -> Floats:
    smoothed = counts + _PRIOR_PAIRS * prior
    shares: Floats = smoothed / smoothed.sum(axis=1, keepdims=True)
    return shares


def _summed(weights: Floats, levels: Ints) -> Floats:
    """The sum over the fields that both give."""
    padded = np.concatenate([weights, np.zeros((len(FIELDS), 1))], axis=1)
    total: Floats = padded[np.arange(len(FIELDS)), levels].sum(axis=1)
    return total


def _estimated(levels: Ints, by_chance: Floats) -> tuple[Floats, float]:
    """P(level | one person), a row a field, and the share of pairs that are of one person, by EM."""
    for_one = np.tile(_ONE_PERSON, (len(FIELDS), 1))
    share = 0.1
    for _ in range(_ROUNDS):
        odds = _summed(np.log(for_one) - np.log(by_chance), levels) + log(share / (1 - share))
        belief = 1 / (1 + np.exp(-np.clip(odds, -500, 500)))
        share = float(np.clip(belief.mean(), 1e-6, 1 - 1e-6))
        counts = [
            np.bincount(column[column >= 0], weights=belief[column >= 0], minlength=_LEVELS)
            for column in levels.T
        ]
        for_one = _shares(np.stack(counts), _ONE_PERSON)
    return for_one, share


def _rarity(
    records: Sequence[PersonRecord], compared: Sequence[Comparison], by_chance: Floats
) -> Iterator[float]:
    """What the weight of "the same" gains or loses for each comparison, as its values are rare or common."""
    usual = [log(chance) for chance in by_chance[:, SAME]]
    own = [_frequencies(records, field) for field in FIELDS]
    for each in compared:
        yield sum(
            usual[place] - own[place].get(each.values[place], usual[place])
            for place, level in enumerate(each.levels)
            if level == SAME
        )


def _frequencies(records: Sequence[PersonRecord], field: str) -> dict[str, float]:
    """Logarithm of each value's share among the records that have one, no rarer than 1 in their number."""
    counts = Counter(value for value in (getattr(record, field) for record in records) if value)
    total = sum(counts.values())
    return {value: log(count / total) for value, count in counts.items()}
