"""What officers do about parcels, and what it changes: for this parcel, and for those of the same person."""

from datetime import timedelta

import pytest

from tests.unit.screener.desk import (
    LISTED_PARTY,
    LISTING,
    NOW,
    PHONE,
    Desk,
    another_parcel,
    event,
    listed,
)
from tidewaiter.domain.lookup import Listing
from tidewaiter.domain.officers import MAX_ACTIONS


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("outcome", ["SEIZED", "DETAINED", "REFERRED"])
def test_a_find_holds_later_parcels_of_the_same_person(desk: Desk, outcome: str) -> None:
    desk.events(event(1))
    assert "MAN-OFF" in desk.acts(action_type="EXAM_RESULT", outcome=outcome, hold_code="").codes
    assert desk.events(another_parcel()).codes == ["LNK-POS"]


def test_a_find_in_a_parcel_that_was_not_declared_yet_counts_once_it_is(desk: Desk) -> None:
    desk.acts(action_type="EXAM_RESULT", outcome="SEIZED")
    desk.events(event(1))
    assert desk.events(another_parcel()).codes == ["LNK-POS"]


def test_an_examination_without_a_find_frees_the_parcel_and_holds_no_other(desk: Desk) -> None:
    desk.events(listed(1))
    answers = desk.acts(action_type="EXAM_RESULT", outcome="NEGATIVE")
    assert (answers.outcome, answers.orders[0]["status"]) == ("RELEASE", "WITHDRAWN")
    assert desk.events(another_parcel()).outcome == "RELEASE"


def test_an_officer_removes_a_hold_and_the_same_basis_does_not_bring_it_back(desk: Desk) -> None:
    desk.events(listed(1))
    removed = desk.acts(hold_code="WL-NARC")
    assert (removed.outcome, removed.orders[0]["status"]) == ("RELEASE", "WITHDRAWN")
    assert desk.events(listed(2, "UPDATE", pieces=2)).outcome == "RELEASE"


def test_an_officer_removes_a_hold_and_a_new_basis_brings_it_back(desk: Desk) -> None:
    desk.source.listed[PHONE] = (LISTING,)
    desk.events(event(1))
    assert desk.acts(hold_code="WL-ID").outcome == "RELEASE"
    desk.source.listed["phone", "+16142990142"] = (Listing("ofac-sdn", "999", "ANOTHER"),)
    answers = desk.events(event(2, "UPDATE", pieces=2))
    assert answers.codes == ["WL-ID"]
    (basis,) = answers.orders[0]["holds"][0]["basis"]
    assert basis.startswith("W05:ofac-sdn/999@consignee:")


@pytest.mark.parametrize("role", ["shipper", "seller"])
def test_an_officer_who_sets_a_party_aside_does_not_free_the_next_in_its_place_or_another(
    desk: Desk, role: str
) -> None:
    namesake = {**LISTED_PARTY, "name": "Radomir Zheleznykov"}
    desk.events(event(1, shipper=namesake))
    assert desk.acts(hold_code="WL-NARC").outcome == "RELEASE"
    answers = desk.events(event(2, "UPDATE", **{"shipper": namesake, role: LISTED_PARTY}))
    assert answers.codes == ["WL-NARC"]


def test_an_officer_who_sets_a_party_aside_does_not_free_one_with_another_initial(desk: Desk) -> None:
    desk.events(event(1, shipper={**LISTED_PARTY, "name": "Radomir B. Zheleznykhov"}))
    assert desk.acts(hold_code="WL-NARC").outcome == "RELEASE"
    same = {**LISTED_PARTY, "name": "ZHELEZNYKHOV, Radomir B"}
    assert desk.events(event(2, "UPDATE", shipper=same)).outcome == "RELEASE"
    other = {**LISTED_PARTY, "name": "Radomir A. Zheleznykhov"}
    assert desk.events(event(3, "UPDATE", shipper=other)).codes == ["WL-NARC"]


def test_a_hold_that_was_found_after_the_officer_looked_is_not_removed(desk: Desk) -> None:
    before = desk.events(listed(1)).decisions[0]["decision_id"]
    desk.source.listed[PHONE] = (LISTING,)
    seller = {**event()["shipper"], "name": "Somebody Else"}
    after = desk.events(listed(2, "UPDATE", seller=seller))
    assert after.codes == ["WL-ID", "WL-NARC"]
    answers = desk.acts(hold_code="ALL", decision_id=before)
    assert (answers.outcome, answers.codes) == ("HOLD", ["WL-ID"])
    assert desk.acts(hold_code="ALL", decision_id=answers.decisions[0]["decision_id"]).outcome == "RELEASE"


def test_removing_one_hold_leaves_the_others(desk: Desk) -> None:
    desk.source.listed[PHONE] = (LISTING,)
    desk.events(event(1, consignee={**event()["consignee"], "phone": "", "email": ""}))
    assert desk.acts(hold_code="WL-ID").codes == ["DOC-MISS"]


def test_a_manual_hold_stays_over_an_update_and_ends_when_it_expires(desk: Desk) -> None:
    desk.events(event(1))
    until = NOW + timedelta(hours=1)
    held = desk.acts(action_type="MANUAL_HOLD", expires_at=until)
    assert held.codes == ["MAN-OFF"]
    assert desk.events(event(2, "UPDATE", event_time="2026-11-24T12:30:00Z")).codes == ["MAN-OFF"]
    desk.clock.ms += 3_601_000
    later = event(3, "UPDATE", event_time="2026-11-24T13:00:01Z")
    assert desk.events(later).outcome == "RELEASE"


def test_an_order_says_when_its_manual_hold_ends_if_it_does(desk: Desk) -> None:
    desk.events(event(1))
    ends = NOW + timedelta(hours=1)
    held = desk.acts(action_type="MANUAL_HOLD", expires_at=ends)
    assert held.orders[0]["holds"][0]["expires_at"] == "2026-11-24T13:00:00Z"
    later = desk.acts(action_type="MANUAL_HOLD", expires_at=ends + timedelta(hours=1))
    assert later.orders[0]["holds"][0]["expires_at"] == "2026-11-24T14:00:00Z"
    found = desk.acts(action_type="EXAM_RESULT", outcome="DETAINED", expires_at=ends)
    assert "expires_at" not in found.orders[0]["holds"][0]


def test_a_carriers_clock_that_is_ahead_ends_no_manual_hold(desk: Desk) -> None:
    desk.events(event(1))
    desk.acts(action_type="MANUAL_HOLD", expires_at=NOW + timedelta(hours=1))
    ahead = desk.events(event(2, "UPDATE", event_time="2199-01-01T00:00:00Z"))
    assert ahead.codes == ["MAN-OFF"]
    assert ahead.decisions[0]["event_time"] == "2199-01-01T00:00:00Z"


def test_a_manual_hold_stays_however_many_actions_follow(desk: Desk) -> None:
    desk.events(event(1))
    desk.acts(action_type="MANUAL_HOLD")
    for _ in range(MAX_ACTIONS):
        answers = desk.acts(action_type="HOLD_REMOVED", hold_code="WL-ID")
    assert answers.codes == ["MAN-OFF"]
    for hours in range(MAX_ACTIONS + 1):
        desk.acts(action_type="MANUAL_HOLD", expires_at=NOW + timedelta(hours=hours))
    desk.clock.ms += 90 * 86_400_000
    later = event(2, "UPDATE", event_time="2027-02-20T12:00:00Z")
    assert "MAN-OFF" in desk.events(later).codes
    assert len(desk.history().actions) == MAX_ACTIONS


def test_an_order_too_many_to_be_remembered_holds_until_it_is_set_aside(desk: Desk) -> None:
    desk.events(event(1))
    for _ in range(MAX_ACTIONS + 1):
        held = desk.acts(action_type="MANUAL_HOLD")
    (hold,) = held.orders[0]["holds"]
    assert (len(hold["basis"]), len(desk.history().actions)) == (MAX_ACTIONS + 1, MAX_ACTIONS)
    later = desk.events(event(2, "UPDATE"))
    assert later.orders[0]["holds"][0]["basis"] == hold["basis"]
    freed = desk.acts(hold_code="MAN-OFF", decision_id=later.decisions[0]["decision_id"])
    assert freed.outcome == "RELEASE"


def test_an_order_that_was_set_aside_makes_room_for_another_and_holds_no_more(desk: Desk) -> None:
    desk.events(event(1))
    for _ in range(MAX_ACTIONS):
        desk.acts(action_type="MANUAL_HOLD")
        assert desk.acts(hold_code="MAN-OFF").outcome == "RELEASE"
    (hold,) = desk.acts(action_type="MANUAL_HOLD").orders[0]["holds"]
    assert len(hold["basis"]) == 1


def test_a_hold_that_is_ordered_anew_each_hour_ends_with_the_last_order(desk: Desk) -> None:
    desk.events(event(1))
    for hour in range(MAX_ACTIONS + 8):
        now = NOW + timedelta(hours=hour)
        desk.acts(action_type="MANUAL_HOLD", action_time=now, expires_at=now + timedelta(hours=1))
    desk.clock.ms += (MAX_ACTIONS + 8) * 3_600_000
    later = event(2, "UPDATE", event_time=f"{now + timedelta(hours=2):%FT%TZ}")
    assert "MAN-OFF" not in desk.events(later).codes


def test_a_manual_hold_of_a_parcel_that_nobody_declared_waits_for_it(desk: Desk) -> None:
    assert "MAN-OFF" in desk.acts(action_type="MANUAL_HOLD").codes
    assert desk.events(event(1)).codes == ["MAN-OFF"]


def test_an_action_that_comes_twice_counts_once(desk: Desk) -> None:
    desk.events(listed(1))
    record = desk.action(hold_code="WL-NARC", action_id="a1")
    first = desk.answers(record)
    assert desk.answers(record).outgoing == first.outgoing
    assert len(desk.history().actions) == 1


@pytest.mark.parametrize(
    "held", [{"action_type": "MANUAL_HOLD"}, {"action_type": "EXAM_RESULT", "outcome": "SEIZED"}]
)
def test_an_action_that_holds_is_heard_though_another_one_has_its_id(
    desk: Desk, held: dict[str, str]
) -> None:
    desk.events(listed(1))
    desk.acts(hold_code="WL-NARC", action_id="case-17")
    answers = desk.acts(**held, hold_code="", action_id="case-17")
    assert answers.codes == ["MAN-OFF"]
    assert desk.acts(hold_code="ALL", action_id="case-17").codes == ["MAN-OFF"]
