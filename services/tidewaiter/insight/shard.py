"""All that one partition does: counts sightings, raises alerts, and has the features of its entities."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from tidewaiter.domain.features import FeatureKind, Row
from tidewaiter.domain.surge import SurgeAlert
from tidewaiter.insight.day import Day
from tidewaiter.insight.judge import Judge
from tidewaiter.insight.keys import Entity
from tidewaiter.insight.ledger import Ledger
from tidewaiter.insight.norms import Norms
from tidewaiter.insight.sighting import Sighting, hash_of
from tidewaiter.insight.standings import Standings


class Counted(Struct, frozen=True):
    """What counting leads to: alerts, and sightings that other entities have to count in their turn."""

    alerts: tuple[SurgeAlert, ...] = ()
    passed_on: tuple[Sighting, ...] = ()


class Shard:
    """The entities that one partition keeps, over their ledger; made anew from it, it goes on as before.

    Counting is idempotent and takes sightings in any order. Only when an alert is raised, and with which
    numbers, depends on the order.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._judge = Judge(ledger)
        self._standings = Standings(ledger, self._judge)
        self._norms = Norms(ledger)
        self._standings.restore()
        self._norms.restore()

    @property
    def as_of_ms(self) -> int:
        """Event time of the latest sighting; 0 before the first."""
        return self._ledger.as_of_ms

    @property
    def days(self) -> int:
        """How many days of entities are remembered."""
        return self._ledger.size

    def count(self, sightings: Sequence[Sighting]) -> Counted:
        """Count sightings of this partition's entities."""
        if not sightings:
            return Counted()
        if self._ledger.move_on([one.parcel.at_ms for one in sightings]):
            self._begin_day()
        alerts: list[SurgeAlert] = []
        passed_on: list[Sighting] = []
        for (entity, number), group in _by_day(sightings):
            if self._ledger.is_kept(entity, number):
                day = self._counted(entity, number, group)
                alerts += self._alerts(entity, number, day, group)
                passed_on += _texts(entity, day, group)
        self._ledger.finish()
        return Counted(tuple(alerts), tuple(passed_on))

    def rows(self) -> dict[FeatureKind, dict[str, Row]]:
        """The features as they are now, see ``domain.features``."""
        return {**self._standings.rows(), "goods": dict[str, Row](self._norms.rows())}

    def _begin_day(self) -> None:
        self._judge.begin_day()
        self._standings.begin_day()
        self._norms.begin_day()

    def _counted(self, entity: Entity, number: int, group: Sequence[Sighting]) -> Day:
        day = self._ledger.opened(entity, number)
        for sighting in group:
            day.count(sighting)
        if self._ledger.keep(entity, number, day):
            self._outdate(entity, number)
        return day

    def _outdate(self, entity: Entity, number: int) -> None:
        if number != self._ledger.today:
            self._judge.forget(entity)
        if entity.kind == "goods":
            self._norms.outdate(entity.name)
        else:
            self._standings.refresh(entity)

    def _alerts(
        self, entity: Entity, number: int, day: Day, group: Sequence[Sighting]
    ) -> tuple[SurgeAlert, ...]:
        if entity.kind == "goods" or number != self._ledger.today:
            return ()
        alerts = self._judge.alerts(entity, day, group)
        for alert in alerts:
            day.mark_alerted(alert.subject)
        self._ledger.keep(entity, number, day)
        return alerts


def _by_day(sightings: Iterable[Sighting]) -> Iterable[tuple[tuple[Entity, int], list[Sighting]]]:
    groups: dict[tuple[Entity, int], list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        groups[Entity(sighting.kind, sighting.entity), sighting.parcel.day].append(sighting)
    return groups.items()


def _texts(entity: Entity, day: Day, group: Sequence[Sighting]) -> Iterator[Sighting]:
    """What a shipper's parcels say of their texts, now that it is known how new the shipper is."""
    if entity.kind != "shipper":
        return
    shipper = hash_of(entity.name)
    for one in group:
        if one.text:
            yield Sighting("text", one.text, one.parcel, shipper, day.first)
