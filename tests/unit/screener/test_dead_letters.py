"""Records that cannot be read are set aside with the reason, and the parcel that they name is held."""

from typing import Any

import orjson
import pytest
from msgspec import structs

from tests.unit.screener.desk import KEY, Answers, Desk, another_parcel, event, listed
from tidewaiter.stream.outcome import DeadLetter, Done
from tidewaiter.wire.headers import LANE_KEY
from tidewaiter.wire.topics import (
    DEAD_LETTERS,
    DECISIONS,
    HOLD_ORDERS,
    OFFICER_ACTIONS,
    PARCEL_EVENTS,
    RESCREENS,
)

LOST = "what could not be read (1, see the dead letters)"


@pytest.fixture
def desk() -> Desk:
    return Desk()


def broken(**changes: Any) -> bytes:
    return orjson.dumps(event(**changes))


UNREADABLE = [
    (broken(event_time="yesterday"), "schema", "DOC-MISS"),
    (broken(shipper=None), "schema", "DOC-MISS"),
    (broken(schema_version="2.0"), "version", "DOC-MISS"),
    (b"{", "json", "DOC-MISS"),
    (b"", "json", "DOC-MISS"),
    (None, "json", "DOC-MISS"),
    (b'{"hawb":"1",' + broken()[1:], "json", "DOC-MISS"),
    (b'{"image_refs":["' + b"x" * (2 << 20) + b'"],' + broken()[1:], "size", "DOC-MISS"),
]


@pytest.mark.parametrize(("value", "stage", "code"), UNREADABLE)
def test_a_record_that_cannot_be_read_is_set_aside_and_its_parcel_held(
    desk: Desk, value: bytes | None, stage: str, code: str
) -> None:
    record = desk.record(value)
    outcomes = desk.taken(record)
    assert isinstance(outcomes, tuple)
    (outcome,) = outcomes
    assert isinstance(outcome, DeadLetter)
    assert outcome.stage == stage
    assert [one.topic for one in outcome.outgoing] == [DEAD_LETTERS, DECISIONS, HOLD_ORDERS]
    letter = orjson.loads(outcome.outgoing[0].value or b"")
    assert (letter["topic"], letter["partition"], letter["offset"]) == ("parcel-events", 0, record.offset)
    assert "expected" in letter["reason"]
    order = orjson.loads(outcome.outgoing[2].value or b"")
    assert code in [hold["code"] for hold in order["holds"]]
    assert desk.notes.stages == [stage]


def test_a_parcel_that_was_held_unread_is_free_once_it_can_be_read(desk: Desk) -> None:
    desk.answers(desk.record(broken(event_time="yesterday")))
    answers = desk.events(event(2, "UPDATE"))
    assert (answers.outcome, answers.orders[0]["status"]) == ("RELEASE", "WITHDRAWN")


def test_an_earlier_declaration_that_comes_late_does_not_free_what_was_held_unread(desk: Desk) -> None:
    desk.answers(desk.record(broken(message_seq=5, event_time="yesterday")))
    late = desk.events(event(1))
    assert (late.outcome, "DOC-MISS" in late.codes) == ("HOLD", True)
    assert desk.events(event(4, "UPDATE")).outcome == "HOLD"
    assert desk.events(event(5, "UPDATE")).outcome == "RELEASE"


def test_of_several_unread_messages_the_latest_is_to_be_corrected(desk: Desk) -> None:
    for seq in (5, 3):
        desk.answers(desk.record(broken(message_seq=seq, event_time="yesterday")))
    assert desk.events(event(4, "UPDATE")).outcome == "HOLD"
    assert desk.events(event(6, "UPDATE")).outcome == "RELEASE"


def test_a_repetition_of_an_older_message_does_not_free_what_was_held_unread(desk: Desk) -> None:
    released = desk.events(event(1))
    desk.answers(desk.record(broken(event_time="yesterday")))
    repeated = desk.events(event(1))
    assert "DOC-MISS" in repeated.codes
    assert repeated.decisions[0]["decision_id"] != released.decisions[0]["decision_id"]


def test_the_same_broken_bytes_at_another_time_are_another_decision(desk: Desk) -> None:
    one = desk.record(broken(event_time="yesterday"))
    other = structs.replace(one, offset=one.offset + 1, timestamp_ms=one.timestamp_ms + 5)
    ids = [decision["decision_id"] for decision in desk.answers(one, other).decisions]
    assert len(set(ids)) == 2


def test_a_record_that_names_no_parcel_is_set_aside_without_a_decision(desk: Desk) -> None:
    answers = desk.answers(desk.record(b"not even json", key=None))
    assert (len(answers.dead_letters), answers.decisions) == (1, [])
    assert desk.source.histories == {}


def test_a_key_of_another_parcel_holds_the_parcel_that_the_record_is_about(desk: Desk) -> None:
    answers = desk.answers(desk.record(orjson.dumps(event()), key="FX|999"))
    assert answers.dead_letters[0]["stage"] == "key"
    assert answers.of(DECISIONS)[0].key == KEY.encode()
    assert "DOC-IDFMT" in answers.codes
    assert desk.source.histories == {}


def test_a_key_of_another_parcel_does_not_touch_that_parcel(desk: Desk) -> None:
    other = event(hawb="999", event_id="other")
    desk.events(other)
    before = desk.history("FX|999")
    desk.answers(desk.record(orjson.dumps(event()), key="FX|999"))
    assert desk.history("FX|999") == before


def test_an_action_under_a_foreign_key_is_set_aside(desk: Desk) -> None:
    record = desk.action(hold_code="ALL")
    answers = desk.answers(structs.replace(record, key=b"FX|999"))
    assert (answers.dead_letters[0]["stage"], answers.outcome) == ("key", "HOLD")


def test_good_and_bad_records_of_a_batch_are_answered_each_in_its_place(desk: Desk) -> None:
    batch = (desk.event(event()), desk.record(b"{", key=None), desk.event(another_parcel()))
    outcomes = desk.taken(*batch)
    assert isinstance(outcomes, tuple)
    assert [type(outcome) for outcome in outcomes] == [Done, DeadLetter, Done]


def test_an_event_and_an_action_are_told_apart_by_their_topic(desk: Desk) -> None:
    action = desk.action(hold_code="ALL")
    assert action.topic == OFFICER_ACTIONS
    as_event = structs.replace(action, topic=PARCEL_EVENTS)
    assert desk.answers(as_event).dead_letters[0]["stage"] in ("schema", "version")


def test_an_officer_who_sets_one_unread_message_aside_has_not_seen_the_next(desk: Desk) -> None:
    desk.events(event(1))
    desk.answers(desk.record(b"{"))
    assert desk.acts(hold_code="DOC-MISS").outcome == "RELEASE"
    assert desk.answers(desk.record(b"{")).outcome == "RELEASE", "the same bytes again"
    assert desk.answers(desk.record(b"[")).codes == ["DOC-MISS"]


def test_an_officer_who_sets_one_unread_message_aside_has_not_seen_the_one_before(desk: Desk) -> None:
    desk.events(event(1))
    seen = desk.answers(desk.record(b"{")).decisions[0]["decision_id"]
    answers = desk.answers(desk.record(b"["))
    both = answers.decisions[0]["decision_id"]
    assert len(answers.orders[0]["holds"][0]["basis"]) == 2
    assert desk.acts(hold_code="DOC-MISS", decision_id=seen).codes == ["DOC-MISS"]
    assert desk.answers(desk.record(b"{")).codes == ["DOC-MISS"]
    assert desk.acts(hold_code="DOC-MISS", decision_id=both).outcome == "RELEASE"


def test_what_was_set_aside_does_not_come_in_place_of_what_nobody_has_seen(desk: Desk) -> None:
    desk.events(event(1))
    desk.answers(desk.record(b"{"))
    desk.acts(hold_code="DOC-MISS")
    desk.answers(desk.record(b"["))
    assert desk.answers(desk.record(b"{")).codes == ["DOC-MISS"]


def passed_on(desk: Desk, answers: Answers) -> Answers:
    """The answers to what went into the lane."""
    return desk.answers(*(desk.again(one) for one in answers.of(RESCREENS)))


@pytest.mark.parametrize("key", ["FX|999", "999", None])
def test_a_parcel_whose_message_came_under_another_key_is_held_until_it_can_be_read(
    desk: Desk, key: str | None
) -> None:
    first = desk.answers(desk.record(orjson.dumps(event(2)), key=key))
    (lane,) = first.of(RESCREENS)
    assert lane.key == KEY.encode()
    again = passed_on(desk, first)
    assert (again.dead_letters, again.of(RESCREENS)) == ([], ())
    assert again.decisions[0]["supersedes"] == first.decisions[0]["decision_id"]
    assert "DOC-IDFMT" in again.codes
    assert "DOC-IDFMT" in desk.events(event(1)).codes, "an earlier one"
    corrected = desk.events(event(3, "UPDATE"))
    assert (corrected.outcome, [order["status"] for order in corrected.orders]) == ("RELEASE", ["WITHDRAWN"])


def test_an_action_that_came_under_another_key_holds_its_parcel(desk: Desk) -> None:
    desk.events(event(1))
    first = desk.answers(structs.replace(desk.action(action_type="MANUAL_HOLD"), key=b"FX|999"))
    assert passed_on(desk, first).codes == ["MAN-OFF"]
    assert desk.history().actions == ()
    assert desk.events(event(2, "UPDATE")).codes == ["MAN-OFF"]
    assert desk.acts(hold_code="ALL").outcome == "RELEASE"


def test_a_message_in_another_partition_than_its_keys_is_held_and_screened_by_its_parcels_worker(
    desk: Desk,
) -> None:
    first = desk.answers(structs.replace(desk.event(event(2)), is_displaced=True))
    assert (first.outcome, first.decisions[0]["degraded"], first.dead_letters) == ("HOLD", True, [])
    assert desk.source.histories == {}, "its own worker's to write"
    again = passed_on(desk, first)
    assert (again.outcome, again.orders[0]["status"], again.of(RESCREENS)) == ("RELEASE", "WITHDRAWN", ())
    assert again.decisions[0]["supersedes"] == first.decisions[0]["decision_id"]
    assert len(desk.history().versions) == 1


def test_what_lies_in_another_partition_is_told_of_whether_redis_answers_or_not(desk: Desk) -> None:
    sent = [desk.event(event(1)), desk.event(event(2, "UPDATE")), desk.record(b"{", key=KEY)]
    astray = [structs.replace(one, is_displaced=True) for one in sent[1:]]
    desk.answers(sent[0], *astray)
    desk.source.reason = "Redis: no answer"
    desk.answers(sent[0], *astray, waited=2.5)
    assert desk.notes.elsewhere == [*astray, *astray]


def test_of_messages_in_other_partitions_none_is_released_before_the_last(desk: Desk) -> None:
    sent = [desk.event(event(1)), desk.event(listed(2, "UPDATE"))]
    first = desk.answers(*[structs.replace(one, is_displaced=True) for one in sent])
    assert [one["decision"] for one in passed_on(desk, first).decisions] == ["HOLD", "HOLD"]
    assert "WL-NARC" in desk.events(event(3, "UPDATE")).codes


def test_the_officer_is_told_of_what_could_not_be_read(desk: Desk) -> None:
    unread = desk.answers(desk.record(b"{", key=KEY))
    assert unread.orders[0]["officer_reason"] == "DOC-MISS: D02 Mandatory element missing, " + LOST
    desk.events(event(1))
    order = desk.action(action_type="MANUAL_HOLD")
    unheard = desk.answers(structs.replace(order, value=b"{"))
    assert unheard.orders[0]["officer_reason"] == f"MAN-OFF: {LOST}"
    both = desk.answers(order)
    assert both.orders[0]["officer_reason"] == f"MAN-OFF: R03 Held by an officer, {LOST}"


def test_what_nobody_can_read_is_its_own_workers_to_remember(desk: Desk) -> None:
    first = desk.answers(structs.replace(desk.record(b"{", key=KEY), is_displaced=True))
    assert desk.history().unread == ()
    assert "DOC-MISS" in passed_on(desk, first).codes
    assert desk.history().unread != ()


def test_an_officers_action_in_another_partition_than_its_keys_is_heard(desk: Desk) -> None:
    desk.events(event(1))
    first = desk.answers(structs.replace(desk.action(action_type="MANUAL_HOLD"), is_displaced=True))
    assert first.outcome == "HOLD"
    assert passed_on(desk, first).codes == ["MAN-OFF"]
    assert len(desk.history().actions) == 1
    assert desk.events(event(2, "UPDATE")).codes == ["MAN-OFF"]
    assert desk.acts(hold_code="ALL").outcome == "RELEASE"


def test_a_message_that_lies_right_and_waits_in_the_lane_is_read_there(desk: Desk) -> None:
    desk.source.reason = "Redis: no answer"
    first = desk.answers(desk.event(event(1)), waited=2.5)
    desk.source.reason = ""
    assert passed_on(desk, first).outcome == "RELEASE"


def test_a_header_of_the_lane_in_a_carriers_message_says_nothing(desk: Desk) -> None:
    record = structs.replace(desk.event(event(1)), headers=((LANE_KEY, b"FX|999"),))
    desk.source.reason = "Redis: no answer"
    first = desk.answers(record, waited=2.5)
    desk.source.reason = ""
    assert passed_on(desk, first).outcome == "RELEASE"


def test_what_is_in_the_lane_under_another_key_does_not_stay_there(desk: Desk) -> None:
    record = desk.record(orjson.dumps(event()), key="FX|999", topic=RESCREENS)
    answers = desk.answers(record)
    assert (answers.outcome, answers.of(RESCREENS)) == ("HOLD", ())


def test_what_officers_sent_and_nobody_could_read_holds_until_an_officer_lets_the_parcel_go(
    desk: Desk,
) -> None:
    """It may have been an order to hold: the carrier's next declaration corrects nothing of it."""
    desk.events(event(1))
    order = desk.action(action_type="MANUAL_HOLD")
    unread = structs.replace(order, value=(order.value or b"").replace(b"2026-11-24T12", b"tomorrow"))
    assert desk.answers(unread).codes == ["MAN-OFF"]
    assert desk.events(event(2, "UPDATE", pieces=2)).codes == ["MAN-OFF"]
    assert desk.acts(hold_code="MAN-OFF").outcome == "RELEASE"
    assert desk.events(event(3, "UPDATE", pieces=3)).outcome == "RELEASE"


def test_a_declaration_that_comes_late_corrects_nothing_that_came_after_the_one_in_force(desk: Desk) -> None:
    desk.events(event(5))
    desk.answers(desk.record(b"{"))
    assert desk.events(event(2, "UPDATE")).codes == ["DOC-MISS"]
    assert desk.events(event(6, "UPDATE")).outcome == "RELEASE"
