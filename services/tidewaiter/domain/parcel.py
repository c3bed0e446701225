"""A parcel as it stands now: the declaration in force, overlaid with its arrival and its scan."""

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct, structs

from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.history import History, Version
from tidewaiter.domain.hold import Hold

Status = Literal["DECLARED", "CANCELLED", "UNDECLARED"]

# The law's days begin at 12:01 a.m. Eastern (domain.md, section 3); the port's, where its zone is not known.
_EASTERN: Final = ZoneInfo("America/New_York")
_INFORMAL_ENTRY: Final = "11"
# From Hawaii to Puerto Rico: a time with such an offset was read off a clock at a US port.
_WESTMOST, _EASTMOST = timedelta(hours=-10), timedelta(hours=-4)


class Trigger(Struct, frozen=True):
    """The message that a decision answers: a carrier's event or an officer's action.

    ``time`` is what it says; ``decided_at`` when it is answered, None where that does not matter.
    """

    id: str
    digest: str
    seq: int
    time: datetime
    decided_at: datetime | None = None

    @property
    def no_later_than_now(self) -> datetime:
        """The time at which holds have expired or not: a carrier's clock that is ahead ends none early."""
        return self.time if self.decided_at is None else min(self.time, self.decided_at)


class Parcel(Struct, frozen=True):
    """What is screened. ``event`` is the declaration in force with arrival and scan laid over it;
    of a parcel nobody has declared it is the message itself. ``open`` are the holds that were open before.
    ``has_more_behind`` says that a later message of it waits in the lane.
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
    open: tuple[Hold, ...] = ()
    has_more_behind: bool = False

    @property
    def entry_date(self) -> date:
        return entry_date(self.event)

    @property
    def law_date(self) -> date:
        return law_date(self.event)

    @property
    def origin(self) -> str:
        """The country the goods were sent from, else that of who sent them."""
        return self.event.export_country or (self.event.shipper.country if self.event.shipper else "")

    @property
    def made_in(self) -> str:
        """The countries that the law asks for, joined by commas: where goods were made, else sent from.

        EO 14256 is of the products of China, whichever way they come.
        """
        told = [item.origin_country or self.origin for item in self.event.items]
        return ",".join(dict.fromkeys(told)) or self.origin

    @property
    def orders_in_force(self) -> tuple[str, ...]:
        """The officers' actions that keep the parcel: manual holds in force, exams that found something."""
        if not self.actions:
            return ()
        at = self.trigger.no_later_than_now
        return tuple(one.action_id for one in self.actions if one.keeps_the_parcel_at(at))

    @property
    def entry_type(self) -> str:
        """The ACE entry type that the law is asked for: an informal entry's where only the claim says it."""
        return self.event.entry_type or (_INFORMAL_ENTRY if self.event.claim == "INFORMAL" else "")

    @property
    def fingerprint(self) -> str:
        """Everything known of the parcel, as one text: what makes two decisions about it different."""
        versions = ",".join(f"{version.seq}:{version.digest}" for version in self.versions)
        unread = "".join(f"|{','.join(hold.basis)}@{hold.placed_at.isoformat()}" for hold in self.unread)
        behind = "|behind" if self.has_more_behind else ""
        return f"{versions}|{','.join(sorted(action.action_id for action in self.actions))}{unread}{behind}"


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
        history.open_holds,
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

    A person's day is a day at the port. A time in UTC, without the port's zone, is read on the East Coast:
    its own date is tomorrow's all evening.
    """
    moment = event.arrival_time or event.eta
    if moment is None and event.flight_date is not None:
        return event.flight_date
    moment, zone = moment or event.event_time, _zone(event.arrival_tz)
    if zone is None and _is_of_a_port(moment):
        return moment.date()
    return _day_at(moment, zone or _EASTERN)


def law_date(event: ParcelEvent) -> date:
    """The day whose law applies: of the same moment as ``entry_date``, on the East Coast.

    What is suspended from a day on is so from 12:01 a.m. Eastern (domain.md, section 3), when it is still the
    evening before in Los Angeles.
    """
    moment = event.arrival_time or event.eta
    if moment is None and event.flight_date is not None:
        return event.flight_date
    return _day_at(moment or event.event_time, _EASTERN)


def _is_of_a_port(moment: datetime) -> bool:
    offset = moment.utcoffset()
    return offset is not None and _WESTMOST <= offset <= _EASTMOST


@lru_cache(maxsize=4096)
def _day_at(moment: datetime, zone: ZoneInfo) -> date:
    """The day in that zone, if it is one of a US port; that of where a flight came from is none.

    A flight's parcels share their arrival, and each is asked for its day four times, at 0.3 us.
    """
    local = moment.astimezone(zone)
    return (local if _is_of_a_port(local) else moment.astimezone(_EASTERN)).date()


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo | None:
    """The time zone, or None for a name that nobody knows: a wrong zone must not lose the parcel."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
