"""Whether a description of goods says what they are (19 CFR 122.48b; Transport Canada PACT guide 6.2)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from tidewaiter.domain.event import Item, ParcelEvent
from tidewaiter.matching.text import words

_VAGUE: Final = "vague"
_FILLERS: Final = (
    "a an and for of the with in on to by from or as is no new your my our this that all other assorted "
    "pcs pc set pack packs piece pieces x unit units qty kg lot use personal only private usd etc per"
)
_EMPTY_WORDS: Final = frozenset(_FILLERS.split())
# ACAS takes a precise description or a tariff number of six digits (19 CFR 122.48b(d)).
_TELLING_DIGITS: Final = 6


@lru_cache(maxsize=65_536)
def content_words(text: str) -> frozenset[str]:
    """The words that say something: no fillers, no single letters, no numbers, no "xxxx"."""
    return frozenset(
        word
        for word in words(text)
        if word not in _EMPTY_WORDS and not word.isdigit() and len(word) > 1 and len(set(word)) > 1
    )


def vague_descriptions(event: ParcelEvent, terms: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The descriptions that do not say what the goods are.

    ``terms`` are the listed terms in all text of the goods. An item that says nothing by itself is excused
    by a precise description of the whole when it is the only item.
    """
    phrases = terms.get(_VAGUE, ())
    items = [item for item in event.items if item.description]
    vague = tuple(item.description for item in items if _is_vague(item.description, phrases, _is_told(item)))
    if items and (not vague or len(items) > 1):
        return vague
    whole = event.description_raw
    if not whole or whole in vague:
        return vague
    told = bool(event.items) and all(map(_is_told, event.items))
    return (whole,) if _is_vague(whole, phrases, told) else ()


def _is_told(item: Item) -> bool:
    return sum(map(str.isdigit, item.hts10)) >= _TELLING_DIGITS


@lru_cache(maxsize=65_536)
def _is_vague(description: str, phrases: tuple[str, ...], is_told: bool) -> bool:
    """Whether nothing is left beside listed phrases, or one word without a tariff number to go with it."""
    left = content_words(description)
    if phrases:
        left -= {word for phrase in phrases for word in _in(description, phrase)}
    return len(left) < (1 if is_told else 2)


def _in(description: str, phrase: str) -> tuple[str, ...]:
    """The words of a phrase, as they stand in the description: its last one may be in the plural."""
    text, found = f" {' '.join(words(description))} ", words(phrase)
    forms = (found, *((*found[:-1], found[-1] + ending) for ending in ("s", "es")))
    return next((form for form in forms if f" {' '.join(form)} " in text), ())
