"""For how long the service has watched: nobody is new to a service that is newer itself.

The earliest event time does not say it: one message that comes four weeks late is no four weeks of watching.
"""

from collections.abc import Mapping
from typing import Final

from tidewaiter.domain.features import HABIT_DAYS

# Twice as long as it is asked for: on a holiday that nobody worked on it is the days before that tell.
_DAYS_REMEMBERED: Final = 2 * HABIT_DAYS
# Of what the busiest day has. A Sunday has a tenth of a weekday, what comes weeks late less than a hundredth.
_SHARE_LEAST: Final = 0.02


class Watch:
    """How many entities were seen on each day. The same in whatever order they are, and however often."""

    def __init__(self, seen: Mapping[int, int]) -> None:
        self._seen = dict(seen)

    def count(self, day: int) -> None:
        """An entity was seen for the first time on that day."""
        self._seen[day] = self._seen.get(day, 0) + 1

    def restore(self, day: int, entities: int) -> None:
        """So many entities of that day are remembered; some of them may have been forgotten since."""
        self._seen[day] = max(self._seen.get(day, 0), entities)

    def seen(self, today: int) -> dict[int, int]:
        """Entities by day, of the days that are remembered; the others are forgotten."""
        oldest = today - _DAYS_REMEMBERED
        self._seen = {day: count for day, count in sorted(self._seen.items()) if day >= oldest}
        return dict(self._seen)

    def days(self, today: int) -> int:
        """Days from the first one on which the service watched; 0 for none.

        A day is watched that has 2 % of what the busiest one has, and the service watched since the earliest
        from which on half of all days are.
        """
        seen = self.seen(today)
        least = _SHARE_LEAST * max(seen.values(), default=0)
        watched = sorted(day for day, count in seen.items() if count >= least)
        for at, day in enumerate(watched):
            if 2 * (len(watched) - at) > today - day:
                return today - day
        return 0
