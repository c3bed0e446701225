"""When parcels are announced: 3 million a day, in the banks that flights make of it."""

from bisect import bisect_right
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

PARCELS_A_DAY: Final = 3_000_000
_QUARTER_MS: Final = 15 * 60 * 1_000
# Parcels of each hour of the day (UTC) in relation to each other: manifests come ahead of the night sorts at
# the hubs. Within an hour the first quarter is the fullest, up to six times the mean of the day.
_HOURS: Final = (4, 9, 14, 22, 30, 26, 18, 10, 6, 4, 3, 3, 4, 5, 6, 8, 9, 8, 7, 6, 5, 5, 5, 4)
_QUARTERS: Final = (19, 12, 6, 3)
_WEIGHTS: Final = tuple(hour * quarter for hour in _HOURS for quarter in _QUARTERS)
_ENDS: Final = tuple(
    PARCELS_A_DAY * running // sum(_WEIGHTS) for running in accumulate(_WEIGHTS)
)  # parcels announced by the end of each quarter
_STARTS: Final = (0, *_ENDS[:-1])


def offset(position: int) -> timedelta:
    """How long after midnight of the first day the parcel of that position is announced."""
    day, place = divmod(position, PARCELS_A_DAY)
    quarter = bisect_right(_ENDS, place)
    first, end = _STARTS[quarter], _ENDS[quarter]
    within = (place - first) * _QUARTER_MS // (end - first)
    return timedelta(days=day, milliseconds=quarter * _QUARTER_MS + within)


def position_at(moment: timedelta) -> int:
    """The first position that is announced at or after that time of the first day."""
    quarter, within = divmod(int(moment.total_seconds() * 1_000) % 86_400_000, _QUARTER_MS)
    first, end = _STARTS[quarter], _ENDS[quarter]
    return first - (first - end) * within // _QUARTER_MS


class Clock:
    """The event time of every position of a stream that begins at ``start`` (UTC)."""

    def __init__(self, start: datetime) -> None:
        midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
        self._first = position_at(start - midnight)
        self._zero = start - offset(self._first)

    def at(self, position: int) -> datetime:
        """When the parcel of that position is announced."""
        return self._zero + offset(self._first + position)
