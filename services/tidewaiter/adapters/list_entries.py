"""The entries that stand behind an identifier in Redis, as the lists' loader and the officers write them."""

from datetime import UTC, datetime

import msgspec
from msgspec import Struct

from tidewaiter.domain.lookup import Listing


class _Listed(Struct, frozen=True, array_like=True):
    list: str
    entry_id: str
    entry_name: str
    programs: tuple[str, ...] = ()


class _Local(Struct, frozen=True):
    entry_id: str
    name: str = ""
    until: datetime | None = None


_decode_listed = msgspec.json.Decoder(tuple[_Listed, ...]).decode
_decode_local = msgspec.json.Decoder(_Local).decode


def listings(listed: str, local: str, now: datetime) -> tuple[Listing, ...]:
    """The list's entries and the officers' one that is in force at ``now``; an empty text is no entry.

    ``listed`` is JSON, an array of [list, entry_id, entry_name, programs]; ``local`` an object with
    entry_id, name and until. Raises msgspec.ValidationError for anything else: an entry that cannot be
    read must not be taken for none.
    """
    found = [_listing(entry) for entry in _decode_listed(listed)] if listed else []
    if local:
        entry = _decode_local(local)
        if entry.until is None or _aware(entry.until) > now:
            found.append(Listing("local", entry.entry_id, entry.name, is_local=True))
    return tuple(found)


def _listing(entry: _Listed) -> Listing:
    return Listing(entry.list, entry.entry_id, entry.entry_name, entry.programs)


def _aware(moment: datetime) -> datetime:
    """Times without a zone are in UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
