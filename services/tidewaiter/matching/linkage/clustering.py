"""From weighed pairs to groups."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from tidewaiter.matching.linkage.blocking import Pairs
from tidewaiter.matching.linkage.weights import Floats

# Two records that share no blocking key at all are hardly of one person.
_NOT_COMPARED: Final = -3.0

Known = Mapping[tuple[int, int], float]


def clusters(count: int, pairs: Pairs, odds: Floats) -> tuple[tuple[int, ...], ...]:
    """Groups of the places 0…count-1. Pairs with odds above even join, the surest first; two groups join only
    if the sum over all pairs between them is above even too, so that one false link makes no chain."""
    groups = {place: [place] for place in range(count)}
    member_of = list(range(count))
    links = odds > 0
    has_link = np.zeros(count, np.bool_)
    has_link[pairs[links]] = True
    asked = has_link[pairs].all(axis=1)  # few are: who has no link joins nobody
    known = dict(zip(map(tuple, pairs[asked].tolist()), odds[asked].tolist(), strict=True))
    surest = np.argsort(-odds[links], kind="stable")
    for first, second in pairs[links][surest].tolist():
        one, other = member_of[first], member_of[second]
        if one != other and _between(groups[one], groups[other], known) > 0:
            _join(one, other, groups, member_of)
    return tuple(tuple(sorted(group)) for _, group in sorted(groups.items()))


def _between(one: Sequence[int], other: Sequence[int], known: Known) -> float:
    pairs = [(min(first, second), max(first, second)) for first in one for second in other]
    return sum([known.get(pair, _NOT_COMPARED) for pair in pairs])


def _join(one: int, other: int, groups: dict[int, list[int]], member_of: list[int]) -> None:
    for place in groups[other]:
        member_of[place] = one
    groups[one] += groups.pop(other)
