"""From weighed pairs to groups."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

# Two records that share no blocking key at all are hardly of one person.
_NOT_COMPARED: Final = -3.0

Link = tuple[tuple[int, int], float]


def clusters(count: int, links: Sequence[Link]) -> tuple[tuple[int, ...], ...]:
    """Groups of the places 0…count-1. Links with odds above even join, the surest first; two groups join only
    if the sum over all pairs between them is above even too, so that one false link makes no chain."""
    groups = {place: [place] for place in range(count)}
    member_of = list(range(count))
    known: dict[int, dict[int, float]] = defaultdict(dict)
    for (first, second), odds in links:
        known[first][second] = known[second][first] = odds
    for (first, second), odds in sorted(links, key=lambda link: (-link[1], link[0])):
        if odds <= 0:
            break
        one, other = member_of[first], member_of[second]
        if one != other and _between(groups[one], groups[other], known) > 0:
            _join(one, other, groups, member_of)
    return tuple(tuple(sorted(group)) for _, group in sorted(groups.items()))


def _between(one: Sequence[int], other: Sequence[int], known: dict[int, dict[int, float]]) -> float:
    return sum(known[first].get(second, _NOT_COMPARED) for first in one for second in other)


def _join(one: int, other: int, groups: dict[int, list[int]], member_of: list[int]) -> None:
    for place in groups[other]:
        member_of[place] = one
    groups[one] += groups.pop(other)
