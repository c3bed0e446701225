"""Whether a description of goods says what they are (19 CFR 122.48b; Transport Canada PACT guide 6.2)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import chain
from typing import Final

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.matching.text import MAX_CHARACTERS, marked_up, words
from tidewaiter.rules.readings import readings
from tidewaiter.rules.wordlists import WordLists

_VAGUE: Final = "vague"
_FILLERS: Final = (
    "a an and for of the with in on to by from or as is no new your my our this that all other assorted "
    "pcs pc set pack packs piece pieces x unit units qty kg lot use personal only private usd etc per "
    "small large big little used old good nice different high quality free"
)
_EMPTY_WORDS: Final = frozenset(_FILLERS.split())
# What does not tell either beside a name that stands alone: units, colors, praise, and how it is parted.
_BESIDE_A_NAME: Final = (
    "g gr gm gms gram grams gramm gramos grammi mg mcg ug kg kgs kilo kilos oz ounce ounces lb lbs pound "
    "pounds ml l liter liters litre litres ct count ke x xr cr er sr ir white blue pink black brown green "
    "yellow red clear purple grey gray orange pure raw bulk fresh real best premium uncut potent strong "
    "grade aaa crystal crystals powder stick sticks drops gel extract"
)
_MOST_WORDS: Final = 8  # of a name
_UNTOLD_BESIDE: Final = _EMPTY_WORDS | frozenset(_BESIDE_A_NAME.split())
# ACAS takes a precise description or a tariff number of six digits (19 CFR 122.48b(d)).
_TELLING_DIGITS: Final = 6
_WORDS_BESIDE_SIGNS: Final = 3
_LONG_WORD: Final = re.compile(r"(?<![a-z0-9])[a-z]{4,}(?![a-z0-9])")
# Not digits, or every "20000 mAh" would repeat a sign; not the dashes and dots that part a text.
_REPEATED: Final = re.compile(r"([^\s\d.\-_=])\1{3,}")


def content_words(text: str) -> frozenset[str]:
    """The words that say something: no fillers, letters, numbers and measures ("5pcs"), no "xxxx".

    Of the first 2,048 characters, as in all of this module: longer texts are not remembered.
    """
    return _content_words(text[:MAX_CHARACTERS])


@lru_cache(maxsize=8_192)
def _content_words(text: str) -> frozenset[str]:
    return frozenset(_content(words(text)))


def _content(found: tuple[str, ...]) -> set[str]:
    told = set(found) - _EMPTY_WORDS
    return {word for word in told if len(set(word)) > 1 and not _is_amount(word)}


def _is_amount(word: str) -> bool:
    """Whether a word is a measure or a count: "5pcs", "x2"."""
    return word[0].isdigit() or (word[0] == "x" and word[1:].isdigit())


def vague_descriptions(event: ParcelEvent, terms: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The descriptions that do not say what the goods are.

    ``terms`` are the listed terms in all text of the goods. An item that says nothing by itself is excused
    by a precise description of the whole when it is the only item.
    """
    phrases = terms.get(_VAGUE, ())
    items = event.items
    vague = tuple(
        [
            item.description
            for item in items
            if item.description and _is_vague(_shown(item.description), phrases, _is_told(item.hts10))
        ]
    )
    whole = event.description_raw
    is_told_by_items = len(items) > 1 if vague else _is_described(event)
    if not whole or is_told_by_items:
        return vague
    told = bool(items) and all(_is_told(item.hts10) for item in items)
    return (whole,) if _is_vague(_shown(whole), phrases, told) else ()


def terms_alone(event: ParcelEvent, lists: WordLists, on: date) -> Mapping[str, tuple[str, ...]]:
    """The terms of each list beside which a description says nothing but an amount, a color or a praise:
    "Xanax blue", "molly 10 g"."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys(lists.lists, ())
    told = dict.fromkeys((event.description_raw, *[item.description for item in event.items]))
    for reading in chain.from_iterable(readings(one[:MAX_CHARACTERS]) for one in told if one):
        for phrase in _names_in(words(reading)):
            for name, terms in lists.named(phrase, on).items():
                found[name] = tuple(dict.fromkeys((*found[name], *terms)))
    return found


def _names_in(told: Sequence[str]) -> Iterator[str]:
    """What is left between words that do not tell; names may begin with a number ("3-MMC")."""
    telling = [place for place, word in enumerate(told) if not _is_untold_beside(word)]
    if telling:
        end = telling[-1] + 1
        for start in range(max(0, end - _MOST_WORDS), telling[0] + 1):
            yield " ".join(told[start:end])


def _is_untold_beside(word: str) -> bool:
    return word in _UNTOLD_BESIDE or _is_amount(word)


def _shown(description: str) -> str:
    """As a browser shows it: the entities of "Gift &amp; sample" are no words that tell more."""
    return marked_up(description)[:MAX_CHARACTERS]


def _is_described(event: ParcelEvent) -> bool:
    return any(item.description for item in event.items)


@lru_cache(maxsize=16_384)
def _is_told(hts: str) -> bool:
    return sum(map(str.isdigit, hts)) >= _TELLING_DIGITS


@lru_cache(maxsize=8_192)
def _is_vague(description: str, phrases: tuple[str, ...], is_told: bool) -> bool:
    """Whether nothing is left beside listed phrases, or one word without a tariff number to go with it;
    with one sign over and over in place of words, two are not enough either."""
    if description.isascii() and _tells_plainly(description, phrases):
        return False
    found = words(description)
    left = _content(found)
    if phrases:
        text = f" {' '.join(found)} "
        for phrase in phrases:
            left.difference_update(next((form.split() for form in _forms(phrase) if form in text), ()))
    return len(left) < (_WORDS_BESIDE_SIGNS if repeats_a_sign(description) else 1 if is_told else 2)


def _tells_plainly(description: str, phrases: tuple[str, ...]) -> bool:
    """A quick look that spares most descriptions the full one: long words that no filler or phrase has."""
    long_words = set(_LONG_WORD.findall(description.lower()))
    return len(long_words - _EMPTY_WORDS - _words_of(phrases)) >= _WORDS_BESIDE_SIGNS


@lru_cache(maxsize=4_096)
def _words_of(phrases: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for phrase in phrases for form in _forms(phrase) for word in form.split())


def repeats_a_sign(text: str) -> bool:
    """Whether one sign stands four times in a row."""
    return _REPEATED.search(text) is not None


@lru_cache(maxsize=4_096)
def _forms(phrase: str) -> tuple[str, ...]:
    """A phrase as it stands between words of a text: its last word may be in the plural."""
    plain = " ".join(words(phrase))
    return f" {plain} ", f" {plain}s ", f" {plain}es "
