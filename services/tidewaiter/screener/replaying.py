"""One share of the log read again: its messages, orders and decisions back into histories and windows."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from msgspec import structs

from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.answers import told
from tidewaiter.domain.history import (
    EMPTY,
    Declaration,
    Given,
    History,
    Place,
    bases_of,
    declared_seq,
    read_again,
    unread_now,
    with_event,
    with_holds,
    with_standing,
)
from tidewaiter.domain.hold import ORDERS_UNHEARD, Hold
from tidewaiter.domain.lookup import Answer, Effect, Kept, Lookup
from tidewaiter.screener.asking import Terms, ask_again, finds, first_question, past, remembered
from tidewaiter.screener.case import Case, unread_in
from tidewaiter.screener.digests import Digests, DigestsElsewhere
from tidewaiter.screener.questions import Question, known
from tidewaiter.screener.reading import read
from tidewaiter.stream.record import Record
from tidewaiter.wire import decisions, events, ordered_holds
from tidewaiter.wire import history as history_wire
from tidewaiter.wire.decisions import PublicDecision
from tidewaiter.wire.events import Decoded
from tidewaiter.wire.headers import VIA, cause_in
from tidewaiter.wire.identity import GREATEST_SEQUENCE
from tidewaiter.wire.ordered_holds import OrderedHolds
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS, RESCREENS

Gather = Callable[[Sequence[Lookup]], Sequence[Answer]]
Step = Callable[[Sequence[Record]], list[Kept]]


class Replay:
    """The steps of one share, to be taken topic by topic. Each returns the histories that it changed.

    ``gather`` answers and counts, or raises. The same batch again changes nothing.
    """

    def __init__(self, terms: Terms, share: int, gather: Gather) -> None:
        self._terms, self._share, self._gather = terms, share, gather
        self._digests, self._elsewhere = Digests(), DigestsElsewhere()
        self._actions: dict[tuple[int, int], Record] = {}
        self._finds: dict[str, tuple[OfficerAction, ...]] = {}
        self._unread_seqs: dict[tuple[int, int], int | None] = {}

    @property
    def steps(self) -> tuple[tuple[str, Step], ...]:
        """The topics in the order in which they are to be read, each with what is made of a batch of it.

        Orders need the actions that some of them answer, decisions the messages that they answer.
        """
        return (
            (PARCEL_EVENTS, self.messages),
            (OFFICER_ACTIONS, self.actions),
            (RESCREENS, self.handed_over),
            (HOLD_ORDERS, self.orders),
            (DECISIONS, self.decisions),
        )

    def messages(self, batch: Sequence[Record]) -> list[Kept]:
        """Carriers' messages, folded and counted as they are when they come.

        One that lies in another partition than its key's was answered by way of the lane, or came before
        partitions were added: it is counted, and what is known of its parcel is what the lane and its answers
        say.
        """
        cases = [_read_where_it_lies(record) for record in batch]
        asking = self._counted(cases)
        for case in asking:
            self._digests.put(case.record.offset, case.digest)
        self._note_unread((case.record.place, case) for case in cases)
        displaced = {record.offset for record in batch if record.is_displaced}
        return history_wire.kept(self._folded(case for case in asking if case.record.offset not in displaced))

    def _counted(self, cases: Sequence[Case]) -> list[Case]:
        """Those of the cases that ask something, with the answers; their counting is restored."""
        for case in cases:
            case.first = first_question(case, self._terms)
        asking = [case for case in cases if case.first is not None]
        for case, answer in zip(asking, self._restored(case.first for case in asking), strict=True):
            case.answer = answer
        self._restored(case.second for case in ask_again(asking, self._terms))
        return asking

    def _note_unread(self, cases: Iterable[tuple[Place, Case]]) -> None:
        for place, case in cases:
            if case.malformed is not None:
                self._unread_seqs[place[1:]] = case.malformed.message_seq

    def actions(self, batch: Sequence[Record]) -> list[Kept]:
        """Officers' actions are put by: what one sets aside depends on what stood when it was answered.

        As they came, without headers: 487 bytes each instead of 1,701 once read, and a share may have some
        hundred thousand of them in 90 days.
        """
        self._actions |= {record.place[1:]: structs.replace(record, headers=()) for record in batch}
        return []

    def handed_over(self, batch: Sequence[Record]) -> list[Kept]:
        """Of the lane what lies in another share: as if it had come here."""
        cases = [read(record) for record in batch if self._is_elsewheres(record)]
        self._actions |= {_cause(case.record)[1:]: case.record for case in cases if case.is_of_officers}
        asking = self._counted([case for case in cases if not case.is_of_officers])
        for case in asking:
            self._elsewhere.put(*_cause(case.record)[1:], case.digest)
        self._note_unread((_cause(case.record), case) for case in asking)
        return history_wire.kept(self._folded(asking))

    def orders(self, batch: Sequence[Record]) -> list[Kept]:
        """Orders to the inspection say what stood after each decision, and so what an action set aside."""
        said = [(record, ordered_holds.decode(record.value or b"")) for record in batch]
        orders = [
            (record, order)
            for record, order in said
            if order is not None and not order.was_blind and not self._is_elsewheres(record)
        ]
        histories = self._known(record for record, _ in orders)
        found: list[Question] = []
        for record, order in orders:
            key, quoted = _key(record), _quoted(order)
            history = _with_declaration(histories.get(key, EMPTY), quoted)
            case = self._action_behind(record)
            if case is not None:
                history = _acted(history, case, order)
                self._note_find(key, case, history)
            elif self._is_of_a_displaced_action(record):
                history = _ordered_elsewhere(history, order)
            found += finds(self._finds.get(key, ()), quoted)
            histories[key] = _after(self._with_unread(history, record, order), order)
        self._restored(found)
        return history_wire.kept(histories)

    def decisions(self, batch: Sequence[Record]) -> list[Kept]:
        """Decisions say what each message was answered, so that it gets the same answer again.

        Degraded ones whose order showed nothing that is known are passed over: they were given blindly, and
        nothing was remembered of them.
        """
        said = [(record, decisions.decode(record.value or b"")) for record in batch]
        given = [(record, one) for record, one in said if isinstance(one, PublicDecision)]
        histories = self._known(record for record, _ in given)
        for record, one in given:
            key, digest = _key(record), self._answered_digest(record, one.event_id)
            if key not in histories or (one.degraded and one.decision_id not in histories[key].shown):
                continue
            if digest is not None:
                histories[key] = _answered(histories[key], digest, one)
        return history_wire.kept(histories)

    def _folded(self, cases: Iterable[Case]) -> dict[str, History]:
        """The histories after these cases, but for what could not be read: that orders tell, since officers'
        actions are among it, and what was corrected longer ago than the log has messages.
        """
        histories: dict[str, History] = {}
        for case in cases:
            before = histories.get(case.key)
            history = _unanswered(remembered(case)) if before is None else before
            histories[case.key] = history if case.malformed else case.folded_into(history)
        return histories

    def _restored(self, asked: Iterable[Question | None]) -> Sequence[Answer]:
        """What questions are answered, their counting restored. On the lists nothing is looked up."""
        lookups = [_restoring(question.lookup) for question in asked if question is not None]
        return self._gather(lookups) if lookups else ()

    def _known(self, records: Iterable[Record]) -> dict[str, History]:
        """The histories of those parcels that have one."""
        moments = {_key(record): record.timestamp_ms / 1000 for record in records}
        lookups = [known(key, "").lookup for key in moments]
        answers = self._gather(lookups) if lookups else ()
        return {
            lookup.parcel: past(answer.history, datetime.fromtimestamp(moments[lookup.parcel], UTC))
            for lookup, answer in zip(lookups, answers, strict=True)
            if answer.history is not None
        }

    def _action_behind(self, record: Record) -> Case | None:
        action = self._action_at(_cause(record))
        case = read(action) if action is not None else None
        return case if case is not None and isinstance(case.message, OfficerAction) else None

    def _action_at(self, place: Place) -> Record | None:
        topic, number, offset = place
        return self._actions.get((number, offset)) if topic == OFFICER_ACTIONS else None

    def _is_of_a_displaced_action(self, record: Record) -> bool:
        topic, number, _ = _cause(record)
        return topic == OFFICER_ACTIONS and number != self._share

    def _with_unread(self, history: History, record: Record, order: OrderedHolds) -> History:
        """The history with what nobody could read after a decision. What was set aside of it is in no order,
        and stays until a declaration that comes first corrects it.
        """
        topic, number, offset = _cause(record)
        if topic == PARCEL_EVENTS and number == self._share:
            history = self._corrected(history, offset)
        seq = self._unread_seq(history, (topic, number, offset), order)
        hold = unread_in(order.holds)
        if hold is None:
            return history if _is_set_aside(history) else read_again(history, GREATEST_SEQUENCE)
        known = history.unread
        # An action that is known already may have taken some of its bases away.
        is_known = known and {*hold.basis} <= {*known[0].basis}
        at = known[0].placed_at if is_known else order.event_time
        return unread_now(history, structs.replace(hold, placed_at=at), seq)

    def _unread_seq(self, history: History, place: Place, order: OrderedHolds) -> int | None:
        """The number of what nobody could read, as ``with_unread`` takes it; None for what could be read."""
        topic, number, offset = place
        if topic == PARCEL_EVENTS and place[1:] in self._unread_seqs:
            seq = self._unread_seqs[place[1:]]
            return declared_seq(history) if seq is None else seq
        is_known = number == self._share or self._elsewhere.at(number, offset)
        return None if is_known or topic != PARCEL_EVENTS else order.message_seq

    def _corrected(self, history: History, offset: int) -> History:
        """The history after a message, which corrects what was unread if it is a declaration, and no repeated
        one."""
        if not history.unread or not self._digests.is_first(offset):
            return history
        digest = self._digests.at(offset)
        declared = [one.seq for one in history.versions if one.digest == digest and one.has_declaration]
        return read_again(history, declared[0]) if declared else history

    def _note_find(self, key: str, case: Case, history: History) -> None:
        action = case.message
        if isinstance(action, OfficerAction) and action.is_a_find and action in history.actions:
            self._finds[key] = (*self._finds.get(key, ()), action)

    def _is_elsewheres(self, record: Record) -> bool:
        """Whether an answer is to a message that its key put into another share, before the lane."""
        topic, number, _ = _cause(record)
        return bool(topic) and number != self._share and VIA not in dict(record.headers)

    def _answered_digest(self, record: Record, event_id: str) -> str | None:
        """The digest of the message that a decision answers; "" where the log no longer has it.

        None for one that its key put into another share: nothing is remembered of those before the lane.
        """
        if self._is_elsewheres(record):
            return None
        topic, number, offset = _cause(record)
        action = self._action_at((topic, number, offset))
        if action is not None:
            return read(action).digest
        if number != self._share:
            return self._elsewhere.at(number, offset) if topic == PARCEL_EVENTS else ""
        return f"action:{event_id}" if topic == OFFICER_ACTIONS else self._digests.at(offset)


def _read_where_it_lies(record: Record) -> Case:
    return read(structs.replace(record, is_displaced=False) if record.is_displaced else record)


def _restoring(lookup: Lookup) -> Lookup:
    effect: Effect = "restore" if lookup.effect == "count" else lookup.effect
    return structs.replace(lookup, effect=effect, identifiers=())


def _is_set_aside(history: History) -> bool:
    return all(basis in history.cleared for hold in history.unread for basis in hold.basis)


def _quoted(order: OrderedHolds) -> Declaration | None:
    """The declaration that was in force when the order was given."""
    payload = order.declaration
    decoded = None if payload is None else events.decode(payload)
    if payload is None or not isinstance(decoded, Decoded):
        return None
    return Declaration(decoded.event, payload, decoded.digest)


def _with_declaration(history: History, quoted: Declaration | None) -> History:
    """The history of a parcel whose declaration is in the log no longer with the one that its order quotes.

    Orders are kept longer than events (90 days and 7): a parcel that is held longer could not be freed else,
    and one that was declared again would be screened on its first declaration.
    """
    return with_event(history, quoted.event, quoted.payload, quoted.digest) if quoted else history


def _unanswered(history: History) -> History:
    """The history of a parcel whose decisions are yet to be read: of two that were told in turns it may not
    seem, since Redis has kept the latter, as if that had been told before the former."""
    return structs.replace(history, given={}, last_decision_id="")


def _acted(history: History, case: Case, order: OrderedHolds) -> History:
    """The history with an action, which set aside nothing that its own order shows. That was found only when
    the action came again, after an abort: it was known by then, and sets aside but once.
    """
    acted, shown = case.folded_into(history), bases_of(order.holds)
    cleared = [basis for basis in acted.cleared if basis in history.cleared or basis not in shown]
    return structs.replace(acted, cleared=tuple(cleared))


def _ordered_elsewhere(history: History, order: OrderedHolds) -> History:
    """The history with what officers ordered by an action that lies in another share: it holds until they let
    the parcel go, since nobody knows when it ends.
    """
    heard = {f"R03:{action.action_id}" for action in history.actions}
    for basis in sorted(bases_of(order.holds) - heard):
        if basis.startswith("R03:"):
            unheard = f"{ORDERS_UNHEARD}{basis.removeprefix('R03:')}"
            history = with_standing(
                history, Hold("MAN-OFF", ("R03",), 4, "OFFICER", order.event_time, (unheard,))
            )
    return history


def _after(history: History, order: OrderedHolds) -> History:
    return structs.replace(
        with_holds(_unanswered(history), order.decision_id, order.holds),
        last_decision_id=order.decision_id,
        was_ordered=True,
    )


def _answered(history: History, digest: str, decision: PublicDecision) -> History:
    at_ms = round(decision.decided_at.timestamp() * 1000)
    given = Given(decision.decision_id, decision.supersedes, at_ms, decision.disposition)
    return told(history, digest, given)


def _key(record: Record) -> str:
    return (record.key or b"").decode(errors="replace")


def _cause(record: Record) -> tuple[str, int, int]:
    """Topic, partition and offset of what a record answers; no topic for one that does not say."""
    said = cause_in(record.headers).split("/")
    if len(said) != _PARTS_OF_A_PLACE or not (said[1].isdecimal() and said[2].isdecimal()):
        return "", -1, -1
    return said[0], int(said[1]), int(said[2])


_PARTS_OF_A_PLACE = 3
