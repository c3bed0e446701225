"""What takes a listed term back: an innocent phrase around it, within one clause of the text."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tidewaiter.matching.text import spelled, words
from tidewaiter.rules.terms import Term
from tidewaiter.rules.wordforms import innocent_forms

ANY_TERM: Final = "{term}"
# Letters on both sides of it are not joined, and no phrase goes over it.
_APART: Final = " ; ; ; "
# "Heroin, test strips" are two goods, and so are two lines of a declaration.
_BREAK: Final = re.compile(r"[,;|+\n\r]|\.\s")
_LINK: Final = re.compile(r"[/&]")
_AND: Final = " and "
# "Test kit for heroin 10 g".
_AMOUNT: Final = re.compile(r" (?:\d+ )*\d+ ?(?:kgs?|kilos?|g|gr|grams?|oz|ounces?|lbs?) ")


class Found(NamedTuple):
    """A phrase in a reading of a text, from ``start`` to ``end``: a term of a list, or an innocent phrase of
    the list (no term)."""

    start: int
    end: int
    list: str
    term: Term | None


class Around(NamedTuple):
    """What makes a term innocent that stands before or behind a term, the longest first, between blanks."""

    before: tuple[str, ...]
    behind: tuple[str, ...]


class Covering(NamedTuple):
    """An innocent place in a reading; ``list`` where it takes back terms of that list alone."""

    start: int
    end: int
    list: str = ""

    def covers(self, one: Found) -> bool:
        return self.start <= one.start and one.end <= self.end and self.list in ("", one.list)


def is_around(phrase: str) -> bool:
    """Whether an innocent phrase has "{term}" at one end, and words beside it."""
    before, _, behind = phrase.strip().partition(ANY_TERM)
    return bool(before) != bool(behind) and ANY_TERM not in behind and bool(words(before or behind))


def around(phrases: Iterable[str]) -> Around:
    """The innocent phrases with "{term}" at one end, as what stands around a term."""
    before, behind = set[str](), set[str]()
    for phrase in phrases:
        first, is_there, last = phrase.partition(ANY_TERM)
        if is_there:
            before.update(innocent_forms(first))
            behind.update(innocent_forms(last))
    return Around(*(tuple(sorted(forms, key=len, reverse=True)) for forms in (before, behind)))


def coverings(text: str, found: Sequence[Found], arounds: Mapping[str, Around]) -> list[Covering]:
    """The innocent places of a folded text in which terms were found.

    Nothing goes over the end of a clause. Terms that "and" or a slash joins are innocent together: "heroin
    and fentanyl test strips". What has its own innocent phrase before it makes no other innocent behind it:
    "fentanyl test strips heroin".
    """
    clauses = _Clauses(text)
    fixed = [Covering(one.start, one.end, one.list) for one in found if one.term is None]
    places = [one for one in fixed if clauses.are_one(one.start, one.end)]
    terms = [
        _Place(one, *clauses.words_around(one))
        for one in found
        if one.term is not None and one.list in arounds
    ]
    behind = [covering for term in terms for covering in _behind(term, terms, clauses, arounds)]
    places += behind
    for term in terms:
        places += [one for one in _before(term, terms, clauses, arounds) if not _overlaps(one, behind)]
    return places


def uncovered(found: Iterable[Found], places: Sequence[Covering]) -> list[Found]:
    """The terms that no innocent place covers."""
    return [one for one in found if one.term is not None and not any(place.covers(one) for place in places)]


def without(text: str, places: Sequence[Covering]) -> str:
    """The folded text without its innocent places. Joined, as "teststrip" for "test-strip", they would no
    longer cover their term; and a term beside them, in disguise, would be taken for it.
    """
    if not places:
        return text
    left: list[str] = []
    place = 1
    for between, word in spelled(text):
        is_innocent = any(one.start < place and place + len(word) <= one.end for one in places)
        left += (_APART,) if is_innocent else (between, word)
        place += len(word) + 1
    return "".join(left)


class _Place(NamedTuple):
    """A term, and the blanks around the words that it stands in."""

    found: Found
    start: int
    end: int


class _Clauses:
    """A folded text as its words between blanks, with the places where a clause ends or a sign joins two."""

    def __init__(self, text: str) -> None:
        self.breaks: list[int] = []
        self.links: set[int] = set()
        told: list[str] = []
        place = 0
        for between, word in spelled(text):
            if _BREAK.search(between):
                self.breaks.append(place)
            elif _LINK.search(between):
                self.links.add(place)
            told.append(word)
            place += len(word) + 1
        self.text = f" {' '.join(told)} "

    def are_one(self, start: int, end: int) -> bool:
        return not any(start < place < end for place in self.breaks)

    def words_around(self, one: Found) -> tuple[int, int]:
        return self.text.rfind(" ", 0, one.start + 1), self.text.find(" ", one.end)

    def are_joined(self, end: int, start: int) -> bool:
        """Whether the words that end at one place go on with those that begin at the other."""
        if end == start:
            return end in self.links
        return self.text[end : start + 1] == _AND and self.are_one(end - 1, start + 1)


def _behind(
    term: _Place, terms: Sequence[_Place], clauses: _Clauses, arounds: Mapping[str, Around]
) -> Iterator[Covering]:
    """The term with what stands behind it, and the terms that are joined to it from before."""
    for phrase in arounds[term.found.list].behind:
        end = term.end + len(phrase) - 1
        if clauses.text.startswith(phrase, term.end) and clauses.are_one(term.start, end):
            yield Covering(term.start, end)
            first = term.start
            while joined := [one for one in terms if clauses.are_joined(one.end, first)]:
                first = min(one.start for one in joined)
                yield Covering(first, end)
            return


def _before(
    term: _Place, terms: Sequence[_Place], clauses: _Clauses, arounds: Mapping[str, Around]
) -> Iterator[Covering]:
    """The term with what stands before it, and the terms that are joined to it from behind."""
    for phrase in arounds[term.found.list].before:
        start = term.start - len(phrase) + 1
        if start >= 0 and clauses.text.startswith(phrase, start) and clauses.are_one(start, term.end):
            last = [term]
            while last and not _AMOUNT.match(clauses.text, end := max(one.end for one in last)):
                yield Covering(start, end)
                last = [one for one in terms if clauses.are_joined(end, one.start)]
            return


def _overlaps(one: Covering, others: Iterable[Covering]) -> bool:
    return any(one.start < other.end and other.start < one.end for other in others)
