"""The sparse tables of those who depart from their habit, as the screener's rules ask for them."""

from collections.abc import Callable, Mapping
from typing import Final

from tidewaiter.domain.features import (
    ADDRESS_NEW_DAYS,
    ADDRESS_PARCELS_LEAST,
    HABIT_DAYS,
    SHIPPER_PARCELS_LEAST,
    SHIPPER_SURGE_LEAST,
    TEXT_DAYS,
    TEXT_NEW_SHIPPERS_LEAST,
    AddressStart,
    FeatureKind,
    Row,
    ShipperPace,
    TextSpread,
)
from tidewaiter.insight.day import SAMPLE_SIZES, stored_members
from tidewaiter.insight.judge import Judge
from tidewaiter.insight.keys import Entity
from tidewaiter.insight.ledger import Ledger
from tidewaiter.insight.sample import Parties

# No row without so many parcels.
_PARCELS_LEAST: Final = min(SHIPPER_PARCELS_LEAST, TEXT_NEW_SHIPPERS_LEAST, ADDRESS_PARCELS_LEAST)

# Days that the service has to have watched itself before it tells who is new.
_WATCHED_LEAST: Final[Mapping[FeatureKind, int]] = {
    "shipper": 0,
    "text": HABIT_DAYS,
    "address": ADDRESS_NEW_DAYS,
}


class Standings:
    """The rows of shippers, texts and addresses, brought up to date entity by entity as they are sighted."""

    def __init__(self, ledger: Ledger, judge: Judge) -> None:
        self._ledger, self._judge = ledger, judge
        self._rows: dict[Entity, Row] = {}
        self._find: Mapping[str, Callable[[Entity], Row | None]] = {
            "shipper": self._pace,
            "text": self._spread,
            "address": self._start,
        }

    def restore(self) -> None:
        """Find the rows of a ledger that was there before: those with enough parcels are looked at."""
        parcels: dict[Entity, int] = {}
        for entity, _, stored in self._ledger.stored():
            if entity.kind in self._find:
                parcels[entity] = parcels.get(entity, 0) + stored_members(stored)
        for entity, count in parcels.items():
            if count >= _PARCELS_LEAST:
                self.refresh(entity)

    def refresh(self, entity: Entity) -> None:
        """Bring the row of an entity up to date; nothing for kinds that have none."""
        find = self._find.get(entity.kind)
        row = find(entity) if find is not None else None
        if row is not None:
            self._rows[entity] = row
        else:
            self._rows.pop(entity, None)

    def begin_day(self) -> None:
        """Another day: rows that do not hold any more go. Rows come only with sightings."""
        for entity in list(self._rows):
            self.refresh(entity)

    def rows(self) -> dict[FeatureKind, dict[str, Row]]:
        """The rows by kind and token. Nobody is new to a service that is newer itself."""
        found: dict[FeatureKind, dict[str, Row]] = {kind: {} for kind in _WATCHED_LEAST}
        watched = self._ledger.days_watched
        told = {kind for kind in found if watched >= _WATCHED_LEAST[kind]}
        for entity, row in self._rows.items():
            if entity.kind in told:
                found[entity.kind][entity.name] = row
        return found

    def _pace(self, entity: Entity) -> ShipperPace | None:
        day = self._ledger.day(entity, self._ledger.today)
        if day is None or day.parcels.count < SHIPPER_PARCELS_LEAST:
            return None
        habit = self._judge.habit(entity, day)
        pace = ShipperPace(day.parcels.count, habit.parcels, habit.days_known)
        return pace if pace.surge >= SHIPPER_SURGE_LEAST else None

    def _spread(self, entity: Entity) -> TextSpread | None:
        today = self._ledger.today
        together = Parties(SAMPLE_SIZES[entity.kind])
        for day in self._ledger.days(entity, today, TEXT_DAYS):
            for party, values in day.parties.members.items():
                together.add(party, values)
        new = sum(values[0] > today - HABIT_DAYS for values in together.members.values())
        spread = TextSpread(together.count, round(new * together.weight))
        return spread if spread.new_shippers >= TEXT_NEW_SHIPPERS_LEAST else None

    def _start(self, entity: Entity) -> AddressStart | None:
        today = self._ledger.today
        days = list(self._ledger.days(entity, today, ADDRESS_NEW_DAYS))
        parcels = sum(day.parcels.count for day in days)
        age = today - min((day.first for day in days), default=today)
        is_burst = age < ADDRESS_NEW_DAYS and parcels >= ADDRESS_PARCELS_LEAST
        return AddressStart(age, parcels) if is_burst else None
