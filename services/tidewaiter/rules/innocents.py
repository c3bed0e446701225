"""What takes a listed term back: an innocent phrase around it, within one clause of the text."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from tidewaiter.matching.text import spelled, words
from tidewaiter.rules.terms import Term
from tidewaiter.rules.wordforms import innocent_forms

ANY_TERM: Final = "{term}"
LIST_OF_TERMS: Final = "{terms}"
# Letters on both sides of it are not joined, and no phrase goes over it.
_APART: Final = " ; ; ; "
# "Heroin, test strips" are two goods, and so are two lines of a declaration, and "heroin / test strips".
_BREAK: Final = re.compile(r"[,;|+\n\r]|\.\s|\s/\s|\s-+\s")
_DECIMAL_COMMA: Final = re.compile(r"(?<=\d),(?=\d)")
# "Heroin (test strips)" are, too, but "fentanyl (FYL) test strips" tell how those are labelled.
_BRACKET: Final = re.compile(r"[(\[]")
_LABEL: Final = "fyl"
_LINK: Final = re.compile(r"[/&]")
_AND: Final = " and "
# "12 panel drug test cup (AMP, COC, MDMA): one by one", to the end of a line or a sentence.
_NEXT_ENTRY: Final = re.compile(r"[,;|/&+:()\[\]]")
_LIST_END: Final = re.compile(r"[\n\r]|\.\s")
_FEWEST_ENTRIES: Final = 3
# How tests are labelled for what they find, and what joins that.
_CODE: Final = re.compile(
    "amp|bar|bup|bzo|coc|cot|etg|fen|fyl|k2|ket|mdma|met|mop|mor|mtd|opi|oxy|pcp|ppx|tca|thc|tra|xyl"
    "|and|or|for|fur|para|detects|with|including"
)
# As other languages write them, too, where they are read in Latin letters.
_UNITS: Final = (
    "kgs?|[kq]uilos?|kilos?|kilogram(?:m?[aeo]?s?|mov)|gr?|gms?|gramm?(?:[aeio]?s?|ov)|guramu|kiro(?:guramu)?"
    "|lbs?|pounds?|ke|qian ke|gong jin|pills|tablets"
)
# "Test kit for heroin 10 g", "test strips to detect ketamine crystals 50 g".
_AMOUNT: Final = re.compile(rf" \d+ ?(?:{_UNITS}|oz|ounces?) ")
# "Cocaine hat 5 g". Mugs, bags and bottles of scent are told in ounces, jewelry, records and shirts in grams
# of what they are made of.
_AMOUNT_BESIDE_GOODS: Final = re.compile(
    r"(?<!\d)(?<!silver)(?<!gold)(?<!vinyl)(?<!cotton)"
    rf" (?:\d+ ){{0,3}}\d+ ?(?:{_UNITS}) (?!silver|gold|vinyl|cotton)"
)


class Found(NamedTuple):
    """A phrase in a reading of a text, from ``start`` to ``end``: a term of a list, or an innocent phrase of
    the list (no term)."""

    start: int
    end: int
    list: str
    term: Term | None


class Around(NamedTuple):
    """What makes a term innocent that stands before or behind a term, the longest first, between blanks, and
    what heads a list of terms. Where terms are not sold by weight, one beside them is that of the goods:
    "wine rack 2 kg".
    """

    before: tuple[str, ...]
    behind: tuple[str, ...]
    heading: tuple[str, ...]
    is_sold_by_weight: bool = True


class Covering(NamedTuple):
    """An innocent place in a reading; ``list`` where it takes back terms of that list alone."""

    start: int
    end: int
    list: str = ""

    def covers(self, one: Found) -> bool:
        return self.start <= one.start and one.end <= self.end and self.list in ("", one.list)


def is_around(phrase: str) -> bool:
    """Whether an innocent phrase has "{term}" at one end, or "{terms}" at its end, and words beside it."""
    heading, is_list, rest = phrase.strip().partition(LIST_OF_TERMS)
    if is_list:
        return not rest and ANY_TERM not in heading and bool(words(heading))
    before, _, behind = phrase.strip().partition(ANY_TERM)
    return bool(before) != bool(behind) and ANY_TERM not in behind and bool(words(before or behind))


def around(phrases: Iterable[str], is_sold_by_weight: bool = True) -> Around:
    """The innocent phrases with "{term}" at one end or "{terms}" at theirs, as what stands around a term."""
    before, behind, heading = set[str](), set[str](), set[str]()
    for phrase in phrases:
        if LIST_OF_TERMS in phrase:
            heading.update(innocent_forms(phrase.replace(LIST_OF_TERMS, "")))
            continue
        begun, is_there, ended = phrase.partition(ANY_TERM)
        if is_there:
            before.update(innocent_forms(begun))
            behind.update(innocent_forms(ended))
    first, last, head = (tuple(sorted(forms, key=len, reverse=True)) for forms in (before, behind, heading))
    return Around(first, last, head, is_sold_by_weight)


def coverings(text: str, told: str, found: Sequence[Found], arounds: Mapping[str, Around]) -> list[Covering]:
    """The innocent places of a folded text in which terms were found; ``told`` are its words between blanks.

    Nothing goes over the end of a clause. Terms that "and" or a slash joins are innocent together: "heroin
    and fentanyl test strips". What has its own innocent phrase before it makes no other innocent behind it:
    "fentanyl test strips heroin". A list that a drug test heads is innocent where nothing else is told in it.
    """
    terms = [_placed(one, told) for one in found if one.term is not None and one.list in arounds]
    behind = [one for one in terms if told.startswith(arounds[one.list].behind, one.end)]
    before = [one for one in terms if told.endswith(arounds[one.list].before, 0, one.start + 1)]
    fixed = [Covering(one.start, one.end, one.list) for one in found if one.term is None]
    named = {one.list for one in terms}
    headings = {head for name in named for head in arounds[name].heading if head in told}
    if not (behind or before or fixed or headings):
        return []
    # A press is no drug that test strips could be for.
    joinable = [one for one in terms if any(arounds[one.list][:3])]
    clauses = _Clauses(text, told, joinable)
    places = [covering for one in behind if (covering := clauses.behind(one, arounds[one.list]))]
    first = [covering for one in before if (covering := clauses.before(one, arounds[one.list]))]
    free = [
        one for one in first if not any(one.start < other.end and other.start < one.end for other in places)
    ]
    listed = [covering for head in headings for covering in clauses.listed_behind(head)]
    return places + free + listed + [one for one in fixed if clauses.are_one(one.start, one.end)]


def uncovered(found: Iterable[Found], places: Sequence[Covering]) -> list[Found]:
    """The terms that no innocent place covers."""
    if not places:
        return [one for one in found if one.term is not None]
    starts: dict[int, list[Covering]] = {}
    for place in places:
        for at in range(place.start, place.end):
            starts.setdefault(at, []).append(place)
    return [
        one
        for one in found
        if one.term is not None and not any(place.covers(one) for place in starts.get(one.start, ()))
    ]


def without(text: str, places: Sequence[Covering]) -> str:
    """The folded text without its innocent places. Joined, as "teststrip" for "test-strip", they would no
    longer cover their term; and a term beside them, in disguise, would be taken for it. It does not grow:
    what hides in it is looked for in its first 2,048 characters.
    """
    if not places:
        return text
    left: list[str] = []
    place = 1
    for between, word in spelled(text):
        if not any(one.start < place and place + len(word) <= one.end for one in places):
            left += (between, word)
        elif left[-1:] != [_APART]:
            left.append(_APART)
        place += len(word) + 1
    return "".join(left)


class _Place(NamedTuple):
    """A term of a list, and the blanks around the words that it stands in."""

    start: int
    end: int
    list: str


def _placed(one: Found, told: str) -> _Place:
    return _Place(told.rfind(" ", 0, one.start + 1), told.find(" ", one.end), one.list)


class _Clauses:
    """A text as its words between blanks, with the places where a clause ends or a sign joins two words."""

    def __init__(self, text: str, told: str, terms: Iterable[_Place]) -> None:
        self._told = told
        self._breaks: list[int] = []
        self._links: set[int] = set()
        self._entries: list[int] = []
        self._list_ends: list[int] = []
        place = 0
        for between, word in spelled(_DECIMAL_COMMA.sub(".", text)):
            if between != " ":
                if _LIST_END.search(between):
                    self._list_ends.append(place)
                if _NEXT_ENTRY.search(between):
                    self._entries.append(place)
                if _BREAK.search(between) or (_BRACKET.search(between) and word != _LABEL):
                    self._breaks.append(place)
                elif _LINK.search(between):
                    self._links.add(place)
            place += len(word) + 1
        self._starts: dict[int, int] = {}
        self._ends: dict[int, int] = {}
        for term in terms:
            self._starts[term.start] = max(term.end, self._starts.get(term.start, 0))
            self._ends[term.end] = min(term.start, self._ends.get(term.end, term.start))

    def are_one(self, start: int, end: int) -> bool:
        """Whether no clause ends between the two places."""
        at = bisect_right(self._breaks, start)
        return at == len(self._breaks) or self._breaks[at] >= end

    def _start_of_clause(self, place: int) -> int:
        """The blank where the clause begins in which the place is."""
        at = bisect_right(self._breaks, place)
        return self._breaks[at - 1] if at else 0

    def _end_of_clause(self, place: int) -> int:
        """Behind the blank where the clause ends in which the place is."""
        at = bisect_left(self._breaks, place)
        return self._breaks[at] + 1 if at < len(self._breaks) else len(self._told)

    def behind(self, term: _Place, around: Around) -> Covering | None:
        """The term with what stands behind it, and the terms that are joined to it from before, where no
        amount of a drug stands beside them.

        A slash or "&" parts a term from what stands beside it: "heroin & test strips" are two goods.
        """
        if term.end in self._links:
            return None
        for phrase in around.behind:
            end = term.end + len(phrase) - 1
            if self._told.startswith(phrase, term.end) and self.are_one(term.start, end):
                clause = self._start_of_clause(term.start), self._end_of_clause(end)
                if around.is_sold_by_weight and _AMOUNT_BESIDE_GOODS.search(self._told, *clause):
                    return None
                start = term.start
                while (earlier := self._ends.get(self._joined_before(start))) is not None:
                    start = earlier
                return Covering(start, end)
        return None

    def before(self, term: _Place, around: Around) -> Covering | None:
        """The term with what stands before it, and the terms that are joined to it from behind, where nothing
        else is said of those: "test kit for fentanyl and ketamine powder" is of two goods."""
        if term.start in self._links:
            return None
        for phrase in around.before:
            start, end = term.start - len(phrase) + 1, term.end
            if self._told.endswith(phrase, 0, term.start + 1) and self.are_one(start, end):
                clause = self._start_of_clause(start), self._end_of_clause(end)
                if around.is_sold_by_weight and _AMOUNT.search(self._told, *clause):
                    return None
                while (later := self._starts.get(self._joined_behind(end))) and self._is_last(later):
                    end = later
                return Covering(start, end)
        return None

    def listed_behind(self, head: str) -> Iterator[Covering]:
        """The terms that stand one by one behind what heads a list of what a test finds.

        Of an entry everything but codes must be terms: "cocaine powder" is no such entry. Fewer than three
        entries are no list ("drug test, heroin"), and nothing is innocent beside an amount.
        """
        first = self._told.find(head) + len(head) - 1
        end = self._list_end(first)
        starts = [first, *(place for place in self._entries if first < place < end)]
        if len(starts) < _FEWEST_ENTRIES or _AMOUNT.search(self._told, first, end + 1):
            return
        for start, stop in pairwise([*starts, end]):
            if self._are_terms(start, stop):
                yield Covering(start, stop)

    def _list_end(self, place: int) -> int:
        at = bisect_right(self._list_ends, place)
        return self._list_ends[at] if at < len(self._list_ends) else len(self._told) - 1

    def _are_terms(self, start: int, stop: int) -> bool:
        """Whether there are terms and codes alone between the two places."""
        while stop > start:
            before = self._ends.get(stop)
            if before is None:
                before = self._told.rfind(" ", 0, stop)
                if not _CODE.fullmatch(self._told, before + 1, stop):
                    return False
            stop = before
        return stop == start

    def _is_last(self, end: int) -> bool:
        """Whether a clause ends with the words that end here, or goes on with the next, or "in drinks"."""
        ends = end == len(self._told) - 1 or end in self._breaks or end in self._links
        return ends or self._told.startswith((_AND, " in "), end)

    def _joined_before(self, start: int) -> int:
        """Where the words end that go on with those that begin here; -1 where nothing joins them."""
        if start in self._links:
            return start
        end = start + 1 - len(_AND)
        return end if self._told.endswith(_AND, 0, start + 1) and self.are_one(end - 1, start + 1) else -1

    def _joined_behind(self, end: int) -> int:
        """Where the words begin that go on with those that end here; -1 where nothing joins them."""
        if end in self._links:
            return end
        start = end + len(_AND) - 1
        return start if self._told.startswith(_AND, end) and self.are_one(end - 1, start + 1) else -1
