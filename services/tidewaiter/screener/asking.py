"""Which questions a record asks: at once by what it says, again when its parcel as a whole says more."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.history import EMPTY, Declaration, History
from tidewaiter.domain.parcel import entry_date, parcel_of
from tidewaiter.domain.party import Role
from tidewaiter.screener import questions
from tidewaiter.screener.case import Case, unknown_past
from tidewaiter.screener.questions import Question
from tidewaiter.wire.history import Unreadable
from tidewaiter.wire.history import decode as decode_history


class Terms(Protocol):
    """What asking needs of the rules' word lists and of the law, before anything is looked up."""

    @property
    def person(self) -> Role:
        """Whose parcels of one day are added up."""
        ...

    def has_press_parts(self, event: ParcelEvent) -> bool: ...


def first_question(case: Case, terms: Terms) -> Question | None:
    """What a record asks before its parcel's history is known; None for one that names no parcel of ours."""
    message = case.message
    if message is None or case.is_foreign or case.is_displaced:
        return None
    if case.malformed is not None or isinstance(message, OfficerAction):
        return questions.known(message.key, case.digest)
    if message.has_declaration:
        return _declared(message, questions.rank(message.message_seq), case.digest, terms)
    if message.event_type == "CANCEL":
        return questions.withdrawn(message, case.digest)
    return questions.known(message.key, case.digest)


def remembered(case: Case) -> History:
    """The parcel's history as Redis had it before this batch; a hold in place of one that cannot be read."""
    blob = case.answer.history
    return EMPTY if blob is None else past(blob, case.trigger.time)


def past(blob: bytes, at: datetime) -> History:
    """The history in a blob of the store; ``at`` is when it is found out, should it be none."""
    try:
        return decode_history(blob)
    except Unreadable:
        return unknown_past(blob, at)


def ask_again(cases: Sequence[Case], terms: Terms) -> list[Case]:
    """The cases that need a second question, with that question put.

    Most parcels have one message: those are told apart without folding anything. For the others the
    messages of the batch are folded in their order, to see what is in force when each is decided.
    """
    suspects = _with_a_past(cases)
    folded: dict[str, History] = {}
    for case in suspects:
        known = folded.get(case.key)
        history = case.folded_into(remembered(case) if known is None else known)
        folded[case.key] = history
        case.second = _second_question(case, history, terms)
    return [case for case in suspects if case.second is not None]


def _with_a_past(cases: Iterable[Case]) -> list[Case]:
    """The cases whose parcel is known already, or comes twice in the batch, or that are no declarations."""
    ours = [case for case in cases if case.first is not None]
    seen: set[str] = set()
    suspect: set[str] = set()
    for case in ours:
        if case.key in seen or case.answer.history is not None or not case.is_declaration:
            suspect.add(case.key)
        seen.add(case.key)
    return [case for case in ours if case.key in suspect]


def _second_question(case: Case, history: History, terms: Terms) -> Question | None:
    declaration = history.declaration
    if declaration is None:
        return None
    arrival = history.arrival
    is_cancelled = history.cancelled_seq > declaration.event.message_seq
    if case.is_declaration and declaration.digest == case.digest and (arrival is None or is_cancelled):
        return None
    assert case.message is not None
    event = parcel_of(history, case.trigger, case.message).event
    if is_cancelled:
        return questions.listed(event, case.digest)
    order = questions.rank(declaration.event.message_seq, arrival.message_seq if arrival else -1)
    digest = questions.arrived(declaration.digest, arrival) if arrival else declaration.digest
    return _declared(event, order, digest, terms)


def _declared(event: ParcelEvent, order: int, digest: str, terms: Terms) -> Question:
    has_press_parts = terms.has_press_parts(event)
    return questions.declared(event, order, digest, has_press_parts=has_press_parts, person=terms.person)


def examinations(cases: Iterable[Case], histories: dict[str, History]) -> Iterator[Question]:
    """What positive examinations count against their parcels' parties, for the parcels that come after.

    Of a parcel that is declared after its examination it is counted then.
    """
    for case in cases:
        if isinstance(case.message, OfficerAction) or case.is_declaration:
            history = histories.get(case.key, EMPTY)
            if history.actions:
                yield from finds(history.actions, history.declaration)


def finds(actions: Iterable[OfficerAction], declaration: Declaration | None) -> Iterator[Question]:
    """What those of the actions that found something count. Of one parcel they count once."""
    if declaration is not None:
        for action in actions:
            if action.is_a_find:
                event = declaration.event
                yield questions.examined(event, action.action_id, entry_date(event))
