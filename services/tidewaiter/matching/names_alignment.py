"""Two names laid side by side: which word is taken for which, and what is left over on either side."""

from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct

from tidewaiter.domain.hit import TokenMatch, TokenRelation
from tidewaiter.matching.names_cut import cut_word, is_begun, tells_nothing
from tidewaiter.matching.names_likeness import likeness, respelt
from tidewaiter.matching.names_word import Word
from tidewaiter.matching.names_words import Name

INITIAL_LIKENESS = 0.8
JOINED_LIKENESS = 0.97
# Fewer letters are parted in too many ways: "Li An" and "Lian".
LEAST_LETTERS = 6


class Pairing(Struct, frozen=True):
    """Words of one name taken for words of the other, by their places."""

    mine: tuple[int, ...]
    theirs: tuple[int, ...]
    similarity: float
    relation: TokenRelation


class Alignment(Struct, frozen=True):
    """Two names side by side: what pairs, and the places of what is left over on each side.

    ``is_cut`` where the first may lack what the other has more, because its field was full.
    """

    one: Name
    other: Name
    pairings: tuple[Pairing, ...]
    left_mine: tuple[int, ...]
    left_theirs: tuple[int, ...]
    is_cut: bool = False

    def tokens(self) -> tuple[TokenMatch, ...]:
        """The pairs of words as an officer reads them."""
        return tuple(self._token(pairing) for pairing in self.pairings)

    def _token(self, pairing: Pairing) -> TokenMatch:
        mine = " ".join(self.one.words[at].text for at in pairing.mine)
        theirs = " ".join(self.other.words[at].text for at in pairing.theirs)
        return TokenMatch(mine, theirs, pairing.relation, round(pairing.similarity, 3))


def aligned(one: Name, other: Name) -> Alignment:
    """The best pairing of the words of a party's name and a listed one: equals first, then the likest,
    initials, joined words.
    """
    pairings = tuple(_single_pairings(one.words, other.words))
    found = _alignment(one, other, pairings)
    if not (found.left_mine or found.left_theirs):
        return found
    if are_same_letters(one, other):
        whole = Pairing(
            tuple(range(len(one.words))), tuple(range(len(other.words))), JOINED_LIKENESS, "joined"
        )
        return Alignment(one, other, (whole,), (), ())
    exact = tuple(pairing for pairing in pairings if pairing.similarity == 1)
    found = _joined_whole(_alignment(one, other, exact)) or _joined_parts(found)
    cut = cut_word(one)
    return found if cut < 0 else _cut_off(found, cut)


def are_same_letters(one: Name, other: Name) -> bool:
    """Whether they are one text, with blanks elsewhere: a lost blank may join a form, or part a word."""
    if min(len(one.letters), len(other.letters)) < LEAST_LETTERS:
        return False
    return one.letters == other.letters or one.letters == other.turned or one.turned == other.letters


def _cut_off(found: Alignment, cut: int) -> Alignment:
    """With the word at ``cut``, where left over, taken for one that it begins, or for part of a form."""
    one, other = found.one, found.other
    if cut not in found.left_mine:
        return Alignment(one, other, found.pairings, found.left_mine, found.left_theirs, is_cut=True)
    left_mine = tuple([at for at in found.left_mine if at != cut])
    word = one.words[cut]
    begun = next((at for at in found.left_theirs if is_begun(word, other.words[at])), -1)
    if begun < 0:
        left_mine = left_mine if tells_nothing(word) else found.left_mine
        return Alignment(one, other, found.pairings, left_mine, found.left_theirs, is_cut=True)
    similarity = INITIAL_LIKENESS + (1 - INITIAL_LIKENESS) * len(word.text) / len(other.words[begun].text)
    pairings = (*found.pairings, Pairing((cut,), (begun,), similarity, "cut"))
    left_theirs = tuple([at for at in found.left_theirs if at != begun])
    return Alignment(one, other, pairings, left_mine, left_theirs, is_cut=True)


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
        single, similarity = _joined_likeness(found.one.words, run, found.other.words, left_theirs)
        if similarity and set(run) <= set(left_mine):
            left_mine = [at for at in left_mine if at not in run]
            left_theirs.remove(single)
            yield Pairing(run, (single,), similarity, "joined")
    for run in _neighbours(tuple(left_theirs)):
        single, similarity = _joined_likeness(found.other.words, run, found.one.words, left_mine)
        if similarity and set(run) <= set(left_theirs):
            left_theirs = [at for at in left_theirs if at not in run]
            left_mine.remove(single)
            yield Pairing((single,), run, similarity, "joined")


def _joined_likeness(
    words: Sequence[Word], run: tuple[int, ...], others: Sequence[Word], left: Sequence[int]
) -> tuple[int, float]:
    """The place of the left-over word that is this run of words written as one, and how like it is, or 0."""
    mine = [words[at] for at in run]
    for at in left:
        if _are_one_joined(mine, [others[at]]):
            return at, JOINED_LIKENESS
    if len(mine) > 2:
        return 0, 0.0
    likest, at = max([(respelt(mine[0], mine[1], others[at]), at) for at in left], default=(0.0, 0))
    return at, JOINED_LIKENESS * likest


def _neighbours(left: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for size in (2, 3):
        for start in range(len(left) - size + 1):
            if left[start + size - 1] - left[start] == size - 1:
                yield left[start : start + size]


def _are_one_joined(mine: Sequence[Word], theirs: Sequence[Word]) -> bool:
    """Whether they are the same letters. Numbers are never joined: 2004-1 is not 200-41."""
    length = sum([len(word.text) for word in mine])
    if length < 2 or length != sum([len(word.text) for word in theirs]):
        return False
    if "".join([word.text for word in mine]) != "".join([word.text for word in theirs]):
        return False
    return _numbers(mine) == _numbers(theirs)


def _numbers(words: Sequence[Word]) -> list[str]:
    return [word.text for word in words if word.role == "number"]
