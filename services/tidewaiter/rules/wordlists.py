"""Goods texts searched for the terms of word lists: all lists in one pass."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from typing import Final, NamedTuple

import ahocorasick

from tidewaiter.matching.recall_cache import RecallCache
from tidewaiter.matching.text import MAX_CHARACTERS, folded_parts, runs, syllables, unmasked, words
from tidewaiter.rules.innocents import (
    ANY_TERM,
    LIST_OF_TERMS,
    Covering,
    Found,
    around,
    coverings,
    uncovered,
    without,
)
from tidewaiter.rules.readings import readings
from tidewaiter.rules.terms import Term, WordList
from tidewaiter.rules.wordforms import (
    abroad_forms,
    disguised_forms,
    ending_forms,
    halved_forms,
    innocent_forms,
    run_form,
    short_forms,
    sounded_forms,
    stem_forms,
    vowelless_forms,
    whole_forms,
)

# Answers, about 300 bytes each. Two readers ask for the terms of each text within a batch (at most 4,000
# parcels), and a seller's thousand parcels have one description.
_REMEMBERED_TEXTS: Final = 32_768
_REMEMBERED_NAMES: Final = 65_536
_REMEMBERED_LONG: Final = 8
_Answers = RecallCache[tuple[str, date | None], Mapping[str, tuple[str, ...]]]
_CLAUSE_END: Final = re.compile(r"[\n,;，；]|\.\s")


class _Pattern(NamedTuple):
    """What a phrase stands for: a term of a list, or an innocent phrase of it (no term)."""

    list: str
    term: Term | None


class WordLists:
    """All lists of a bundle, which search a text as words, as letters one by one, and as signs."""

    def __init__(self, lists: Iterable[WordList]) -> None:
        self.lists: Mapping[str, WordList] = {one.name: one for one in lists}
        self._nothing: Mapping[str, tuple[str, ...]] = dict.fromkeys(self.lists, ())
        self._phrases = _Phrases(self.lists.values(), _in_words)
        self._runs = _Phrases(self.lists.values(), _in_runs)
        self._signs = _Phrases(self.lists.values(), self._in_signs)
        self._arounds = {
            one.name: around(self._innocents(one), not one.is_ordinary)
            for one in self.lists.values()
            if self._innocents(one)
        }
        # An lru_cache around a method of its own would hold the lists, 40 MB, for ever in a worker, which
        # does not collect what it loads.
        self._of_goods, self._of_names = _Answers(_REMEMBERED_TEXTS), _Answers(_REMEMBERED_NAMES)
        self._of_long = _Answers(_REMEMBERED_LONG)

    def found(self, text: str, on: date | None = None) -> Mapping[str, tuple[str, ...]]:
        """As ``searched``, whose answers are remembered.

        Texts of goods carry an entry date, names of shippers none; they are remembered apart, since goods are
        soon forgotten and shippers come again. Of very long ones, which may take half a second, the last few
        alone are: 16,384 of a megabyte would be 16 GB.
        """
        answers = self._of_names if on is None else self._of_goods
        if len(text) > MAX_CHARACTERS:
            answers = self._of_long
        return answers.get((text, on)) or answers.put((text, on), self.searched(text, on))

    def searched(self, text: str, on: date | None = None) -> Mapping[str, tuple[str, ...]]:
        """The terms of each list that ``text`` contains, in order of appearance; every list has a key.

        With ``on`` only terms in force on that day.
        """
        told = readings(text)
        parts = dict.fromkeys([part for reading in told for part in folded_parts(reading)])
        counted = [one for part in parts for one in self._counted(part)]
        for reading in told:
            counted += () if reading.isascii() else self._signed(reading)
        return self._by_list(counted, on) if counted else self._nothing

    def named(self, phrase: str, on: date | None = None) -> Mapping[str, tuple[str, ...]]:
        """The terms of each list that ``phrase``, folded words between blanks, is as a whole."""
        told = f" {phrase} "
        found = [one for one in self._phrases.matches(told) if one.end - one.start + 1 == len(told)]
        return self._by_list(found, on) if found else self._nothing

    def _counted(self, part: str) -> list[Found]:
        """The terms in a part of a text: those that stand there, and those that it hides besides."""
        counted, places = self._as_it_stands(part)
        left = without(part, places)
        hidden = unmasked(left)
        for reading in hidden:
            counted += self._as_it_stands(reading)[0]
        # Letters one by one are joined in one of the readings at least.
        for run in runs(left) if hidden else ():
            counted += self._runs.matches(run)
        return counted

    def _as_it_stands(self, reading: str) -> tuple[list[Found], list[Covering]]:
        """The terms in a reading that no innocent phrase takes back, and the places of those phrases."""
        told = f" {' '.join(words(reading))} "
        found = list(self._phrases.matches(told))
        # Nearly every text has a term of some list, and few lists have innocent phrases.
        if not any(one.list in self._arounds for one in found):
            return found, []
        places = coverings(reading, told, found, self._arounds)
        return uncovered(found, places), places

    def _signed(self, reading: str) -> Iterator[Found]:
        """The terms that stand in a reading in their own signs, whatever is between those."""
        for clause in _CLAUSE_END.split(reading):
            found = list(self._signs.matches(syllables(clause)))
            yield from uncovered(found, [Covering(*one[:3]) for one in found if one.term is None])

    def _by_list(self, found: Iterable[Found], on: date | None) -> Mapping[str, tuple[str, ...]]:
        terms: dict[str, tuple[str, ...]] = dict(self._nothing)
        for _, _, name, term in found:
            is_counted = term is not None and (on is None or term.is_effective(on))
            if term is not None and is_counted and term.name not in terms[name]:
                terms[name] += (term.name,)
        return terms

    def _innocents(self, one: WordList) -> tuple[str, ...]:
        """A list's own innocent phrases, and those of the list that it is like, and of its like in turn."""
        found: dict[str, tuple[str, ...]] = {}
        like: WordList | None = one
        while like and like.name not in found:
            found[like.name] = like.innocents
            like = self.lists.get(like.innocents_like)
        return tuple(chain.from_iterable(found.values()))

    def _in_signs(self, one: WordList) -> Iterator[tuple[str, Term | None]]:
        """The signs of a list's terms, and its innocent phrases of signs, each term within them."""
        signs = [(sign, term) for term in one.terms for sign in term.signs]
        yield from signs
        for phrase in self._innocents(one):
            if syllables(around_it := phrase.replace(ANY_TERM, "")) == around_it:
                yield from ((phrase.replace(ANY_TERM, sign), None) for sign, _ in signs)


def _in_words(one: WordList) -> Iterator[tuple[str, Term | None]]:
    """The forms of a list's terms as words between blanks, and its innocent phrases of words alone."""
    for term in one.terms:
        for phrase in (*term.phrases, *term.cas):
            yield from ((form, term) for form in whole_forms(phrase))
        if one.is_disguised:
            yield from ((form, term) for phrase in term.phrases for form in disguised_forms(phrase))
            for forms_of in (sounded_forms, halved_forms, short_forms, vowelless_forms):
                yield from ((form, term) for form in forms_of(term.name))
        if one.is_abroad:
            yield from ((form, term) for phrase in term.phrases for form in abroad_forms(phrase))
        if term.is_stem:
            yield from ((form, term) for phrase in term.phrases for form in stem_forms(phrase))
            yield from ((form, term) for form in short_forms(term.name))
        if term.is_ending:
            yield from ((form, term) for phrase in term.phrases for form in ending_forms(phrase))
    for phrase in one.innocents:
        if ANY_TERM not in phrase and LIST_OF_TERMS not in phrase:
            yield from ((form, None) for form in innocent_forms(phrase))


def _in_runs(one: WordList) -> Iterator[tuple[str, Term]]:
    """The terms of a disguised list as they are anywhere in letters that stand one by one."""
    if one.is_disguised:
        for term in one.terms:
            yield from ((form, term) for phrase in term.phrases if (form := run_form(phrase)))


class _Phrases:
    """The phrases of all lists in one automaton, which finds them all in one pass over a text."""

    def __init__(
        self,
        lists: Iterable[WordList],
        phrases_of: Callable[[WordList], Iterable[tuple[str, Term | None]]],
    ) -> None:
        patterns: dict[str, tuple[_Pattern, ...]] = {}
        for one in lists:
            # One pattern for all forms of a term, which may be hundreds: to hash it takes long.
            of_terms: dict[int, _Pattern] = {}
            for phrase, term in phrases_of(one):
                pattern = of_terms.get(id(term)) or of_terms.setdefault(id(term), _Pattern(one.name, term))
                if pattern not in (known := patterns.get(phrase, ())):
                    patterns[phrase] = (*known, pattern)
        self._automaton: ahocorasick.Automaton | None = None
        if patterns:
            self._automaton = ahocorasick.Automaton()
            for phrase, found in patterns.items():
                self._automaton.add_word(phrase, (len(phrase), found))
            self._automaton.make_automaton()

    def matches(self, text: str) -> Iterator[Found]:
        """The phrases in a text, by where they end, overlapping ones too."""
        if self._automaton is None:
            return
        for end, (length, patterns) in self._automaton.iter(text):
            for pattern in patterns:
                yield Found(end - length + 1, end, *pattern)
