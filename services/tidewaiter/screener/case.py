"""One record on its way through the screener: what was read, asked and answered, before it is decided."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

from msgspec import structs

from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.answers import with_answer
from tidewaiter.domain.decision import Decision
from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.evidence import PartyHit
from tidewaiter.domain.history import (
    Given,
    History,
    read_again,
    with_event,
    with_holds,
    with_standing,
    with_unread,
)
from tidewaiter.domain.hold import HISTORY_UNREAD, UNHEARD, UNREAD, Hold
from tidewaiter.domain.lookup import Answer
from tidewaiter.domain.officers import with_action
from tidewaiter.domain.parcel import Parcel, Trigger, parcel_of
from tidewaiter.screener.questions import Question
from tidewaiter.stream.record import Record
from tidewaiter.wire.malformed import Malformed
from tidewaiter.wire.topics import RESCREENS

NOTHING_ASKED = Answer()
_DIGEST_SIGNS = 16


@dataclass(slots=True)
class Case:
    """``message`` is None only for a record that does not even name its parcel.

    ``first`` is asked of every record at once; ``second`` is what the parcel as a whole asks when that
    is not what the record says (an arrival, a late or repeated message, an officer's action).
    A foreign record, which cannot be read, names another parcel than its key does, or lies in another
    partition than its parcel's: that parcel is another worker's to write, who reads the record from the lane.
    One ``has_more_behind`` where another of its parcel waits in the lane, or is put there with its batch. A
    record of the lane ``may_be_the_last`` all the same, where all that is behind it may yet be aborted.
    """

    record: Record
    message: ParcelEvent | OfficerAction | None
    digest: str
    malformed: Malformed | None = None
    is_foreign: bool = False
    is_of_officers: bool = False
    first: Question | None = None
    answer: Answer = NOTHING_ASKED
    hits: tuple[PartyHit, ...] = ()
    second: Question | None = None
    second_answer: Answer = NOTHING_ASKED
    degraded_id: str = ""
    has_more_behind: bool = False
    may_be_the_last: bool = False
    headers: dict[str, bytes] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return self.message.key if self.message is not None else ""

    @property
    def is_declaration(self) -> bool:
        """Whether the record is a readable declaration, which is screened on what it says itself."""
        return (
            self.malformed is None and isinstance(self.message, ParcelEvent) and self.message.has_declaration
        )

    @property
    def is_again(self) -> bool:
        """Whether the record comes from the lane: it was answered before, while Redis was out."""
        return self.record.topic == RESCREENS

    @property
    def is_displaced(self) -> bool:
        """Whether it can be read, but lies in another partition than its parcel's."""
        return self.malformed is None and self.record.is_displaced

    def was_blind(self, history: History) -> bool:
        """Whether the record comes from the lane and was answered without its parcel's history, which does
        not know what it showed."""
        return self.is_again and self.degraded_id not in history.shown

    @property
    def is_known_to_officers(self) -> bool:
        """Whether an officer has the parcel before him, whatever its history remembers of orders."""
        return self.is_again or isinstance(self.message, OfficerAction)

    @property
    def trigger(self) -> Trigger:
        message = self.message
        if isinstance(message, OfficerAction):
            return Trigger(message.action_id, self.digest, 0, message.action_time)
        assert message is not None
        # The same bytes may be read under one key and not under another: those are two answers.
        digest = f"{UNREAD}{self.digest}" if self.malformed else self.digest
        return Trigger(message.event_id, digest, message.message_seq, message.event_time)

    def folded_into(self, history: History) -> History:
        """The parcel's history with this record in it. Idempotent."""
        if self.malformed is not None:
            if self.is_of_officers:
                return with_standing(history, unheard_hold(self.malformed, self.digest, self.trigger.time))
            hold = unread_hold(self.malformed, self.digest, self.trigger.time)
            return with_unread(history, hold, self.malformed.message_seq)
        if isinstance(self.message, OfficerAction):
            return with_action(history, self.message)
        assert self.message is not None
        folded = with_event(history, self.message, self.record.value or b"", self.digest)
        return read_again(folded, self.message.message_seq) if self._corrects_again(history) else folded

    def _corrects_again(self, history: History) -> bool:
        """Whether it is a declaration that the history may know though nobody was told of it: its batch was
        aborted, or what was held without Redis was read back from the log. What nobody could read before it
        comes again, too.
        """
        given = history.given.get(self.digest)
        is_void = given is not None and given.supersedes is None
        return self.is_declaration and (is_void or self.was_blind(history))

    def parcel(self, history: History) -> Parcel:
        """The parcel to be decided, once ``history`` has this record in it.

        What was decided without Redis is superseded by the answer from the lane: no history knows of it.
        """
        assert self.message is not None
        parcel = parcel_of(history, self.trigger, self.message)
        if self.has_more_behind:
            parcel = structs.replace(parcel, has_more_behind=True)
        if self.degraded_id and self.was_blind(history):
            return structs.replace(parcel, supersedes=self.degraded_id)
        return parcel


def unread_hold(malformed: Malformed, digest: str, at: datetime) -> Hold:
    """A parcel nobody could read must not fly through: DOC-IDFMT for a key that disagrees, else DOC-MISS.

    It rests on these very bytes: an officer who sets them aside has not seen what comes unreadable next.
    """
    code = "DOC-IDFMT" if malformed.stage == "key" else "DOC-MISS"
    basis = f"{UNREAD}{malformed.stage}:{malformed.field}:{digest[:_DIGEST_SIGNS]}"
    return Hold(code, ("D02",), 3, "DATA", at, (basis,))


def unheard_hold(malformed: Malformed, digest: str, at: datetime) -> Hold:
    """The hold of what officers sent and nobody could read. It may have been an order to hold, which no
    declaration corrects."""
    basis = f"{UNHEARD}{malformed.stage}:{malformed.field}:{digest[:_DIGEST_SIGNS]}"
    return Hold("MAN-OFF", ("R03",), 4, "OFFICER", at, (basis,))


def unknown_past(blob: bytes, at: datetime) -> History:
    """The history of a parcel in place of these bytes, which are none: officers may have ordered to hold it,
    or freed it, so that it is held until they say so again, whatever is declared."""
    basis = f"{HISTORY_UNREAD}{blake2b(blob, digest_size=_DIGEST_SIGNS // 2).hexdigest()}"
    hold = Hold("MAN-OFF", ("R03",), 4, "OFFICER", at, (basis,))
    return History(standing=(hold,), was_ordered=True)


def unread_in(holds: Iterable[Hold]) -> Hold | None:
    """The hold of what nobody could read, as it was before others of its code were joined to it."""
    for hold in holds:
        basis = tuple(one for one in hold.basis if one.startswith(UNREAD))
        if basis:
            return Hold(hold.code, ("D02",), 3, "DATA", hold.placed_at, basis)
    return None


def decided(history: History, case: Case, decision: Decision, now_ms: int, *, is_ordered: bool) -> History:
    """The history after a decision: what stands from now on, and what this message was answered."""
    given = Given(decision.decision_id, decision.supersedes, now_ms, decision.disposition)
    history = with_holds(history, decision.decision_id, decision.holds)
    return structs.replace(
        with_answer(history, case.record.place, case.digest, given),
        was_ordered=history.was_ordered or is_ordered,
    )
