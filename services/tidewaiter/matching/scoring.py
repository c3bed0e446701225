"""How well two names match: their words laid side by side, and what is left over on either side."""

from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct

from tidewaiter.domain.hit import TokenMatch, TokenRelation
from tidewaiter.matching.names_likeness import SERVANT_LIKENESS, likeness
from tidewaiter.matching.names_words import Name, Word

INITIAL_LIKENESS = 0.8
JOINED_LIKENESS = 0.97


class Pairing(Struct, frozen=True):
    """Words of one name taken for words of the other, by their places."""

    mine: tuple[int, ...]
    theirs: tuple[int, ...]
    similarity: float
    relation: TokenRelation


class Alignment(Struct, frozen=True):
    """Two names side by side: what pairs, and the places of what is left over on each side."""

    one: Name
    other: Name
    pairings: tuple[Pairing, ...]
    left_mine: tuple[int, ...]
    left_theirs: tuple[int, ...]

    def tokens(self) -> tuple[TokenMatch, ...]:
        """The pairs of words as an officer reads them."""
        return tuple(self._token(pairing) for pairing in self.pairings)

    def _token(self, pairing: Pairing) -> TokenMatch:
        mine = " ".join(self.one.words[at].text for at in pairing.mine)
        theirs = " ".join(self.other.words[at].text for at in pairing.theirs)
        return TokenMatch(mine, theirs, pairing.relation, round(pairing.similarity, 3))


def aligned(one: Name, other: Name) -> Alignment:
    """The best pairing of the words of two names: equals first, then the likest, initials, joined words."""
    pairings = tuple(_single_pairings(one.words, other.words))
    found = _alignment(one, other, pairings)
    if not (found.left_mine or found.left_theirs):
        return found
    exact = tuple(pairing for pairing in pairings if pairing.similarity == 1)
    return _joined_whole(_alignment(one, other, exact)) or _joined_parts(found)


def _alignment(one: Name, other: Name, pairings: tuple[Pairing, ...]) -> Alignment:
    left_mine = _left([at for pairing in pairings for at in pairing.mine], one.words)
    left_theirs = _left([at for pairing in pairings for at in pairing.theirs], other.words)
    return Alignment(one, other, pairings, left_mine, left_theirs)


def _joined_whole(found: Alignment) -> Alignment | None:
    """All that is left on both sides as one, where it is the same letters, parted elsewhere: "Myongc Hin"."""
    mine, theirs = found.left_mine, found.left_theirs
    if not _are_one_joined([found.one.words[at] for at in mine], [found.other.words[at] for at in theirs]):
        return None
    joined = Pairing(mine, theirs, JOINED_LIKENESS, "joined")
    return Alignment(found.one, found.other, (*found.pairings, joined), (), ())


def _joined_parts(found: Alignment) -> Alignment:
    """Neighbours left over on one side that are one word left over on the other."""
    if not (found.left_mine and found.left_theirs):
        return found
    pairings = (*found.pairings, *_joined_pairings(found))
    return _alignment(found.one, found.other, pairings)


def _left(taken: Collection[int], words: Sequence[Word]) -> tuple[int, ...]:
    return tuple([at for at in range(len(words)) if at not in taken])


def _single_pairings(mine: Sequence[Word], theirs: Sequence[Word]) -> Iterator[Pairing]:
    possible = sorted(_possible_pairs(mine, theirs))
    taken_mine: set[int] = set()
    taken_theirs: set[int] = set()
    for unlike, _, at, beside, relation in possible:
        if at not in taken_mine and beside not in taken_theirs:
            taken_mine.add(at)
            taken_theirs.add(beside)
            yield Pairing((at,), (beside,), 1 - unlike, relation)


def _possible_pairs(
    mine: Sequence[Word], theirs: Sequence[Word]
) -> Iterator[tuple[float, int, int, int, TokenRelation]]:
    for at, word in enumerate(mine):
        for beside, other in enumerate(theirs):
            found = likeness(word, other)
            if found.similarity:
                yield 1 - found.similarity, abs(at - beside), at, beside, found.relation
            elif "initial" in (word.role, other.role) and _is_initial_of(word, other):
                yield 1 - INITIAL_LIKENESS, abs(at - beside), at, beside, "initial"


def _is_initial_of(word: Word, other: Word) -> bool:
    return (
        word.counts
        and other.counts
        and word.text[0] == other.text[0]
        and len(word.text) != 2 != len(other.text)
    )


def _joined_pairings(found: Alignment) -> Iterator[Pairing]:
    left_mine, left_theirs = list(found.left_mine), list(found.left_theirs)
    for run in _neighbours(found.left_mine):
        single = _same_joined(found.one.words, run, found.other.words, left_theirs)
        if single is not None and set(run) <= set(left_mine):
            left_mine = [at for at in left_mine if at not in run]
            left_theirs.remove(single)
            yield Pairing(run, (single,), JOINED_LIKENESS, "joined")
    for run in _neighbours(tuple(left_theirs)):
        single = _same_joined(found.other.words, run, found.one.words, left_mine)
        if single is not None and set(run) <= set(left_theirs):
            left_theirs = [at for at in left_theirs if at not in run]
            left_mine.remove(single)
            yield Pairing((single,), run, JOINED_LIKENESS, "joined")


def _same_joined(
    words: Sequence[Word], run: tuple[int, ...], others: Sequence[Word], left: Sequence[int]
) -> int | None:
    """The place of the left-over word that is this run of words written as one."""
    mine = [words[at] for at in run]
    return next((at for at in left if _are_one_joined(mine, [others[at]])), None)


def _neighbours(left: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for size in (2, 3):
        for start in range(len(left) - size + 1):
            if left[start + size - 1] - left[start] == size - 1:
                yield left[start : start + size]


def _are_one_joined(mine: Sequence[Word], theirs: Sequence[Word]) -> bool:
    length = sum([len(word.text) for word in mine])
    if length < 2 or length != sum([len(word.text) for word in theirs]):
        return False
    return "".join([word.text for word in mine]) == "".join([word.text for word in theirs])


# Of names that differ in a word on both sides, nothing makes one: however many others agree, two brothers
# share them all. The factor keeps every such pair under the alert threshold, which also lets the index
# leave them out unscored.
CONFLICT_FACTOR = 0.6
# Words lighter than this (forms, titles, particles) may differ on both sides.
LEAST_CONFLICT = 0.2
MOST_SCORE = 0.995
SERVANT_WEIGHT = 0.5


def score(alignment: Alignment, company: bool) -> float:
    """0..1: likeness of what pairs, less what is missing on one side, cut down where both sides differ.

    Initials, forms, titles and particles make no match without a word that agrees, but for names that have
    none: AT&T.
    ``company`` chooses the rules: people leave out middle names; a firm with one word more is another firm.
    """
    told = sum([_is_told(alignment, pairing) for pairing in alignment.pairings])
    if not (told or _are_same_initials(alignment)):
        return acronym_score(alignment)
    matched, likeness_sum = _matched(alignment)
    mine = _weight(alignment.one.words, alignment.left_mine, company) + _dropped_servants(alignment, True)
    theirs = _weight(alignment.other.words, alignment.left_theirs, company) + _dropped_servants(
        alignment, False
    )
    conflict, extra = min(mine, theirs), abs(mine - theirs)
    quality: float = (likeness_sum / matched) ** 1.25
    found = quality * share(matched, extra, company) * _agreeing(conflict, matched)
    are_alone = _are_initials_alone(alignment, told) or (company and _are_initials_of_trade(alignment))
    if are_alone or _is_contradicted(alignment):
        found *= CONFLICT_FACTOR
    return round(min(found * ceiling(matched), MOST_SCORE), 4)


def _weight(words: Sequence[Word], places: Sequence[int], company: bool) -> float:
    """What is left over; a place beside a firm's name is often a branch of it, so it counts half."""
    return sum(words[at].weight * (0.5 if company and words[at].role == "place" else 1.0) for at in places)


def _dropped_servants(alignment: Alignment, is_mine: bool) -> float:
    """The weight of "abdul" on one side where the other has the bare name."""
    words = alignment.one.words if is_mine else alignment.other.words
    others = alignment.other.words if is_mine else alignment.one.words
    return sum(
        SERVANT_WEIGHT
        for p in alignment.pairings
        if p.similarity == SERVANT_LIKENESS
        and len(words[(p.mine if is_mine else p.theirs)[0]].text)
        > len(others[(p.theirs if is_mine else p.mine)[0]].text)
    )


def _matched(alignment: Alignment) -> tuple[float, float]:
    """The weight of what pairs (the mean of both sides), and the same weighed by similarity."""
    total = weighed = 0.0
    for pairing in alignment.pairings:
        mine = sum(alignment.one.words[at].weight for at in pairing.mine)
        theirs = sum(alignment.other.words[at].weight for at in pairing.theirs)
        total += (mine + theirs) / 2
        weighed += (mine + theirs) / 2 * pairing.similarity
    return total, weighed


def share(matched: float, extra: float, company: bool) -> float:
    """What is left when one side has words, weighing ``extra``, that the other lacks."""
    missing = extra / (matched + extra)
    if company:
        return 1 - 0.8 * missing
    # Two rare names of four are the man; two common ones of four are a hundred men.
    return max(0.0, 1 - missing * (0.25 + 0.55 * max(0.0, 2.0 - matched)))


def _agreeing(conflict: float, matched: float) -> float:
    if conflict < LEAST_CONFLICT:
        return 1 - 0.2 * conflict
    return CONFLICT_FACTOR * matched / (matched + conflict)


def _is_contradicted(alignment: Alignment) -> bool:
    return _numbers_differ(alignment) or not _syllables_agree(alignment) or _is_son_for_father(alignment)


def _numbers_differ(alignment: Alignment) -> bool:
    """A number on one side only, or another: series 1 is not series 2, the 44th brigade not the 45th."""
    mine = (alignment.one.words[at] for at in alignment.left_mine)
    theirs = (alignment.other.words[at] for at in alignment.left_theirs)
    return any(word.role == "number" for words in (mine, theirs) for word in words)


def _syllables_agree(alignment: Alignment) -> bool:
    """Han and Hangul tell apart what romanising merges: where both sides have them, they must be the same."""
    mine, theirs = alignment.one.syllables, alignment.other.syllables
    return not (mine and theirs) or sorted(mine) == sorted(theirs)


def _is_son_for_father(alignment: Alignment) -> bool:
    """Whether a word after bin, ben or ibn was taken for one before it: Salman bin Omar is not Omar bin
    Salman.
    """
    fathers, their_fathers = _fathers(alignment.one.words), _fathers(alignment.other.words)
    if not fathers or not their_fathers:
        return False
    crossed = [(p.mine[0] in fathers) - (p.theirs[0] in their_fathers) for p in alignment.pairings]
    return 1 in crossed and -1 in crossed


def _are_initials_alone(alignment: Alignment, told: int) -> bool:
    """Whether initials stand for words beside one word that agrees, and are not all else of their name:
    D. Yastrebova may be Darya Yastrebova, Zelmira B. Hess is not Zelmira Babayan.
    """
    initials = [p for p in alignment.pairings if p.relation == "initial"]
    if not initials or told > 1:
        return False
    one, other = alignment.one.words, alignment.other.words
    if all(one[p.mine[0]].role == "initial" for p in initials):
        return any(one[at].tells for at in alignment.left_mine)
    if all(other[p.theirs[0]].role == "initial" for p in initials):
        return any(other[at].tells for at in alignment.left_theirs)
    return True


def _are_initials_of_trade(alignment: Alignment) -> bool:
    """Whether an initial agrees beside no rare word: A Invest is not Alayne Invest."""
    said = [p for p in alignment.pairings if p.relation != "initial"]
    mine = [alignment.one.words[p.mine[0]].weight for p in said]
    theirs = [alignment.other.words[p.theirs[0]].weight for p in said]
    return len(said) < len(alignment.pairings) and max([*mine, *theirs], default=0) <= RARE_WEIGHT


def _are_same_initials(alignment: Alignment) -> bool:
    mine, theirs = bare_initials(alignment.one), bare_initials(alignment.other)
    return mine == theirs != ""


def _is_told(alignment: Alignment, pairing: Pairing) -> bool:
    return pairing.relation == "joined" or (
        alignment.one.words[pairing.mine[0]].tells and alignment.other.words[pairing.theirs[0]].tells
    )


def _fathers(words: Sequence[Word]) -> frozenset[int]:
    return frozenset(at + 1 for at, word in enumerate(words) if word.role == "kinship")


def ceiling(matched: float) -> float:
    """The more that agrees, and the rarer it is, the nearer to 1: James Smith 0.95, five rare words 0.996."""
    return float(1 - 0.1 * 2.0 ** (1 - matched))


ACRONYM_SCORE = 0.72
# Words that weigh more tell one name from others; those of trades, places and syllables do not.
RARE_WEIGHT = 0.6


def acronym_score(alignment: Alignment) -> float:
    """ACRONYM_SCORE where one name is one word, the initials of the other's three or more; else 0.

    Not symmetric: the party's name in full must be one that ``abbreviation`` shortens.
    """
    one, other = alignment.one, alignment.other
    is_one = acronym(other) == single(one) or abbreviation(one) == single(other)
    return ACRONYM_SCORE if is_one else 0.0


def acronym(name: Name) -> str:
    """The initials of an organization's name of three or more words that count, else "-"."""
    initials = [word.text[0] for word in name.words if word.counts]
    return "".join(initials) if len(initials) > 2 and name.is_company else "-"


def abbreviation(name: Name) -> str:
    """The acronym under which a party's name in full may be listed, else "-".

    Three letters stand for words of which one at most is rare: the initials of three such words are by chance
    those of some listed name, for one shipper in 150.
    """
    found = acronym(name)
    rare = sum([word.weight > RARE_WEIGHT for word in name.words]) if len(found) == 3 else 0
    return found if rare < 2 else "-"


def single(name: Name) -> str:
    """The one word that counts of a name, else empty."""
    core = [word.text for word in name.words if word.counts]
    return core[0] if len(core) == 1 else ""


def initials(name: Name) -> str:
    """The letters that stand alone in ``name``."""
    return "".join([word.text for word in name.words if word.role == "initial"])


def bare_initials(name: Name) -> str:
    """The initials, in the alphabet's order, of a name without a word that tells more; else empty.

    One letter, beside a form at most, is nobody's name; AT&T is read as a particle, "and" and one.
    """
    words = [word for word in name.words if word.role != "form"]
    return "" if len(words) < 2 or any(word.tells for word in words) else "".join(sorted(initials(name)))
