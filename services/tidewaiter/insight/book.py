"""Insight without a stream: events in order in, the features and alerts at any moment out.

For a backtest and for files; on the stream the same shards count, see ``insight.desk``.
"""

from collections.abc import Sequence

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.features import Features, Table
from tidewaiter.domain.surge import SurgeAlert
from tidewaiter.insight.ledger import Ledger
from tidewaiter.insight.shard import Shard
from tidewaiter.insight.sighting import Sighting, Tokens, sightings


class InsightBook:
    """Counts every declaration it is given. The same events in the same order give the same answers."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._shard = Shard(Ledger({}))

    def take(self, event: ParcelEvent, *, held: bool = False) -> tuple[SurgeAlert, ...]:
        """Count an event, and what it raises alerts about; ``held`` once it is known that the parcel was."""
        return self.count(tuple(sightings(event, self._tokens, held=held)))

    def count(self, seen: Sequence[Sighting]) -> tuple[SurgeAlert, ...]:
        """Count sightings that were made before; the alerts that they raise."""
        alerts: tuple[SurgeAlert, ...] = ()
        while seen:
            counted = self._shard.count(seen)
            alerts += counted.alerts
            seen = counted.passed_on
        return alerts

    @property
    def days(self) -> int:
        """How many days of entities are remembered."""
        return self._shard.days

    def features(self) -> Features:
        """All tables as of the latest event; written at that time, too, since there is no other clock."""
        at = self._shard.as_of_ms
        tables = {kind: Table(at, at, found) for kind, found in self._shard.rows().items()}
        return Features(**tables)  # type: ignore[arg-type]  # each kind has rows of its own type
