"""The watchlists' names in memory, so that the few entries a party's name may match are found in
microseconds.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, count, takewhile

from msgspec import Struct

from tidewaiter.domain.hit import TokenMatch
from tidewaiter.domain.watchlist import Entry, EntryKind, EntryName
from tidewaiter.matching.index_alias import Alias, aliases_of, changes, readings
from tidewaiter.matching.index_bounds import (
    Overlap,
    Weighed,
    eased,
    may_be_alone,
    may_reach,
    telling_words,
    weighed,
)
from tidewaiter.matching.index_joints import Joints
from tidewaiter.matching.index_postings import Numbers, Postings, Reach
from tidewaiter.matching.index_words import WordIndex
from tidewaiter.matching.names_alignment import aligned
from tidewaiter.matching.names_cut import LEAST_BEGINNING, cut_word, tells_nothing
from tidewaiter.matching.names_word import Word
from tidewaiter.matching.names_words import Name, compares_as_company, name_of
from tidewaiter.matching.recall_cache import RecallCache
from tidewaiter.matching.scoring import abbreviation, bare_initials, initials, score, single

# Chosen on the labelled pairs as the score where precision and recall meet, and kept for every list and file.
ALERT_THRESHOLD = 0.68

_UNLISTED_KINDS = frozenset({"vessel", "aircraft"})
_CACHED_NAMES = 100_000
# One name in a hundred has hits, and some have forty, which take 60 times as much room.
_CACHED_HITS = 8_000
_CACHED_WORDS = 50_000
# Words that nothing is left of, and pairs in an order that is not theirs any more, cost time and room.
_MOST_CHANGED = 0.1


class Candidate(Struct, frozen=True):
    """An entry whose name is like the party's: by which of its names, how well, and by which words."""

    entry: Entry
    alias: EntryName
    score: float
    tokens: tuple[TokenMatch, ...]


class Sought(Struct, frozen=True, gc=False):
    """A party's name, what each of its words may find, and all texts that these are like."""

    weighed: Weighed
    reaches: Sequence[Reach]
    likes: frozenset[str]

    def overlap(self, alias: Weighed, joined: Sequence[Sequence[str]]) -> Overlap:
        """What it has in common with a listed name, of which it has words ``joined``, or that of it."""
        parts = {text for run in joined for text in run}
        wholes = ["".join(run) for run in joined]
        left_mine = [
            at
            for at, (text, reach) in enumerate(zip(self.weighed.texts, self.reaches, strict=True))
            if text not in parts and reach.texts.isdisjoint(alias.texts)
        ]
        left_theirs = [
            at
            for at, text in enumerate(alias.texts)
            if text not in self.likes and not any(text in whole for whole in wholes)
        ]
        held = len(self.reaches) - len(left_mine) + len(joined)
        return Overlap(left_mine, left_theirs, held, bool(joined))


class NameIndex:
    """All names of the entries of people and firms. Immutable once built, but for its caches; safe to read
    in threads.

    At a threshold over CONFLICT_FACTOR two names match only where all words of one are found in the other.
    So a listed name is sought by its two rarest words, as one whose words the party's name holds all, and by
    two of the party's words, as one that holds all of these; what is found is scored unless the weights alone
    say that it cannot reach the threshold.
    """

    def __init__(
        self, listed: Sequence[Entry], aliases: dict[int, Alias], postings: Postings, words: WordIndex
    ) -> None:
        self.threshold = postings.threshold
        self._listed, self._aliases, self._postings, self._words = listed, aliases, postings, words
        self._joints = Joints(postings, aliases)
        self._changed = 0  # names, since it was built anew
        self._unlisted: RecallCache[tuple[str, EntryKind], bool] = RecallCache(_CACHED_NAMES)
        self._hits: RecallCache[tuple[str, EntryKind], tuple[Candidate, ...]] = RecallCache(_CACHED_HITS)
        self._reaches: RecallCache[str, Reach] = RecallCache(_CACHED_WORDS)

    @classmethod
    def build(
        cls,
        entries: Iterable[Entry],
        threshold: float = ALERT_THRESHOLD,
        earlier: "NameIndex | None" = None,
    ) -> "NameIndex":
        """Index ``entries``; those of vessels and aircraft are left out, since no party is one.

        Where few names changed, what the ``earlier`` index has is shared: the next day's OFAC list takes
        0.02 s of processor time instead of 2. Else its names are at least not read again, which takes 1.
        """
        listed = [entry for entry in entries if entry.kind not in _UNLISTED_KINDS]
        if earlier is not None and earlier.threshold == threshold:
            left, come = changes(earlier._listed, listed)
            gone = earlier._names_of(left)
            changed = earlier._changed + len(gone) + len(come)
            if changed <= len(earlier) * _MOST_CHANGED:
                return earlier._renewed(listed, gone, come)
        known = readings(earlier._aliases.values() if earlier else ())
        aliases = dict(enumerate([alias for entry in listed for alias in aliases_of(entry, known)]))
        postings = Postings(aliases, threshold)
        return cls(listed, aliases, postings, WordIndex(postings.words))

    def _names_of(self, entries: Iterable[Entry]) -> dict[int, Alias]:
        """The names of these very entries, by number."""
        theirs = set(map(id, entries))
        return {number: alias for number, alias in self._aliases.items() if id(alias.entry) in theirs}

    def _renewed(
        self, listed: Sequence[Entry], gone: Mapping[int, Alias], come: Iterable[Entry]
    ) -> "NameIndex":
        """That of ``listed``: without the names that have ``gone``, with those of what has ``come``."""
        known = readings(gone.values())
        named = [alias for entry in come for alias in aliases_of(entry, known)]
        added = dict(enumerate(named, start=next(reversed(self._aliases), -1) + 1))
        aliases = self._aliases.copy()
        for number in gone:
            del aliases[number]
        aliases.update(added)
        postings = self._postings.renewed(gone, added)
        words = self._words.with_words([word for alias in named for word in telling_words(alias.words)])
        renewed = NameIndex(listed, aliases, postings, words)
        renewed._changed = self._changed + len(gone) + len(added)
        return renewed

    def __len__(self) -> int:
        """The number of names."""
        return len(self._aliases)

    def candidates(self, name: str, kind: EntryKind = "unknown") -> tuple[Candidate, ...]:
        """Entries like ``name`` at the threshold or above, one each, best first; never raises."""
        key = (name, kind)
        if self._unlisted.get(key):
            return ()
        found = self._hits.get(key)
        if found is None:
            found = self._found(name, kind)
            if found:
                self._hits.put(key, found)
            else:
                self._unlisted.put(key, True)
        return found

    def _found(self, name: str, kind: EntryKind) -> tuple[Candidate, ...]:
        party, *others = name_of(name).readings()
        found = self._read(party, kind)
        for other in others:
            found.extend(self._read(other, kind))
        if not found:
            return ()
        best: dict[tuple[str, str], Candidate] = {}
        for candidate in found:
            key = (candidate.entry.list, candidate.entry.entry_id)
            if key not in best or candidate.score > best[key].score:
                best[key] = candidate
        return tuple(sorted(best.values(), key=lambda c: (-c.score, c.entry.list, c.entry.entry_id)))

    def _read(self, party: Name, kind: EntryKind) -> list[Candidate]:
        """Where one name of an entry is like it, all of the entry's are compared: the best may be another."""
        company = compares_as_company(party, kind)
        asked = self._shortlist(party, company)
        found = {number: one for number in sorted(asked) if (one := self._scored(party, number, company))}
        for number in [other for one in found for other in self._of_same_entry(one) if other not in asked]:
            if number not in found and (candidate := self._scored(party, number, company)):
                found[number] = candidate
        return list(found.values())

    def _of_same_entry(self, number: int) -> Iterator[int]:
        """The numbers of the names of its entry, which follow one another."""
        entry = self._aliases[number].entry
        for numbers in (count(number, -1), count(number + 1)):
            yield from takewhile(lambda at: at in self._aliases and self._aliases[at].entry is entry, numbers)

    def _scored(self, party: Name, number: int, company: bool) -> Candidate | None:
        alias = self._aliases[number]
        alignment = aligned(party, alias.words)
        scored = score(alignment, company or alias.weighed.company)
        if scored < self.threshold:
            return None
        return Candidate(alias.entry, alias.name, scored, alignment.tokens())

    def _shortlist(self, party: Name, company: bool) -> set[int]:
        """The numbers of the names that may reach the threshold: none that can is left out."""
        core = telling_words(party)
        reaches = [self._reach(word) for word in core]
        found = self._by_words(party, core, reaches)
        joined = self._joints.found(party, reaches)
        if found or joined:
            likes = frozenset().union(*[reach.texts for reach in reaches])
            sought = Sought(weighed(party, core, company), reaches, likes)
            found = {number for number in found if self._may_reach(number, sought)}
            found.update([number for number, each in joined.items() if self._may_reach(number, sought, each)])
        whole = self._postings.whole
        for letters in (party.letters, party.turned):
            if letters in whole:
                found.update(whole[letters])
        cut = cut_word(party)
        if cut >= 0:
            found.update(joined, self._continued(party, cut))
        if len(core) < 2:
            found.update(self._postings.initials.get(bare_initials(party), ()))
            found.update(self._postings.acronyms.get(single(party), ()))
        if party.is_company:
            numbers = self._postings.all.get(abbreviation(party), ())
            found.update([number for number in numbers if len(self._aliases[number].weighed.texts) == 1])
        return found

    def _continued(self, party: Name, cut: int) -> Iterable[int]:
        """Names that hold all words but the one cut off; of one word and that, such as may have been it."""
        whole = [self._reach(word) for at, word in enumerate(party.words) if word.tells and at != cut]
        start = party.words[cut].text
        if len(whole) < 2:
            texts = whole[0].texts if whole else self._begun_by(start)
            numbers = {number for text in texts for number in self._postings.all[text]}
            may_lack = tells_nothing(party.words[cut])
            return [number for number in numbers if may_lack or self._has_begun(number, start)]
        touching = [(one, other) for one, other in combinations(whole, 2) if one.touches(other)]
        return set[int]().union(*self._by_two(party, touching, len(whole)))

    def _begun_by(self, start: str) -> Sequence[str]:
        """The listed words that begin with ``start``: the only word that tells, it must have some letters."""
        if len(start) < LEAST_BEGINNING:
            return ()
        ordered = self._postings.ordered
        return ordered[bisect_left(ordered, start) : bisect_left(ordered, start + "~")]

    def _has_begun(self, number: int, start: str) -> bool:
        return any(word.text.startswith(start) for word in self._aliases[number].words.words)

    def _may_reach(self, number: int, sought: Sought, joined: Sequence[Sequence[str]] = ()) -> bool:
        alias = self._aliases[number].weighed
        return may_reach(self.threshold, sought.weighed, alias, sought.overlap(alias, joined))

    def _by_words(self, party: Name, core: Sequence[Word], reaches: Sequence[Reach]) -> set[int]:
        """The names found by single words, and by two together."""
        found: set[int] = set()
        touching = [(one, other) for one, other in combinations(reaches, 2) if one.touches(other)]
        if touching:
            found.update(*self._by_two(party, touching, len(reaches)))
        if any(reach.lone or reach.signed for reach in reaches):
            found.update(*self._by_one(party, core, reaches))
        if len(core) == 1 and reaches[0].texts and initials(party):
            found.update(self._begun(initials(party), reaches[0]))
        return found

    def _by_two(self, party: Name, touching: Sequence[tuple[Reach, Reach]], words: int) -> Iterator[Numbers]:
        """Names whose two rarest words are among the words, and names that hold all of the words; or names
        that hold two of them, since an initial may stand for any other.
        """
        for one, other in touching:
            yield from one.rarest_with(other)
        if not initials(party):
            are_together = len(touching) == words * (words - 1) // 2
            touching = sorted(touching, key=_likes)[:1] if are_together else []
        for one, other in touching:
            yield from one.further_with(other)

    def _by_one(self, party: Name, core: Sequence[Word], reaches: Sequence[Reach]) -> Iterator[Numbers]:
        """Names that one word may find: of that word and initials, or where little else is on either side."""
        for reach in reaches:
            yield from reach.signed
        weights = [eased(word) for word in core]
        total = sum(weights)
        slight = sum([word.weight for word in party.words if not word.counts])
        if not may_be_alone(self.threshold, total - max(weights), 1.0, slight):
            return
        for word, reach, weight in zip(core, reaches, weights, strict=True):
            if reach.lone and may_be_alone(self.threshold, total - weight, word.weight, slight):
                yield from reach.lone

    def _begun(self, letters: str, reach: Reach) -> Iterator[int]:
        """Names that hold the one word, and another that begins with one of ``letters``."""
        sought = frozenset(letters)
        for text in reach.texts:
            for number in self._postings.all[text]:
                if not sought.isdisjoint(self._aliases[number].weighed.letters):
                    yield number

    def _reach(self, word: Word) -> Reach:
        key = word.text + "~" if word.abjad else word.text
        return self._reaches.get(key) or self._reaches.put(key, self._new_reach(word))

    def _new_reach(self, word: Word) -> Reach:
        return self._postings.reach(self._words.like(word), tuple(self._joints.parted(word)))


def _likes(pair: tuple[Reach, Reach]) -> int:
    one, other = pair
    return len(one.texts) * len(other.texts)
