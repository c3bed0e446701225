"""A listed name taken apart for the index: what it is found by, and what bounds its score unscored."""

from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct

from tidewaiter.domain.watchlist import Entry, EntryName
from tidewaiter.matching.index_bounds import Weighed, telling_words, weighed
from tidewaiter.matching.names_words import Name, Word, compares_as_company, name_of

_LOOSE_ROLES = frozenset({"form", "title"})


class Alias(Struct, frozen=True, gc=False):
    """One name of an entry."""

    entry: Entry
    name: EntryName
    words: Name
    weighed: Weighed


def aliases_of(entry: Entry) -> Iterator[Alias]:
    """The names of ``entry`` that have a word."""
    for name in entry.names:
        words = name_of(name.text)
        if words.words:
            company = compares_as_company(words, entry.kind)
            yield Alias(entry, name, words, weighed(words, telling_words(words), company))


def joints(name: Name) -> list[tuple[str, tuple[Word, ...]]]:
    """Neighbouring words, and all of a short name, written as one word: it, and those."""
    words = [word for word in name.words if word.role not in _LOOSE_ROLES]
    joined: list[tuple[str, tuple[Word, ...]]] = [
        (one.text + other.text, (one, other)) for one, other in pairwise(words)
    ]
    if len(words) == 3:
        joined.append(("".join([word.text for word in words]), tuple(words)))
    return joined


def form_joints(name: Name) -> list[tuple[str, tuple[Word, ...]]]:
    """A form or title and the word beside it, written as one: it, and those."""
    return [
        (one.text + other.text, (one, other))
        for one, other in pairwise(name.words)
        if (one.role in _LOOSE_ROLES) != (other.role in _LOOSE_ROLES)
    ]
