"""Facts from the habits of shippers, texts, addresses and goods, which are learned beside the stream.

They are unknown while nobody has learned them lately; who is not in a fresh table keeps to its habit.
"""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any, Final

from tidewaiter.domain.features import (
    ADDRESS_NEW_DAYS,
    HABIT_DAYS,
    FeatureKind,
    GoodsNorm,
    Quantiles,
)
from tidewaiter.matching.habits import units_of
from tidewaiter.rules.catalogue import Fact
from tidewaiter.rules.cel.types import DOUBLE, INT, CelType
from tidewaiter.rules.cel.unknown import UNKNOWN
from tidewaiter.rules.facts.row import Row, Subject

SOURCE: Final = "insight"
_CENTS: Final = 100
_GRAMS: Final = 1000

_Value = Callable[[Subject], object]


def _row(name: str, type_: CelType, meaning: str, unit: str, ordinary: object, value: _Value) -> Row:
    return Row(Fact(f"habits.{name}", type_, meaning, SOURCE, unit, may_be_unknown=True), ordinary, value)


def _of(kind: FeatureKind, value: Callable[[Any], object], usual: object) -> _Value:
    """Of a parcel's row in the table of that kind: the usual value without one, UNKNOWN without a table."""

    def of(subject: Subject) -> object:
        habits = subject.evidence.habits
        row = getattr(habits, kind)
        if row:
            return value(row)
        return UNKNOWN if kind in habits.unknown else usual

    return of


def _usd_per_kg(quantile: str) -> _Value:
    return _of("goods", lambda norm: getattr(norm.cents_per_kg, quantile, 0.0) / _CENTS, 0.0)


def _grams(quantile: str) -> _Value:
    return _of("goods", lambda norm: float(getattr(norm.grams_per_unit, quantile, 0.0)), 0.0)


def _grams_per_unit(subject: Subject) -> float:
    event = subject.event
    units = units_of(event)
    return float(event.gross_weight_kg or 0) * _GRAMS / units if units else 0.0


# A norm in which the ordinary sweater is ordinary.
ORDINARY_NORM: Final = GoodsNorm(
    5_000,
    Quantiles(600.0, 1_100.0, 4_200.0, 11_000.0, 21_000.0),
    Quantiles(110.0, 150.0, 380.0, 700.0, 950.0),
)
_NORM: Final = "parcels of the same heading in 30 days; 0 where fewer than 200 were seen"

_SHIPPER: Final = (
    _row(
        "shipper_parcels_today",
        INT,
        "parcels of this shipper in the current day, where they are at least 20 and twice its habit; else 0",
        "",
        0,
        _of("shipper", attrgetter("parcels_today"), 0),
    ),
    _row(
        "shipper_surge",
        DOUBLE,
        "those over its own mean of a day in the 28 days before; 1 where it keeps to its habit",
        "times",
        1.0,
        _of("shipper", attrgetter("surge"), 1.0),
    ),
    _row(
        "shipper_days_known",
        INT,
        "days of those 28 since it was first seen; 28 where it keeps to its habit",
        "days",
        HABIT_DAYS,
        _of("shipper", attrgetter("days_known"), HABIT_DAYS),
    ),
)

_TEXT: Final = (
    _row(
        "text_shippers_7d",
        INT,
        "different shippers of these very words in 7 days, where at least 5 of them are new; else 0",
        "",
        0,
        _of("text", attrgetter("shippers"), 0),
    ),
    _row(
        "text_new_shippers_7d",
        INT,
        "those of them that were first seen in the last 28 days",
        "",
        0,
        _of("text", attrgetter("new_shippers"), 0),
    ),
)

_ADDRESS: Final = (
    _row(
        "address_age_days",
        INT,
        "days since the consignee's address was first seen; 14 for longer, or for fewer than 5 parcels",
        "days",
        ADDRESS_NEW_DAYS,
        _of("address", attrgetter("age_days"), ADDRESS_NEW_DAYS),
    ),
    _row(
        "address_parcels_14d",
        INT,
        "parcels to that address in 14 days, where it is younger than that and they are at least 5; else 0",
        "",
        0,
        _of("address", attrgetter("parcels"), 0),
    ),
)

_GOODS: Final = (
    _row("value_per_kg_p01", DOUBLE, f"what 99 of 100 exceed: {_NORM}", "USD/kg", 6.0, _usd_per_kg("p01")),
    _row("value_per_kg_p50", DOUBLE, f"the middle one: {_NORM}", "USD/kg", 42.0, _usd_per_kg("p50")),
    _row("value_per_kg_p99", DOUBLE, f"what 1 of 100 exceeds: {_NORM}", "USD/kg", 210.0, _usd_per_kg("p99")),
    _row("grams_per_unit_p01", DOUBLE, f"what 99 of 100 exceed: {_NORM}", "g", 110.0, _grams("p01")),
    _row("grams_per_unit_p50", DOUBLE, f"the middle one: {_NORM}", "g", 380.0, _grams("p50")),
    _row("grams_per_unit_p99", DOUBLE, f"what 1 of 100 exceeds: {_NORM}", "g", 950.0, _grams("p99")),
)

_BY_KIND: Final[Mapping[FeatureKind, tuple[Row, ...]]] = {
    "shipper": _SHIPPER,
    "text": _TEXT,
    "address": _ADDRESS,
    "goods": _GOODS,
}
HABITS: Final = tuple(row for rows in _BY_KIND.values() for row in rows)
ON_HABITS: Final = frozenset(row.fact.name for row in HABITS)
"""The facts that may be unknown while nothing of the deciding itself is out."""


def facts_of(kinds: Iterable[FeatureKind]) -> frozenset[str]:
    """The facts that are UNKNOWN while these kinds are."""
    return frozenset(row.fact.name for kind in kinds for row in _BY_KIND[kind])


MEASURED: Final = (
    Row(
        Fact(
            "goods.grams_per_unit",
            DOUBLE,
            "gross weight by the number of units; 0 where either is not given",
            "parcel-events items",
            "g",
        ),
        400.0,
        _grams_per_unit,
    ),
)
