"""A surge: somebody or something on the stream that departs from its own habit, and the alert about it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from msgspec import Struct

SurgeMeasure = Literal["parcels", "parcels-hour", "parties", "value-hour", "held"]
Subject = Literal["volume", "value", "held"]
SUBJECTS: Final[Mapping[SurgeMeasure, Subject]] = MappingProxyType(
    {
        "parcels": "volume",
        "parcels-hour": "volume",
        "parties": "volume",
        "value-hour": "value",
        "held": "held",
    }
)
"""What an alert is about, by what was measured: a flood is told once, by whichever measure shows it first."""
SurgeKind = Literal["shipper", "lane", "address", "text"]


class Surge(Struct, frozen=True):
    """One measure that departs: what was seen, what is usual, and how many times the one is the other.

    ``parcels`` and ``parties`` are distinct ones of a day (UTC), against the mean day; ``parcels-hour`` those
    of the last hour, against the busiest hour of the habit; ``value-hour`` the median of US cents a kilogram
    in the last hour against the habit's (``times`` is how many times less); ``held`` the share of parcels
    that were held.
    """

    measure: SurgeMeasure
    seen: float
    usual: float
    times: float


class SurgeAlert(Struct, frozen=True, kw_only=True):
    """What surged, at ``at_ms`` of event time; one an entity, day and subject, with the same ``alert_id`` on
    a replay. ``surges`` are of that subject.

    ``entity`` is a token under the installation's secret, of a lane the lane itself: no alert names anybody.
    ``days_known`` is how many of the 28 days before stand behind the habit. ``examples`` are up to five
    parcels (carrier|hawb) by which an officer finds who it is.
    """

    alert_id: str
    subject: Subject
    kind: SurgeKind
    entity: str
    day: int
    at_ms: int
    days_known: int
    surges: tuple[Surge, ...]
    examples: tuple[str, ...]
