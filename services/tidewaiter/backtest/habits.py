"""Habits as insight would have learned them, record by record of a history, for whoever replays it."""

from collections.abc import Iterable, Mapping, Sequence

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.features import Features, Habits, Table
from tidewaiter.insight.book import InsightBook
from tidewaiter.insight.reading import in_time
from tidewaiter.insight.sighting import Sighting, habit_sightings
from tidewaiter.matching.habits import PartyKeys, party_keys
from tidewaiter.rules.facts.habits import ON_HABITS
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.screener.case import Case
from tidewaiter.screener.habits import KnownHabits

NOTHING_LEARNED = Features(Table(0, 0), Table(0, 0), Table(0, 0), Table(0, 0))
"""The tables before the first parcel: nobody departs from a habit."""


class _Itself(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return key


class PlainKeys:
    """Keys that stand for themselves: within one process no token has to hide them."""

    def token(self, kind: str, text: str) -> str:  # noqa: ARG002 - tables of different kinds are apart
        """The key itself."""
        return text

    def of_kind(self, kind: str) -> Mapping[str, str]:  # noqa: ARG002
        """Every key as itself."""
        return _ITSELF


_ITSELF = _Itself()
_PLAIN = PlainKeys()


def reads_habits(rulesets: Iterable[Ruleset]) -> bool:
    """Whether any rule asks for a habit: else nobody has to learn them: a third of a replay."""
    return any(not ON_HABITS.isdisjoint(rule.reads) for ruleset in rulesets for rule in ruleset.rules)


def sighted(case: Case) -> tuple[Sighting, ...]:
    """What a record counts for in features: a declaration that could be read, of the parcel its key names.

    Lanes only raise alerts.
    """
    event = case.message
    if case.is_foreign or not case.is_declaration or not isinstance(event, ParcelEvent):
        return ()
    # A file of which no line says a time has none to hold the event's against.
    is_timed = case.record.timestamp_ms > 0
    event = in_time(event, case.record.timestamp_ms) if is_timed else event
    keys = (case.first.habits if case.first else None) or party_keys(event)
    return tuple(habit_sightings(event, keys, _PLAIN))


class Learning:
    """Counts a history and has the tables as they are then, the same on any number of processes."""

    def __init__(self) -> None:
        self._book = InsightBook(_PLAIN)
        self._has_counted = False

    def count(self, seen: Sequence[Sighting]) -> None:
        """Take sightings in; within one call their order does not matter."""
        self._book.count(seen)
        self._has_counted = self._has_counted or bool(seen)

    def features(self) -> Features:
        """The tables after all that was counted."""
        return self._book.features() if self._has_counted else NOTHING_LEARNED


class ReplayedHabits:
    """The tables of the stretch that is being decided: see ``screener.habits.HabitSource``."""

    def __init__(self) -> None:
        self._known = KnownHabits(NOTHING_LEARNED, _PLAIN)

    @property
    def latest(self) -> "ReplayedHabits":
        """Itself: who decides a whole history asks once, and must see each stretch's tables."""
        return self

    def learn(self, features: Features) -> None:
        """From now on these tables."""
        self._known = KnownHabits(features, _PLAIN)

    def of(self, event: ParcelEvent, keys: PartyKeys | None = None) -> Habits:
        """See ``screener.habits.ParcelHabits``."""
        return self._known.of(event, keys)
