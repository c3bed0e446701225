"""A listed name taken apart for the index: what it is found by, and what bounds its score unscored."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TypeAlias

from msgspec import Struct

from tidewaiter.domain.watchlist import Entry, EntryKind, EntryName
from tidewaiter.matching.index_bounds import Weighed, telling_words, weighed
from tidewaiter.matching.names_words import Name, compares_as_company, name_of

_LOOSE_ROLES = frozenset({"form", "title"})


class Alias(Struct, frozen=True, gc=False):
    """One name of an entry."""

    entry: Entry
    name: EntryName
    words: Name
    weighed: Weighed


Readings: TypeAlias = Mapping[tuple[str, EntryKind], Alias]
"""Names taken apart, by what that depends on: the text, and the kind of the entry."""


def aliases_of(entry: Entry, known: Readings) -> Iterator[Alias]:
    """The names of ``entry`` that have a word; those that are ``known`` are not read again."""
    for name in entry.names:
        alike = known.get((name.text, entry.kind))
        if alike is not None:
            yield Alias(entry, name, alike.words, alike.weighed)
            continue
        for words in name_of(name.text).readings():
            if words.words:
                company = compares_as_company(words, entry.kind)
                yield Alias(entry, name, words, weighed(words, telling_words(words), company))


def readings(aliases: Iterable[Alias]) -> Readings:
    """What was read of names, for a later list that has them too."""
    return {(alias.name.text, alias.entry.kind): alias for alias in aliases}


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
