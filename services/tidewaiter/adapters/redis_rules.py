"""Published rulesets in Redis: the bundles by version, the version in force, who put it there and why.

Keys: ``tw:rules:current`` the version in force · ``tw:rules:bundle:<version>`` the zlib-compressed bundle ·
``tw:rules:history`` list of JSON {version, reason, by, at}, the oldest first · ``tw:rules:workers`` hash,
worker → JSON {version, seen_at}.
"""

import zlib
from collections.abc import Mapping
from typing import Final, cast

import msgspec
import redis

from tidewaiter.rules.publishing import Publication, WorkerRules

CURRENT: Final = "tw:rules:current"
_BUNDLE: Final = "tw:rules:bundle:"
_HISTORY: Final = "tw:rules:history"
_WORKERS: Final = "tw:rules:workers"

_encode = msgspec.json.encode
_decode_publication = msgspec.json.Decoder(Publication).decode
_decode_worker = msgspec.json.Decoder(WorkerRules).decode


class RedisRules:
    """The `RulesetStore` on one Redis. Its calls block as long as the client lets them; redis.RedisError."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def current(self) -> str | None:
        found = cast("bytes | None", self._client.get(CURRENT))
        return None if found is None else found.decode()

    def bundle(self, version: str) -> bytes | None:
        found = cast("bytes | None", self._client.get(_BUNDLE + version))
        return None if found is None else zlib.decompress(found)

    def publish(self, bundle: bytes, publication: Publication) -> None:
        """One MULTI: a worker sees the version in force only when its bundle is there."""
        with self._client.pipeline(transaction=True) as pipeline:
            pipeline.set(_BUNDLE + publication.version, zlib.compress(bundle))
            pipeline.rpush(_HISTORY, _encode(publication))
            pipeline.set(CURRENT, publication.version)
            pipeline.execute()

    def history(self) -> tuple[Publication, ...]:
        found = cast("list[bytes]", self._client.lrange(_HISTORY, 0, -1))
        return tuple(map(_decode_publication, found))

    def report(self, worker: str, running: WorkerRules) -> None:
        """What a worker says it runs; idempotent."""
        self._client.hset(_WORKERS, worker, _encode(running))

    def workers(self) -> Mapping[str, WorkerRules]:
        found = cast("dict[bytes, bytes]", self._client.hgetall(_WORKERS))
        return {name.decode(): _decode_worker(text) for name, text in sorted(found.items())}
