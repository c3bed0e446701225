"""A listed name taken apart for the index: what it is found by, and what bounds its score unscored."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

from msgspec import Struct

from tidewaiter.domain.watchlist import Entry, EntryKind, EntryName, NameKind
from tidewaiter.matching.index_bounds import Weighed, telling_words, weighed
from tidewaiter.matching.names_parted import parted
from tidewaiter.matching.names_words import Name, compares_as_company, name_of

_LOOSE_ROLES = frozenset({"form", "title"})


class Alias(Struct, frozen=True, gc=False):
    """One name of an entry."""

    entry: Entry
    name: EntryName
    words: Name
    weighed: Weighed


Readings: TypeAlias = Mapping[tuple[str, EntryKind], Sequence[Alias]]
"""Names taken apart, in each way that they may be read, by what that depends on: the text, and the kind of
the entry.
"""


def aliases_of(entry: Entry, known: Readings) -> Iterator[Alias]:
    """The names of ``entry`` that have a word, and those that one of them is made of; those that are
    ``known`` are not read again."""
    for name in _each_name(entry):
        alike = known.get((name.text, entry.kind))
        if alike is not None:
            yield from [Alias(entry, name, one.words, one.weighed) for one in alike]
            continue
        for words in name_of(name.text).readings():
            if words.words:
                company = compares_as_company(words, entry.kind)
                yield Alias(entry, name, words, weighed(words, telling_words(words), company))


def _each_name(entry: Entry) -> Iterator[EntryName]:
    for name in entry.names:
        yield name
        kind: NameKind = "alias" if name.kind == "primary" else name.kind
        yield from [EntryName(part, kind) for part in parted(name.text)]


def readings(aliases: Iterable[Alias]) -> Readings:
    """What was read of names, for a later list that has them too."""
    found: dict[tuple[str, EntryKind], list[Alias]] = {}
    for alias in aliases:
        alike = found.setdefault((alias.name.text, alias.entry.kind), [])
        if not alike or alike[0].name is alias.name:
            alike.append(alias)
    return found


def changes(aliases: Mapping[int, Alias], entries: Iterable[Entry]) -> tuple[dict[int, Alias], list[Entry]]:
    """Those of ``aliases`` whose entries are not among ``entries`` as they were, by number; and the entries
    that are lacking.

    Entries of one list and number come and go together, so that they stay in order.
    """
    before: dict[tuple[str, str], list[Entry]] = {}
    for alias in aliases.values():
        same = before.setdefault(_key(alias.entry), [])
        if not same or same[-1] is not alias.entry:
            same.append(alias.entry)
    after: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        after.setdefault(_key(entry), []).append(entry)
    kept = {key for key, same in before.items() if after.get(key) == same}
    gone = {number: alias for number, alias in aliases.items() if _key(alias.entry) not in kept}
    return gone, [entry for key, same in after.items() if key not in kept for entry in same]


def _key(entry: Entry) -> tuple[str, str]:
    return entry.list, entry.entry_id


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
