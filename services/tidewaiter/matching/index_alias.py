"""A listed name taken apart for the index: what it is found by, and what bounds its score unscored."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from itertools import pairwise
from typing import TypeAlias

from msgspec import Struct

from tidewaiter.domain.watchlist import Entry, EntryKind, EntryName, NameKind
from tidewaiter.matching.index_bounds import Weighed, telling_words, weighed
from tidewaiter.matching.names_likeness import are_joinable, joint_frame
from tidewaiter.matching.names_parted import parted
from tidewaiter.matching.names_word import Word
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


def changes(before: Sequence[Entry], after: Sequence[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The entries of ``before`` that are not in ``after``, and those of ``after`` that are not in ``before``.

    An entry that is there again is the very same object. Entries of one list and number come and go together,
    so that they stay in order.
    """
    had, has = set(map(id, before)), set(map(id, after))
    stayed, stay = [one for one in before if id(one) in has], [one for one in after if id(one) in had]
    touched = {_key(one) for one in before if id(one) not in has}
    touched |= {_key(one) for one in after if id(one) not in had}
    if stayed != stay:
        touched |= _repeated(stayed) | _repeated(stay)
    return _with_keys(before, touched), _with_keys(after, touched)


def _with_keys(entries: Iterable[Entry], keys: Set[tuple[str, str]]) -> list[Entry]:
    """Asked by their numbers first, which nearly none has: it takes a fourth."""
    numbers = {number for _, number in keys}
    return [one for one in entries if one.entry_id in numbers and _key(one) in keys]


def _repeated(entries: Iterable[Entry]) -> set[tuple[str, str]]:
    return {key for key, times in Counter(map(_key, entries)).items() if times > 1}


def _key(entry: Entry) -> tuple[str, str]:
    return entry.list, entry.entry_id


def runs(name: Name) -> list[tuple[str, ...]]:
    """Words that may be written as one: neighbours, without forms and titles; and all of a short name."""
    words = [word.text for word in joinable(name)]
    found: list[tuple[str, ...]] = list(pairwise(words))
    if len(words) == 3:
        found.append(tuple(words))
    return found


def joinable(name: Name) -> list[Word]:
    """The words that may be written as one with their neighbours."""
    return [word for word in name.words if word.role not in _LOOSE_ROLES]


def heard_runs(name: Name) -> dict[str, tuple[Word, Word]]:
    """Neighbours that may be written as one and otherwise, by the frame of both."""
    return {
        joint_frame(one, other): (one, other)
        for one, other in pairwise(name.words)
        if are_joinable(one, other)
    }


def form_runs(name: Name) -> list[tuple[str, str]]:
    """A form or title and the word beside it, that may be written as one."""
    if _LOOSE_ROLES.isdisjoint([word.role for word in name.words]):
        return []
    return [
        (one.text, other.text)
        for one, other in pairwise(name.words)
        if (one.role in _LOOSE_ROLES) != (other.role in _LOOSE_ROLES)
    ]
