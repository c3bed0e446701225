"""Sightings that several tests count, and shards to count them with."""

from collections.abc import Iterable, Sequence
from typing import TypedDict, Unpack

from tidewaiter.insight.ledger import Ledger
from tidewaiter.insight.shard import Shard
from tidewaiter.insight.sighting import DAY_MS, MINUTE_MS, Kind, Measured, Sighting, hash_of

FIRST_DAY = 20_000


class PlainTokens:
    """Tokens that can be read."""

    def token(self, kind: str, text: str) -> str:
        return f"{kind}:{text}"


class OfParcel(TypedDict, total=False):
    """What is said of a parcel and of whom it counts for, where it is not the usual."""

    minute: int
    kind: Kind
    entity: str
    party: int
    known_since: int
    cents_per_kg: int
    grams_per_unit: int
    held: bool


def sighting(number: int, day: int = 0, **said: Unpack[OfParcel]) -> Sighting:
    """Parcel ``number`` on a day counted from `FIRST_DAY`; its party is one of its own."""
    at_ms = (FIRST_DAY + day) * DAY_MS + said.get("minute", 600) * MINUTE_MS
    parcel = f"FDX|{day}-{number}"
    measured = Measured(
        at_ms,
        parcel,
        hash_of(parcel),
        said.get("cents_per_kg", 2_000),
        said.get("grams_per_unit", 300),
        said.get("held", False),
    )
    party = said.get("party", hash_of(f"p{number}"))
    kind, entity = said.get("kind", "shipper"), said.get("entity", "acme")
    return Sighting(kind, entity, measured, party, said.get("known_since", 0))


def days_of(count: int, days: Iterable[int], **said: Unpack[OfParcel]) -> list[Sighting]:
    """``count`` parcels on each of the days."""
    return [sighting(number, day, **said) for day in days for number in range(count)]


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
