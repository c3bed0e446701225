"""One day of one entity: what is kept of it in a table, and what can be read off it."""

from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from tidewaiter.domain.features import ADDRESS_NEW_DAYS, GOODS_DAYS, HABIT_DAYS
from tidewaiter.domain.surge import Subject
from tidewaiter.insight.sample import Parcels, Parties, Values
from tidewaiter.insight.sighting import Kind, Sighting

_HOUR: Final = 60
# Below these an entity's day is counted exactly; above, a count is 6 % (256) or 13 % (64) off.
SAMPLE_SIZES: Final[dict[Kind, int]] = {"shipper": 256, "lane": 256, "text": 256, "address": 64, "goods": 64}
DAYS_KEPT: Final[dict[Kind, int]] = {
    "shipper": HABIT_DAYS,
    "lane": HABIT_DAYS,
    "text": HABIT_DAYS,
    "address": ADDRESS_NEW_DAYS,
    "goods": GOODS_DAYS,
}
"""How many days before the current one are remembered."""


class DayRecord(Struct, frozen=True, gc=False, array_like=True):
    """An entity's day as it is stored. ``first`` is the day on which the entity was first seen, as far as is
    remembered; ``alerted`` are the subjects of the alerts that were raised on it."""

    first: int
    parcels: bytes
    parties: bytes
    alerted: tuple[Subject, ...] = ()


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(DayRecord).decode


class Day:
    """An entity's day being counted. The same sightings give the same bytes, whatever their order.

    ``stored`` are the bytes that it is stored as; None once it has changed.
    """

    def __init__(self, kind: Kind, first: int, stored: bytes | None = None) -> None:
        record = _decode(stored) if stored is not None else DayRecord(first, b"", b"")
        size = SAMPLE_SIZES[kind]
        self.first = min(record.first, first)
        self.alerted = record.alerted
        self.parcels = Parcels(size, record.parcels)
        self.parties = Parties(size, record.parties)
        self.stored = stored if self.first == record.first else None

    @classmethod
    def read(cls, kind: Kind, stored: bytes) -> "Day":
        """A day as it was stored."""
        return cls(kind, _decode(stored).first, stored)

    def count(self, sighting: Sighting) -> None:
        """Take a sighting of this day in. Idempotent."""
        parcel = sighting.parcel
        values = (parcel.minute, parcel.cents_per_kg, parcel.grams_per_unit, int(parcel.held))
        changed = self.parcels.add(parcel.hashed, values)
        if sighting.party:
            known_since = (sighting.known_since or parcel.day,)
            changed = self.parties.add(sighting.party, known_since) or changed
        if changed:
            self.stored = None

    def mark_alerted(self, subject: Subject) -> None:
        """No further alert of that subject today."""
        self.alerted, self.stored = tuple(sorted({*self.alerted, subject})), None

    @property
    def is_changed(self) -> bool:
        """Whether it is another one than was stored."""
        return self.stored is None

    def packed(self) -> bytes:
        """The bytes to store, from now on those ``stored``."""
        record = DayRecord(self.first, self.parcels.packed(), self.parties.packed(), self.alerted)
        self.stored = _encode(record)
        return self.stored

    @property
    def tally(self) -> "Tally":
        """What of the day is compared with other days."""
        members = list(self.parcels.members.values())
        return Tally(
            self.parcels.count,
            self.parties.count,
            busiest_hour(members) * self.parcels.weight,
            median_value(members),
            sum(member[3] for member in members) / len(members) if members else 0.0,
        )

    def last_hour(self) -> "Hour":
        """The parcels within an hour before the latest one."""
        members = list(self.parcels.members.values())
        latest = max((member[0] for member in members), default=0)
        recent = [member for member in members if member[0] > latest - _HOUR]
        return Hour(len(recent) * self.parcels.weight, median_value(recent), valued(recent))


class Tally(NamedTuple):
    """A day in numbers: distinct parcels and parties, parcels of the busiest clock hour, median US cents a
    kilogram (0: unknown), share of parcels held."""

    parcels: int
    parties: int
    busiest_hour: float
    cents_per_kg: float
    held: float


class Hour(NamedTuple):
    """The last hour: parcels, median US cents a kilogram, and how many parcels that rests on."""

    parcels: float
    cents_per_kg: float
    valued: int


def stored_members(stored: bytes) -> int:
    """How many parcels a stored day has kept, without unpacking them."""
    return len(_decode(stored).parcels) // Parcels.layout.size


def busiest_hour(members: list[Values]) -> int:
    """Most members in one clock hour."""
    hours = [member[0] // _HOUR for member in members]
    return max(map(hours.count, set(hours)), default=0)


def valued(members: list[Values]) -> int:
    """How many members have a value."""
    return sum(member[1] > 0 for member in members)


def median_value(members: list[Values]) -> float:
    """The median US cents a kilogram; 0 when no member has a value. Of an even number the lower."""
    values = sorted(member[1] for member in members if member[1] > 0)
    return float(values[(len(values) - 1) // 2]) if values else 0.0
