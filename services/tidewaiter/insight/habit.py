"""The habit of an entity: its 28 days before a day, summed when read from one record a day."""

from collections.abc import Sequence
from math import sqrt
from typing import Final

from msgspec import Struct

from tidewaiter.domain.features import HABIT_DAYS
from tidewaiter.domain.surge import Surge, SurgeMeasure
from tidewaiter.insight.day import Day, Tally

# A habit of less than a week says nothing of weekdays.
DAYS_KNOWN_LEAST: Final = 7
PARCELS_LEAST: Final = 20
"""Parcels of a day, or of an hour, below which nothing is a surge."""
TIMES_LEAST: Final = 3.0
"""How many times its habit something has to be (a value: how many times less)."""
DEVIATIONS_LEAST: Final = 6.0
"""Standard deviations from the mean day; at least those of a Poisson count."""
HELD_LEAST: Final = 5
_HELD_DEVIATIONS: Final = 4.0
_VALUED_LEAST: Final = 10


class Habit(Struct, frozen=True):
    """What is usual. Means are over ``days_known`` days, those without a parcel included; ``parcels_spread``
    and ``parties_spread`` are standard deviations of a day, not below those of chance."""

    days_known: int
    parcels: float
    parcels_spread: float
    parties: float
    parties_spread: float
    busiest_hour: float
    cents_per_kg: float
    cents_per_kg_lowest: float
    held: float


def habit_of(tallies: Sequence[Tally], days_known: int) -> Habit:
    """The habit that so many days show, of which those without a parcel have no tally."""
    values = sorted(tally.cents_per_kg for tally in tallies if tally.cents_per_kg)
    parcels = sum(tally.parcels for tally in tallies)
    held = sum(tally.held * tally.parcels for tally in tallies)
    return Habit(
        days_known,
        *_mean_and_spread([tally.parcels for tally in tallies], days_known),
        *_mean_and_spread([tally.parties for tally in tallies], days_known),
        max((tally.busiest_hour for tally in tallies), default=0.0),
        values[len(values) // 2] if values else 0.0,
        values[0] if values else 0.0,
        held / parcels if parcels else 0.0,
    )


def days_known(first: int, day: int) -> int:
    """How many of the habit's days before ``day`` an entity first seen on ``first`` was known."""
    return min(max(day - first, 0), HABIT_DAYS)


def surges(day: Day, habit: Habit) -> tuple[Surge, ...]:
    """In what a day departs from its habit; () for one that keeps to it, or of which too little is known."""
    if habit.days_known < DAYS_KNOWN_LEAST or day.parcels.count < PARCELS_LEAST:
        return ()
    found = (*_of_the_day(day, habit), *_of_the_hour(day, habit))
    return tuple(surge for surge in found if surge is not None)


def _of_the_day(day: Day, habit: Habit) -> tuple[Surge | None, ...]:
    tally = day.tally
    more = _more("parcels", tally.parcels, habit.parcels, habit.parcels_spread)
    wider = _more("parties", tally.parties, habit.parties, habit.parties_spread)
    return more, wider, _held(day, tally, habit)


def _more(measure: SurgeMeasure, seen: float, usual: float, spread: float) -> Surge | None:
    times = seen / max(usual, 1.0)
    is_surge = seen >= PARCELS_LEAST and times >= TIMES_LEAST and seen - usual >= DEVIATIONS_LEAST * spread
    return Surge(measure, seen, usual, times) if is_surge else None


def _held(day: Day, tally: Tally, habit: Habit) -> Surge | None:
    """Far more parcels held than usual; the habit's share is taken for one in so many parcels at least."""
    usual = max(habit.held, 1 / max(habit.parcels * habit.days_known, 1.0))
    kept = len(day.parcels.members)
    times = tally.held / usual
    chance = sqrt(usual * max(1 - usual, 0.0) / kept)
    is_surge = tally.held * kept >= HELD_LEAST and times >= TIMES_LEAST
    is_surge = is_surge and tally.held - usual >= _HELD_DEVIATIONS * chance
    return Surge("held", tally.held, habit.held, times) if is_surge else None


def _of_the_hour(day: Day, habit: Habit) -> tuple[Surge | None, ...]:
    hour = day.last_hour()
    if hour.parcels < PARCELS_LEAST:
        return ()
    times = hour.parcels / max(habit.busiest_hour, 1.0)
    spread = sqrt(max(habit.busiest_hour, 1.0))
    faster = times >= TIMES_LEAST and hour.parcels - habit.busiest_hour >= DEVIATIONS_LEAST * spread
    less = habit.cents_per_kg / hour.cents_per_kg if hour.cents_per_kg else 0.0
    cheaper = (
        less >= TIMES_LEAST and hour.valued >= _VALUED_LEAST and hour.cents_per_kg < habit.cents_per_kg_lowest
    )
    return (
        Surge("parcels-hour", hour.parcels, habit.busiest_hour, times) if faster else None,
        Surge("value-hour", hour.cents_per_kg, habit.cents_per_kg, less) if cheaper else None,
    )


def _mean_and_spread(counts: Sequence[int], days: int) -> tuple[float, float]:
    """Mean and standard deviation of a day, over days of which those without a count had none."""
    if not days:
        return 0.0, 1.0
    mean = sum(counts) / days
    squares = sum(count * count for count in counts) / days
    return mean, max(sqrt(max(squares - mean * mean, 0.0)), sqrt(mean), 1.0)
