"""Whatever order a parcel's messages come in, and however often: the same holds stand at the end."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.screener.desk import LISTING, PHONE, Answers, Desk, another_parcel, event, follow_up, listed
from tidewaiter.domain.history import MAX_VERSIONS, History
from tidewaiter.domain.hold import Hold

Documents = Sequence[dict[str, Any]]

MESSAGES: tuple[dict[str, Any], ...] = (
    event(1),
    event(1, pieces=3),
    listed(1),
    event(2, "UPDATE", value_usd="2600.00", declared_value="2600.00"),
    event(2, "UPDATE", shipper={**event()["shipper"], "phone": "+86 755 1111 2222"}),
    listed(3, "UPDATE"),
    event(3, "UPDATE", items=[{**event()["items"][0], "description": "pill press die mold TDP 5"}]),
    follow_up(4, "CANCEL"),
    follow_up(2, "CANCEL"),
    follow_up(3, "CANCEL"),
    follow_up(5, "ARRIVAL", arrival_time="2026-11-25T03:00:00Z", arrival_tz="America/New_York"),
    follow_up(3, "ARRIVAL", arrival_time="2026-11-24T23:00:00Z"),
    follow_up(6, "SCAN", scanned_weight_kg="4.2"),
    follow_up(7, "SCAN", scanned_weight_kg="0"),
)


def resting(holds: Sequence[Hold]) -> list[tuple[object, ...]]:
    """Holds without the moment of the message that they were placed at."""
    return [(h.code, h.rule_ids, h.severity, h.removable_by, h.basis, h.expires_at) for h in holds]


def end(messages: Documents, batches: Sequence[int]) -> History:
    """The parcel's history after its messages, cut into batches of these sizes."""
    desk = Desk()
    desk.source.listed[PHONE] = (LISTING,)
    left, sizes = list(messages), list(batches)
    while left:
        size = sizes.pop() if sizes else len(left)
        desk.events(*left[:size])
        left = left[size:]
    return desk.history()


def shuffled(some: list[dict[str, Any]]) -> st.SearchStrategy[tuple[Documents, Documents]]:
    return st.permutations(some + some[:3]).map(lambda other: (some, other))


pairs = st.lists(st.sampled_from(MESSAGES), min_size=1, max_size=6, unique_by=id).flatmap(shuffled)


@settings(max_examples=150, deadline=None)
@given(pairs, st.lists(st.integers(1, 4), max_size=6))
def test_any_order_and_repetition_of_messages_ends_in_the_same_state(
    pair: tuple[Documents, Documents], batches: Sequence[int]
) -> None:
    some, other = (end(messages, sizes) for messages, sizes in zip(pair, (batches, [1] * 9), strict=True))
    for field in ("versions", "declaration", "cancelled_seq", "arrival", "scan", "cleared", "unread"):
        assert getattr(some, field) == getattr(other, field), field
    assert resting(some.standing) == resting(other.standing)
    assert resting(some.open_holds) == resting(other.open_holds)


def test_a_late_first_message_of_a_listed_party_holds_at_once_and_for_good() -> None:
    desk = Desk()
    assert desk.events(event(2, "UPDATE")).outcome == "RELEASE"
    late = desk.events(listed(1))
    assert (late.outcome, late.codes) == ("HOLD", ["WL-NARC"])
    assert desk.events(event(3, "UPDATE")).codes == ["WL-NARC"]


def test_a_late_first_message_does_not_change_what_is_declared() -> None:
    desk = Desk()
    desk.events(event(2, "UPDATE", pieces=2))
    desk.events(event(1, pieces=1))
    declaration = desk.history().declaration
    assert declaration is not None
    assert declaration.event.pieces == 2


def test_a_late_first_message_in_the_batch_of_its_correction_is_decided_on_the_correction() -> None:
    correction = event(2, "UPDATE", value_usd="2600.00", declared_value="2600.00")
    somebody = {**event()["consignee"], "name": "Ignatia Quill", "phone": "+1 614 299 0199"}
    late = event(1, consignee=somebody, value_usd="40.00", declared_value="40.00")
    answers = Desk().events(correction, late)
    assert [order["holds"][0]["code"] for order in answers.orders] == ["ELG-AGG", "ELG-AGG"]


def test_a_listed_phone_holds_though_the_parcel_was_cancelled_and_arrived_before() -> None:
    desk = Desk()
    desk.source.listed[PHONE] = (LISTING,)
    desk.events(follow_up(4, "CANCEL"), follow_up(5, "ARRIVAL", arrival_time="2026-11-25T03:00:00Z"))
    assert "WL-ID" in desk.events(event(1)).codes


@pytest.mark.parametrize("bag", "abcd")
def test_a_parcel_that_was_cancelled_under_its_own_number_is_declared_and_counts(bag: str) -> None:
    """By whichever digest: counted out and in force, any number of parcels would stay under the limit."""
    worth = {"value_usd": "1500.00", "declared_value": "1500.00"}
    desk = Desk()
    desk.events(event(1, bag_id=bag, **worth))
    assert desk.events(follow_up(1, "CANCEL")).outcome == "RELEASE"
    assert desk.events(another_parcel(**worth)).codes == ["ELG-AGG"]


def test_a_hold_is_placed_once_whatever_messages_find_it_open() -> None:
    """The inspection reads from it how long the parcel has waited."""
    vague: dict[str, Any] = {"items": [{**event()["items"][0], "description": "Gifts"}]}
    desk = Desk()
    held = [desk.events(event(1, **vague)), desk.events(follow_up(3, "SCAN", scanned_weight_kg="0.8"))]
    held += [desk.events(event(2, "UPDATE", **vague)), desk.events(event(0, **vague))]
    assert [placed_at(answers) for answers in held] == ["2026-11-24T06:01:00Z"] * 4
    assert desk.events(event(4, "UPDATE")).outcome == "RELEASE"
    assert placed_at(desk.events(event(5, "UPDATE", **vague))) == "2026-11-24T06:05:00Z"


@pytest.mark.parametrize("order", [1, -1])
def test_a_scan_that_did_not_weigh_takes_back_no_weight(order: int) -> None:
    desk = Desk()
    desk.events(event(1, gross_weight_kg="0.8"))
    for seq, weight in ((2, "9.2"), (4, "0"))[::order]:
        desk.events(follow_up(seq, "SCAN", scanned_weight_kg=weight))
    scoring = [finding.rule_id for finding in desk.notes.decisions[-1].findings if finding.weight]
    assert scoring == ["D09"]


def test_a_cancelled_parcel_turns_up_in_a_scan_that_did_not_weigh() -> None:
    desk = Desk()
    desk.events(event(1), follow_up(2, "SCAN", scanned_weight_kg="0.8"), follow_up(3, "CANCEL"))
    scan = desk.events(follow_up(4, "SCAN", scanned_weight_kg="0"))
    assert [order["status"] for order in scan.orders] == ["OPEN"]


def placed_at(answers: Answers) -> str:
    """When the only open hold of the last order was placed."""
    (hold,) = answers.orders[-1]["holds"]
    return str(hold["placed_at"])


def test_a_cancelled_parcel_that_turns_up_is_looked_up_on_the_lists_of_now() -> None:
    desk = Desk()
    desk.events(event(1), follow_up(2, "CANCEL"))
    desk.source.listed[PHONE] = (LISTING,)
    scan = follow_up(3, "SCAN", scanned_weight_kg="0.8")
    assert desk.events(scan).codes == ["DOC-MISS", "WL-ID"]
    assert desk.acts(hold_code="DOC-MISS").codes == ["WL-ID"]


def test_a_value_that_was_lowered_holds_however_often_the_parcel_is_scanned() -> None:
    desk = Desk()
    desk.events(event(1, value_usd="900.00"), event(2, "UPDATE", value_usd="40.00"))
    scans = [follow_up(10 + n, "SCAN", scanned_weight_kg="0.8", event_id=f"s{n}") for n in range(49)]
    again = [{**scan, "message_seq": 60 + n} for n, scan in enumerate(scans)]
    assert desk.events(*scans, *again).codes == ["DOC-DUP"]
    assert len(desk.history().versions) == MAX_VERSIONS


@pytest.mark.parametrize(
    "seqs", [(2, 2), (1_764_000_000, 1_764_000_100)], ids=["one number", "epoch seconds"]
)
@pytest.mark.parametrize("order", [1, -1])
def test_a_parcel_counts_on_the_day_of_its_last_arrival_however_arrivals_are_numbered(
    seqs: tuple[int, int], order: int
) -> None:
    worth = {"value_usd": "1500.00", "declared_value": "1500.00"}
    desk = Desk()
    desk.events(another_parcel(arrival_time="2026-11-26T12:00:00-05:00", **worth), event(1, **worth))
    arrivals = [
        follow_up(
            seq, "ARRIVAL", event_id=day, event_time=f"{day}T18:00:00Z", arrival_time=f"{day}T12:00:00-05:00"
        )
        for seq, day in zip(seqs, ("2026-11-24", "2026-11-26"), strict=True)
    ]
    for arrival in arrivals[::order]:
        answers = desk.events(arrival)
    assert answers.codes == ["ELG-AGG"]
