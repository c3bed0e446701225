"""Sightings that several tests count, and shards to count them with."""

from collections.abc import Iterable, Sequence

from tidewaiter.insight.ledger import Ledger
from tidewaiter.insight.shard import Shard
from tidewaiter.insight.sighting import DAY_MS, MINUTE_MS, Kind, Measured, Sighting, hash_of

FIRST_DAY = 20_000


class PlainTokens:
    """Tokens that can be read."""

    def token(self, kind: str, text: str) -> str:
        return f"{kind}:{text}"


def sighting(
    number: int,
    day: int = 0,
    minute: int = 600,
    *,
    kind: Kind = "shipper",
    entity: str = "acme",
    party: int | None = None,
    cents_per_kg: int = 2_000,
    grams_per_unit: int = 300,
    held: bool = False,
    known_since: int = 0,
) -> Sighting:
    """Parcel ``number`` on a day counted from `FIRST_DAY`; its party is one of its own."""
    at_ms = (FIRST_DAY + day) * DAY_MS + minute * MINUTE_MS
    parcel = f"FDX|{day}-{number}"
    measured = Measured(at_ms, parcel, hash_of(parcel), cents_per_kg, grams_per_unit, held)
    return Sighting(kind, entity, measured, hash_of(f"p{number}") if party is None else party, known_since)


def days_of(count: int, days: Iterable[int], **fields: object) -> list[Sighting]:
    """``count`` parcels on each of the days."""
    return [sighting(number, day, **fields) for day in days for number in range(count)]  # type: ignore[arg-type]


def shard(*counted: Sequence[Sighting]) -> Shard:
    """A new shard that has counted these one after another."""
    return tabled(*counted)[0]


def tabled(*counted: Sequence[Sighting]) -> tuple[Shard, dict[bytes, bytes]]:
    """The same, with the table that it wrote."""
    table: dict[bytes, bytes] = {}
    made = Shard(Ledger(table))
    for seen in counted:
        made.count(seen)
    return made, table


def restored(table: dict[bytes, bytes]) -> Shard:
    """A shard made anew from what another one left."""
    return Shard(Ledger(table, keys=list(table)))
