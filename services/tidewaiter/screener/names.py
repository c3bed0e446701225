"""Whom the lists in force know a party as: the generation's names, and those that officers entered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import structs

from tidewaiter.domain.generation import KnownDifferent, LocalEntry
from tidewaiter.domain.hit import Hit
from tidewaiter.domain.party import Party
from tidewaiter.domain.watchlist import Entry
from tidewaiter.matching import screening
from tidewaiter.matching.corroboration import Subject
from tidewaiter.matching.identity import ExactKey, person_keys
from tidewaiter.matching.index import NameIndex

# An officer's own entry needs no corroboration, but the whole name: in another script it scores 0.895 and
# more, without its company form 0.872; of another spelling, 0.867 and less, somebody else may be meant.
LOCAL_HOLD_SCORE = 0.87


class Exceptions(Protocol):
    """Remembered exceptions: parties that are known not to be an entry, in spite of the name."""

    def __len__(self) -> int: ...

    def covering(
        self, person_keys: Sequence[ExactKey], entry: Entry, now: datetime
    ) -> KnownDifferent | None: ...


class ListedNames:
    """The screener's ``NameScreen`` over one generation. Safe to build in a thread of its own."""

    def __init__(
        self,
        entries: Iterable[Entry],
        local: Iterable[LocalEntry],
        exceptions: Exceptions,
        now: Callable[[], datetime],
        index: NameIndex | None = None,
    ) -> None:
        listed = tuple(entries)
        self.index = index or NameIndex.build(listed)
        self._local = {entry.entry_id: entry for entry in local}
        self._local_index = NameIndex.build(entry.as_entry for entry in self._local.values())
        self._exceptions, self._now = exceptions, now
        self._entries: Mapping[tuple[str, str], Entry] = (
            {(entry.list, entry.entry_id): entry for entry in listed} if len(exceptions) else {}
        )

    def hits(self, party: Party) -> tuple[Hit, ...]:
        """The entries that the party's name matches, best first; excepted ones are shown and do not hold."""
        subject = Subject.of(party)
        found = screening.hits(self.index, party.name, "unknown", subject)
        if found and self._entries:
            found = tuple(self._excepted(party, hit) for hit in found)
        return found + self._local_hits(party, subject) if self._local else found

    def _excepted(self, party: Party, hit: Hit) -> Hit:
        entry = self._entries.get((hit.list, hit.entry_id))
        known = self._exceptions.covering(person_keys(party), entry, self._now()) if entry else None
        return structs.replace(hit, holds=False, excepted=known.reason) if known else hit

    def _local_hits(self, party: Party, subject: Subject) -> tuple[Hit, ...]:
        now = self._now().isoformat(timespec="seconds")
        return tuple(
            structs.replace(hit, holds=hit.score >= LOCAL_HOLD_SCORE)
            for hit in screening.hits(self._local_index, party.name, "unknown", subject)
            if (until := self._local[hit.entry_id].until) is None or now < until
        )
