"""The watchlists' names in memory, so that the few entries a party's name may match are found in
microseconds.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

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
_RARE_WEIGHT = 0.65
_CACHED_NAMES = 100_000
_CACHED_WORDS = 50_000
_NOTHING: frozenset[int] = frozenset()


class Candidate(Struct, frozen=True):
    """An entry whose name is like the party's: by which of its names, how well, and by which words."""

    entry: Entry
    alias: EntryName
    score: float
    tokens: tuple[TokenMatch, ...]


class _Alias(Struct, frozen=True, gc=False):
    entry: Entry
    name: EntryName
    words: Name
    core: int
    weight: float


class NameIndex:
    """All names of the entries of people and firms. Immutable once built, but for its caches; safe to read
    in threads.

    A name that agrees with a listed one agrees in two words at least (or is one word, or is written in
    one): so the lists of names in which each of its words, or a like one, occurs are intersected, and what
    is in two is scored.
    """

    def __init__(self, aliases: Sequence[_Alias], threshold: float) -> None:
        self.threshold = threshold
        self._aliases = tuple(aliases)
        self._postings: dict[str, list[int]] = {}
        self._joined: dict[str, list[int]] = {}
        self._acronyms: dict[str, list[int]] = {}
        self._single: set[int] = set()
        words: dict[Word, None] = {}
        for number, alias in enumerate(self._aliases):
            self._post(number, alias, words)
        self._words = WordIndex(words)
        self._names: RecallCache[tuple[str, EntryKind], tuple[Candidate, ...]] = RecallCache(_CACHED_NAMES)
        self._reaches: RecallCache[Word, frozenset[int]] = RecallCache(_CACHED_WORDS)

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

    def _post(self, number: int, alias: _Alias, words: dict[Word, None]) -> None:
        core = _telling(alias.words)
        for word in core:
            words[word] = None
            self._postings.setdefault(word.text, []).append(number)
        for joint in _joints(alias.words):
            self._joined.setdefault(joint, []).append(number)
        if acronym(alias.words) != "-":
            self._acronyms.setdefault(acronym(alias.words), []).append(number)
        if sum(word.weight > _RARE_WEIGHT for word in core) <= 1:
            self._single.add(number)

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

    def _scored(self, party: Name, alias: _Alias, kind: EntryKind) -> Candidate | None:
        company = compares_as_company(party, kind) or compares_as_company(alias.words, alias.entry.kind)
        alignment = aligned(party, alias.words)
        scored = score(alignment, company)
        if scored < self.threshold:
            return None
        return Candidate(alias.entry, alias.name, scored, alignment.tokens())

    def _shortlist(self, party: Name) -> set[int]:
        """The numbers of the names that may reach the threshold: none that can is left out."""
        core = _telling(party)
        reaches = [self._reach(word) for word in core]
        found = self._in_two(reaches, len(core)) if len(core) > 1 else set()
        if sum(word.weight > _RARE_WEIGHT for word in core) <= 1:
            found |= self._by_single(party, reaches)
        for joint in _joints(party):
            found |= self._by_joint(joint, reaches)
        return found

    def _in_two(self, reaches: Sequence[frozenset[int]], words: int) -> set[int]:
        """Names that hold two of the words or more, and enough of them that no word is left on both sides."""
        twice: set[int] = set()
        once: set[int] | frozenset[int] = _NOTHING
        for reach in sorted(filter(None, reaches), key=len):
            twice |= once & reach
            once = once | reach if len(reach) < 20_000 else once
        return {number for number in twice if self._covers(number, reaches, words)}

    def _covers(self, number: int, reaches: Sequence[frozenset[int]], words: int) -> bool:
        held = sum(number in reach for reach in reaches)
        return held >= min(words, self._aliases[number].core)

    def _by_single(self, party: Name, reaches: Sequence[frozenset[int]]) -> set[int]:
        found: set[int] = set()
        initials = {word.text for word in party.words if word.role == "initial"}
        for reach in reaches:
            found.update(number for number in reach if number in self._single)
            if initials:
                found.update(number for number in reach if self._begins(number, initials))
        found.update(self._acronyms.get(single(party), ()))
        found.update(number for number in self._whole(acronym(party)) if self._aliases[number].core == 1)
        return found

    def _whole(self, text: str) -> Sequence[int]:
        return self._postings.get(text, ())

    def _begins(self, number: int, initials: set[str]) -> bool:
        return any(word.text[0] in initials for word in self._aliases[number].words.words)

    def _by_joint(self, joint: str, reaches: Sequence[frozenset[int]]) -> set[int]:
        """Names with the two words written as one, that hold another of the words or are that one."""
        numbers = (*self._postings.get(joint, ()), *self._joined.get(joint, ()))
        return {n for n in numbers if self._aliases[n].core <= 2 or any(n in reach for reach in reaches)}

    def _reach(self, word: Word) -> frozenset[int]:
        """The numbers of the names that hold ``word`` or one like it."""
        found = self._reaches.get(word)
        if found is None:
            numbers = {n for like in self._words.like(word) for n in self._postings[like.text]}
            numbers.update(self._joined.get(word.text, ()))
            found = self._reaches.put(word, frozenset(numbers) if numbers else _NOTHING)
        return found


def _aliases_of(entry: Entry) -> Iterator[_Alias]:
    for name in entry.names:
        words = name_of(name.text)
        core = _telling(words)
        if words.words:
            yield _Alias(entry, name, words, len(core), sum(word.weight for word in core))


def _telling(name: Name) -> tuple[Word, ...]:
    """The words that names are found by: those that count, without initials."""
    return tuple(word for word in name.words if word.counts and word.role != "initial")


def _joints(name: Name) -> set[str]:
    """Neighbouring words, and all of a short name, written as one word."""
    texts = [word.text for word in name.words if word.role not in ("form", "title")]
    joints = {one + other for one, other in pairwise(texts)}
    if len(texts) == 3:
        joints.add("".join(texts))
    return joints
