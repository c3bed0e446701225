"""Deciding one case, once everything was gathered: evidence, the pure core, and the history after it."""

from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct, structs

from tidewaiter.domain.answers import as_told
from tidewaiter.domain.decision import Decision
from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.evidence import Evidence, PartyHit
from tidewaiter.domain.history import EMPTY, History, has_turned_up
from tidewaiter.domain.hold import Hold, combined, lasting
from tidewaiter.domain.lookup import Answer, Lookup
from tidewaiter.domain.parcel import Parcel, parcel_of
from tidewaiter.domain.screening import screen
from tidewaiter.screener.case import Case, decided
from tidewaiter.screener.evidence import (
    ControlDraw,
    Lists,
    NameScreen,
    blind_evidence,
    evidence_of,
    party_hits,
)
from tidewaiter.screener.excepting import excepted_rules
from tidewaiter.screener.in_force import InForce
from tidewaiter.screener.questions import Question
from tidewaiter.screener.reading import source_of
from tidewaiter.wire.hold_order import OrderStatus

# A record about a parcel that is not ours to look up (its key names another) is decided on what it says.
_NOT_ASKED = Question(Lookup("", 0, ""))


class Decided(Struct, frozen=True):
    """A decision with what surrounds it. ``order`` is what the inspection queue is told, None for nothing;
    ``held_before`` the holds that were open before, as far as anybody looked.
    """

    parcel: Parcel
    decision: Decision
    evidence: Evidence
    decided_at_ms: int
    history: History
    order: OrderStatus | None
    held_before: tuple[Hold, ...] = ()


def match_names(cases: Iterable[Case], names: NameScreen) -> None:
    """Put to each declaration the entries that its parties' names match."""
    for case in cases:
        if case.is_declaration and isinstance(case.message, ParcelEvent):
            case.hits = party_hits(case.message, names)


class Deciding:
    """Decides the cases of one batch, all under one set of lists, rules and law, at one moment."""

    def __init__(self, in_force: InForce, lists: Lists, draw: ControlDraw, now_ms: int) -> None:
        self._in_force, self._lists, self._draw, self._now_ms = in_force, lists, draw, now_ms
        self._now = datetime.fromtimestamp(now_ms / 1000, UTC)
        self._habits = in_force.habits.latest

    def answered(self, case: Case, before: History) -> Decided:
        """The decision on a case whose questions were answered. ``before`` is the history without it."""
        history = case.folded_into(before)
        parcel = self._with_late_holds(case, history, self._parcel(case, history))
        question, answer = (case.second, case.second_answer) if case.second else (case.first, case.answer)
        evidence = self._evidence(parcel, question, answer, self._hits(case, history, parcel))
        decision = screen(parcel, evidence, self._in_force.ruleset, self._in_force.policy)
        decision, at_ms = as_told(decision, history, case.digest, self._now_ms)
        was_ordered = before.was_ordered or case.is_known_to_officers
        order = order_status(parcel, decision, history, was_ordered=was_ordered)
        after = decided(history, case, decision, at_ms, is_ordered=order is not None)
        return Decided(parcel, decision, evidence, at_ms, after, order, before.open_holds)

    def blind(self, case: Case) -> Decided:
        """The decision while Redis does not answer: what names and goods say, and a hold in any case.

        Nothing is remembered of it, so each record gets a decision of its own, repeated or not.
        """
        history = case.folded_into(EMPTY)
        parcel = case.parcel(history)
        digest = f"{case.digest}@{source_of(case.record)}"
        parcel = structs.replace(parcel, trigger=structs.replace(parcel.trigger, digest=digest))
        hits, habits = self._hits(case, history, parcel), self._habits.of(parcel.event)
        evidence = blind_evidence(hits, self._lists, self._draw.of(parcel.key), habits)
        evidence = self._excepting(parcel, evidence)
        decision = screen(parcel, evidence, self._in_force.ruleset, self._in_force.policy)
        return Decided(parcel, decision, evidence, self._now_ms, history, "OPEN")

    def _parcel(self, case: Case, history: History) -> Parcel:
        parcel = case.parcel(history)
        if parcel.trigger.time <= self._now or not self._now_ms:  # 0 in a replay, which has no now
            return parcel
        return structs.replace(parcel, trigger=structs.replace(parcel.trigger, decided_at=self._now))

    def _hits(self, case: Case, history: History, parcel: Parcel) -> tuple[PartyHit, ...]:
        """The case's own hits where it is the declaration in force; arrival and scan name no parties."""
        declaration = history.declaration
        if case.is_declaration and declaration is not None and declaration.digest == case.digest:
            return case.hits
        return party_hits(parcel.event, self._in_force.names)

    def _evidence(
        self, parcel: Parcel, question: Question | None, answer: Answer, hits: tuple[PartyHit, ...]
    ) -> Evidence:
        asked = question or _NOT_ASKED
        habits = self._habits.of(parcel.event, asked.habits)
        found = evidence_of(asked, answer, hits, self._lists, self._draw.of(parcel.key), habits)
        return self._excepting(parcel, found)

    def _excepting(self, parcel: Parcel, evidence: Evidence) -> Evidence:
        """The evidence with the rules that a party of the parcel is excepted from at this moment."""
        excepted = excepted_rules(parcel.event, self._in_force.rule_exceptions, self._now)
        return structs.replace(evidence, excepted_rules=excepted) if excepted else evidence

    def _with_late_holds(self, case: Case, history: History, parcel: Parcel) -> Parcel:
        """The parcel with the holds of a declaration that a later one has overtaken: those that data cannot
        remove stand. Otherwise a listed party in a first message would go free if its correction came first.
        """
        declaration = history.declaration
        if not case.is_declaration or declaration is None or declaration.digest == case.digest:
            return parcel
        late = lasting(self._holds_alone(case))
        return structs.replace(parcel, standing=combined((*parcel.standing, *late))) if late else parcel

    def _holds_alone(self, case: Case) -> tuple[Hold, ...]:
        """The holds of a declaration as if it were all that is known of its parcel."""
        event = case.message
        assert isinstance(event, ParcelEvent)
        assert case.first is not None
        alone = case.folded_into(EMPTY)
        parcel = parcel_of(alone, case.trigger, event)
        evidence = self._evidence(parcel, case.first, case.answer, case.hits)
        return screen(parcel, evidence, self._in_force.ruleset, self._in_force.policy).holds


def order_status(
    parcel: Parcel, decision: Decision, history: History, *, was_ordered: bool
) -> OrderStatus | None:
    """What the inspection queue is told: of every hold, and of every parcel that it was told of before.

    A parcel that its carrier cancelled is no work for an officer, unless it turns up all the same or
    something beside the missing declaration holds it. Whether an order is *still* open cannot be asked: a
    batch that is decided again after an abort finds its own traces, and would not take back an order that
    only the aborted batch had taken back.
    """
    codes = {hold.code for hold in decision.holds}
    if not codes:
        return "WITHDRAWN" if was_ordered else None
    is_no_work = parcel.status == "CANCELLED" and codes == {"DOC-MISS"} and not has_turned_up(history)
    return "WITHDRAWN" if is_no_work else "OPEN"
