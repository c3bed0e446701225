"""How good the matching is on labelled pairs of names: precision, recall and F1, at one threshold and at
all.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from msgspec import Struct

from tidewaiter.domain.watchlist import EntryKind
from tidewaiter.matching.names import similarity

_KINDS: dict[str, EntryKind] = {"person": "person", "company": "organization", "organization": "organization"}


class LabelledPair(Struct, frozen=True):
    """Two names and whether they are the same one's; ``schema`` and ``category`` only group the figures."""

    name1: str
    name2: str
    is_match: bool
    schema: str = ""
    category: str = ""

    @property
    def kind(self) -> EntryKind:
        """What the schema says the names are names of."""
        return _KINDS.get(self.schema.lower(), "unknown")


class ScoredPair(Struct, frozen=True):
    """A pair with the score that it was given."""

    pair: LabelledPair
    score: float


class Accuracy(Struct, frozen=True):
    """Of ``pairs``, ``matches`` are labelled so; precision, recall and F1 at ``threshold`` (0 where
    undefined).
    """

    threshold: float
    pairs: int
    matches: int
    precision: float
    recall: float
    f1: float


def scored(pairs: Iterable[LabelledPair]) -> tuple[ScoredPair, ...]:
    """Every pair with its similarity."""
    return tuple(ScoredPair(pair, similarity(pair.name1, pair.name2, pair.kind)) for pair in pairs)


def accuracy(pairs: Sequence[ScoredPair], threshold: float) -> Accuracy:
    """The figures when every pair at ``threshold`` or above is called a match."""
    called = [each.pair.is_match for each in pairs if each.score >= threshold]
    matches = sum(each.pair.is_match for each in pairs)
    right = sum(called)
    precision = right / len(called) if called else 0.0
    recall = right / matches if matches else 0.0
    f1 = 2 * right / (len(called) + matches) if called or matches else 0.0
    return Accuracy(threshold, len(pairs), matches, precision, recall, f1)


def at_every_threshold(pairs: Sequence[ScoredPair]) -> tuple[Accuracy, ...]:
    """The figures at each score that occurs above 0, lowest first."""
    return tuple(accuracy(pairs, score) for score in sorted({each.score for each in pairs if each.score > 0}))


def recall_at_precision(curve: Iterable[Accuracy], precision: float) -> float:
    """The highest recall at a precision of at least ``precision``; 0 where there is none."""
    return max((each.recall for each in curve if each.precision >= precision), default=0.0)


def by_group(
    pairs: Sequence[ScoredPair], group: Callable[[LabelledPair], str], threshold: float
) -> dict[str, Accuracy]:
    """The figures of each group of pairs, by its name."""
    ordered = sorted(pairs, key=lambda each: group(each.pair))
    return {
        name: accuracy(tuple(members), threshold)
        for name, members in groupby(ordered, key=lambda each: group(each.pair))
    }


def errors(pairs: Iterable[ScoredPair], threshold: float) -> tuple[ScoredPair, ...]:
    """The pairs that are called wrongly at ``threshold``, the worst first."""
    wrong = [each for each in pairs if (each.score >= threshold) != each.pair.is_match]
    return tuple(sorted(wrong, key=lambda each: -abs(each.score - threshold)))
