"""Who departs from its habit so far that people are told: one alert an entity, day and subject."""

from collections import deque
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, cast

from tidewaiter.domain.surge import SUBJECTS, Subject, Surge, SurgeAlert, SurgeKind
from tidewaiter.insight.day import Day
from tidewaiter.insight.habit import PARCELS_LEAST, Habit, days_known, habit_of, surges
from tidewaiter.insight.keys import Entity
from tidewaiter.insight.ledger import Ledger
from tidewaiter.insight.sighting import Sighting

_EXAMPLES: Final = 5
_SUBJECTS: Final = frozenset(SUBJECTS.values())


class Judge:
    """Judges the current day of entities. Habits and examples are remembered for that day alone."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._habits: dict[Entity, Habit] = {}
        self._latest: dict[Entity, deque[str]] = {}

    def begin_day(self) -> None:
        """Another day: what was usual before it has to be asked anew."""
        self._habits.clear()
        self._latest.clear()

    def forget(self, entity: Entity) -> None:
        """An earlier day of an entity has changed, and with it the habit."""
        self._habits.pop(entity, None)

    def habit(self, entity: Entity, day: Day) -> Habit:
        """The habit of an entity before the current day."""
        habit = self._habits.get(entity)
        if habit is None:
            days = list(self._ledger.before(entity, self._ledger.today))
            first = min([day.first, *[earlier.first for earlier in days]])
            known = days_known(first, self._ledger.today)
            habit = self._habits[entity] = habit_of([earlier.tally for earlier in days], known)
        return habit

    def alerts(self, entity: Entity, day: Day, seen: Sequence[Sighting]) -> tuple[SurgeAlert, ...]:
        """The alerts that the current day of an entity asks for after these sightings; for most none."""
        if day.parcels.count >= PARCELS_LEAST // 2:
            latest = self._latest.setdefault(entity, deque(maxlen=_EXAMPLES))
            latest.extend(one.parcel.parcel for one in seen if one.parcel.parcel not in latest)
        if len(day.alerted) == len(_SUBJECTS) or day.parcels.count < PARCELS_LEAST:
            return ()
        habit = self.habit(entity, day)
        found: dict[Subject, list[Surge]] = {}
        for surge in surges(day, habit):
            found.setdefault(SUBJECTS[surge.measure], []).append(surge)
        new = [subject for subject in found if subject not in day.alerted]
        at_ms = max(one.parcel.at_ms for one in seen)
        return tuple(self._raised(entity, at_ms, habit, tuple(found[subject])) for subject in new)

    def _raised(self, entity: Entity, at_ms: int, habit: Habit, found: tuple[Surge, ...]) -> SurgeAlert:
        today = self._ledger.today
        subject = SUBJECTS[found[0].measure]
        named = f"{entity.text}|{today}|{subject}"
        return SurgeAlert(
            alert_id=blake2b(named.encode(), digest_size=16).hexdigest(),
            subject=subject,
            kind=cast(SurgeKind, entity.kind),
            entity=entity.name,
            day=today,
            at_ms=at_ms,
            days_known=habit.days_known,
            surges=found,
            examples=tuple(self._latest[entity]),
        )
