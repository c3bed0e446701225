"""What a worker shows of the inspection: hold orders opened and freed, their ages, what officers found."""

from collections import Counter
from datetime import datetime
from typing import Final

from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.decision import disposition_of
from tidewaiter.domain.hold import Hold
from tidewaiter.screener.case import Case
from tidewaiter.screener.deciding import Decided
from tidewaiter.telemetry.metrics import Metrics

_WITHOUT_OUTCOME: Final = "none"


class InspectionCount:
    """Notes a batch's orders and actions, and counts them when it is committed.

    A batch that is decided again after an abort finds its own traces, so what it opened or freed counts
    as known before: after an abort some orders go uncounted, and none is counted twice.
    """

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._noted: list[tuple[Case, Decided]] = []

    def note(self, case: Case, one: Decided) -> None:
        self._noted.append((case, one))

    def forget(self) -> None:
        self._noted.clear()

    def count(self) -> None:
        """Count what was noted. A few microseconds for each parcel that is held, acted on or freed."""
        orders: Counter[tuple[str, str]] = Counter()
        for case, one in self._noted:
            if (step := _step(one)) is not None:
                holds = one.held_before if step == "freed" else one.decision.holds
                orders[step, disposition_of(holds)] += 1
            if step == "freed":
                self._observe_age("freed", one.held_before, one.decision.event_time)
            if isinstance(case.message, OfficerAction):
                self._count_action(case.message, one.held_before)
        for labels, number in orders.items():
            self._metrics.hold_orders.labels(*labels).inc(number)
        self.forget()

    def _count_action(self, action: OfficerAction, held: tuple[Hold, ...]) -> None:
        outcome = action.outcome or _WITHOUT_OUTCOME
        self._metrics.officer_actions.labels(action.action_type, outcome).inc()
        self._observe_age("action", held, action.action_time)
        if action.action_type == "EXAM_RESULT":
            for hold in held:
                self._metrics.examined_holds.labels(hold.code, outcome).inc()

    def _observe_age(self, until: str, held: tuple[Hold, ...], at: datetime) -> None:
        """From the oldest hold on, by the messages' times; clocks that disagree make no negative age."""
        if held:
            age = at - min(hold.placed_at for hold in held)
            self._metrics.hold_age.labels(until).observe(max(0.0, age.total_seconds()))


def _step(one: Decided) -> str | None:
    """opened, renewed or freed; None for a parcel that was free and is."""
    if one.order == "OPEN":
        return "renewed" if one.held_before else "opened"
    return "freed" if one.held_before else None
