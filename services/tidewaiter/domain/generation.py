"""Numbered, immutable states of all lists together, and what officers enter beside them."""

from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from tidewaiter.domain.watchlist import Entry, EntryName, IdentifierKind

LOCAL_LIST: Final = "local"

_Moment = Annotated[datetime, Meta(tz=True)]


class SourceVersion(Struct, frozen=True):
    """One version of one source. ``version`` is a digest of its entries, ``checksum`` that of its files.

    ``rows`` counts entries. Times are ISO 8601 in UTC: ``loaded_at`` when these entries came, ``checked_at``
    when the source was last seen to be still so; a list's age is counted from the latter. ``form`` is that of
    the identifiers that its generation is looked up by: a release that knows another finds none of them.
    """

    version: str
    rows: int
    checksum: str
    loaded_at: str
    loaded_by: str
    checked_at: str = ""
    unread_rows: int = 0
    form: int = 0

    @property
    def last_seen_at(self) -> datetime:
        """When the source was last known to be so. Raises msgspec.ValidationError for no time in a zone."""
        return msgspec.convert(self.checked_at or self.loaded_at, _Moment)


class Generation(Struct, frozen=True):
    """Which version of each source is in force together; number 0 is none at all."""

    number: int = 0
    sources: Mapping[str, SourceVersion] = {}

    def is_of_form(self, form: int) -> bool:
        """Whether its identifiers are kept in this form."""
        return all(version.form == form for version in self.sources.values())


class LocalEntry(Struct, frozen=True):
    """An officer's entry on the hot list, in force from the next batch on until ``until`` (ISO, UTC).

    ``kind`` "name" is matched like a list's name, the others exactly. ``value`` is as the officer gave it;
    the store keeps it for names alone.
    """

    kind: IdentifierKind | str
    value: str
    entry_id: str
    name: str
    reason: str
    author: str
    added: str
    until: str | None = None

    @property
    def as_entry(self) -> Entry:
        """A named entry as the name index takes it."""
        return Entry(LOCAL_LIST, self.entry_id, "unknown", (EntryName(self.value),), remarks=self.reason)


class Removal(Struct, frozen=True):
    """Who took an entry off the hot list, why and when (ISO, UTC)."""

    reason: str
    author: str
    at: str
    entry_id: str = ""


class Rollback(Struct, frozen=True):
    """Who put generation ``number`` in force again in place of ``left``, why and when (ISO, UTC)."""

    left: int
    number: int
    reason: str
    author: str
    at: str


class KnownDifferent(Struct, frozen=True):
    """A remembered exception: a party that an officer found not to be an entry, in spite of its name.

    Ends at ``until``, and at once when the entry is no longer what it was (``entry_digest``).
    """

    list: str
    entry_id: str
    entry_digest: str
    reason: str
    author: str
    added: str
    until: str | None = None

    def covers(self, entry: Entry, now: str) -> bool:
        """Whether the exception still stands for ``entry`` at ``now`` (ISO, UTC)."""
        return (self.until is None or now < self.until) and entry_digest(entry) == self.entry_digest


def entry_digest(entry: Entry) -> str:
    """16 hex digits that differ when anything in the entry does."""
    return sha256(msgspec.json.encode(entry)).hexdigest()[:16]
