"""Word lists beside the rules: terms that goods texts are searched for, all lists in one pass.

``wordlists/<name>.yaml``::

    name: substances
    title: Controlled substances and precursors
    source: domain.md S12; 21 CFR 1308, 1310.02
    terms:
      - term: fentanyl                     # what a finding names
        variants: [fentanil, phentanyl, 芬太尼]
        cas: ["437-38-7"]                  # searched for too
        hs: ["293333"]                     # for the reader; six digits
        note: CSA Schedule II
        stem: true                         # found within longer words, cut in parts, with a letter left out
        from: 2020-01-01                   # in force from this day, to the day before "to"; both optional
    innocents: ["{term} test strip", fentanyl awareness]   # {term} is each term and variant of the list

A term is found as whole words, in singular or plural, whatever the case, script or spacing tricks of the
text: the text is read folded (``matching.text``), and once more as what it may hide. A stem has no other
meaning even as a part of a word: a drug that is listed with all its kin. A term inside an innocent phrase of
the same list does not count; the same term elsewhere in the text does.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import ahocorasick

from tidewaiter.matching.text import decoded, folded_parts, marked_up, spelled, unmasked, words
from tidewaiter.rules.wordforms import innocent_forms, short_forms, stem_forms, whole_forms
from tidewaiter.rules.yamlfile import Entry, read

_REMEMBERED = 16_384  # answers, about 300 bytes each
_ANY_TERM = "{term}"
_APART = " / / "  # letters on both sides of it are not joined


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a list and the phrases under which it is found."""

    name: str
    phrases: tuple[str, ...]
    cas: tuple[str, ...] = ()
    hs: tuple[str, ...] = ()
    note: str = ""
    is_stem: bool = False
    effective_from: date | None = None
    effective_to: date | None = None

    def is_effective(self, on: date) -> bool:
        begun = self.effective_from is None or self.effective_from <= on
        return begun and (self.effective_to is None or on < self.effective_to)


@dataclass(frozen=True, slots=True)
class WordList:
    """A list of terms, and the innocent phrases that contain them."""

    name: str
    title: str
    source: str
    terms: tuple[Term, ...]
    innocents: tuple[str, ...] = ()


class _Pattern(NamedTuple):
    """What a phrase stands for: a term of a list, or an innocent phrase of it (no term)."""

    list: str
    term: Term | None


class _Found(NamedTuple):
    """A phrase in a reading of the text, from ``start`` to ``end``."""

    start: int
    end: int
    pattern: _Pattern


class WordLists:
    """All lists of a bundle, compiled into one automaton."""

    def __init__(self, lists: Iterable[WordList]) -> None:
        self.lists: Mapping[str, WordList] = {one.name: one for one in lists}
        self._nothing: Mapping[str, tuple[str, ...]] = dict.fromkeys(self.lists, ())
        self._automaton = _automaton(self.lists.values())
        # Texts come again: a seller's thousand parcels have one description.
        self.found = lru_cache(maxsize=_REMEMBERED)(self.searched)

    def searched(self, text: str, on: date | None = None) -> Mapping[str, tuple[str, ...]]:
        """The terms of each list that ``text`` contains, in order of appearance; every list has a key.

        With ``on`` only terms in force on that day. ``found`` is the same, and remembers its answers.
        """
        text = marked_up(text)
        readings = dict.fromkeys((text, decoded(text)))
        parts = [part for reading in readings for part in folded_parts(reading)]
        counted = [one for part in parts for one in self._counted(part)]
        return self._by_list(counted, on) if counted else self._nothing

    def _counted(self, part: str) -> list[_Found]:
        """The terms in a part of a text: those that stand there, and those that it hides besides."""
        plain = self._search(words(part))
        counted = _uncovered(plain) if plain else []
        for reading in unmasked(_without_innocents(part, plain)):
            counted += _uncovered(self._search(words(reading)))
        return counted

    def _search(self, reading: tuple[str, ...]) -> list[_Found]:
        if self._automaton is None or not reading:
            return []
        return list(_matches(self._automaton, f" {' '.join(reading)} "))

    def _by_list(self, found: Iterable[_Found], on: date | None) -> Mapping[str, tuple[str, ...]]:
        terms: dict[str, tuple[str, ...]] = dict(self._nothing)
        for name, term in (one.pattern for one in found):
            is_counted = term is not None and (on is None or term.is_effective(on))
            if term is not None and is_counted and term.name not in terms[name]:
                terms[name] += (term.name,)
        return terms


def _matches(automaton: ahocorasick.Automaton, haystack: str) -> Iterator[_Found]:
    for end, (length, patterns) in automaton.iter(haystack):
        for pattern in patterns:
            yield _Found(end - length + 1, end, pattern)


def _uncovered(found: list[_Found]) -> list[_Found]:
    """The terms that no innocent phrase of their list covers."""
    innocents = [one for one in found if one.pattern.term is None]
    terms = [one for one in found if one.pattern.term is not None]
    return [one for one in terms if not any(_covers(innocent, one) for innocent in innocents)]


def _without_innocents(part: str, found: list[_Found]) -> str:
    """The part without its innocent phrases. Joined, as "teststrip" for "test-strip", they would no longer
    cover their term; and a term beside them, in disguise, would be taken for it.
    """
    innocents = [one for one in found if one.pattern.term is None]
    if not innocents:
        return part
    left: list[str] = []
    place = 1
    for between, word in spelled(part):
        is_innocent = any(one.start <= place and place + len(word) <= one.end for one in innocents)
        left += (_APART,) if is_innocent else (between, word)
        place += len(word) + 1
    return "".join(left)


def _covers(innocent: _Found, term: _Found) -> bool:
    is_around = innocent.start <= term.start and term.end <= innocent.end
    return is_around and innocent.pattern.list == term.pattern.list


def _automaton(lists: Iterable[WordList]) -> ahocorasick.Automaton | None:
    patterns: dict[str, dict[_Pattern, None]] = {}
    for one in lists:
        for phrase, term in _phrases(one):
            patterns.setdefault(phrase, {})[_Pattern(one.name, term)] = None
    if not patterns:
        return None
    automaton = ahocorasick.Automaton()
    for phrase, found in patterns.items():
        automaton.add_word(phrase, (len(phrase), tuple(found)))
    automaton.make_automaton()
    return automaton


def _phrases(one: WordList) -> Iterator[tuple[str, Term | None]]:
    for term in one.terms:
        for phrase in (*term.phrases, *term.cas):
            yield from ((form, term) for form in whole_forms(phrase))
        if term.is_stem:
            yield from ((form, term) for phrase in term.phrases for form in stem_forms(phrase))
            yield from ((form, term) for form in short_forms(term.name))
    for phrase in _innocents(one):
        yield from ((form, None) for form in innocent_forms(phrase))


def _innocents(one: WordList) -> Iterator[str]:
    for innocent in one.innocents:
        if _ANY_TERM in innocent:
            for term in one.terms:
                yield from (innocent.replace(_ANY_TERM, phrase) for phrase in term.phrases)
        else:
            yield innocent


def read_word_list(text: str, file: str) -> WordList:
    """The word list of a file. Raises RuleError."""
    root = read(text, file)
    fields = root.fields(("name", "title", "source", "terms"), ("innocents",))
    return WordList(
        name=fields["name"].text(),
        title=fields["title"].text(),
        source=fields["source"].text(),
        terms=tuple(map(_term, fields["terms"].items())),
        innocents=fields["innocents"].texts() if "innocents" in fields else (),
    )


def _term(entry: Entry) -> Term:
    fields = entry.fields(("term",), ("variants", "cas", "hs", "note", "stem", "from", "to"))
    name = fields["term"].text()
    variants = fields["variants"].texts() if "variants" in fields else ()
    for phrase in (name, *variants):
        if not words(phrase):
            raise entry.error(f"term: {phrase!r} has no letters or digits to search for")
    return Term(
        name=name,
        phrases=(name, *variants),
        cas=fields["cas"].texts() if "cas" in fields else (),
        hs=fields["hs"].texts() if "hs" in fields else (),
        note=fields["note"].text() if "note" in fields else "",
        is_stem="stem" in fields and fields["stem"].flag(),
        effective_from=fields["from"].date() if "from" in fields else None,
        effective_to=fields["to"].date() if "to" in fields else None,
    )
