"""The watchlists' names in memory, so that the few entries a party's name may match are found in
microseconds.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from msgspec import Struct

from tidewaiter.domain.hit import TokenMatch
from tidewaiter.domain.watchlist import Entry, EntryKind, EntryName
from tidewaiter.matching.index_alias import Alias, aliases_of, form_joints, joints, telling_words
from tidewaiter.matching.index_bounds import PartyWeight, may_be_alone, may_reach, party_weight
from tidewaiter.matching.index_postings import Numbers, Postings, Reach
from tidewaiter.matching.index_words import WordIndex
from tidewaiter.matching.names_words import Name, Word, compares_as_company, name_of
from tidewaiter.matching.recall_cache import RecallCache
from tidewaiter.matching.scoring import abbreviation, aligned, bare_initials, score, single

# Chosen on the labelled pairs as the score where precision and recall meet, and kept for every list and file.
ALERT_THRESHOLD = 0.68

_UNLISTED_KINDS = frozenset({"vessel", "aircraft"})
_CACHED_NAMES = 100_000
_CACHED_WORDS = 50_000


class Candidate(Struct, frozen=True):
    """An entry whose name is like the party's: by which of its names, how well, and by which words."""

    entry: Entry
    alias: EntryName
    score: float
    tokens: tuple[TokenMatch, ...]


class NameIndex:
    """All names of the entries of people and firms. Immutable once built, but for its caches; safe to read
    in threads.

    At a threshold over CONFLICT_FACTOR two names match only where all words of one are found in the other.
    So a listed name is sought by its two rarest words, as one whose words the party's name holds all, and by
    two of the party's words, as one that holds all of these; what is found is scored unless the weights alone
    say that it cannot reach the threshold.
    """

    def __init__(self, aliases: Sequence[Alias], threshold: float) -> None:
        self.threshold = threshold
        self._aliases = tuple(aliases)
        self._postings = Postings(self._aliases, threshold)
        self._words = WordIndex(self._postings.words)
        self._names: RecallCache[tuple[str, EntryKind], tuple[Candidate, ...]] = RecallCache(_CACHED_NAMES)
        self._reaches: RecallCache[str, Reach] = RecallCache(_CACHED_WORDS)

    @classmethod
    def build(cls, entries: Iterable[Entry], threshold: float = ALERT_THRESHOLD) -> "NameIndex":
        """Index ``entries``; those of vessels and aircraft are left out, since no party is one."""
        listed = (entry for entry in entries if entry.kind not in _UNLISTED_KINDS)
        return cls([alias for entry in listed for alias in aliases_of(entry)], threshold)

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

    def _found(self, name: str, kind: EntryKind) -> tuple[Candidate, ...]:
        party = name_of(name)
        company = compares_as_company(party, kind)
        shortlist = self._shortlist(party, company)
        if not shortlist:
            return ()
        best: dict[tuple[str, str], Candidate] = {}
        for number in sorted(shortlist):
            alias = self._aliases[number]
            candidate = self._scored(party, alias, company or alias.company)
            key = (alias.entry.list, alias.entry.entry_id)
            if candidate and (key not in best or candidate.score > best[key].score):
                best[key] = candidate
        return tuple(sorted(best.values(), key=lambda c: (-c.score, c.entry.list, c.entry.entry_id)))

    def _scored(self, party: Name, alias: Alias, company: bool) -> Candidate | None:
        alignment = aligned(party, alias.words)
        scored = score(alignment, company)
        if scored < self.threshold:
            return None
        return Candidate(alias.entry, alias.name, scored, alignment.tokens())

    def _shortlist(self, party: Name, company: bool) -> set[int]:
        """The numbers of the names that may reach the threshold: none that can is left out."""
        core = telling_words(party)
        reaches = [self._reach(word) for word in core]
        found: set[int] = set()
        joined = self._joined(party)
        if joined or any(reach.texts for reach in reaches):
            weighed = party_weight(party, core, company)
            found = self._by_words(weighed, reaches)
            found = {number for number in found if self._may_reach(number, weighed, reaches)}
            found.update(self._by_joints(joined, core, weighed, reaches))
        if not core:
            found.update(self._postings.initials.get(bare_initials(party), ()))
        if len(core) == 1:
            found.update(self._postings.acronyms.get(single(party), ()))
        if party.is_company:
            numbers = self._postings.all.get(abbreviation(party), ())
            found.update([number for number in numbers if self._aliases[number].core == 1])
        return found

    def _may_reach(self, number: int, weighed: PartyWeight, reaches: Sequence[Reach]) -> bool:
        alias = self._aliases[number]
        held = [
            eased
            for reach, eased in zip(reaches, weighed.eased, strict=True)
            if not reach.texts.isdisjoint(alias.texts)
        ]
        return may_reach(self.threshold, weighed, alias, held)

    def _by_words(self, weighed: PartyWeight, reaches: Sequence[Reach]) -> set[int]:
        """The names found by single words, and by two together."""
        found: set[int] = set()
        found.update(*self._by_two(reaches, bool(weighed.initials)), *self._by_one(weighed, reaches))
        if len(reaches) == 1 and weighed.initials:
            found.update(self._begun(weighed.initials, reaches[0]))
        return found

    def _by_two(self, reaches: Sequence[Reach], has_initials: bool) -> Iterator[Numbers]:
        """Names whose two rarest words are among the words, and names that hold all of the words; or names
        that hold two of them, since an initial may stand for any other.
        """
        touching = [(one, other) for one, other in combinations(reaches, 2) if one.touches(other)]
        for one, other in touching:
            yield from self._postings.rarest.numbers(one, other)
        if not has_initials:
            are_together = len(touching) == len(reaches) * (len(reaches) - 1) // 2
            touching = sorted(touching, key=_likes)[:1] if are_together else []
        for one, other in touching:
            yield from self._postings.further.numbers(one, other)

    def _by_one(self, weighed: PartyWeight, reaches: Sequence[Reach]) -> Iterator[Numbers]:
        """Names that one word may find: of that word and initials, or where little else is on either side."""
        for reach, eased in zip(reaches, weighed.eased, strict=True):
            yield from reach.signed
            if reach.lone and may_be_alone(self.threshold, weighed, eased):
                yield from reach.lone

    def _begun(self, initials: str, reach: Reach) -> Iterator[int]:
        """Names that hold the one word, and another that begins with one of ``initials``."""
        letters = frozenset(initials)
        for text in reach.texts:
            for number in self._postings.all[text]:
                if not letters.isdisjoint(self._aliases[number].letters):
                    yield number

    def _joined(self, party: Name) -> dict[int, list[tuple[Word, ...]]]:
        """Names with words of the party's written as one, or one written as several: the words, by number."""
        joined, postings = self._postings.joined, self._postings.all
        found: dict[int, list[tuple[Word, ...]]] = {}
        for joint, parts in joints(party):
            if joint in postings or joint in joined:
                for number in (*postings.get(joint, ()), *joined.get(joint, ())):
                    found.setdefault(number, []).append(parts)
        for joint, parts in form_joints(party):
            for number in postings.get(joint, ()):
                found.setdefault(number, []).append(parts)
        for word in party.words:
            for number in joined.get(word.text, ()):
                found.setdefault(number, []).append((word,))
        return found

    def _by_joints(
        self,
        joined: Mapping[int, Sequence[tuple[Word, ...]]],
        core: Sequence[Word],
        weighed: PartyWeight,
        reaches: Sequence[Reach],
    ) -> Iterator[int]:
        """Of ``joined``, the names that weigh enough."""
        for number, runs in joined.items():
            parts = {word.text for run in runs for word in run}
            held = [
                eased
                for word, reach, eased in zip(core, reaches, weighed.eased, strict=True)
                if word.text in parts or not reach.texts.isdisjoint(self._aliases[number].texts)
            ]
            if may_reach(self.threshold, weighed, self._aliases[number], held, len(runs)):
                yield number

    def _reach(self, word: Word) -> Reach:
        key = word.text + "~" if word.abjad else word.text
        return self._reaches.get(key) or self._reaches.put(key, self._postings.reach(self._words.like(word)))


def _likes(pair: tuple[Reach, Reach]) -> int:
    one, other = pair
    return len(one.texts) * len(other.texts)
