"""Officers' live entries and exceptions in Redis: no generation, in force from the next batch on.

Keys: ``tw:local:ids:<kind>`` hash, token → {entry_id, name, reason, author, added, until} ·
``tw:local:names`` hash, entry number → LocalEntry · ``tw:exceptions`` hash, "<party token>|<list>|<entry
number>" → KnownDifferent · ``tw:local:removed`` hash, "<moment>|<entry number>" → Removal ·
``tw:local:version`` a counter that any change of what is in force raises: workers read again.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
import redis
from msgspec import Struct, structs

from tidewaiter.adapters import redis_secret
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.generation import KnownDifferent, LocalEntry, Removal
from tidewaiter.domain.watchlist import IDENTIFIER_KINDS, Entry
from tidewaiter.matching.identity import ExactKey

IDENTIFIERS: Final = "tw:local:ids:"
NAMES: Final = "tw:local:names"
REMOVED: Final = "tw:local:removed"
_NAME: Final = "name"
VERSION: Final = "tw:local:version"
EXCEPTIONS: Final = "tw:exceptions"
_PARTY: Final = "party"

_encode = msgspec.json.encode
_decode_removal = msgspec.json.Decoder(Removal).decode
_decode_name = msgspec.json.Decoder(LocalEntry).decode
_decode_exception = msgspec.json.Decoder(KnownDifferent).decode


class KeptIdentifier(Struct, frozen=True):
    """An identifier's entry as the screener's lookup reads it, without the identifier itself."""

    entry_id: str
    name: str
    reason: str
    author: str
    added: str
    until: str | None


class KnownDifferences:
    """Remembered exceptions, asked for one party and one entry at a time; for the screener."""

    def __init__(self, tokens: Tokens, found: Mapping[str, KnownDifferent]) -> None:
        self._tokens = tokens
        self._found = found

    def __len__(self) -> int:
        return len(self._found)

    def covering(self, person_keys: Sequence[ExactKey], entry: Entry, now: datetime) -> KnownDifferent | None:
        """The exception, standing at ``now``, that the party with these keys is not ``entry``; or None."""
        if not self._found:
            return None
        moment = now.isoformat(timespec="seconds")
        for key in person_keys:
            known = self._found.get(_field(self._tokens, key, entry.list, entry.entry_id))
            if known and known.covers(entry, moment):
                return known
        return None


class LocalState(Struct, frozen=True):
    """What workers hold in memory of officers' entries: the named ones, and the exceptions."""

    version: int
    names: tuple[LocalEntry, ...]
    known_different: KnownDifferences


def load_local(client: redis.Redis, tokens: Tokens) -> LocalState:
    """The state of now. The version is read first: a change meanwhile is read again, never missed. Blocks."""
    version = int(client.get(VERSION) or 0)
    names = tuple(_decode_name(raw) for raw in client.hgetall(NAMES).values())
    return LocalState(version, names, KnownDifferences(tokens, _exceptions(client)))


class RedisLocal:
    """Where local entries and exceptions are kept, under tokens of what they are about."""

    def __init__(self, client: redis.Redis, tokens: Tokens) -> None:
        self._client = client
        self._tokens = tokens

    def put_entry(self, entry: LocalEntry, normals: Sequence[str]) -> None:
        """Keep an entry under each normalised identifier, in place of one that was there.

        Raises AnotherSecret: no lookup would find the entry.
        """
        redis_secret.claim_for_officers(self._client, self._tokens)
        if entry.kind == _NAME:
            self._changed(NAMES, {entry.entry_id: _encode(entry)})
        else:
            kept = KeptIdentifier(
                entry.entry_id, entry.name, entry.reason, entry.author, entry.added, entry.until
            )
            tokens = [self._tokens.token(entry.kind, normal) for normal in normals]
            self._changed(IDENTIFIERS + entry.kind, dict.fromkeys(tokens, _encode(kept)))

    def drop_entry(self, kind: str, normals: Sequence[str], removal: Removal) -> bool:
        """Drop the entries that are kept under any of these, under all of theirs; whether there was one.

        A name is dropped by its number instead. Raises AnotherSecret.
        """
        redis_secret.check(self._client, self._tokens)
        tokens = {self._tokens.token(kind, normal) for normal in normals}
        kept = self._kept(IDENTIFIERS + kind)
        dropped = [
            self.drop_entry_id(number, removal)
            for number in {kept[at].entry_id for at in tokens & kept.keys()}
        ]
        return any(dropped)

    def drop_entry_id(self, entry_id: str, removal: Removal | None = None) -> bool:
        """Drop every entry with that number; whether there was one. What an officer removes is remembered."""
        found = False
        for kind in IDENTIFIER_KINDS:
            key = IDENTIFIERS + kind
            fields = [field for field, entry in self._kept(key).items() if entry.entry_id == entry_id]
            found |= self._dropped(key, fields)
        found |= self._dropped(NAMES, [entry_id])
        if found and removal:
            noted = structs.replace(removal, entry_id=entry_id)
            self._client.hset(REMOVED, f"{removal.at}|{entry_id}", _encode(noted))
        return found

    def removals(self) -> tuple[Removal, ...]:
        """What officers removed, the earliest first."""
        found = [_decode_removal(raw) for raw in self._client.hgetall(REMOVED).values()]
        return tuple(sorted(found, key=lambda removal: (removal.at, removal.entry_id)))

    def local_entries(self) -> tuple[LocalEntry, ...]:
        """All entries, those that have run out included; ``value`` is empty but for names."""
        found = [_decode_name(raw) for raw in self._client.hgetall(NAMES).values()]
        for kind in IDENTIFIER_KINDS:
            found += [
                LocalEntry(
                    kind, "", kept.entry_id, kept.name, kept.reason, kept.author, kept.added, kept.until
                )
                for kept in self._kept(IDENTIFIERS + kind).values()
            ]
        return tuple(sorted(set(found), key=lambda entry: (entry.added, entry.entry_id)))

    def put_exception(self, person_keys: Sequence[ExactKey], exception: KnownDifferent) -> None:
        """Remember that whoever has one of the keys is not the entry.

        Raises AnotherSecret: no party would be found to be excepted.
        """
        redis_secret.claim_for_officers(self._client, self._tokens)
        fields = [_field(self._tokens, key, exception.list, exception.entry_id) for key in person_keys]
        self._changed(EXCEPTIONS, dict.fromkeys(fields, _encode(exception)))

    def drop_exception(self, person_keys: Sequence[ExactKey], list_name: str, entry_id: str) -> bool:
        """Forget the exception that one of the keys has, under all keys of its party; whether there was one.

        Raises AnotherSecret.
        """
        redis_secret.check(self._client, self._tokens)
        known = _exceptions(self._client)
        fields = {_field(self._tokens, key, list_name, entry_id) for key in person_keys}
        dropped = {one for field, one in known.items() if field in fields}
        return self._dropped(EXCEPTIONS, [field for field, one in known.items() if one in dropped])

    def exceptions(self) -> tuple[KnownDifferent, ...]:
        """All exceptions, each once, without whom they are about, which only tokens tell."""
        found = set(_exceptions(self._client).values())
        return tuple(sorted(found, key=lambda known: (known.added, known.list, known.entry_id)))

    def _changed(self, key: str, fields: Mapping[str, bytes]) -> None:
        with self._client.pipeline(transaction=True) as together:
            for field, value in fields.items():
                together.hset(key, field, value)
            together.incr(VERSION)
            together.execute()

    def _dropped(self, key: str, fields: Sequence[str]) -> bool:
        gone = int(self._client.hdel(key, *fields)) if fields else 0
        if gone:
            self._client.incr(VERSION)
        return gone > 0

    def _kept(self, key: str) -> dict[str, KeptIdentifier]:
        fields = self._client.hgetall(key)
        return {_text(field): msgspec.json.decode(raw, type=KeptIdentifier) for field, raw in fields.items()}


def _exceptions(client: redis.Redis) -> dict[str, KnownDifferent]:
    return {_text(field): _decode_exception(raw) for field, raw in client.hgetall(EXCEPTIONS).items()}


def _field(tokens: Tokens, person_key: str, list_name: str, entry_id: str) -> str:
    return f"{tokens.token(_PARTY, person_key)}|{list_name}|{entry_id}"


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
