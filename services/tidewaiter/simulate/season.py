"""Traffic over many days, so that everybody in it has a habit, and departures from it on the last ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from tidewaiter.simulate.message import Message
from tidewaiter.simulate.planted.departures import CASES
from tidewaiter.simulate.planted.draft import Case
from tidewaiter.simulate.traffic import Traffic

# Before that many days there is no habit to depart from.
HABIT_DAYS: Final = 28
# A traffic uses its seed and the four after it.
_SEEDS_APART: Final = 100


@dataclass(frozen=True, slots=True)
class Season:
    """``days`` days with the traffic of ``first``; departures are planted from the 29th day on, once a day.

    Each day is the beginning of a day at the country's full density. The same values give the same messages.
    """

    first: Traffic
    days: int
    departures: Sequence[Case] = CASES

    def __iter__(self) -> Iterator[Message]:
        for number in range(self.days):
            yield from self.day(number)

    def day(self, number: int) -> Traffic:
        """The traffic of one day, counted from 0."""
        return replace(
            self.first,
            seed=self.first.seed + _SEEDS_APART * number,
            start=self.first.start + timedelta(days=number),
            also=self.departures if number >= HABIT_DAYS else (),
        )
