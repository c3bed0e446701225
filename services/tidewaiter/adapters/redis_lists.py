"""Generations of the lists in Redis: entries in compressed chunks, identifiers as tokens, one pointer.

Keys: ``tw:lists:current`` the number in force · ``tw:lists:last`` the last number given out ·
``tw:lists:confirmed`` how often a list was fetched again and had not changed · ``tw:lists:put`` how often a
generation was put, so that whoever drops entries learns of one that has come to need them ·
``tw:lists:rollbacks`` list of Rollback, the earliest first · ``tw:lists:gen:<g>`` hash, source →
SourceVersion (its presence says that the generation is complete) · ``tw:lists:entries:<source>:<version>``
list of zlib-compressed NDJSON chunks · ``tw:lists:ids:<g>:<kind>`` hash, token → [[list, entry_id,
entry_name, programs], …], sorted, and "" → how many tokens, by which one that is not whole is told ·
``tw:workers`` hash, worker → generation and time.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from itertools import islice
from typing import Final, TypeVar
from uuid import uuid4

import msgspec
import redis
from msgspec import Struct
from redis.client import Pipeline
from redis.typing import EncodableT, FieldT

from tidewaiter.adapters import redis_secret
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.generation import Generation, Rollback, SourceVersion
from tidewaiter.domain.lookup import Listing
from tidewaiter.domain.watchlist import IDENTIFIER_KINDS, Entry
from tidewaiter.matching.listed import ListedIdentifiers

_CURRENT: Final = "tw:lists:current"
_LAST: Final = "tw:lists:last"
_CONFIRMED: Final = "tw:lists:confirmed"
_PUT: Final = "tw:lists:put"
_ROLLBACKS: Final = "tw:lists:rollbacks"
_GENERATION: Final = "tw:lists:gen:"
_WORKERS: Final = "tw:workers"
# Entries: 8 kB compressed, read in 0.4 ms. The numbers of its entries tell where a chunk ends, so that what
# lies beside an entry that changed, came or went is in the same chunks as the day before.
_CHUNK: Final = 64
_LONGEST_CHUNK: Final = 256
_CHUNKS_A_CALL: Final = 16
_QUICKLY: Final = 1  # OFAC's entries take 40 ms and 1.8 MB; at zlib's own level 94 ms and 1.4 MB
_FIELDS_A_CALL: Final = 2_000
_SIZE: Final = ""
_ABANDONED_SECONDS: Final = 3_600  # a loader that died leaves its half-written entries no longer than this

_T = TypeVar("_T")
_encode = msgspec.json.encode
_decode_entry = msgspec.json.Decoder(Entry).decode
_decode_listed = msgspec.json.Decoder(list[tuple[str, str, str, tuple[str, ...]]]).decode
_decode_rollback = msgspec.json.Decoder(Rollback).decode
_decode_version = msgspec.json.Decoder(SourceVersion).decode


class ListsUnreadable(ValueError):
    """Redis has for the lists what nobody of ours wrote. Its text is one line."""


class WorkerReport(Struct, frozen=True):
    """On which generation a worker is, and when it said so (ISO, UTC)."""

    generation: int
    seen_at: str


class LoadedGeneration(Struct, frozen=True):
    """A generation as a screener takes it up: all entries, and the version of each source.

    ``chunks`` says between which places of ``entries`` those of a chunk are, which is as it lies in Redis.
    """

    generation: int
    entries: tuple[Entry, ...]
    meta: Mapping[str, SourceVersion]
    chunks: Mapping[bytes, tuple[int, int]] = {}


NONE_LOADED: Final = LoadedGeneration(0, (), {})


def load_generation(
    client: redis.Redis, number: int, earlier: LoadedGeneration = NONE_LOADED
) -> LoadedGeneration | None:
    """Everything of generation ``number``, or None when it is not there or not whole (any more). Blocks.

    An entry that is just so in the ``earlier`` one is that very one: two lists of successive days are then
    hardly larger than one, and what lies in a chunk that has not changed is not read again. Raises what
    redis-py raises when Redis is away.
    """
    lists = RedisLists(client, None)
    found = lists.generation(number)
    if found is None:
        return None
    lying = {source: lists.chunks(source, one.version) for source, one in sorted(found.sources.items())}
    known = _of_other_chunks(earlier, {chunk for chunks in lying.values() for chunk in chunks})
    entries: list[Entry] = []
    places: dict[bytes, tuple[int, int]] = {}
    for source, chunks in lying.items():
        before = len(entries)
        for chunk in chunks:
            start = len(entries)
            same = earlier.chunks.get(chunk)
            entries += earlier.entries[slice(*same)] if same else _shared(_read(chunk), known)
            places[chunk] = start, len(entries)
        if len(entries) - before != found.sources[source].rows:
            return None
    return LoadedGeneration(number, tuple(entries), found.sources, places)


def _of_other_chunks(earlier: LoadedGeneration, chunks: Set[bytes]) -> Mapping[tuple[str, str], Entry]:
    """Its entries that are in none of the ``chunks``, by list and number."""
    gone = [earlier.entries[slice(*place)] for chunk, place in earlier.chunks.items() if chunk not in chunks]
    return {(entry.list, entry.entry_id): entry for part in gone for entry in part}


def _shared(entries: Iterable[Entry], known: Mapping[tuple[str, str], Entry]) -> Iterator[Entry]:
    for entry in entries:
        alike = known.get((entry.list, entry.entry_id))
        yield alike if alike == entry else entry


def _read(chunk: bytes) -> Iterator[Entry]:
    return map(_decode_entry, zlib.decompress(chunk).split(b"\n"))


class RedisLists:
    """`tidewaiter.watchlists.generations.GenerationStore` on Redis. Without ``tokens`` it only reads."""

    def __init__(self, client: redis.Redis, tokens: Tokens | None) -> None:
        self._client = client
        self._tokens = tokens

    def current(self) -> int:
        """See GenerationStore."""
        return self._number(_CURRENT)

    def numbers(self) -> tuple[int, ...]:
        """See GenerationStore. Asked for one by one: a scan walks the keys of all parcels, and keeps Redis
        busy for a second a million.
        """
        last = max(self._number(_LAST), self._number(_CURRENT))
        with self._client.pipeline(transaction=False) as together:
            for number in range(1, last + 1):
                together.exists(_generation_key(number))
            are_kept = together.execute()
        return tuple([number for number, is_kept in enumerate(are_kept, start=1) if is_kept])

    def _number(self, key: str) -> int:
        found = _text(self._client.get(key) or b"0")
        if not found.isdecimal():
            raise ListsUnreadable(f"{key} in Redis: found {found[:40]!r}, expected a generation's number")
        return int(found)

    def generation(self, number: int) -> Generation | None:
        """See GenerationStore."""
        fields = self._client.hgetall(_generation_key(number))
        if not fields:
            return None
        return Generation(number, {_text(source): _decode_version(raw) for source, raw in fields.items()})

    def put_entries(self, source: str, version: str, entries: Sequence[Entry]) -> None:
        """See GenerationStore. Written aside under a name of its own, then renamed: all or none.

        Raises AnotherSecret, before anything is written.
        """
        self._claimed()
        # Its own, though another loader writes the same version at this moment: each renames a whole one.
        key, aside = _entries_key(source, version), f"tw:lists:loading:{source}:{version}:{uuid4().hex}"
        for chunks in _parted(map(_chunk, _neighbours(entries)), _CHUNKS_A_CALL):
            self._client.rpush(aside, *chunks)
            self._client.expire(aside, _ABANDONED_SECONDS)
        if entries:
            with self._client.pipeline(transaction=True) as together:
                together.rename(aside, key)
                together.persist(key)
                together.execute()

    def entries(self, source: str, version: str) -> tuple[Entry, ...]:
        """See GenerationStore."""
        return tuple([entry for chunk in self.chunks(source, version) for entry in _read(chunk)])

    def chunks(self, source: str, version: str) -> tuple[bytes, ...]:
        """A version's entries as they are kept."""
        return tuple(map(_raw, self._client.lrange(_entries_key(source, version), 0, -1)))

    def reserve_number(self) -> int:
        """See GenerationStore. Goes on from the number in force, should the counter have been lost."""
        number = int(self._client.incr(_LAST))
        current = self.current()
        if number <= current:
            number = int(self._client.incrby(_LAST, current - number + 1))
        return number

    def has_identifiers(self, number: int) -> bool:
        """See GenerationStore."""
        return all(self._is_whole(_identifiers_key(number, kind)) for kind in IDENTIFIER_KINDS)

    def _is_whole(self, key: str) -> bool:
        return _text(self._client.hget(key, _SIZE) or b"") == str(self._client.hlen(key) - 1)

    def put_generation(
        self, generation: Generation, identifiers: ListedIdentifiers, gone: ListedIdentifiers, earlier: int
    ) -> bool:
        """See GenerationStore. The hash of sources comes last: with it the generation is complete.

        Raises AnotherSecret.
        """
        ours = self._claimed()
        for kind in IDENTIFIER_KINDS:
            listed = self._identifiers(earlier, kind) if earlier else {}
            if listed is None:
                return False
            tokens = ours.of_kind(kind)
            came, went = identifiers.get(kind, {}), gone.get(kind, {})
            for text in {**went, **came}:
                _list_anew(listed, tokens[text], came.get(text, ()), went.get(text, ()))
            self._put_identifiers(_identifiers_key(generation.number, kind), listed)
        return self._completed(generation)

    def _claimed(self) -> Tokens:
        if self._tokens is None:
            raise ValueError("token secret: missing, expected one to write lists with")
        redis_secret.claim_for_lists(self._client, self._tokens)
        return self._tokens

    def _identifiers(self, number: int, kind: str) -> dict[str, bytes] | None:
        """Token → what is listed there, as it is kept; None where it is not whole."""
        there = self._client.hscan_iter(_identifiers_key(number, kind), count=_FIELDS_A_CALL)
        listed = {_text(token): _raw(found) for token, found in there}
        size = _text(listed.pop(_SIZE, b""))
        return listed if size == str(len(listed)) else None

    def _put_identifiers(self, key: str, listed: Mapping[str, bytes]) -> None:
        """In parts: a copy within Redis would hold up the stream by a long list. Each token is written once:
        if Redis loses some meanwhile and the client tries again, their number tells.
        """
        fields: Iterator[tuple[FieldT, EncodableT]] = iter(listed.items())
        for part in _parted(fields, _FIELDS_A_CALL):
            self._client.hset(key, mapping=dict(part))
        self._client.hset(key, _SIZE, len(listed))

    def _completed(self, generation: Generation) -> bool:
        needed = [_entries_key(name, one.version) for name, one in generation.sources.items() if one.rows]
        identifiers = [_identifiers_key(generation.number, kind) for kind in IDENTIFIER_KINDS]
        versions: dict[FieldT, EncodableT] = {
            source: _encode(version) for source, version in generation.sources.items()
        }

        def complete(pipe: Pipeline) -> bool:
            is_there = not needed or self._client.exists(*needed) == len(needed)
            if not (is_there and self.has_identifiers(generation.number)):
                return False
            pipe.multi()
            pipe.hset(_generation_key(generation.number), mapping=versions)
            pipe.incr(_PUT)
            return True

        return self._unless_changed(complete, *needed, *identifiers)

    def switch(self, number: int, replaced: int, rollback: Rollback | None = None) -> bool:
        """See GenerationStore: of two loaders one has to look again."""

        def put_in_force(pipe: Pipeline) -> bool:
            if self.current() != replaced or self.generation(number) is None:
                return False
            pipe.multi()
            pipe.set(_CURRENT, number)
            if rollback:
                pipe.rpush(_ROLLBACKS, _encode(rollback))
            return True

        return self._unless_changed(put_in_force, _CURRENT, _generation_key(number))

    def rollbacks(self) -> tuple[Rollback, ...]:
        """See GenerationStore. Raises ListsUnreadable."""
        noted = [_raw(one) for one in self._client.lrange(_ROLLBACKS, 0, -1)]
        try:
            return tuple(map(_decode_rollback, noted))
        except msgspec.DecodeError as error:
            raise ListsUnreadable(f"{_ROLLBACKS} in Redis: {error}, expected rollbacks") from error

    def touch(self, number: int, source: str, version: SourceVersion) -> bool:
        """See GenerationStore. Workers learn of it by a number that grows."""

        def confirm(pipe: Pipeline) -> bool:
            if self.generation(number) is None:
                return False
            pipe.multi()
            pipe.hset(_generation_key(number), source, _encode(version))
            pipe.incr(_CONFIRMED)
            return True

        return self._unless_changed(confirm, _generation_key(number))

    def discard(self, numbers: Iterable[int]) -> None:
        """See GenerationStore. A generation that another loader puts meanwhile keeps what it needs."""
        unwanted = frozenset(numbers)

        def drop(pipe: Pipeline) -> bool:
            keys = self._keys_of(unwanted - {self.current()})
            pipe.multi()
            if keys:
                pipe.unlink(*keys)
            return True

        self._unless_changed(drop, _CURRENT, _PUT)

    def _keys_of(self, numbers: frozenset[int]) -> set[str]:
        """All keys that generations have for themselves."""
        kept = [found for found in map(self.generation, set(self.numbers()) - numbers) if found]
        dropped = [found for found in map(self.generation, numbers) if found]
        needed = {_entries_key(*pair) for found in kept for pair in _versions(found)}
        entries = {_entries_key(*pair) for found in dropped for pair in _versions(found)}
        identifiers = {_identifiers_key(number, kind) for number in numbers for kind in IDENTIFIER_KINDS}
        return {_generation_key(found.number) for found in dropped} | identifiers | (entries - needed)

    def _unless_changed(self, work: Callable[[Pipeline], bool], *keys: str) -> bool:
        """WATCH the keys; work again when another changed one before what ``work`` queued was done."""
        asked = self._client.transaction(work, *keys, value_from_callable=True)  # type: ignore[arg-type]
        return bool(asked)

    def report_worker(self, worker: str, report: WorkerReport) -> None:
        """Say on which generation a worker is."""
        self._client.hset(_WORKERS, worker, _encode(report))

    def workers(self) -> Mapping[str, WorkerReport]:
        """The last report of each worker, dead ones included: `seen_at` tells."""
        reports = self._client.hgetall(_WORKERS)
        return {_text(worker): msgspec.json.decode(raw, type=WorkerReport) for worker, raw in reports.items()}


def _neighbours(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    """The entries in parts that end where the number of the last one says so, or are the longest."""
    start = 0
    for end, entry in enumerate(entries, start=1):
        is_last = zlib.crc32(entry.entry_id.encode()) % _CHUNK == 0 or end == len(entries)
        if is_last or end - start == _LONGEST_CHUNK:
            yield entries[start:end]
            start = end


def _chunk(entries: Sequence[Entry]) -> bytes:
    return zlib.compress(b"\n".join(map(_encode, entries)), _QUICKLY)


def _raw(value: bytes | str) -> bytes:
    """redis-py's types leave open what protocol 3 answers with: bytes, unless told to decode."""
    return value if isinstance(value, bytes) else value.encode()


def _text(value: bytes | str) -> str:
    return _raw(value).decode()


def _entries_key(source: str, version: str) -> str:
    return f"tw:lists:entries:{source}:{version}"


def _generation_key(number: int) -> str:
    return f"{_GENERATION}{number}"


def _identifiers_key(number: int, kind: str) -> str:
    return f"tw:lists:ids:{number}:{kind}"


def _versions(generation: Generation) -> Iterator[tuple[str, str]]:
    return ((source, version.version) for source, version in generation.sources.items())


def _list_anew(
    listed: dict[str, bytes], token: str, came: Iterable[Listing], went: Iterable[Listing]
) -> None:
    then = set(_decode_listed(listed.pop(token, b"[]")))
    now = then.difference(map(_listed, went)).union(map(_listed, came))
    if now:
        listed[token] = _encode(sorted(now))


def _listed(listing: Listing) -> tuple[str, str, str, tuple[str, ...]]:
    return listing.list, listing.entry_id, listing.entry_name, listing.programs


def _parted(each: Iterable[_T], most: int) -> Iterator[list[_T]]:
    """In parts of at most so many."""
    iterator = iter(each)
    while part := list(islice(iterator, most)):
        yield part
