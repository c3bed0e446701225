"""A parcel whose history in Redis cannot be read is held, by itself, until an officer lets it go."""

import pytest
from structlog.testing import capture_logs

from tests.unit.screener.desk import KEY, Desk, another_parcel, event, follow_up
from tidewaiter.screener.watching import Watch
from tidewaiter.screener.work import Watcher
from tidewaiter.telemetry.metrics import Metrics

REASON = (
    "MAN-OFF: what was known of the parcel could not be read in Redis, and may have been an order to hold it"
)


def opened(watcher: Watcher | None = None) -> Desk:
    """A parcel that an officer holds, and of which Redis has nothing any more that is a history."""
    desk = Desk(watcher=watcher)
    desk.acts(action_type="MANUAL_HOLD")
    desk.source.histories[KEY] = b"no history"
    return desk


@pytest.fixture
def desk() -> Desk:
    return opened()


def test_it_is_held_and_the_parcels_beside_it_are_not(desk: Desk) -> None:
    both = desk.events(event(1), another_parcel())
    assert [one["decision"] for one in both.decisions] == ["HOLD", "RELEASE"]
    assert both.orders[0]["officer_reason"] == REASON


def test_no_later_message_frees_it(desk: Desk) -> None:
    desk.events(event(1))
    for later in (event(1), event(2, "UPDATE"), follow_up(3, "ARRIVAL", arrival_time="2026-11-24T23:30:00Z")):
        assert desk.events(later).codes == ["MAN-OFF"]


def test_an_officer_frees_it(desk: Desk) -> None:
    desk.events(event(1))
    freed = desk.acts(hold_code="MAN-OFF")
    assert (freed.outcome, freed.orders[0]["status"]) == ("RELEASE", "WITHDRAWN")
    assert desk.events(event(2, "UPDATE")).outcome == "RELEASE"


def test_an_officer_who_has_not_seen_it_does_not_free_it(desk: Desk) -> None:
    assert desk.acts(hold_code="ALL").outcome == "HOLD"


def test_the_operator_is_told_of_it_once() -> None:
    desk = opened(Watch(Metrics()))
    with capture_logs() as logs:
        desk.events(event(1))
        desk.events(event(2, "UPDATE"))
    assert [(line["event"], line["parcel"]) for line in logs if line["log_level"] == "error"] == [
        ("a parcel is held: its history in Redis cannot be read", KEY)
    ]
