"""Features in Redis: each insight partition writes its own part, a screener reads all parts as one table.

Key: ``tw:insight:features`` hash, "<kind>:<partition>" → msgpack [partitions, as_of_ms, written_ms, {token:
row}]. Shippers, addresses and texts stand under tokens of those kinds, a heading of the tariff as it is.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Generic, cast

import msgspec
import redis
from msgspec import Struct

from tidewaiter.domain.features import (
    KINDS,
    AddressStart,
    FeatureKind,
    Features,
    GoodsNorm,
    Row,
    RowT,
    ShipperPace,
    Table,
    TextSpread,
)

FEATURES: Final = "tw:insight:features"


class Part(Struct, Generic[RowT], frozen=True, array_like=True):
    """What one of ``partitions`` insight partitions has of a kind; see ``domain.features.Table``."""

    partitions: int
    as_of_ms: int
    written_ms: int
    rows: Mapping[str, RowT]


_DECODERS: Final[Mapping[FeatureKind, msgspec.msgpack.Decoder[Any]]] = {
    "shipper": msgspec.msgpack.Decoder(Part[ShipperPace]),
    "text": msgspec.msgpack.Decoder(Part[TextSpread]),
    "address": msgspec.msgpack.Decoder(Part[AddressStart]),
    "goods": msgspec.msgpack.Decoder(Part[GoodsNorm]),
}
_encode = msgspec.msgpack.Encoder().encode


class RedisFeatures:
    """The features on one Redis. Its calls block as long as the client lets them; redis.RedisError."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def write(self, kind: FeatureKind, partition: int, part: Part[Row]) -> None:
        """Put a partition's part of a kind in place of the one before. Idempotent."""
        self._client.hset(FEATURES, f"{kind}:{partition}", _encode(part))

    def read(self) -> Features:
        """All tables. A kind of which a part is missing or unreadable is None: who is in it is not known.

        Without any part, readable or not, the features are not begun.
        """
        found = cast("dict[bytes, bytes]", self._client.hgetall(FEATURES))
        blobs: dict[str, dict[int, bytes]] = {kind: {} for kind in KINDS}
        for field, blob in found.items():
            kind, _, partition = field.decode(errors="replace").partition(":")
            if kind in blobs and partition.isdecimal():
                blobs[kind][int(partition)] = blob
        tables = {kind: _table(_DECODERS[kind], blobs[kind]) for kind in KINDS}
        return Features(**tables, is_begun=bool(found))


def _table(decoder: msgspec.msgpack.Decoder[Part[Any]], blobs: Mapping[int, bytes]) -> Table[Any] | None:
    """The parts as one. The newest says how many belong together: after a change others may be left over."""
    try:
        parts = {partition: decoder.decode(blob) for partition, blob in blobs.items()}
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not parts:
        return None
    count = max(parts.values(), key=lambda part: part.written_ms).partitions
    ours = [parts[partition] for partition in range(count) if partition in parts]
    return _joined(ours) if len(ours) == count else None


def _joined(parts: Iterable[Part[Any]]) -> Table[Any]:
    known = tuple(parts)
    return Table(
        as_of_ms=min(part.as_of_ms for part in known),
        written_ms=min(part.written_ms for part in known),
        rows={token: row for part in known for token, row in part.rows.items()},
    )
