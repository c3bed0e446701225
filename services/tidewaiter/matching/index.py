"""The watchlists' names in memory, so that the few entries a party's name may match are found in
microseconds.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import TypeAlias

from msgspec import Struct

from tidewaiter.domain.hit import TokenMatch
from tidewaiter.domain.watchlist import Entry, EntryKind, EntryName
from tidewaiter.matching.index_words import WordIndex
from tidewaiter.matching.names_words import Name, Word, compares_as_company, name_of
from tidewaiter.matching.recall_cache import RecallCache
from tidewaiter.matching.scoring import acronym, aligned, score, single

# Chosen on the labelled pairs as the score where precision and recall meet, and kept for every list and file.
ALERT_THRESHOLD = 0.68

_UNLISTED_KINDS = frozenset({"vessel", "aircraft"})
_RARE_WEIGHT = 0.52
_CACHED_NAMES = 100_000
_CACHED_WORDS = 50_000
_LOOSE_ROLES = frozenset({"form", "title"})


class Candidate(Struct, frozen=True):
    """An entry whose name is like the party's: by which of its names, how well, and by which words."""

    entry: Entry
    alias: EntryName
    score: float
    tokens: tuple[TokenMatch, ...]


class Alias(Struct, frozen=True, gc=False):
    """One name of an entry, taken apart: how many words it is found by, and how many of those are rare."""

    entry: Entry
    name: EntryName
    words: Name
    core: int
    rare: int


class Reach(Struct, frozen=True, gc=False):
    """The numbers of the names that hold a word, or one like it.

    ``pair`` and ``more`` are those among which names of two words, and of more, are to be sought: parted
    where they are many, so that common words' long lists are not met with each other whole.
    """

    all: frozenset[int]
    pair: frozenset[int]
    more: frozenset[int]


_NO_NUMBERS: frozenset[int] = frozenset()
NOTHING = Reach(_NO_NUMBERS, _NO_NUMBERS, _NO_NUMBERS)
_MANY_NAMES = 128


# Arrays, since lists of so many numbers would be walked by the garbage collector and weigh four times as
# much.
Numbers: TypeAlias = "array[int]"


class NameIndex:
    """All names of the entries of people and firms. Immutable once built, but for its caches; safe to read
    in threads.

    A name that agrees with a listed one agrees in two words at least (or is one word, or is written in
    one): so the lists of names in which each of its words, or a like one, occurs are intersected, and what
    is in two is scored.
    """

    def __init__(self, aliases: Sequence[Alias], threshold: float) -> None:
        self.threshold = threshold
        self._aliases = tuple(aliases)
        self._postings: dict[str, Numbers] = {}
        self._joined: dict[str, Numbers] = {}
        self._acronyms: dict[str, Numbers] = {}
        words: dict[Word, None] = {}
        for number, alias in enumerate(self._aliases):
            self._post(number, alias, words)
        self._words = WordIndex(words)
        self._names: RecallCache[tuple[str, EntryKind], tuple[Candidate, ...]] = RecallCache(_CACHED_NAMES)
        self._reaches: RecallCache[str, Reach] = RecallCache(_CACHED_WORDS)

    @classmethod
    def build(cls, entries: Iterable[Entry], threshold: float = ALERT_THRESHOLD) -> "NameIndex":
        """Index ``entries``; those of vessels and aircraft are left out, since no party is one."""
        listed = (entry for entry in entries if entry.kind not in _UNLISTED_KINDS)
        return cls([alias for entry in listed for alias in _aliases_of(entry)], threshold)

    def __len__(self) -> int:
        """The number of names."""
        return len(self._aliases)

    def candidates(self, name: str, kind: EntryKind = "unknown") -> tuple[Candidate, ...]:
        """Entries like ``name`` at the threshold or above, one each, best first; never raises."""
        key = (name, kind)
        found = self._names.get(key)
        if found is None:
            found = self._names.put(key, self._found(name, kind))
        return found

    def _post(self, number: int, alias: Alias, words: dict[Word, None]) -> None:
        core = telling_words(alias.words)
        for word in core:
            words[word] = None
            self._postings.setdefault(word.text, array("I")).append(number)
        for joint in joints(alias.words):
            self._joined.setdefault(joint, array("I")).append(number)
        if acronym(alias.words) != "-":
            self._acronyms.setdefault(acronym(alias.words), array("I")).append(number)

    def _found(self, name: str, kind: EntryKind) -> tuple[Candidate, ...]:
        party = name_of(name)
        best: dict[tuple[str, str], Candidate] = {}
        for number in sorted(self._shortlist(party)):
            alias = self._aliases[number]
            candidate = self._scored(party, alias, kind)
            key = (alias.entry.list, alias.entry.entry_id)
            if candidate and (key not in best or candidate.score > best[key].score):
                best[key] = candidate
        return tuple(sorted(best.values(), key=lambda c: (-c.score, c.entry.list, c.entry.entry_id)))

    def _scored(self, party: Name, alias: Alias, kind: EntryKind) -> Candidate | None:
        company = compares_as_company(party, kind) or compares_as_company(alias.words, alias.entry.kind)
        alignment = aligned(party, alias.words)
        scored = score(alignment, company)
        if scored < self.threshold:
            return None
        return Candidate(alias.entry, alias.name, scored, alignment.tokens())

    def _shortlist(self, party: Name) -> set[int]:
        """The numbers of the names that may reach the threshold: none that can is left out."""
        core = telling_words(party)
        reaches = [self._reach(word) for word in core]
        found = _in_two(reaches)
        if found:
            found = {number for number in found if self._covers(number, reaches)}
        if sum([word.weight > _RARE_WEIGHT for word in core]) <= 1:
            found |= self._by_single(party, reaches)
        for word in core:
            if word.text in self._joined:
                found.update(self._joined[word.text])
        for joint in joints(party):
            if joint in self._postings or joint in self._joined:
                found |= self._by_joint(joint, reaches)
        return found

    def _covers(self, number: int, reaches: Sequence[Reach]) -> bool:
        """Whether no word is left on both sides, for then no score would reach the threshold."""
        held = sum([number in reach.all for reach in reaches])
        return held >= min(len(reaches), self._aliases[number].core)

    def _by_single(self, party: Name, reaches: Sequence[Reach]) -> set[int]:
        found: set[int] = set()
        initials = {word.text for word in party.words if word.role == "initial"}
        for reach in reaches:
            found.update(number for number in reach.all if self._aliases[number].rare <= 1)
            if initials:
                found.update(number for number in reach.all if self._begins(number, initials))
        found.update(self._acronyms.get(single(party), ()))
        found.update(n for n in self._postings.get(acronym(party), ()) if self._aliases[n].core == 1)
        return found

    def _begins(self, number: int, initials: set[str]) -> bool:
        return any(word.text[0] in initials for word in self._aliases[number].words.words)

    def _by_joint(self, joint: str, reaches: Sequence[Reach]) -> set[int]:
        """Names with the two words written as one, that hold another of the words or are that one."""
        numbers = (*self._postings.get(joint, ()), *self._joined.get(joint, ()))
        return {n for n in numbers if self._aliases[n].core <= 2 or any(n in reach.all for reach in reaches)}

    def _reach(self, word: Word) -> Reach:
        key = word.text + "~" if word.abjad else word.text
        return self._reaches.get(key) or self._reaches.put(key, self._reached(word))

    def _reached(self, word: Word) -> Reach:
        numbers = {number for text in self._words.like(word) for number in self._postings[text]}
        numbers.update(self._joined.get(word.text, ()))
        if len(numbers) < _MANY_NAMES:
            few = frozenset(numbers)
            return Reach(few, few, few) if few else NOTHING
        pair = frozenset([number for number in numbers if self._aliases[number].core == 2])
        return Reach(frozenset(numbers), pair, frozenset(numbers) - pair)


def _in_two(reaches: Sequence[Reach]) -> set[int]:
    """The names that hold at least two of the words, of those that may hold enough of them.

    A name of two words must be held whole; a longer one must hold three words of three or more: then two of
    those that it holds are not the one with the longest list, which need not be met with the others.
    """
    if len(reaches) < 2:
        return set()
    if len(reaches) == 2:
        return set(reaches[0].all & reaches[1].all)
    found: set[int] = set()
    for one, other in combinations([reach.pair for reach in reaches if reach.pair], 2):
        found |= one & other
    longer = sorted([reach.more for reach in reaches if reach.more], key=len)
    if len(longer) == len(reaches):
        longer.pop()
    for one, other in combinations(longer, 2):
        found |= one & other
    return found


def _aliases_of(entry: Entry) -> Iterator[Alias]:
    for name in entry.names:
        words = name_of(name.text)
        core = telling_words(words)
        if words.words:
            rare = sum(word.weight > _RARE_WEIGHT for word in core)
            yield Alias(entry, name, words, len(core), rare)


def telling_words(name: Name) -> list[Word]:
    """The words that names are found by: those that count, without initials."""
    return [word for word in name.words if word.weight > 0.1 and word.role != "initial"]


def joints(name: Name) -> list[str]:
    """Neighbouring words, and all of a short name, written as one word."""
    texts = [word.text for word in name.words if word.role not in _LOOSE_ROLES]
    joined = [one + other for one, other in pairwise(texts)]
    if len(texts) == 3:
        joined.append("".join(texts))
    return joined
