"""What is known of habits: how far shippers, texts and addresses depart from theirs, and what goods weigh.

The tables are sparse: who is not in a table that is fresh keeps to its habit, or is too small to be judged.
"""

from collections.abc import Mapping
from typing import Final, Generic, Literal, TypeVar, get_args

from msgspec import Struct

FeatureKind = Literal["shipper", "text", "address", "goods"]
KINDS: Final[tuple[FeatureKind, ...]] = get_args(FeatureKind)

HABIT_DAYS: Final = 28
SHIPPER_PARCELS_LEAST: Final = 20
"""Parcels of a shipper in the current day, below which a jump is chance."""
SHIPPER_SURGE_LEAST: Final = 2.0
"""Parcels of the current day over the mean of a day, from which a shipper is in the table."""
TEXT_DAYS: Final = 7
TEXT_NEW_SHIPPERS_LEAST: Final = 5
"""Shippers of one text in `TEXT_DAYS` that were first seen within `HABIT_DAYS`."""
ADDRESS_NEW_DAYS: Final = 14
ADDRESS_PARCELS_LEAST: Final = 5
"""Parcels to an address that was first seen less than `ADDRESS_NEW_DAYS` ago."""
GOODS_DAYS: Final = 30
GOODS_SIGHTINGS_LEAST: Final = 200
"""Parcels of a heading in `GOODS_DAYS`: two of them are below the first hundredth."""


class ShipperPace(Struct, frozen=True, gc=False, array_like=True):
    """A shipper's parcels in the current day of event time (UTC), and its mean of a day before.

    ``mean_a_day`` is over the `HABIT_DAYS` days before, days without a parcel included, but none before
    the shipper was first seen; ``days_known`` counts those days, 0 for one first seen today (mean 0).
    """

    parcels_today: int
    mean_a_day: float
    days_known: int

    @property
    def surge(self) -> float:
        """How many times its habit; against one parcel a day at least, so that a habit of none is finite."""
        return self.parcels_today / max(self.mean_a_day, 1.0)


class TextSpread(Struct, frozen=True, gc=False, array_like=True):
    """Distinct shippers of one text in `TEXT_DAYS`, and those of them first seen within `HABIT_DAYS`."""

    shippers: int
    new_shippers: int


class AddressStart(Struct, frozen=True, gc=False, array_like=True):
    """Whole days since a consignee's address was first seen, and its parcels in `ADDRESS_NEW_DAYS`."""

    age_days: int
    parcels: int


class Quantiles(Struct, frozen=True, gc=False, array_like=True):
    """Of a hundred sightings, that which the 1st, 5th, 50th, 95th and 99th does not exceed."""

    p01: float
    p05: float
    p50: float
    p95: float
    p99: float


class GoodsNorm(Struct, frozen=True, array_like=True):
    """What goods of one heading are worth and weigh, over `GOODS_DAYS`; see ``matching.habits``.

    ``sightings`` counts the parcels. A measure that fewer than `GOODS_SIGHTINGS_LEAST` of them had is None.
    """

    sightings: int
    cents_per_kg: Quantiles | None
    grams_per_unit: Quantiles | None


Row = ShipperPace | TextSpread | AddressStart | GoodsNorm
RowT = TypeVar("RowT")


class Table(Struct, Generic[RowT], frozen=True):
    """All rows of one kind by their entity's token; of goods by the heading itself.

    ``as_of_ms`` is event time; until ``written_ms``, by the wall clock of whoever wrote it, everything that
    there was to count is in it. Of the parts that the table was put together from the oldest of each.
    """

    as_of_ms: int
    written_ms: int
    rows: Mapping[str, RowT] = {}


class Features(Struct, frozen=True):
    """The tables of all kinds; None for one that nobody has written whole.

    ``is_begun`` is False where nobody has written a part of any: insight has not run.
    """

    shipper: Table[ShipperPace] | None = None
    text: Table[TextSpread] | None = None
    address: Table[AddressStart] | None = None
    goods: Table[GoodsNorm] | None = None
    is_begun: bool = True

    def written_ms(self) -> Mapping[FeatureKind, int]:
        """When each kind that is there was written."""
        tables: dict[FeatureKind, Table[Row] | None] = {kind: getattr(self, kind) for kind in KINDS}
        return {kind: table.written_ms for kind, table in tables.items() if table is not None}

    def fresh(self, now_ms: int, age_most_ms: int) -> "Features":
        """Those kinds that were written not longer ago than ``age_most_ms``, nor further ahead."""
        written = self.written_ms().items()
        kept = {kind: getattr(self, kind) for kind, at in written if abs(now_ms - at) <= age_most_ms}
        return Features(**kept)


class Habits(Struct, frozen=True):
    """What the features say of one parcel's entities; None for what keeps to its habit.

    ``goods`` is the norm of its heading. ``unknown`` are the kinds without a fresh table; ``is_learned`` is
    False where there never was one, so that an unknown habit is nobody's news.
    """

    shipper: ShipperPace | None = None
    text: TextSpread | None = None
    address: AddressStart | None = None
    goods: GoodsNorm | None = None
    unknown: frozenset[FeatureKind] = frozenset()
    is_learned: bool = True


USUAL: Final = Habits()
"""Of who keeps to its habit, with goods that too few have declared for a norm."""
UNKNOWN_HABITS: Final = Habits(unknown=frozenset(KINDS))
"""While the tables are too old or cannot be read."""
NO_HABITS: Final = Habits(unknown=frozenset(KINDS), is_learned=False)
"""Where insight has not run."""
