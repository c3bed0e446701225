"""How well two names can score at most, told from weights before any word is laid beside another."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from msgspec import Struct

from tidewaiter.matching.names_vocabulary import WEIGHTS
from tidewaiter.matching.names_word import MOST_SLIGHT, Word
from tidewaiter.matching.names_words import Name
from tidewaiter.matching.scoring import LEAST_CONFLICT, ceiling, initials, share

# A score is rounded to four places.
_ROUNDING = 0.0001


class Weighed(Struct, frozen=True, gc=False):
    """What bounds a name's scores: ``texts`` of the words that it is found by, ``eased`` the weight of each
    where left over; ``initials``, and ``letters`` that its words begin with, initials among them; ``weight``
    of its words and initials in full, ``slight`` of forms, titles and particles.
    """

    texts: tuple[str, ...]
    eased: tuple[float, ...]
    initials: str
    letters: str
    weight: float
    slight: float
    company: bool


def weighed(name: Name, core: Sequence[Word], company: bool) -> Weighed:
    """``name``, whose words are found by ``core``."""
    weights = tuple([word.weight for word in name.words])
    return Weighed(
        tuple([word.text for word in core]),
        tuple([eased(word) for word in core]),
        initials(name),
        "".join([word.text[0] for word in name.words]),
        *_weight_and_slight(weights),
        company,
    )


@lru_cache(maxsize=4096)
def _weight_and_slight(weights: tuple[float, ...]) -> tuple[float, float]:
    """Cached, since few sums are different: 60,000 names share them."""
    slight = [weight for weight in weights if weight <= MOST_SLIGHT]
    return sum(weights) - sum(slight), sum(slight)


def telling_words(name: Name) -> list[Word]:
    """The words that names are found by: those that count, without initials."""
    return [word for word in name.words if word.tells]


def eased(word: Word) -> float:
    """The least that a word may weigh where it is left over: a place beside a firm's name counts half."""
    return word.weight / 2 if word.role == "place" else word.weight


def most_score(matched: float, extra: float, company: bool) -> float:
    """The most that a name can score of which so much agrees, and ``extra`` at least is on one side only."""
    return share(matched, max(0.0, extra), company) * ceiling(matched) + _ROUNDING


@lru_cache(maxsize=16_384)
def may_be_alone(threshold: float, left: float, weight: float, slight: float) -> bool:
    """Whether a name may score so much by one word alone, that weighs ``weight`` of it, with ``left`` more
    and ``slight`` words.
    """
    # No word of the other name weighs more than 1.
    matched = (1 + weight) / 2 + slight
    return max(most_score(matched, left - LEAST_CONFLICT, firm) for firm in (True, False)) >= threshold


class Overlap(Struct, frozen=True, gc=False):
    """What two names may have in common: the places of the words that are left over on each side, and how
    many are not; ``joined`` where some are written as one.
    """

    left_mine: Sequence[int]
    left_theirs: Sequence[int]
    held: int
    joined: bool = False


def may_reach(threshold: float, mine: Weighed, theirs: Weighed, overlap: Overlap) -> bool:
    """Whether the two may score so much: never less than the score that ``scoring`` gives.

    One side must have no word left over but such as begin with an initial of the other's; then what the
    other has more must not weigh too much.
    """
    left_mine = _left(mine, theirs, overlap.left_mine, overlap)
    left_theirs = _left(theirs, mine, overlap.left_theirs, overlap)
    if min(left_mine, left_theirs) >= LEAST_CONFLICT:
        return False
    left, lacking = (left_mine, theirs) if left_mine > left_theirs else (left_theirs, mine)
    matched = (mine.weight + theirs.weight - left + mine.slight + theirs.slight) / 2
    extra = left - min(lacking.slight, LEAST_CONFLICT)
    return most_score(matched, extra, mine.company or theirs.company) >= threshold


def _left(one: Weighed, other: Weighed, places: Collection[int], overlap: Overlap) -> float:
    """The least that is left over of ``one``, whose words at ``places`` the other lacks.

    Beside one word alone, initials speak only where they are all else of their name (``scoring``).
    """
    letters = other.initials if overlap.held > 1 or len(other.texts) == 1 else ""
    left = sum([one.eased[at] for at in places if one.texts[at][0] not in letters])
    if one.initials and not overlap.joined:
        left += WEIGHTS["initial"] * sum([letter not in other.letters for letter in one.initials])
    return left
