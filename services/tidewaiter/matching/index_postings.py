"""Which listed names hold a word: by all of their words, by the two rarest, and by one that may suffice."""

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from msgspec import Struct

from tidewaiter.matching.index_alias import Alias, eased, form_joints, joints, telling_words
from tidewaiter.matching.index_bounds import most_score
from tidewaiter.matching.names_words import Word
from tidewaiter.matching.scoring import LEAST_CONFLICT, acronym, bare_initials

# Arrays, since lists of so many numbers would be walked by the garbage collector and weigh four times as
# much.
Numbers: TypeAlias = "array[int]"
Posted: TypeAlias = dict[str, Numbers]

_NO_NUMBERS: frozenset[int] = frozenset()


class Reach(Struct, frozen=True, gc=False):
    """The numbers of the names that hold a word, or one like it: ``all`` of them, and of these

    ``rarest`` those whose rarest word it is, of two or more, ``second`` those whose next rarest it is;
    ``lone`` those that it may match without another word; ``signed`` those of this word and initials;
    ``initialed`` those with initials and more words.
    """

    all: frozenset[int] = _NO_NUMBERS
    rarest: frozenset[int] = _NO_NUMBERS
    second: frozenset[int] = _NO_NUMBERS
    lone: frozenset[int] = _NO_NUMBERS
    signed: frozenset[int] = _NO_NUMBERS
    initialed: frozenset[int] = _NO_NUMBERS


NOTHING = Reach()


class Postings:
    """The numbers of ``aliases`` under the texts of their words, of words written as one, and of acronyms."""

    def __init__(self, aliases: Sequence[Alias], threshold: float) -> None:
        self.words: dict[Word, None] = {}
        self.all: Posted = {}
        self.joined: Posted = {}
        self.acronyms: Posted = {}
        self.initials: Posted = {}
        self._rarest: Posted = {}
        self._second: Posted = {}
        self._lone: Posted = {}
        self._signed: Posted = {}
        self._initialed: Posted = {}
        self._threshold = threshold
        cores = [telling_words(alias.words) for alias in aliases]
        times = Counter([word.text for core in cores for word in core])
        for number, (alias, core) in enumerate(zip(aliases, cores, strict=True)):
            self._post_words(number, alias, sorted(core, key=lambda word: times[word.text]))
            self._post_whole(number, alias)

    def reach(self, texts: Iterable[str]) -> Reach:
        """The names that hold one of ``texts``."""
        known = [text for text in texts if text in self.all]
        if not known:
            return NOTHING
        parts = (self.all, self._rarest, self._second, self._lone, self._signed, self._initialed)
        return Reach(*[_numbers(posted, known) for posted in parts])

    def _post_words(self, number: int, alias: Alias, rarest_first: list[Word]) -> None:
        texts = [word.text for word in rarest_first]
        self.words.update(dict.fromkeys(rarest_first))
        for text in dict.fromkeys(texts):
            _post(self.all, text, number)
            if alias.initials and len(texts) > 1:
                _post(self._initialed, text, number)
        if len(texts) > 1:
            _post(self._rarest, texts[0], number)
            _post(self._second, texts[1], number)
        elif alias.initials and texts:
            _post(self._signed, texts[0], number)
        for word in rarest_first:
            if not alias.initials and self._is_enough(word, alias):
                _post(self._lone, word.text, number)

    def _is_enough(self, word: Word, alias: Alias) -> bool:
        """Whether a name that agrees in this word alone, a party's that weighs 1, may reach the threshold."""
        left = alias.lightest[-1] - eased(word)
        matched = (1 + word.weight) / 2 + alias.slight
        extra = left - LEAST_CONFLICT
        return max(most_score(matched, extra, company) for company in (True, False)) >= self._threshold

    def _post_whole(self, number: int, alias: Alias) -> None:
        for joint, _ in (*joints(alias.words), *form_joints(alias.words)):
            _post(self.joined, joint, number)
        if acronym(alias.words) != "-":
            _post(self.acronyms, acronym(alias.words), number)
        if bare_initials(alias.words):
            _post(self.initials, bare_initials(alias.words), number)


def _post(posted: Posted, key: str, number: int) -> None:
    numbers = posted.get(key)
    if numbers is None:
        posted[key] = array("I", (number,))
    else:
        numbers.append(number)


def _numbers(posted: Posted, texts: Sequence[str]) -> frozenset[int]:
    found = [posted[text] for text in texts if text in posted]
    return frozenset().union(*found) if found else _NO_NUMBERS
