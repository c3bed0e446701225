"""A listed name taken apart for the index: what it is found by, and what bounds its score unscored."""

from collections.abc import Iterator
from itertools import pairwise

from msgspec import Struct

from tidewaiter.domain.watchlist import Entry, EntryName
from tidewaiter.matching.index_bounds import Weighed, telling_words, weighed
from tidewaiter.matching.names_words import Name, compares_as_company, name_of

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


def runs(name: Name) -> list[tuple[str, ...]]:
    """Words that may be written as one: neighbours, without forms and titles; and all of a short name."""
    words = [word.text for word in name.words if word.role not in _LOOSE_ROLES]
    found: list[tuple[str, ...]] = list(pairwise(words))
    if len(words) == 3:
        found.append(tuple(words))
    return found


def form_runs(name: Name) -> list[tuple[str, str]]:
    """A form or title and the word beside it, that may be written as one."""
    if _LOOSE_ROLES.isdisjoint([word.role for word in name.words]):
        return []
    return [
        (one.text, other.text)
        for one, other in pairwise(name.words)
        if (one.role in _LOOSE_ROLES) != (other.role in _LOOSE_ROLES)
    ]
