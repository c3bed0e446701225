"""A store of generations in memory, for tests: the contract of the real one, without a server."""

from collections.abc import Iterable, Mapping, Sequence

from tidewaiter.domain.generation import Generation, Rollback, SourceVersion
from tidewaiter.domain.lookup import Listing
from tidewaiter.domain.watchlist import Entry
from tidewaiter.matching.listed import ListedIdentifiers

_Listed = Mapping[str, tuple[Listing, ...]]


class ListsInMemory:
    """With ``loses``, entries read back one short; ``interruptions``: what others switch to first."""

    def __init__(self) -> None:
        self.pointer = 0
        self.last = 0
        self.kept: dict[int, Generation] = {}
        self.versions: dict[tuple[str, str], tuple[Entry, ...]] = {}
        self.identifiers: dict[int, ListedIdentifiers] = {}
        self.loses = False
        self.interruptions: list[int] = []
        self.taken_back: list[Rollback] = []

    def current(self) -> int:
        return self.pointer

    def numbers(self) -> tuple[int, ...]:
        return tuple(sorted(self.kept))

    def generation(self, number: int) -> Generation | None:
        return self.kept.get(number)

    def put_entries(self, source: str, version: str, entries: Sequence[Entry]) -> None:
        self.versions[source, version] = tuple(entries[1:] if self.loses else entries)

    def entries(self, source: str, version: str) -> tuple[Entry, ...]:
        return self.versions.get((source, version), ())

    def reserve_number(self) -> int:
        self.last += 1
        return self.last

    def has_identifiers(self, number: int) -> bool:
        return number in self.identifiers

    def put_generation(
        self, generation: Generation, identifiers: ListedIdentifiers, gone: ListedIdentifiers, earlier: int
    ) -> bool:
        if any((source, one.version) not in self.versions for source, one in generation.sources.items()):
            return False
        begun = self.identifiers.get(earlier, {})
        self.kept[generation.number] = generation
        self.identifiers[generation.number] = {
            kind: _merged(begun.get(kind, {}), identifiers.get(kind, {}), gone.get(kind, {}))
            for kind in begun.keys() | identifiers.keys()
        }
        return True

    def switch(self, number: int, replaced: int, rollback: Rollback | None = None) -> bool:
        if self.interruptions:
            self.pointer = self.interruptions.pop()
        if self.pointer != replaced or number not in self.kept:
            return False
        self.pointer = number
        self.taken_back += [rollback] if rollback else []
        return True

    def rollbacks(self) -> tuple[Rollback, ...]:
        return tuple(self.taken_back)

    def touch(self, number: int, source: str, version: SourceVersion) -> bool:
        found = self.kept.get(number)
        if found is None:
            return False
        self.kept[number] = Generation(number, {**found.sources, source: version})
        return True

    def discard(self, numbers: Iterable[int]) -> None:
        for number in set(numbers) - {self.pointer}:
            self.kept.pop(number, None)
            self.identifiers.pop(number, None)
        needed = {
            (source, each.version) for one in self.kept.values() for source, each in one.sources.items()
        }
        self.versions = {key: entries for key, entries in self.versions.items() if key in needed}


def _merged(begun: _Listed, came: _Listed, gone: _Listed) -> _Listed:
    listings = {
        text: {one for one in begun.get(text, ()) if one not in gone.get(text, ())} | {*came.get(text, ())}
        for text in begun.keys() | came.keys()
    }
    return {
        text: tuple(sorted(found, key=lambda one: (one.list, one.entry_id)))
        for text, found in listings.items()
        if found
    }
