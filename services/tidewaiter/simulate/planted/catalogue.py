"""All cases in the order in which they are planted, and which of them fill a given number of parcels."""

from collections.abc import Sequence
from typing import Final

from tidewaiter.simulate.planted import contraband, crowds, listed, paperwork
from tidewaiter.simulate.planted.draft import Case
from tidewaiter.simulate.planted.usable import Usable

CASES: Final[tuple[Case, ...]] = (
    *listed.CASES,
    *contraband.CASES,
    *paperwork.CASES,
    *crowds.SINGLES,
    *crowds.CASES,
)
# A crowd takes no more than a third of the parcels that are left to plant, so that all cases have a place.
_CROWD_SHARE: Final = 3


def available(usable: Usable) -> tuple[Case, ...]:
    """The cases that can be planted with those list entries."""
    return tuple(case for case in CASES if not case.needs or getattr(usable, case.needs))


def programme(parcels: int, usable: Usable) -> Sequence[Case]:
    """Cases, over and over, whose sizes sum up to ``parcels`` exactly."""
    cases, planted, left = available(usable), [], parcels
    while left > 0:
        for case in cases:
            if case.size <= (left if case.size == 1 else left // _CROWD_SHARE):
                planted.append(case)
                left -= case.size
    return planted
