"""Which listed names hold a word: with another word, written as one with it, or alone where that suffices."""

from array import array
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import TypeAlias

from msgspec import Struct

from tidewaiter.matching.index_alias import Alias, form_runs, heard_runs, runs
from tidewaiter.matching.index_bounds import eased, may_be_alone, telling_words
from tidewaiter.matching.names_alignment import LEAST_LETTERS
from tidewaiter.matching.names_likeness import LEAST_JOINED
from tidewaiter.matching.names_word import Word
from tidewaiter.matching.scoring import acronym, bare_initials

# Arrays, since lists of so many numbers would be walked by the garbage collector and weigh four times as
# much; but a tuple of one, as most are, is half an array of one. None is changed once the index is built.
Numbers: TypeAlias = "array[int] | tuple[int, ...]"
Posted: TypeAlias = dict[str, Numbers]

# The number of a name, and its words and the party's that are one on one side and two on the other.
Parted: TypeAlias = tuple[int, tuple[str, ...]]

_NO_TEXTS: frozenset[str] = frozenset()
_NO_NAMES: Posted = {}


class Reach(Struct, frozen=True, gc=False):
    """What a word of a party's may find: ``texts`` the indexed words like it, ``beside`` the more frequent
    words that names hold beside one of these, ``rarest`` and ``further`` the numbers of these names by those
    words (``Postings``); ``lone`` the numbers of the names that it may match without another word, ``signed``
    those of the names of it and initials. ``parted`` are names that have it in two and
    otherwise: the number, and the words of both.
    """

    texts: frozenset[str] = _NO_TEXTS
    beside: frozenset[str] = _NO_TEXTS
    rarest: Sequence[Posted] = ()
    further: Sequence[Posted] = ()
    lone: tuple[Numbers, ...] = ()
    signed: tuple[Numbers, ...] = ()
    parted: tuple[Parted, ...] = ()

    def touches(self, other: "Reach") -> bool:
        """Whether some name holds a word of either."""
        return not (self.beside.isdisjoint(other.texts) and other.beside.isdisjoint(self.texts))

    def rarest_with(self, other: "Reach") -> list[Numbers]:
        """The names of which a word of either is one of the two rarest."""
        mine = _held(self.rarest, self.beside & other.texts)
        return mine + _held(other.rarest, other.beside & self.texts)

    def further_with(self, other: "Reach") -> list[Numbers]:
        """The other names that hold a word of either."""
        mine = _held(self.further, self.beside & other.texts)
        return mine + _held(other.further, other.beside & self.texts)


def _held(posted: Sequence[Posted], words: Iterable[str]) -> list[Numbers]:
    return [numbers[word] for word in words for numbers in posted if word in numbers]


NOTHING = Reach()


class Pairs:
    """The numbers of names by two of their words: under the rarer, then under the other.

    So nothing that is walked grows with the list: a rare word has few names, and a frequent one has few
    words that are more frequent still.
    """

    def __init__(self) -> None:
        self._under: dict[str, Posted] = {}

    def post(self, rarer: str, other: str, number: int) -> None:
        _post(self._under.setdefault(rarer, {}), other, number)

    def beside(self, texts: Iterable[str]) -> tuple[Posted, ...]:
        """The words that stand beside each of ``texts`` and are more frequent, with the numbers."""
        under = self._under
        return tuple([under[text] for text in texts if text in under])

    def renewed(self, lacking: "Pairs", more: "Pairs", gone: Container[int]) -> "Pairs":
        """See ``Postings.renewed``."""
        new = Pairs()
        new._under = dict(self._under)
        for text in (*lacking._under, *more._under):
            under, less, further = [pairs._under.get(text, _NO_NAMES) for pairs in (self, lacking, more)]
            new._under[text] = _renewed(under, less, further, gone)
        return new


class Postings:
    """The numbers of ``aliases`` under the texts of their words, of words written as one, and of acronyms.

    What a name is posted under depends on it alone and on how ``frequent`` words are, by default in these
    names.

    ``rarest`` has each name under its two rarest words, and a name with initials under any two: a party that
    has all of its words is found by them. ``further`` has the other pairs of a name, for parties of which it
    has all words.
    """

    def __init__(
        self, aliases: Mapping[int, Alias], threshold: float, frequent: Mapping[str, int] | None = None
    ) -> None:
        self.words: dict[Word, None] = {}
        self.all: Posted = {}
        self.joined: Posted = {}
        # Those of ``joined`` that are parted in more than one place, in one name or another.
        self.parted: set[str] = set()
        # Under how neighbours sound that may be written as one and otherwise; and the words that sound so.
        self.heard: Posted = {}
        self.framed: dict[str, tuple[Word, ...]] = {}
        self.acronyms: Posted = {}
        # Under all letters of a name without blanks.
        self.whole: Posted = {}
        self.initials: Posted = {}
        self.rarest = Pairs()
        self.further = Pairs()
        self._lone: Posted = {}
        self._signed: Posted = {}
        self.threshold = threshold
        self._frequent = frequent if frequent is not None else _times(aliases.values())
        firsts: dict[str, str] = {}
        for number, alias in aliases.items():
            self._post_words(number, alias)
            self._post_pairs(number, alias, sorted(alias.weighed.texts, key=self._rarity))
            self._post_whole(number, alias, firsts)
        # The words of ``all`` by their letters, so that those of one beginning are a slice.
        self.ordered = sorted(self.all)
        self._frame_words(self.words)

    def renewed(self, gone: Mapping[int, Alias], come: Mapping[int, Alias]) -> "Postings":
        """These names without those that have ``gone`` and with those that have ``come``, whose numbers are
        not among these.

        They find the same as if posted anew, with a few words more under which nothing is left, and pairs in
        another order. These are left as they are; what the names do not touch is shared.
        """
        lacking = Postings(gone, self.threshold, self._frequent)
        more = Postings(come, self.threshold, self._frequent)
        new = Postings({}, self.threshold, self._frequent)
        new.words = self.words | more.words
        new.all = _renewed(self.all, lacking.all, more.all, gone)
        new.ordered = sorted([*self.ordered, *[text for text in more.all if text not in self.all]])
        new.joined = _renewed(self.joined, lacking.joined, more.joined, gone)
        # Those that come may be parted otherwise than those that were there.
        new.parted = self.parted | more.parted | (self.joined.keys() & more.joined.keys())
        new.heard = _renewed(self.heard, lacking.heard, more.heard, gone)
        new.framed = self.framed.copy()
        new._frame_words([word for word in more.words if word not in self.words])
        new.acronyms = _renewed(self.acronyms, lacking.acronyms, more.acronyms, gone)
        new.whole = _renewed(self.whole, lacking.whole, more.whole, gone)
        new.initials = _renewed(self.initials, lacking.initials, more.initials, gone)
        new.rarest = self.rarest.renewed(lacking.rarest, more.rarest, gone)
        new.further = self.further.renewed(lacking.further, more.further, gone)
        new._lone = _renewed(self._lone, lacking._lone, more._lone, gone)
        new._signed = _renewed(self._signed, lacking._signed, more._signed, gone)
        return new

    def reach(self, texts: frozenset[str], parted: tuple[Parted, ...] = ()) -> Reach:
        """What may be found by ``texts``, which are all indexed."""
        if not texts:
            return Reach(parted=parted) if parted else NOTHING
        rarest, further = self.rarest.beside(texts), self.further.beside(texts)
        beside = _NO_TEXTS.union(*rarest, *further)
        return Reach(texts, beside, rarest, further, _of(texts, self._lone), _of(texts, self._signed), parted)

    def _rarity(self, text: str) -> tuple[int, str]:
        return self._frequent.get(text, 0), text

    def _post_words(self, number: int, alias: Alias) -> None:
        core = telling_words(alias.words)
        self.words.update(dict.fromkeys(core))
        for text in dict.fromkeys(alias.weighed.texts):
            _post(self.all, text, number)
        if not alias.weighed.initials:
            total = sum(alias.weighed.eased)
            for word in core:
                if may_be_alone(self.threshold, total - eased(word), word.weight, alias.weighed.slight):
                    _post(self._lone, word.text, number)
        elif len(core) == 1:
            _post(self._signed, core[0].text, number)

    def _frame_words(self, words: Iterable[Word]) -> None:
        for word in words:
            if len(word.text) >= LEAST_JOINED and not word.abjad:
                self.framed[word.frame] = (*self.framed.get(word.frame, ()), word)

    def _post_pairs(self, number: int, alias: Alias, rarest_first: Sequence[str]) -> None:
        for place, (rarer, other) in enumerate(combinations(rarest_first, 2)):
            pairs = self.further if place and not alias.weighed.initials else self.rarest
            pairs.post(rarer, other, number)

    def _post_whole(self, number: int, alias: Alias, firsts: dict[str, str]) -> None:
        for run in (*runs(alias.words), *form_runs(alias.words)):
            joint = "".join(run)
            _post(self.joined, joint, number)
            if firsts.setdefault(joint, run[0]) != run[0]:
                self.parted.add(joint)
        for frame in heard_runs(alias.words):
            _post(self.heard, frame, number)
        for letters in {alias.words.letters, alias.words.turned}:
            if len(letters) >= LEAST_LETTERS:
                _post(self.whole, letters, number)
        if acronym(alias.words) != "-":
            _post(self.acronyms, acronym(alias.words), number)
        if bare_initials(alias.words):
            _post(self.initials, bare_initials(alias.words), number)


def _times(aliases: Iterable[Alias]) -> Mapping[str, int]:
    return Counter([text for alias in aliases for text in alias.weighed.texts])


def _renewed(earlier: Posted, lacking: Posted, more: Posted, gone: Container[int]) -> Posted:
    """``earlier`` without the numbers that have ``gone``, all of them in ``lacking``, and with ``more``."""
    found = dict(earlier)
    for key in lacking:
        found[key] = _packed([number for number in found[key] if number not in gone])
    for key, numbers in more.items():
        found[key] = _packed((*found.get(key, ()), *numbers))
    return found


def _packed(numbers: Sequence[int]) -> Numbers:
    return tuple(numbers) if len(numbers) < 2 else array("I", numbers)


def _of(texts: frozenset[str], posted: Posted) -> tuple[Numbers, ...]:
    return (
        () if posted.keys().isdisjoint(texts) else tuple([posted[text] for text in texts if text in posted])
    )


@lru_cache(maxsize=1)
def _alone(number: int) -> tuple[int]:
    """One tuple for all keys that only this alias has: of 60,000 names there are 400,000, 64 bytes each."""
    return (number,)


def _post(posted: Posted, key: str, number: int) -> None:
    numbers = posted.get(key)
    if numbers is None:
        posted[key] = _alone(number)
    elif isinstance(numbers, tuple):
        posted[key] = array("I", (*numbers, number))
    else:
        numbers.append(number)
