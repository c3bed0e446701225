"""Word lists beside the rules: terms that goods texts are searched for, all lists in one pass.

``wordlists/<name>.yaml``::

    name: substances
    title: Controlled substances and precursors
    source: domain.md S12; 21 CFR 1308, 1310.02
    terms:
      - term: fentanyl                     # what a finding names
        signs: [芬坦尼]                    # names that sound as other words do: 冰毒 (ice) as 病毒 (a virus)
        variants: [fentanil, phentanyl, 芬太尼]
        cas: ["437-38-7"]                  # searched for too
        hs: ["293333"]                     # for the reader; six digits
        note: CSA Schedule II
        stem: true                         # found within longer words, cut in parts, with a letter left out
        from: 2020-01-01                   # in force from this day, to the day before "to"; both optional
    innocents: ["{term} test strip", fentanyl awareness]   # {term} is whatever of the list is found there;
                                       # "drug test {terms}" heads a list of three or more, one by one
    disguised: true                      # see below; optional
    abroad: true                         # names of drugs, found as other languages spell them, too; optional
    innocents_like: drugs                # what that list has around {term} holds here, too; optional

A term is found as whole words, in singular or plural, whatever the case, script or spacing tricks of the
text: the text is read folded (``matching.text``), and once more as what it may hide. A stem has no other
meaning even as a part of a word: a drug that is listed with all its kin. The terms of a list that is
``disguised`` are found with letters doubled, backwards, run into an amount, and anywhere in letters that
stand one by one, and their names written by ear. A term inside an innocent phrase of the same list does not
count; the same term elsewhere in the text does, and so does what is in another clause (``innocents``).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import ahocorasick

from tidewaiter.matching.recall_cache import RecallCache
from tidewaiter.matching.text import (
    MAX_CHARACTERS,
    MOST_LETTERS,
    MOST_READ,
    decoded,
    folded_parts,
    folded_whole,
    marked_up,
    runs,
    syllables,
    unmasked,
    unposed,
    words,
)
from tidewaiter.rules.innocents import (
    ANY_TERM,
    LIST_OF_TERMS,
    Covering,
    Found,
    around,
    coverings,
    is_around,
    uncovered,
    without,
)
from tidewaiter.rules.terms import Term, WordList
from tidewaiter.rules.wordforms import (
    abroad_forms,
    disguised_forms,
    innocent_forms,
    run_form,
    short_forms,
    sounded_forms,
    stem_forms,
    whole_forms,
)
from tidewaiter.rules.yamlfile import Entry, read

_REMEMBERED = 16_384  # answers, about 300 bytes each
_REMEMBERED_LONG = 4  # texts of up to a megabyte, which are asked for a few times an event
_MOST_READINGS = 8
_MOST_AROUND = 128  # letters: the longest phrase has 53
_NO_LETTERS = re.compile(r"[\W_]+")
# Ends of clauses that folding takes for blanks, letters that flags are written with, and signs of money and
# trade that folding writes as letters behind a word: "heroin™" as "herointm".
_SIGNS_READ = str.maketrans(
    {"、": ", ", "。": ". ", "€": "e", "¥": "y", "¢": "c", **dict.fromkeys("™℠®©ªº", "*")}
    | {chr(0x1F1E6 + place): chr(ord("a") + place) for place in range(26)}
)
# Stars and snowflakes, but not the letters in circles and boxes among them.
_ORNAMENT = re.compile("[\u2190-\u245f\u2500-\u2bff\U0001f000-\U0001f0ff\U0001f200-\U0001faff]")
# "BuyHeroinNow": where a word begins within another.
_CAPITAL = re.compile("([a-z])([A-Z][a-z])")
_CLAUSE_END = re.compile("[\n,;，；.]")


class _Pattern(NamedTuple):
    """What a phrase stands for: a term of a list, or an innocent phrase of it (no term)."""

    list: str
    term: Term | None


class WordLists:
    """All lists of a bundle, compiled into one automaton."""

    def __init__(self, lists: Iterable[WordList]) -> None:
        self.lists: Mapping[str, WordList] = {one.name: one for one in lists}
        self._nothing: Mapping[str, tuple[str, ...]] = dict.fromkeys(self.lists, ())
        self._automaton = _automaton(_patterns(self.lists.values(), _phrases))
        self._runs = _automaton(_patterns(self.lists.values(), _runs))
        self._signs = _automaton(_patterns(self.lists.values(), self._signed))
        self._arounds = {
            one.name: around(self._innocents(one)) for one in self.lists.values() if self._innocents(one)
        }
        # Texts come again: a seller's thousand parcels have one description. An lru_cache around a method of
        # its own would hold the lists, 40 MB, for ever in a worker, which does not collect what it loads.
        self._found: RecallCache[tuple[str, date | None], Mapping[str, tuple[str, ...]]] = RecallCache(
            _REMEMBERED
        )

    def _innocents(self, one: WordList) -> tuple[str, ...]:
        return one.innocents + (self.lists[one.innocents_like].innocents if one.innocents_like else ())

    def found(self, text: str, on: date | None = None) -> Mapping[str, tuple[str, ...]]:
        """As ``searched``, whose answers are remembered."""
        return self._found.get((text, on)) or self._found.put((text, on), self.searched(text, on))

    def searched(self, text: str, on: date | None = None) -> Mapping[str, tuple[str, ...]]:
        """The terms of each list that ``text`` contains, in order of appearance; every list has a key.

        With ``on`` only terms in force on that day.
        """
        readings = _readings(text)
        parts = dict.fromkeys([part for reading in readings for part in folded_parts(reading)])
        counted = [one for part in parts for one in self._counted(part)]
        for reading in readings:
            counted += () if reading.isascii() else self._in_signs(reading)
        return self._by_list(counted, on) if counted else self._nothing

    def _in_signs(self, text: str) -> Iterator[Found]:
        """The terms that stand in a text in their own signs, whatever is between those."""
        for clause in _CLAUSE_END.split(text):
            found = list(_matches(self._signs, syllables(clause)))
            yield from uncovered(found, [Covering(*one[:3]) for one in found if one.term is None])

    def _signed(self, one: WordList) -> Iterator[tuple[str, Term | None]]:
        signs = [(sign, term) for term in one.terms for sign in term.signs]
        yield from signs
        for phrase in self._innocents(one) if signs else ():
            if LIST_OF_TERMS in phrase:
                continue
            if ANY_TERM not in phrase and syllables(phrase) == phrase:
                yield phrase, None
            elif syllables(around_it := phrase.replace(ANY_TERM, "")) == around_it:
                yield from ((phrase.replace(ANY_TERM, sign), None) for sign, _ in signs)

    def _counted(self, part: str) -> list[Found]:
        """The terms in a part of a text: those that stand there, and those that it hides besides."""
        counted, places = self._taken(part)
        left = without(part, places)
        hidden = unmasked(left)
        for reading in hidden:
            counted += self._taken(reading)[0]
        # Letters one by one are joined in one of the readings at least.
        for run in runs(left) if hidden else ():
            counted += _matches(self._runs, run)
        return counted

    def _taken(self, reading: str) -> tuple[list[Found], list[Covering]]:
        """The terms in a reading that no innocent phrase takes back, and the places of those phrases."""
        told = f" {' '.join(words(reading))} "
        found = list(_matches(self._automaton, told))
        # Nearly every text has a term of some list, and few lists have innocent phrases.
        if not any(one.list in self._arounds for one in found):
            return found, []
        places = coverings(reading, told, found, self._arounds)
        return uncovered(found, places), places

    def _by_list(self, found: Iterable[Found], on: date | None) -> Mapping[str, tuple[str, ...]]:
        terms: dict[str, tuple[str, ...]] = dict(self._nothing)
        for _, _, name, term in found:
            is_counted = term is not None and (on is None or term.is_effective(on))
            if term is not None and is_counted and term.name not in terms[name]:
                terms[name] += (term.name,)
        return terms


def searchable(text: str) -> str:
    """The beginning of ``text`` that is searched to its end: all, nearly always.

    Its readings together are at most MOST_READ letters: a text that hides words in every way has eight, and
    a search for what those hide takes 2 us a letter.
    """
    return text if len(text) * MOST_LETTERS * _MOST_READINGS <= MOST_READ else _beginning(text)


@lru_cache(_REMEMBERED_LONG)
def _beginning(text: str) -> str:
    """At least half of what could be searched, found by doubling: of a megabyte no more is read than that."""
    size = min(len(text), MOST_READ // _MOST_READINGS)
    while size and not _is_searchable(text[:size]):
        size //= 2
    while size < len(text) and _is_searchable(text[: 2 * size]):
        size *= 2
    return text[:size]


def _is_searchable(text: str) -> bool:
    left = MOST_READ
    for reading in _readings(text):
        for start in range(0, len(reading), MAX_CHARACTERS):
            left -= len(folded_whole(reading[start : start + MAX_CHARACTERS]))
            if left < 0:
                return False
    return True


def _readings(text: str) -> Sequence[str]:
    """A text of goods as a browser shows it, and what it may stand for besides, of its lines that may stand
    for something: one, nearly always."""
    text = marked_up(text)
    plain = decoded(text)
    readings = [text] if plain == text else [text, *_otherwise(text, plain)]
    if _CAPITAL.search(text):
        readings += [part for one in readings for part in _otherwise(one, _CAPITAL.sub(r"\1 \2", one))]
    if all(map(str.isascii, readings)):
        return readings
    readings = [_ORNAMENT.sub("*", one.translate(_SIGNS_READ)) for one in readings]
    return readings + [part for one in readings for part in _otherwise(one, unposed(one))]


def _otherwise(text: str, reading: str) -> Iterator[str]:
    """The lines of another reading of ``text`` that are others there, with as many around as a phrase may go
    on over, however little stands in each; all of it where lines were joined or parted."""
    if reading == text:
        return
    told, lines = text.split("\n"), reading.split("\n")
    if len(told) != len(lines):
        yield reading
        return
    placed = list(zip(range(len(lines)), told, lines, strict=True))
    near = {*_from_others(placed), *_from_others(reversed(placed))}
    yield "\n".join([line for at, _, line in placed if at in near])


def _from_others(placed: Iterable[tuple[int, str, str]]) -> Iterator[int]:
    """The places of the lines that are not as they were, and of what comes behind each."""
    left = 0
    for at, told, line in placed:
        if line != told:
            left = _MOST_AROUND
        elif left > 0:
            left -= len(_NO_LETTERS.sub("", line))
        else:
            continue
        yield at


def _matches(automaton: ahocorasick.Automaton | None, haystack: str) -> Iterator[Found]:
    if automaton is None:
        return
    for end, (length, patterns) in automaton.iter(haystack):
        for pattern in patterns:
            yield Found(end - length + 1, end, *pattern)


def _patterns(
    lists: Iterable[WordList], phrases_of: Callable[[WordList], Iterable[tuple[str, Term | None]]]
) -> Mapping[str, Iterable[_Pattern]]:
    patterns: dict[str, dict[_Pattern, None]] = {}
    for one in lists:
        for phrase, term in phrases_of(one):
            patterns.setdefault(phrase, {})[_Pattern(one.name, term)] = None
    return patterns


def _automaton(patterns: Mapping[str, Iterable[_Pattern]]) -> ahocorasick.Automaton | None:
    if not patterns:
        return None
    automaton = ahocorasick.Automaton()
    for phrase, found in patterns.items():
        automaton.add_word(phrase, (len(phrase), tuple(found)))
    automaton.make_automaton()
    return automaton


def _runs(one: WordList) -> Iterator[tuple[str, Term]]:
    if one.is_disguised:
        for term in one.terms:
            yield from ((form, term) for phrase in term.phrases if (form := run_form(phrase)))


def _phrases(one: WordList) -> Iterator[tuple[str, Term | None]]:
    for term in one.terms:
        for phrase in (*term.phrases, *term.cas):
            yield from ((form, term) for form in whole_forms(phrase))
        if one.is_disguised:
            yield from ((form, term) for phrase in term.phrases for form in disguised_forms(phrase))
            yield from ((form, term) for form in sounded_forms(term.name))
        if one.is_abroad:
            yield from ((form, term) for phrase in term.phrases for form in abroad_forms(phrase))
        if term.is_stem:
            yield from ((form, term) for phrase in term.phrases for form in stem_forms(phrase))
            yield from ((form, term) for form in short_forms(term.name))
    for phrase in one.innocents:
        if ANY_TERM not in phrase and LIST_OF_TERMS not in phrase:
            yield from ((form, None) for form in innocent_forms(phrase))


def read_word_list(text: str, file: str) -> WordList:
    """The word list of a file. Raises RuleError."""
    root = read(text, file)
    fields = root.fields(
        ("name", "title", "source", "terms"), ("innocents", "innocents_like", "disguised", "abroad")
    )
    return WordList(
        name=fields["name"].text(),
        title=fields["title"].text(),
        source=fields["source"].text(),
        terms=tuple(map(_term, fields["terms"].items())),
        innocents=_innocents(fields["innocents"]) if "innocents" in fields else (),
        is_disguised="disguised" in fields and fields["disguised"].flag(),
        is_abroad="abroad" in fields and fields["abroad"].flag(),
        innocents_like=fields["innocents_like"].text() if "innocents_like" in fields else "",
    )


def _innocents(entry: Entry) -> tuple[str, ...]:
    for phrase in entry.texts():
        if (ANY_TERM in phrase or LIST_OF_TERMS in phrase) and not is_around(phrase):
            raise entry.error(f"innocents: {phrase!r} has words on both sides of {ANY_TERM}, or none")
    return entry.texts()


def _term(entry: Entry) -> Term:
    fields = entry.fields(("term",), ("variants", "signs", "cas", "hs", "note", "stem", "from", "to"))
    name = fields["term"].text()
    variants = fields["variants"].texts() if "variants" in fields else ()
    for phrase in (name, *variants):
        if not words(phrase):
            raise entry.error(f"term: {phrase!r} has no letters or digits to search for")
    signs = fields["signs"].texts() if "signs" in fields else ()
    for phrase in signs:
        if syllables(phrase) != phrase:
            raise entry.error(f"signs: {phrase!r} has other signs than Chinese, Japanese or Korean ones")
    return Term(
        name=name,
        phrases=(name, *variants),
        signs=signs,
        cas=fields["cas"].texts() if "cas" in fields else (),
        hs=fields["hs"].texts() if "hs" in fields else (),
        note=fields["note"].text() if "note" in fields else "",
        is_stem="stem" in fields and fields["stem"].flag(),
        effective_from=fields["from"].date() if "from" in fields else None,
        effective_to=fields["to"].date() if "to" in fields else None,
    )
