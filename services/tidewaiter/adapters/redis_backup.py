"""What officers entered, which no topic has: live entries and exceptions, out of Redis into lines and back.

A backup is NDJSON. Its first line says under which secret it was made and how many lines follow; each of
these is a field of a hash in Redis as it is there: identifiers and parties are tokens, names are names.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple, TypeVar, cast

import msgspec
import redis
from msgspec import Struct

from tidewaiter.adapters import redis_secret
from tidewaiter.adapters.redis_local import EXCEPTIONS, IDENTIFIERS, NAMES, REMOVED, VERSION, KeptIdentifier
from tidewaiter.adapters.redis_rule_exceptions import RULE_EXCEPTIONS
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.exception import RuleException
from tidewaiter.domain.generation import KnownDifferent, LocalEntry, Removal

_T = TypeVar("_T")
_OF_AN_IDENTIFIER: Final = re.compile(f"{IDENTIFIERS}[a-z_]+")
_TYPES: Final[Mapping[str, type[Struct]]] = {
    NAMES: LocalEntry,
    EXCEPTIONS: KnownDifferent,
    REMOVED: Removal,
    RULE_EXCEPTIONS: RuleException,
}


class BackupUnusable(Exception):
    """Lines that are no backup, or not the whole of one; the message is one line: place, found, expected."""


class Head(Struct, frozen=True, forbid_unknown_fields=True):
    """The first line. ``secret`` is a token under the secret, ``made`` ISO in UTC."""

    backup: Literal["tidewaiter 1"]
    secret: str
    made: str
    records: int


class Record(Struct, frozen=True, forbid_unknown_fields=True):
    """A field of a hash."""

    key: str
    field: str
    value: msgspec.Raw


class Restored(NamedTuple):
    """How many records were put back, and how many were there already."""

    put: int
    there: int


class RedisBackup:
    """Backups of one Redis. Its calls block as long as the client lets them; redis.RedisError."""

    def __init__(self, client: redis.Redis, tokens: Tokens) -> None:
        self._client = client
        self._tokens = tokens

    def lines(self, made: datetime) -> Iterator[bytes]:
        """The backup of now. Raises AnotherSecret, whose entries nobody would find."""
        redis_secret.check(self._client, self._tokens)
        identifiers = sorted(key.decode() for key in self._client.scan_iter(f"{IDENTIFIERS}*", count=1_000))
        records = [
            Record(key, field, msgspec.Raw(value))
            for key in (*identifiers, *_TYPES)
            for field, value in sorted(self._fields(key).items())
        ]
        mark = redis_secret.mark(self._tokens)
        yield msgspec.json.encode(
            Head("tidewaiter 1", mark, made.isoformat(timespec="seconds"), len(records))
        )
        yield from map(msgspec.json.encode, records)

    def restore(self, lines: Sequence[bytes]) -> Restored:
        """Put back what is not there; all of it is read before any is put. Idempotent.

        Raises BackupUnusable, and AnotherSecret for a backup that was made under another one.
        """
        redis_secret.check(self._client, self._tokens)
        records = self._read(lines)
        redis_secret.claim_for_officers(self._client, self._tokens)
        missing: dict[str, dict[str, bytes]] = {}
        for key in dict.fromkeys(record.key for record in records):
            there = self._fields(key)
            missing[key] = {
                one.field: bytes(one.value) for one in records if one.key == key and one.field not in there
            }
        put = sum(map(len, missing.values()))
        with self._client.pipeline(transaction=True) as together:
            for key, fields in missing.items():
                if fields:
                    together.hset(key, mapping=fields)  # type: ignore[arg-type]
            if put:
                together.incr(VERSION)
            together.execute()
        return Restored(put, len(records) - put)

    def _read(self, lines: Sequence[bytes]) -> list[Record]:
        if not lines:
            raise BackupUnusable("found nothing, expected a backup")
        head = _decoded(lines[0], Head, 1)
        if head.secret != redis_secret.mark(self._tokens):
            raise redis_secret.AnotherSecret(
                "TIDEWAITER_TOKEN_SECRET: found another than the backup was made under, expected that one"
            )
        if len(lines) - 1 != head.records:
            raise BackupUnusable(f"found {len(lines) - 1} records, expected the {head.records} of line 1")
        return [_record(line, number) for number, line in enumerate(lines[1:], 2)]

    def _fields(self, key: str) -> dict[str, bytes]:
        found = cast("dict[bytes, bytes]", self._client.hgetall(key))
        return {field.decode(): value for field, value in found.items()}


def _record(line: bytes, number: int) -> Record:
    record = _decoded(line, Record, number)
    kind = KeptIdentifier if _OF_AN_IDENTIFIER.fullmatch(record.key) else _TYPES.get(record.key)
    if kind is None:
        raise BackupUnusable(
            f"line {number}: key: found {record.key[:60]!r}, expected one that officers enter"
        )
    _decoded(bytes(record.value), kind, number)
    return record


def _decoded(line: bytes, kind: type[_T], number: int) -> _T:
    try:
        return msgspec.json.decode(line, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BackupUnusable(f"line {number}: {error}") from None
