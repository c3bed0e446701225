"""Bringing lists into force: built aside, verified, switched by one pointer; and taken back the same way."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from tidewaiter.domain.generation import Generation, Rollback, SourceVersion
from tidewaiter.domain.watchlist import Entry
from tidewaiter.matching.listed import NORMAL_FORM, ListedIdentifiers, listed_identifiers
from tidewaiter.watchlists.formats import ListRefused, Reading
from tidewaiter.watchlists.formats.reading import counts_of
from tidewaiter.watchlists.local import Warrant

# OFAC has never taken off a tenth of the SDN list in one day; a file that small is a broken one.
MAX_SHRINK: Final = 0.10
RETAINED: Final = 5
_ATTEMPTS: Final = 5


class GenerationUnknown(LookupError):
    """A generation that the store does not have. Its text is one line."""


class GenerationStore(Protocol):
    """Where generations are kept. Entries are kept once per version, whatever generations refer to it."""

    def current(self) -> int:
        """The number in force, 0 if none."""
        ...

    def numbers(self) -> tuple[int, ...]:
        """The generations kept, ascending."""
        ...

    def generation(self, number: int) -> Generation | None:
        """A generation's sources, or None when it is not kept."""
        ...

    def put_entries(self, source: str, version: str, entries: Sequence[Entry]) -> None:
        """Keep a version's entries, all or none. Idempotent."""
        ...

    def entries(self, source: str, version: str) -> tuple[Entry, ...]:
        """A version's entries, in their order; () when it is not kept."""
        ...

    def reserve_number(self) -> int:
        """A number that no generation has had."""
        ...

    def has_identifiers(self, number: int) -> bool:
        """Whether the identifiers of a generation are there, and whole."""
        ...

    def put_generation(
        self, generation: Generation, identifiers: ListedIdentifiers, gone: ListedIdentifiers, earlier: int
    ) -> bool:
        """Keep a generation with the identifiers of ``earlier`` (0 has none), less ``gone``, and
        ``identifiers``; complete once this returns True. Listings of an identifier are sorted.

        False, and it is not kept, where a version of it is not, or not all identifiers: another loader has
        dropped them meanwhile, or Redis has lost them.
        """
        ...

    def switch(self, number: int, replaced: int, rollback: Rollback | None = None) -> bool:
        """Put ``number``, if it is kept, in force if ``replaced`` still is; whether that was done.

        With it, in one step, the ``rollback`` that it is.
        """
        ...

    def rollbacks(self) -> tuple[Rollback, ...]:
        """All rollbacks, the earliest first."""
        ...

    def touch(self, number: int, source: str, version: SourceVersion) -> bool:
        """Replace what is recorded of a source (its times alone differ), if the generation is kept."""
        ...

    def discard(self, numbers: Iterable[int]) -> None:
        """Drop generations, never the one in force, and the versions that none of those left refers to."""
        ...


class Diff(Struct, frozen=True):
    """How the entries of a later state differ from those of an earlier one, sorted by list and number."""

    added: tuple[Entry, ...] = ()
    removed: tuple[Entry, ...] = ()
    changed: tuple[tuple[Entry, Entry], ...] = ()


class Loaded(Struct, frozen=True):
    """What a load came to. ``is_new`` is False when the sources were in force already, unchanged."""

    generation: Generation
    sources: tuple[str, ...]
    is_new: bool


def load(
    store: GenerationStore,
    readings: Sequence[Reading],
    by: str,
    *,
    at: datetime,
    max_shrink: float = MAX_SHRINK,
) -> Loaded:
    """Put the readings' sources in force together, in one new generation that carries the others over.

    Raises ListRefused, and leaves the generation in force, when a source lost more than ``max_shrink`` (a
    share, 0 to 1) of its entries, or of their aliases, addresses or identifiers, which may come in files of
    their own; when, short of 1, it lost all of a list that is a part of it; or when it does not read back as
    it was written. Blocks. A load that dies half-way has changed nothing in force; what another loader
    switched meanwhile is carried over, not undone.
    """
    if not 0 <= max_shrink <= 1:
        raise ListRefused(f"max_shrink: found {max_shrink}, expected a share from 0 to 1")
    fresh = {reading.source: _version(reading, by, at) for reading in readings}
    for _ in range(_ATTEMPTS):
        before = _generation(store, store.current())
        changed = {source: new for source, new in fresh.items() if not _is_there(store, before, source, new)}
        replaced = {
            source: store.entries(source, before.sources[source].version)
            for source in changed.keys() & before.sources.keys()
        }
        for reading in readings:
            if reading.source in replaced:
                rows = before.sources[reading.source].rows
                _refuse_shrunk(reading, replaced[reading.source], rows, max_shrink)
        if not _record_unchanged(store, before, fresh, changed):
            continue
        if not changed:
            return Loaded(before, tuple(fresh), is_new=False)
        generation = _put_in_force(store, before, changed, readings, replaced)
        if generation is not None:
            _retain(store, generation.number)
            return Loaded(generation, tuple(fresh), is_new=True)
    raise ListRefused(
        f"{', '.join(fresh)}: other loads switched {_ATTEMPTS} times meanwhile, expected to be alone"
    )


def refuse_shrunk(store: GenerationStore, reading: Reading) -> Reading:
    """The reading. Raises ListRefused when ``load`` would, for what it lost against that in force."""
    before = _generation(store, store.current())
    old = before.sources.get(reading.source)
    if old:
        _refuse_shrunk(reading, store.entries(reading.source, old.version), old.rows, MAX_SHRINK)
    return reading


def rollback(store: GenerationStore, warrant: Warrant, number: int | None = None) -> Generation:
    """Put an earlier generation in force: ``number``, or the last one before that in force of other entries:
    who has taken back what was loaded once more does not get the same from the generation of the first load.

    Raises GenerationUnknown when it is not kept any more, or in the form of another release, or another load
    switched meanwhile; LocalRefused without a reason.
    """
    warrant.checked()
    now = store.current()
    target = _generation(store, _number_before(store, now) if number is None else number)
    if target.number == 0:
        raise GenerationUnknown("generation 0: expected one that was loaded")
    if not target.is_of_form(NORMAL_FORM):
        kept = f"generation {target.number}: kept in the form of another release"
        raise GenerationUnknown(f"{kept}, expected lists that this one loaded")
    at = warrant.at.astimezone(UTC).isoformat(timespec="seconds")
    noted = Rollback(now, target.number, warrant.reason.strip(), warrant.author, at)
    if not store.switch(target.number, now, noted):
        raise GenerationUnknown(
            f"generation {now} is no longer in force, or {target.number} no longer kept: nothing was changed"
        )
    return target


def diff(store: GenerationStore, earlier: int, later: int) -> Diff:
    """How ``later`` differs from ``earlier``. Raises GenerationUnknown for one that is not kept."""
    first, second = _generation(store, earlier), _generation(store, later)
    return compared(_changed_entries(store, first, second), _changed_entries(store, second, first))


def compared(earlier: Iterable[Entry], later: Iterable[Entry]) -> Diff:
    """The difference between two sets of entries, by list and number."""
    before = {(entry.list, entry.entry_id): entry for entry in earlier}
    after = {(entry.list, entry.entry_id): entry for entry in later}
    both = sorted(before.keys() & after.keys())
    return Diff(
        added=tuple(after[key] for key in sorted(after.keys() - before.keys())),
        removed=tuple(before[key] for key in sorted(before.keys() - after.keys())),
        changed=tuple((before[key], after[key]) for key in both if before[key] != after[key]),
    )


def entries_of(store: GenerationStore, generation: Generation) -> tuple[Entry, ...]:
    """All entries of a generation, source by source."""
    return tuple(
        entry
        for source in sorted(generation.sources)
        for entry in store.entries(source, generation.sources[source].version)
    )


def version_of(entries: Iterable[Entry]) -> str:
    """A digest of the entries: the same entries in the same order are the same version.

    Of the form of their identifiers, too: a list that was kept in another one is no longer looked up right,
    and has to be written anew though it has not changed.
    """
    digest = sha256(b"%d" % NORMAL_FORM)
    encode = msgspec.json.encode
    for entry in entries:
        digest.update(encode(entry))
    return digest.hexdigest()[:16]


def _version(reading: Reading, by: str, at: datetime) -> SourceVersion:
    time = at.astimezone(UTC).isoformat(timespec="seconds")
    unread = sum(problem.lines for problem in reading.problems)
    version = version_of(reading.entries)
    rows = len(reading.entries)
    return SourceVersion(version, rows, reading.sha256, time, by, time, unread, NORMAL_FORM)


def _number_before(store: GenerationStore, now: int) -> int:
    present = _contents(_generation(store, now))
    earlier = (_generation(store, kept) for kept in reversed(store.numbers()) if kept < now)
    found = next((one for one in earlier if _contents(one) != present), None)
    if found is None:
        raise GenerationUnknown(f"no generation before {now} is kept that differs")
    return found.number


def _contents(one: Generation) -> Mapping[str, tuple[str, int]]:
    return {source: (version.version, version.form) for source, version in one.sources.items()}


def _generation(store: GenerationStore, number: int) -> Generation:
    if number == 0:
        return Generation()
    found = store.generation(number)
    if found is None:
        kept = ", ".join(map(str, store.numbers())) or "none"
        raise GenerationUnknown(f"generation {number} is not kept, expected one of: {kept}")
    return found


def _is_there(store: GenerationStore, before: Generation, source: str, new: SourceVersion) -> bool:
    """Whether the source was loaded so, is looked up by this release, and has all its entries and all
    identifiers: what has lost them can be loaded again."""
    old = before.sources.get(source)
    is_known = old is not None and old.form == new.form and _same(old, new)
    is_whole = is_known and len(store.entries(source, new.version)) == new.rows
    return is_whole and store.has_identifiers(before.number)


def _same(old: SourceVersion | None, new: SourceVersion) -> bool:
    return old is not None and old.version == new.version


def _record_unchanged(
    store: GenerationStore,
    before: Generation,
    fresh: Mapping[str, SourceVersion],
    changed: Mapping[str, SourceVersion],
) -> bool:
    """False where ``before`` was dropped meanwhile."""
    checked = {
        source: msgspec.structs.replace(before.sources[source], checked_at=fresh[source].checked_at)
        for source in fresh.keys() - changed.keys()
    }
    return all(store.touch(before.number, source, version) for source, version in checked.items())


def _refuse_shrunk(reading: Reading, entries: Sequence[Entry], rows: int, max_shrink: float) -> None:
    kept = counts_of(entries) | {"entries": rows}
    for kind, found in counts_of(reading.entries).items():
        before = kept[kind]
        if found < (1 - max_shrink) * before:
            fewer = f"{found} {kind}, {1 - found / before:.0%} fewer than the {before} in force"
            raise ListRefused(f"{reading.source}: {fewer}, expected at most {max_shrink:.0%} fewer")
    gone = sorted({entry.list for entry in entries} - {entry.list for entry in reading.entries})
    if gone and max_shrink < 1:
        lost = f"nothing of {', '.join(gone)[:80]}, which is in force"
        raise ListRefused(f"{reading.source}: {lost}, expected some of it, or max_shrink 1")


def _put_in_force(
    store: GenerationStore,
    before: Generation,
    changed: Mapping[str, SourceVersion],
    readings: Sequence[Reading],
    replaced: Mapping[str, Sequence[Entry]],
) -> Generation | None:
    """A generation with what has changed, in force; None, and nothing of it, if another loader was faster."""
    put = {
        reading.source: _put_verified(store, reading, changed[reading.source])
        for reading in readings
        if reading.source in changed
    }
    sources = {
        source: msgspec.structs.replace(version, form=NORMAL_FORM)
        for source, version in {**before.sources, **changed}.items()
    }
    generation = Generation(store.reserve_number(), sources)
    carried = [
        entry
        for source, version in before.sources.items()
        if source not in put
        for entry in _kept_whole(store, source, version)
    ]
    is_put = _put_generation(
        store,
        generation,
        before,
        now=[*carried, *chain.from_iterable(put.values())],
        then=[*carried, *chain.from_iterable(replaced.values())],
    )
    if is_put and store.switch(generation.number, before.number):
        return generation
    store.discard((generation.number,))
    return None


def _put_generation(
    store: GenerationStore,
    generation: Generation,
    before: Generation,
    *,
    now: Sequence[Entry],
    then: Sequence[Entry],
) -> bool:
    """Only entries that are other ``now`` than ``then`` are read anew: of a list of successive days, few."""
    is_known = before.is_of_form(NORMAL_FORM) and len(then) == sum(
        one.rows for one in before.sources.values()
    )
    if not (is_known and store.has_identifiers(before.number)):
        return store.put_generation(generation, listed_identifiers(now), {}, 0)
    other = {(entry.list, entry.entry_id) for entry in set(now) ^ set(then)}
    came, gone = (
        listed_identifiers(entry for entry in entries if (entry.list, entry.entry_id) in other)
        for entries in (now, then)
    )
    return store.put_generation(generation, came, gone, before.number)


def _put_verified(store: GenerationStore, reading: Reading, version: SourceVersion) -> tuple[Entry, ...]:
    """The reading's entries as they read back once they are kept."""
    store.put_entries(reading.source, version.version, reading.entries)
    kept = store.entries(reading.source, version.version)
    if version_of(kept) != version.version:
        raise ListRefused(
            f"{reading.source}: {len(kept)} entries read back with another checksum,"
            f" expected the {version.rows} that were written"
        )
    return kept


def _kept_whole(store: GenerationStore, source: str, version: SourceVersion) -> tuple[Entry, ...]:
    kept = store.entries(source, version.version)
    if len(kept) != version.rows:
        raise ListRefused(f"{source}: {len(kept)} entries read back, expected {version.rows}")
    return kept


def _retain(store: GenerationStore, current: int) -> None:
    """Keep the newest RETAINED. Numbers above the one in force may be another loader's, under way; one below
    that is not kept is of a loader that died, or was slower.
    """
    kept = [number for number in store.numbers() if number <= current]
    store.discard(set(range(kept[0], current)) - set(kept[-RETAINED:]))


def _changed_entries(store: GenerationStore, one: Generation, other: Generation) -> list[Entry]:
    """The entries of those sources of ``one`` that ``other`` has in another version, or not at all."""
    return [
        entry
        for source, version in one.sources.items()
        if not _same(other.sources.get(source), version)
        for entry in store.entries(source, version.version)
    ]
