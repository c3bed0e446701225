"""What comes after a declaration: corrections, cancellations, arrivals and scans of some parcels."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from tidewaiter.simulate.chance import Chance
from tidewaiter.simulate.places import Fields

# Shares of the parcels that have an event of the kind after their CREATE.
_UPDATED: Final = 0.020
_CANCELLED: Final = 0.004
_ARRIVED: Final = 0.030
_SCANNED: Final = 0.030
FOLLOWED: Final = _UPDATED + _CANCELLED + _ARRIVED + _SCANNED
_SOONEST, _LATEST = 20, 4_000


class FollowUp(NamedTuple):
    """An event that comes ``after`` so many parcels; ``fields`` are those of its own."""

    after: int
    event_type: str
    fields: Fields


def follow_ups(declaration: Fields, chance: Chance) -> Iterator[FollowUp]:
    """The events that follow a declaration which has any, in the order in which the carrier numbers them.

    The share ``FOLLOWED`` of all parcels has.
    """
    after = chance.between(_SOONEST, _LATEST)
    draw = chance.random() * FOLLOWED
    if draw < _CANCELLED:
        yield FollowUp(after, "CANCEL", {})
    elif draw < _CANCELLED + _UPDATED:
        yield FollowUp(after, "UPDATE", _corrected(declaration, chance))
        if chance.often(0.3):
            yield _arrival(after + chance.between(_SOONEST, _LATEST), declaration)
    elif draw < _CANCELLED + _UPDATED + _ARRIVED:
        yield _arrival(after, declaration)
        if chance.often(0.5):
            yield _scan(after + chance.between(_SOONEST, _LATEST), declaration, chance)
    else:
        yield _scan(after, declaration, chance)


def _corrected(declaration: Fields, chance: Chance) -> Fields:
    """The declaration again with a piece of news that no one can object to."""
    kind = chance.below(3)
    consignee = declaration["consignee"]
    if kind == 0 and isinstance(consignee, dict):
        return declaration | {"consignee": consignee | {"email": f"new.{consignee['email']}"}}
    if kind == 1:
        return declaration | {"gross_weight_kg": _weighed(declaration, chance)}
    return declaration | {"bag_id": f"BAG{chance.between(100_000, 999_999)}"}


def _weighed(declaration: Fields, chance: Chance) -> str:
    """The declared weight, give or take two in a hundred."""
    declared = Decimal(str(declaration["gross_weight_kg"]))
    return str((declared * chance.between(98, 102) / 100).quantize(Decimal("0.001")))


def _arrival(after: int, declaration: Fields) -> FollowUp:
    eta = datetime.fromisoformat(str(declaration["eta"]))
    arrived = f"{eta + timedelta(minutes=7):%Y-%m-%dT%H:%M:%SZ}"
    fields = {name: declaration[name] for name in ("mawb", "flight_no", "first_us_port", "arrival_tz")}
    return FollowUp(after, "ARRIVAL", fields | {"arrival_time": arrived})


def _scan(after: int, declaration: Fields, chance: Chance) -> FollowUp:
    return FollowUp(after, "SCAN", {"scanned_weight_kg": _weighed(declaration, chance)})
