"""What the screener makes of a parcel's messages: decisions, and orders for the inspection."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from msgspec import structs

from tests.unit.screener.desk import (
    KEY,
    LISTED,
    LISTED_PARTY,
    LISTING,
    PHONE,
    Desk,
    another_parcel,
    event,
    follow_up,
    in_force,
    listed,
)
from tidewaiter.domain.lookup import Listing
from tidewaiter.wire import dead_letters, decisions, hold_orders
from tidewaiter.wire.headers import CAUSE, TRACEPARENT
from tidewaiter.wire.malformed import Malformed
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, HOLD_ORDERS


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_ordinary_parcel_is_released_without_an_order(desk: Desk) -> None:
    answers = desk.events(event())
    assert (answers.outcome, answers.decisions[0]["public_reason"]) == ("RELEASE", "RELEASED")
    assert (answers.orders, answers.dead_letters) == ([], [])


def test_a_batch_of_parcels_is_looked_up_in_one_exchange(desk: Desk) -> None:
    desk.events(*(event(hawb=f"77000000{number:04d}") for number in range(50)))
    assert desk.notes.exchanges == 1


def test_a_listed_party_is_held_and_only_the_inspection_learns_why(desk: Desk) -> None:
    answers = desk.events(listed())
    assert (answers.outcome, answers.codes) == ("HOLD", ["WL-NARC"])
    (order,) = answers.orders
    assert [(hit["list"], hit["entry_id"], hit["holds"]) for hit in order["hits"]] == [
        ("ofac-sdn", "36216", True)
    ]
    (basis,) = order["holds"][0]["basis"]
    assert basis.startswith("W01:ofac-sdn/36216@shipper:")
    public = (answers.of(DECISIONS)[0].value or b"").decode()
    assert "WL-" not in public
    assert "ofac" not in public
    assert answers.decisions[0]["public_reason"] == "EXAM_REQUIRED"


def test_a_listed_identifier_holds_under_any_name(desk: Desk) -> None:
    desk.source.listed[PHONE] = (LISTING,)
    answers = desk.events(event())
    assert answers.codes == ["WL-ID"]
    (found,) = answers.orders[0]["identifiers"]
    assert (found["role"], found["kind"], found["entry_id"]) == ("shipper", "phone", "4711")


def test_an_officers_own_entry_holds_under_its_own_code(desk: Desk) -> None:
    desk.source.listed[PHONE] = (Listing("local", "hot-1", "smuggler's phone", (), is_local=True),)
    assert desk.events(event()).codes == ["WL-LOCAL"]


def test_every_answer_names_the_record_that_it_answers(desk: Desk) -> None:
    record = desk.event(listed())
    for outgoing in desk.answers(record).outgoing:
        headers = dict(outgoing.headers)
        assert headers[CAUSE] == f"parcel-events/0/{record.offset}".encode()
        assert outgoing.key == KEY.encode()


def test_an_update_supersedes_and_frees_what_data_may_free(desk: Desk) -> None:
    first = desk.events(event(1, consignee={**event()["consignee"], "phone": "", "email": ""}))
    assert (first.codes, [order["status"] for order in first.orders]) == (["DOC-MISS"], ["OPEN"])
    second = desk.events(event(2, "UPDATE"))
    assert second.outcome == "RELEASE"
    assert second.decisions[0]["supersedes"] == first.decisions[0]["decision_id"]
    assert [order["status"] for order in second.orders] == ["WITHDRAWN"]


def test_an_update_does_not_free_a_listed_party(desk: Desk) -> None:
    desk.events(listed(1))
    answers = desk.events(event(2, "UPDATE"))
    assert (answers.outcome, answers.codes) == ("HOLD", ["WL-NARC"])
    assert answers.orders[0]["hits"] == []


def test_an_update_corrects_the_persons_day(desk: Desk) -> None:
    desk.events(event(1, value_usd="2400.00", declared_value="2400.00"))
    desk.events(event(2, "UPDATE", value_usd="2450.00", declared_value="2450.00"))
    small = another_parcel(value_usd="40.00", declared_value="40.00")
    assert desk.events(small).outcome == "RELEASE"
    third = event(hawb="770000000003", value_usd="40.00", declared_value="40.00")
    assert desk.events(third).codes == ["ELG-AGG"]


def test_a_cancellation_takes_the_parcel_out_of_the_persons_day(desk: Desk) -> None:
    rich: dict[str, Any] = {"value_usd": "2400.00", "declared_value": "2400.00"}
    desk.events(event(1, **rich))
    desk.events(follow_up(2, "CANCEL"))
    assert desk.events(another_parcel(**rich)).outcome == "RELEASE"


def test_a_cancelled_parcel_is_held_and_is_no_work_for_the_inspection(desk: Desk) -> None:
    desk.events(event(1))
    answers = desk.events(follow_up(2, "CANCEL"))
    assert (answers.outcome, answers.codes) == ("HOLD", ["DOC-MISS"])
    assert [order["status"] for order in answers.orders] == ["WITHDRAWN"]


@pytest.mark.parametrize(
    "seen",
    [
        follow_up(3, "ARRIVAL", arrival_time="2026-11-24T10:00:00Z"),
        follow_up(3, "SCAN", scanned_weight_kg="0.8"),
        follow_up(3, "SCAN", scanned_weight_kg="unreadable"),
    ],
)
def test_a_cancelled_parcel_that_turns_up_is_work_for_the_inspection(
    desk: Desk, seen: dict[str, Any]
) -> None:
    desk.events(event(1), follow_up(2, "CANCEL"))
    answers = desk.events(seen)
    assert (answers.outcome, answers.codes) == ("HOLD", ["DOC-MISS"])
    assert [order["status"] for order in answers.orders] == ["OPEN"]


def test_a_parcel_that_was_seen_before_it_was_cancelled_has_not_turned_up(desk: Desk) -> None:
    desk.events(event(1), follow_up(2, "SCAN", scanned_weight_kg="0.8"))
    answers = desk.events(follow_up(3, "CANCEL"))
    assert [order["status"] for order in answers.orders] == ["WITHDRAWN"]


def test_a_cancellation_takes_an_open_order_out_of_the_queue(desk: Desk) -> None:
    desk.events(event(1, items=[{**event()["items"][0], "description": ""}]))
    answers = desk.events(follow_up(2, "CANCEL"))
    assert [order["status"] for order in answers.orders] == ["WITHDRAWN"]


def test_a_cancelled_parcel_of_a_listed_party_stays_in_the_queue(desk: Desk) -> None:
    desk.events(listed(1))
    answers = desk.events(follow_up(2, "CANCEL"))
    assert answers.orders[-1]["status"] == "OPEN"
    assert "WL-NARC" in answers.codes


def test_an_arrival_that_nobody_declared_is_held(desk: Desk) -> None:
    answers = desk.events(follow_up(1, "ARRIVAL", arrival_time="2026-11-24T10:00:00Z"))
    assert answers.codes == ["DOC-MISS"]


def test_an_arrival_moves_the_parcel_to_the_day_at_the_port(desk: Desk) -> None:
    rich: dict[str, Any] = {"value_usd": "2400.00", "declared_value": "2400.00"}
    desk.events(event(1, **rich))
    arrival = {"arrival_time": "2026-11-25T05:30:00Z", "arrival_tz": "America/New_York"}
    assert desk.events(follow_up(2, "ARRIVAL", **arrival)).outcome == "RELEASE"
    same_day = another_parcel(**rich)
    assert desk.events(same_day).outcome == "RELEASE"
    next_day = event(hawb="770000000003", **rich, arrival_time="2026-11-25T09:00:00Z")
    assert desk.events(next_day).codes == ["ELG-AGG"]


def test_a_scan_is_laid_over_the_declaration(desk: Desk) -> None:
    desk.events(event(1))
    answers = desk.events(follow_up(2, "SCAN", scanned_weight_kg="9.5"))
    assert desk.history().scan is not None
    assert (answers.decisions[0]["message_seq"], answers.decisions[0]["event_id"]) == (2, "event-2")


def test_messages_of_one_parcel_in_one_batch_are_decided_in_their_order(desk: Desk) -> None:
    answers = desk.events(listed(1), event(2, "UPDATE"), follow_up(3, "SCAN", scanned_weight_kg="0.8"))
    assert [decision["message_seq"] for decision in answers.decisions] == [1, 2, 3]
    ids = [decision["decision_id"] for decision in answers.decisions]
    assert [decision["supersedes"] for decision in answers.decisions] == ["", *ids[:2]]
    assert [order["decision"] for order in answers.orders] == ["HOLD"] * 3


def test_a_repeated_message_gets_the_same_bytes_under_the_same_decision(desk: Desk) -> None:
    record = desk.event(listed())
    first = desk.answers(record)
    desk.clock.ms += 60_000
    again = desk.answers(record)
    assert again.outgoing == first.outgoing


def test_a_resent_message_gets_the_same_decision_for_the_record_that_it_came_in(desk: Desk) -> None:
    desk.events(event(1))
    first = desk.events(event(2, "UPDATE"))
    desk.clock.ms += 60_000
    again = desk.events(event(2, "UPDATE"))
    assert [one.value for one in again.of(DECISIONS)] == [one.value for one in first.of(DECISIONS)]


def test_a_batch_that_is_decided_again_takes_back_the_same_orders(desk: Desk) -> None:
    """A worker that dies between remembering and committing finds its own traces."""
    desk.events(event(1, items=[{**event()["items"][0], "description": ""}]))
    batch = (desk.event(event(2, "UPDATE")), desk.event(follow_up(3, "SCAN", scanned_weight_kg="0.8")))
    desk.answers(*batch)
    again = desk.answers(*batch)
    assert again.outcome == "RELEASE"
    assert "WITHDRAWN" in [order["status"] for order in again.orders]


def test_the_trace_of_an_event_goes_on_in_its_answers(desk: Desk) -> None:
    trace = b"4bf92f3577b34da6a3ce929d0e0e4736"
    record = desk.event(listed())
    parent = (TRACEPARENT, b"00-%s-00f067aa0ba902b7-01" % trace)
    answers = desk.answers(structs.replace(record, headers=(parent,)))
    assert all(trace in dict(one.headers)[TRACEPARENT] for one in answers.outgoing)
    assert answers.orders[0]["trace_id"] == trace.decode()


def test_an_order_carries_the_declaration_byte_for_byte(desk: Desk) -> None:
    record = desk.event({**listed(), "unheard_of": [1, 2]})
    order = desk.answers(record).of(HOLD_ORDERS)[0].value or b""
    assert (record.value or b"") in order


def test_a_listed_maker_is_found_as_a_seller(desk: Desk) -> None:
    item = {**event()["items"][0], "manufacturer": "Radomir Zheleznykhov"}
    desk.events(event(items=[item]))
    assert [found.role for found in desk.notes.decisions[0].hits] == ["seller"]


def test_every_answer_passes_its_own_published_schema(desk: Desk) -> None:
    readers = {
        DECISIONS: decisions.decode,
        HOLD_ORDERS: hold_orders.decode,
        DEAD_LETTERS: dead_letters.decode,
    }
    answers = desk.answers(desk.event(listed()), desk.record(b"{"), desk.action(hold_code="WL-NARC"))
    assert {one.topic for one in answers.outgoing} == readers.keys()
    for outgoing in answers.outgoing:
        assert not isinstance(readers[outgoing.topic](outgoing.value or b""), Malformed), outgoing


def test_a_list_that_grew_old_holds_as_degraded(desk: Desk) -> None:
    desk.clock.ms += int(timedelta(hours=49).total_seconds() * 1000)
    answers = desk.events(event())
    assert answers.codes == ["SYS-STALE"]
    assert answers.decisions[0]["degraded"] is True
    assert answers.orders[0]["degraded_components"] == ["lists"]


def test_the_history_of_a_parcel_that_is_resent_without_end_stays_bounded(desk: Desk) -> None:
    for seq in range(1, 150):
        desk.events(event(seq % 50 + 1, "UPDATE", pieces=seq))
    history = desk.history()
    assert len(history.given) == 128
    assert len(history.versions) == 64


def test_a_message_of_very_many_listed_makers_gets_an_order_that_its_topic_takes() -> None:
    entries = [structs.replace(LISTED, entry_id=str(number)) for number in range(12)]
    desk = Desk(first=in_force(entries=entries))
    items = [{"line": n + 1, "description": "shirt", "manufacturer": spelt(n)} for n in range(999)]
    answers = desk.events(listed(items=items))
    (size,) = [len(one.value or b"") for one in answers.outgoing if one.topic == HOLD_ORDERS]
    assert size <= hold_orders.MAX_BYTES
    assert "WL-NARC" in answers.codes
    order = hold_orders.decode(orjson.dumps(answers.orders[0]))
    assert not isinstance(order, Malformed), order
    assert order.hits[0].holds


def test_a_phone_of_very_many_entries_gets_an_order_that_can_be_read(desk: Desk) -> None:
    programs = tuple(f"P{number}" for number in range(300))
    listings = tuple(Listing("own", f"entry-{number}", "SOMEBODY ELSE", programs) for number in range(1_200))
    desk.source.listed |= {PHONE: listings}
    answers = desk.events(event())
    order = hold_orders.decode(orjson.dumps(answers.orders[0]))
    assert not isinstance(order, Malformed), order
    assert "WL-ID" in answers.codes


def spelt(number: int) -> str:
    """The listed party's name, in a spelling of its own by capitals."""
    letters = enumerate("radomir zheleznykhov")
    return "".join(letter.upper() if number >> place & 1 else letter for place, letter in letters)


def test_a_listed_party_is_listed_by_name_and_place(desk: Desk) -> None:
    """What the other tests rest on: the name alone, at another place, only scores."""
    elsewhere = {
        **LISTED_PARTY,
        "addr_lines": ["1 Rue Haute"],
        "city": "Lyon",
        "country": "FR",
        "postal": "69001",
    }
    answers = desk.events(event(shipper=elsewhere, export_country="FR"))
    assert "WL-NARC" not in answers.codes
