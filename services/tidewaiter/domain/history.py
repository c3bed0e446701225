"""What is known of one parcel: every message about it folded together, in whatever order they came.

The fold is a join: commutative and idempotent over a parcel's messages, so that a late, repeated or
reordered message ends in the same history (reliability.md, fault 15).
"""

from datetime import datetime
from typing import TypeAlias

from msgspec import Struct, structs

from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.event import EventType, ParcelEvent
from tidewaiter.domain.hold import Hold, combined, lasting, without_basis
from tidewaiter.domain.money import cents

# A carrier that resends without end must not make a parcel's history grow without end.
MAX_VERSIONS = 64
MAX_SHOWN = 64
MAX_SHOWN_BASES = 4096
MAX_STANDING_BASES = 1024
MAX_UNREAD = 64
_LOW_VALUE_ENTRY = "86"


class Given(Struct, frozen=True, array_like=True):
    """The decision that a message got, kept so that the same message gets the same bytes again.

    ``supersedes`` is None when it named a decision that was never visible: it is to be found anew.
    ``disposition`` is what it came to, "" where that is not known any more.
    """

    decision_id: str
    supersedes: str | None
    decided_at_ms: int
    disposition: str = ""


Place: TypeAlias = tuple[str, int, int]
"""Topic, partition and offset of a record."""


class Unsettled(Struct, frozen=True, array_like=True):
    """What the last batch answered about a parcel, until another batch shows whether it was committed.

    ``places`` are those of the records, ``digests`` the messages that it answered otherwise than they had
    been, ``before`` is the last decision before it.
    """

    places: tuple[Place, ...]
    digests: tuple[str, ...]
    before: str


class Version(Struct, frozen=True, array_like=True):
    """One message as it is remembered: enough to see that a parcel was declared otherwise before.

    ``value_cents`` are hundredths of ``currency``, which is empty for the US dollar; ``low_value_entry`` is
    the number of its Entry Type 86.
    """

    seq: int
    digest: str
    event_type: EventType
    value_cents: int | None = None
    description: str = ""
    consignee: str = ""
    currency: str = ""
    low_value_entry: str = ""

    @property
    def has_declaration(self) -> bool:
        return self.event_type in ("CREATE", "UPDATE")


class Declaration(Struct, frozen=True, array_like=True):
    """A CREATE or UPDATE with the bytes that it was read from and their digest."""

    event: ParcelEvent
    payload: bytes
    digest: str


class History(Struct, frozen=True):
    """All messages and actions about one parcel, folded.

    ``standing`` are the holds that corrected data may not remove, from any version ever screened;
    ``cleared`` the bases of holds that an officer has set aside; ``unread`` the holds of messages that
    nobody could read, in force until the next declaration that can be read and is no earlier one than
    ``unread_seq``, the latest of them as far as their numbers could be read (-1). ``was_ordered`` says that
    the inspection was told of the parcel at some time, and has to be told when it is free; ``shown`` is what
    the holds rested on that it was told of, by decision.
    """

    versions: tuple[Version, ...] = ()
    declaration: Declaration | None = None
    cancelled_seq: int = -1
    arrival: ParcelEvent | None = None
    scan: ParcelEvent | None = None
    actions: tuple[OfficerAction, ...] = ()
    standing: tuple[Hold, ...] = ()
    cleared: tuple[str, ...] = ()
    unread: tuple[Hold, ...] = ()
    open_holds: tuple[Hold, ...] = ()
    given: dict[str, Given] = {}
    last_decision_id: str = ""
    was_ordered: bool = False
    unsettled: Unsettled | None = None
    unread_seq: int = -1
    shown: dict[str, tuple[str, ...]] = {}

    @property
    def is_inspected(self) -> bool:
        """Whether officers have or had the parcel before them: what they know of it may not be forgotten."""
        return self.was_ordered or bool(self.open_holds or self.standing or self.actions)

    def knows(self, digest: str) -> bool:
        return any(version.digest == digest for version in self.versions)


EMPTY = History()


def version_of(event: ParcelEvent, digest: str) -> Version:
    """A message as the history remembers it."""
    if not event.has_declaration:
        return Version(event.message_seq, digest, event.event_type)
    value, currency = event.in_usd, ""
    if value is None:
        value, currency = event.declared_value, event.currency
    consignee = event.consignee.name if event.consignee else ""
    return Version(
        event.message_seq,
        digest,
        event.event_type,
        None if value is None else cents(value),
        event.description_raw or " / ".join(item.description for item in event.items),
        consignee,
        currency,
        event.entry_number if event.entry_type == _LOW_VALUE_ENTRY else "",
    )


def with_event(history: History, event: ParcelEvent, payload: bytes, digest: str) -> History:
    """The history with one more message. Idempotent; the order of messages does not matter."""
    if history.knows(digest):
        return history
    versions = _remembered((*history.versions, version_of(event, digest)))
    if event.has_declaration:
        return _declared(history, versions, Declaration(event, payload, digest))
    history = structs.replace(history, versions=versions)
    if event.event_type == "CANCEL":
        return structs.replace(history, cancelled_seq=max(history.cancelled_seq, event.message_seq))
    if event.event_type == "ARRIVAL":
        return structs.replace(history, arrival=max(history.arrival or event, event, key=_moment))
    return structs.replace(history, scan=max(history.scan or event, event, key=_weighing))


def _remembered(versions: tuple[Version, ...]) -> tuple[Version, ...]:
    """At most MAX_VERSIONS in their order. Of one too many the first goes that declares nothing, else the
    first: however often a parcel is scanned, a value that was lowered stays lowered.
    """
    if len(versions) > MAX_VERSIONS:
        versions = tuple(sorted(versions, key=_worth))[-MAX_VERSIONS:]
    return tuple(sorted(versions, key=_order))


def _worth(version: Version) -> tuple[bool, int, str]:
    return version.has_declaration, version.seq, version.digest


def _order(version: Version) -> tuple[int, str]:
    return version.seq, version.digest


def _declared(history: History, versions: tuple[Version, ...], new: Declaration) -> History:
    known = history.declaration
    wins = known is None or _rank(new) > _rank(known)
    return read_again(
        structs.replace(history, versions=versions, declaration=new if wins else known),
        new.event.message_seq,
    )


def _rank(declaration: Declaration) -> tuple[int, str]:
    """Two declarations under one sequence number conflict; which one counts must not depend on arrival."""
    return declaration.event.message_seq, declaration.digest


def _moment(event: ParcelEvent) -> tuple[int, datetime, str]:
    return event.message_seq, event.event_time, event.event_id


def _weighing(scan: ParcelEvent) -> tuple[bool, tuple[int, datetime, str]]:
    """A scan has to give a weight, and one that did not weigh gives 0: it takes back no weight."""
    return bool(scan.scanned_weight_kg), _moment(scan)


def has_turned_up(history: History) -> bool:
    """Whether the parcel was seen, arriving or on the belt, after its carrier had cancelled it.

    A message that nobody could read may be one that says so.
    """
    seen = [event.message_seq for event in (history.arrival, history.scan) if event is not None]
    seen += [version.seq for version in history.versions if version.event_type in ("ARRIVAL", "SCAN")]
    return bool(history.unread) or max(seen, default=-1) > history.cancelled_seq


def with_holds(history: History, decision_id: str, holds: tuple[Hold, ...]) -> History:
    """The history with what a decision left open, which is shown under its id, and of which some stands."""
    if not (holds or history.open_holds):
        return history
    known = {name: bases for name, bases in history.shown.items() if name != decision_id}
    if holds:
        bases = bases_of(holds)
        # Shown under one id with more and with less: it is not known which of the two an officer has seen.
        bases.intersection_update(history.shown.get(decision_id, bases))
        known[decision_id] = tuple(sorted(bases))
    return structs.replace(
        history, standing=_standing(history, holds), open_holds=holds, shown=_latest(known)
    )


def bases_of(holds: tuple[Hold, ...]) -> set[str]:
    """All that holds rest on."""
    return {basis for hold in holds for basis in hold.basis}


def _standing(history: History, holds: tuple[Hold, ...]) -> tuple[Hold, ...]:
    """What data cannot remove, on at most MAX_STANDING_BASES a code: the party that is taken for an entry may
    be named otherwise in each of thousands of messages. What was set aside goes, and so makes room.
    """
    cleared = frozenset(history.cleared)
    left = [without_basis(hold, cleared) for hold in combined((*history.standing, *lasting(holds)))]
    return tuple(structs.replace(hold, basis=hold.basis[:MAX_STANDING_BASES]) for hold in left if hold)


def _latest(shown: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """What the latest decisions showed: a list of one's own may have hundreds of entries with one phone."""
    kept: dict[str, tuple[str, ...]] = {}
    room = MAX_SHOWN_BASES
    for name, bases in list(shown.items())[: -MAX_SHOWN - 1 : -1]:
        room -= len(bases)
        if room < 0 and kept:
            break
        kept[name] = bases
    return dict(reversed(kept.items()))


def with_standing(history: History, hold: Hold) -> History:
    """The history with a hold that data may not remove, whatever is declared: less what was set aside."""
    return structs.replace(history, standing=_standing(history, (hold,)))


def with_unread(history: History, hold: Hold, seq: int | None = None) -> History:
    """The history of a parcel about which something came that could not be read, but perhaps its number.

    It is held together with what came before: who sets the one aside has not seen the other. What an officer
    has set aside is not held when it comes again.
    """
    if history.cleared and set(hold.basis).issubset(history.cleared):
        return history
    known = {basis for before in history.unread for basis in before.basis}
    others = sorted(known.difference(hold.basis, history.cleared))[: MAX_UNREAD - 1]
    hold = structs.replace(hold, basis=tuple(sorted((*hold.basis, *others))))
    return unread_now(history, hold, declared_seq(history) if seq is None else seq)


def declared_seq(history: History) -> int:
    """The number of the declaration in force, -1 for none: what came after it, and has no number that can be
    read, is taken for no earlier one."""
    return -1 if history.declaration is None else history.declaration.event.message_seq


def unread_now(history: History, hold: Hold, seq: int | None) -> History:
    """The history with this as what nobody could read, of that number if it is known."""
    known = history.unread_seq if seq is None else max(history.unread_seq, seq)
    return structs.replace(history, unread=(hold,), unread_seq=known)


def read_again(history: History, seq: int) -> History:
    """The history once a declaration with that number could be read: it corrects what could not be, unless
    it is an earlier one that comes late.
    """
    return structs.replace(history, unread=(), unread_seq=-1) if seq >= history.unread_seq else history
