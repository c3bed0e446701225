"""What becomes of hold orders is counted: opened, renewed, freed, how old, and what officers found."""

from datetime import timedelta

import pytest

from tests.unit.screener.desk import NOW, Desk, event, listed
from tidewaiter.screener.inspecting import InspectionCount
from tidewaiter.telemetry.metrics import Metrics


class Inspection:
    """A desk whose orders are counted as if each batch were committed."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.metrics = Metrics()
        self.count = InspectionCount(self.metrics)

    def committed(self) -> None:
        for case, one in self.desk.notes.handed_over:
            self.count.note(case, one)
        self.desk.notes.handed_over.clear()
        self.count.count()

    def value(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"tidewaiter_{name}", labels)

    def orders(self, step: str) -> float | None:
        return self.value("hold_orders_total", step=step, disposition="1A")


@pytest.fixture
def at() -> Inspection:
    return Inspection()


def test_an_order_is_opened_once_and_renewed_by_what_comes_later(at: Inspection) -> None:
    at.desk.events(listed(1))
    at.desk.events(listed(2, "UPDATE", pieces=2))
    at.committed()
    assert (at.orders("opened"), at.orders("renewed"), at.orders("freed")) == (1, 1, 0)


def test_a_parcel_that_an_officer_frees_is_counted_with_the_age_of_its_oldest_hold(at: Inspection) -> None:
    at.desk.events(listed(1))
    at.desk.acts(hold_code="ALL", action_time=NOW + timedelta(hours=5))
    at.committed()
    assert at.orders("freed") == 1
    age = at.value("hold_age_seconds_sum", until="freed")
    assert age is not None
    assert age >= 5 * 3600
    assert at.value("hold_age_seconds_sum", until="action") == age
    assert at.value("officer_actions_total", action="HOLD_REMOVED", outcome="none") == 1


def test_an_examination_is_counted_for_each_hold_that_was_open(at: Inspection) -> None:
    at.desk.events(listed(1))
    at.desk.acts(action_type="EXAM_RESULT", outcome="NEGATIVE", hold_code="")
    at.committed()
    assert at.value("examined_holds_total", code="WL-NARC", outcome="NEGATIVE") == 1
    assert at.value("officer_actions_total", action="EXAM_RESULT", outcome="NEGATIVE") == 1


def test_a_manual_hold_on_a_free_parcel_opens_an_order(at: Inspection) -> None:
    at.desk.events(event(1))
    at.desk.acts(action_type="MANUAL_HOLD", hold_code="MAN-OFF")
    at.committed()
    assert at.orders("opened") == 1
    assert at.value("hold_age_seconds_count", until="action") == 0


def test_a_free_parcel_is_no_work_for_the_inspection(at: Inspection) -> None:
    at.desk.events(event(1))
    assert at.desk.notes.handed_over == []


def test_what_was_not_committed_is_not_counted(at: Inspection) -> None:
    at.desk.events(listed(1))
    for case, one in at.desk.notes.handed_over:
        at.count.note(case, one)
    at.count.forget()
    at.count.count()
    assert at.orders("opened") == 0


def test_a_clock_that_is_behind_makes_no_negative_age(at: Inspection) -> None:
    at.desk.events(listed(1))
    at.desk.acts(hold_code="ALL", action_time=NOW - timedelta(days=9))
    at.committed()
    assert at.value("hold_age_seconds_sum", until="action") == 0
