"""A parcel as it stands now: the declaration in force, overlaid with its arrival and its scan."""

from datetime import date, datetime
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct, structs

from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.history import History, Version
from tidewaiter.domain.hold import Hold

Status = Literal["DECLARED", "CANCELLED", "UNDECLARED"]


class Trigger(Struct, frozen=True):
    """The message that a decision answers: a carrier's event or an officer's action."""

    id: str
    digest: str
    seq: int
    time: datetime


class Parcel(Struct, frozen=True):
    """What is screened. ``event`` is the declaration in force with arrival and scan laid over it;
    of a parcel nobody has declared it is the message itself.
    """

    key: str
    status: Status
    event: ParcelEvent
    trigger: Trigger
    versions: tuple[Version, ...] = ()
    actions: tuple[OfficerAction, ...] = ()
    standing: tuple[Hold, ...] = ()
    unread: tuple[Hold, ...] = ()
    cleared: frozenset[str] = frozenset()
    supersedes: str = ""

    @property
    def entry_date(self) -> date:
        return entry_date(self.event)

    @property
    def origin(self) -> str:
        """The country the law asks for: where the goods were sent from, else who sent them."""
        return self.event.export_country or (self.event.shipper.country if self.event.shipper else "")

    @property
    def fingerprint(self) -> str:
        """Everything known of the parcel, as one text: what makes two decisions about it different."""
        versions = ",".join(f"{version.seq}:{version.digest}" for version in self.versions)
        unread = "".join(f"|{','.join(hold.basis)}@{hold.placed_at.isoformat()}" for hold in self.unread)
        return f"{versions}|{','.join(sorted(action.action_id for action in self.actions))}{unread}"


def parcel_of(history: History, trigger: Trigger, message: ParcelEvent | OfficerAction) -> Parcel:
    """The parcel that a history describes, at the message that is to be answered."""
    return Parcel(
        message.key,
        _status(history),
        _event(history, message),
        trigger,
        history.versions,
        history.actions,
        history.standing,
        history.unread,
        frozenset(history.cleared),
        history.last_decision_id,
    )


def _status(history: History) -> Status:
    if history.declaration is None:
        return "CANCELLED" if history.cancelled_seq >= 0 else "UNDECLARED"
    return "CANCELLED" if history.cancelled_seq > history.declaration.event.message_seq else "DECLARED"


def _event(history: History, message: ParcelEvent | OfficerAction) -> ParcelEvent:
    if history.declaration is None:
        return message if isinstance(message, ParcelEvent) else _bare(message)
    event = history.declaration.event
    arrival, scan = history.arrival, history.scan
    if arrival is not None:
        event = structs.replace(
            event,
            arrival_time=arrival.arrival_time or event.arrival_time,
            arrival_tz=arrival.arrival_tz or event.arrival_tz,
            first_us_port=arrival.first_us_port or event.first_us_port,
            firms=arrival.firms or event.firms,
        )
    if scan is not None:
        event = structs.replace(event, scanned_weight_kg=scan.scanned_weight_kg or event.scanned_weight_kg)
    return event


def _bare(action: OfficerAction) -> ParcelEvent:
    """A parcel of which an officer's action is all that is known."""
    return ParcelEvent(
        event_id=action.action_id,
        event_type="SCAN",
        event_time=action.action_time,
        schema_version=action.schema_version,
        source_carrier=action.source_carrier,
        message_seq=0,
        hawb=action.hawb,
    )


def entry_date(event: ParcelEvent) -> date:
    """The local date at the port of entry: of the arrival, else the ETA, the flight, the message.

    The law asks for the date of entry (domain.md, section 3), and a person's day is a day at the port.
    """
    moment = event.arrival_time or event.eta
    if moment is None:
        return event.flight_date or event.event_time.date()
    zone = _zone(event.arrival_tz)
    return _day_at(moment, zone) if zone else moment.date()


@lru_cache(maxsize=4096)
def _day_at(moment: datetime, zone: ZoneInfo) -> date:
    """A flight's parcels share their arrival, and each is asked for its day four times, at 0.3 us."""
    return moment.astimezone(zone).date()


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    """The time zone, or None for a name that nobody knows: a wrong zone must not lose the parcel."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
