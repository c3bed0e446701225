"""While Redis does not answer: parcels wait a little, are held, and are screened again by themselves."""

from collections.abc import Sequence
from datetime import timedelta

import orjson
import pytest
from msgspec import structs

from tests.unit.screener.desk import (
    KEY,
    LISTING,
    NOW,
    PHONE,
    WANTED,
    AtOnce,
    Desk,
    another_parcel,
    event,
    follow_up,
    in_force,
    listed,
)
from tidewaiter.domain.lookup import Gathered, Lookup
from tidewaiter.inspection.accounts import balance
from tidewaiter.screener.in_force import InForce, Wanted
from tidewaiter.stream.outcome import Later, Unavailable
from tidewaiter.stream.record import Outgoing, Record
from tidewaiter.wire.headers import TRACEPARENT
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS, RESCREENS

LONG_ENOUGH = 2.5


@pytest.fixture
def desk() -> Desk:
    return Desk()


def written(records: tuple[Outgoing, ...]) -> list[Record]:
    """Outgoing records as a reader of their topics sees them."""
    return [
        Record(one.topic, 0, number, one.key, one.value, one.headers) for number, one in enumerate(records)
    ]


def test_a_batch_waits_for_redis_before_it_is_decided_without(desk: Desk) -> None:
    desk.source.reason = "Redis: no answer"
    record = desk.event(event())
    assert desk.taken(record, waited=1.9) == Unavailable("Redis: no answer")
    assert desk.answers(record, waited=2.0).outcome == "HOLD"


@pytest.mark.parametrize("left_out", [0, 1, 2], ids=["the first", "as a whole", "what was found"])
def test_a_batch_waits_whichever_of_its_questions_redis_does_not_answer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, left_out: int
) -> None:
    desk.events(event())
    before, gather, asked = dict(desk.source.histories), desk.source.gather, iter(range(9))

    def answer(lookups: Sequence[Lookup], generation: int, epoch: str) -> Gathered | Unavailable:
        is_out = next(asked) == left_out
        return Unavailable("Redis: no answer") if is_out else gather(lookups, generation, epoch)

    monkeypatch.setattr(desk.source, "gather", answer)
    found = desk.action(action_type="EXAM_RESULT", outcome="SEIZED", hold_code="")
    assert desk.taken(found) == Unavailable("Redis: no answer")
    assert desk.source.histories == before
    assert desk.answers(found, waited=0.1).outcome == "HOLD"


def test_once_redis_is_known_to_be_out_no_batch_waits(desk: Desk) -> None:
    desk.source.reason = "Redis: no answer"
    desk.answers(desk.event(event(1)), waited=LONG_ENOUGH)
    assert desk.answers(desk.event(event(2, "UPDATE")), waited=0.0).outcome == "HOLD"
    assert "WL-NARC" in desk.answers(desk.event(listed(3, "UPDATE")), waited=0.0).codes
    assert desk.notes.reasons == ["Redis: no answer"]


def degraded(desk: Desk, *records: Record) -> tuple[Outgoing, ...]:
    desk.source.reason = "Redis: no answer"
    return desk.answers(*records, waited=LONG_ENOUGH).outgoing


def test_without_redis_an_ordinary_parcel_is_held_as_degraded(desk: Desk) -> None:
    desk.source.reason = "Redis: no answer"
    answers = desk.answers(desk.event(event()), waited=LONG_ENOUGH)
    (decision,) = answers.decisions
    assert (decision["decision"], decision["degraded"]) == ("HOLD", True)
    assert decision["public_reason"] == "SCREENING_PENDING"
    assert answers.codes == ["SYS-STALE"]
    assert answers.orders[0]["degraded_components"] == ["history", "identifiers", "windows"]


def test_without_redis_names_are_matched_all_the_same(desk: Desk) -> None:
    desk.source.reason = "Redis: no answer"
    answers = desk.answers(desk.event(listed()), waited=LONG_ENOUGH)
    assert answers.codes == ["SYS-STALE", "WL-NARC"]


def test_without_redis_the_record_goes_to_the_lane_byte_for_byte(desk: Desk) -> None:
    record = desk.event(event())
    (lane,) = [one for one in degraded(desk, record) if one.topic == RESCREENS]
    assert (lane.key, lane.value) == (record.key, record.value)


def test_without_redis_a_tombstone_goes_to_the_lane_as_one(desk: Desk) -> None:
    (lane,) = [one for one in degraded(desk, desk.record(None)) if one.topic == RESCREENS]
    assert (lane.key, lane.value) == (KEY.encode(), None)
    back(desk)
    assert desk.answers(desk.again(lane)).codes == ["DOC-MISS"]


def test_the_lane_keeps_the_trace_of_the_event(desk: Desk) -> None:
    parent = (TRACEPARENT, b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
    record = structs.replace(desk.event(event()), headers=(parent,))
    first = degraded(desk, record)
    (lane,) = [one for one in first if one.topic == RESCREENS]
    assert parent in lane.headers
    again = screened_again(desk, first)
    assert all(parent[1][3:35] in dict(one.headers)[TRACEPARENT] for one in again)


def test_the_lane_is_read_only_once_redis_answers(desk: Desk) -> None:
    assert desk.work.ready_for(RESCREENS)
    degraded(desk, desk.event(event()))
    assert not desk.work.ready_for(RESCREENS)
    desk.source.reason = ""
    assert not desk.work.ready_for(RESCREENS), "asked again within the second"
    desk.clock.seconds += 1.1
    assert desk.work.ready_for(RESCREENS)
    assert desk.notes.reasons[-1] is None


def back(desk: Desk) -> None:
    desk.source.reason = ""
    desk.clock.seconds += 1.1


def screened_again(desk: Desk, lane: tuple[Outgoing, ...]) -> tuple[Outgoing, ...]:
    back(desk)
    return desk.answers(*(desk.again(one) for one in lane if one.topic == RESCREENS)).outgoing


def test_a_parcel_from_the_lane_is_released_and_its_order_withdrawn(desk: Desk) -> None:
    first = degraded(desk, desk.event(event()))
    held = orjson.loads(first[0].value or b"")
    again = screened_again(desk, first)
    decision, order = (orjson.loads(one.value or b"") for one in again)
    assert (decision["decision"], decision["degraded"]) == ("RELEASE", False)
    assert decision["supersedes"] == held["decision_id"]
    assert order["status"] == "WITHDRAWN"


def test_a_parcel_from_the_lane_is_held_for_what_redis_knows(desk: Desk) -> None:
    first = degraded(desk, desk.event(event()))
    desk.source.listed[PHONE] = (LISTING,)
    again = screened_again(desk, first)
    order = orjson.loads(next(one.value or b"" for one in again if one.topic == HOLD_ORDERS))
    assert (order["status"], [hold["code"] for hold in order["holds"]]) == ("OPEN", ["WL-ID"])


def test_an_action_from_the_lane_counts_for_its_parcel(desk: Desk) -> None:
    desk.events(listed(1))
    first = degraded(desk, desk.action(hold_code="WL-NARC"))
    assert desk.history().actions == ()
    again = screened_again(desk, first)
    assert orjson.loads(again[0].value or b"")["decision"] == "RELEASE"


def test_an_officer_who_saw_only_what_was_held_blindly_removes_nothing_that_redis_knows(desk: Desk) -> None:
    first = degraded(desk, desk.event(event()))
    seen = orjson.loads(first[0].value or b"")["decision_id"]
    desk.source.listed[PHONE] = (LISTING,)
    screened_again(desk, first)
    assert desk.acts(hold_code="ALL", decision_id=seen).codes == ["WL-ID"]


def test_a_degraded_record_and_its_second_screening_come_to_an_even_account(desk: Desk) -> None:
    records = (
        desk.event(event(1)),
        desk.record(b"{", key=None),
        desk.record(b"{"),
        desk.event(event(1)),
        desk.record(b"{", key="FX|770000000009"),
        desk.record(orjson.dumps(event(2, "UPDATE")), key="FX|1"),
        desk.action(action_type="MANUAL_HOLD"),
    )
    first = degraded(desk, *records)
    account = balance(records, written(first + screened_again(desk, first)))
    assert account.problems == ()
    assert (account.decisions, account.dead_letters, account.rescreened) == (3, 4, 6)


@pytest.mark.parametrize("is_manual", [False, True])
def test_what_comes_while_earlier_messages_wait_in_the_lane_is_held_and_follows_them(
    desk: Desk, is_manual: bool
) -> None:
    """Redis answers again, and knows nothing of what was held meanwhile: a listed party's first message, an
    officer's hold."""
    if is_manual:
        desk.events(event(1))
    held = desk.action(action_type="MANUAL_HOLD") if is_manual else desk.event(listed(1))
    first = degraded(desk, held)
    desk.source.reason = ""
    second = desk.answers(desk.event(event(2, "UPDATE")))
    assert second.outcome == "HOLD"
    assert desk.work.ready_for(RESCREENS), "the lane comes next"
    assert desk.notes.reasons[-1] is None
    lane = [desk.again(one) for one in first + second.outgoing if one.topic == RESCREENS]
    assert desk.answers(*lane).outcome == "HOLD"


def test_what_comes_beside_a_record_of_the_lane_is_held_while_earlier_ones_wait_there(desk: Desk) -> None:
    lane = degraded(desk, desk.event(listed(1)), desk.event(another_parcel()))
    *_, other = [desk.again(one) for one in lane if one.topic == RESCREENS]
    desk.source.reason = ""
    outcomes = desk.taken(other, desk.event(event(2, "UPDATE")))
    assert not isinstance(outcomes, Unavailable)
    assert outcomes[0] == Later()
    assert [one.topic for one in outcomes[1].outgoing] == [DECISIONS, HOLD_ORDERS, RESCREENS]


def test_a_record_from_the_lane_stays_there_when_redis_is_out_again(desk: Desk) -> None:
    """Put behind the parcel's next message, it would be screened after that one, which would be released."""
    first = degraded(desk, desk.event(listed(1)))
    (lane,) = [one for one in first if one.topic == RESCREENS]
    new = desk.event(another_parcel())
    outcomes = desk.taken(desk.again(lane), new, waited=LONG_ENOUGH)
    assert not isinstance(outcomes, Unavailable)
    again, other = outcomes
    assert again == Later()
    assert [one.topic for one in other.outgoing] == [DECISIONS, HOLD_ORDERS, RESCREENS]


def test_repeated_events_while_degraded_get_decisions_of_their_own(desk: Desk) -> None:
    """Nothing is remembered of them, so under one id they would differ in when they were decided."""
    record = desk.event(event())
    first = degraded(desk, record)
    desk.clock.ms += 40
    second = degraded(desk, desk.event(event()))
    ids = {orjson.loads(one.value or b"")["decision_id"] for one in first + second if one.topic == DECISIONS}
    assert len(ids) == 2


def test_repeated_events_from_the_lane_each_supersede_what_was_decided_without_redis(desk: Desk) -> None:
    first = degraded(desk, desk.event(event()))
    second = degraded(desk, desk.event(event()))
    again = screened_again(desk, first + second)
    blind, known = (
        [orjson.loads(one.value or b"") for one in outgoing if one.topic == DECISIONS]
        for outgoing in (first + second, again)
    )
    assert [one["supersedes"] for one in known] == [one["decision_id"] for one in blind]
    assert len({one["decision_id"] for one in known}) == 2


def test_what_was_held_blindly_in_an_aborted_batch_is_superseded_once_it_was_answered(desk: Desk) -> None:
    first = desk.event(event(1))
    degraded(desk, first)
    back(desk)
    assert desk.work.ready_for(RESCREENS)
    (released,) = desk.answers(first).decisions
    (corrected,) = desk.events(event(2, "UPDATE", pieces=2)).decisions
    assert corrected["supersedes"] == released["decision_id"]


def test_what_was_decided_before_redis_failed_in_mid_batch_is_not_counted_twice(desk: Desk) -> None:
    class Forgetful(type(desk.source)):  # type: ignore[misc]
        def remember(self, histories: object, epoch: str = "") -> Unavailable:
            return Unavailable("Redis: went away")

    desk.source.__class__ = Forgetful
    desk.answers(desk.event(event()), waited=LONG_ENOUGH)
    assert [decision.outcome for decision in desk.notes.decisions] == ["HOLD"]


def test_identifiers_of_another_generation_are_no_answer(desk: Desk) -> None:
    desk.source.generations = {7}
    record = desk.event(event())
    refused = desk.taken(record)
    assert isinstance(refused, Unavailable)
    assert "generation 0" in refused.reason
    assert desk.answers(record, waited=LONG_ENOUGH).codes == ["SYS-STALE"]
    desk.clock.seconds += 1.1
    assert not desk.work.ready_for(RESCREENS)


def test_a_redis_that_was_emptied_is_no_answer_until_its_lists_are_taken_up() -> None:
    """Generation 0 of before and generation 0 of now are not the same lists."""
    later = AtOnce(waits=True)
    desk = Desk(executor=later)
    desk.source.epoch = "another life"
    assert isinstance(desk.taken(desk.event(event())), Unavailable)
    desk.answers(desk.event(event()), waited=LONG_ENOUGH)
    later.release()
    desk.clock.seconds += 1.1
    assert desk.work.ready_for(RESCREENS), "the lane alone takes the new lists up"
    assert desk.work.in_force.wanted == WANTED._replace(epoch="another life")


def test_a_redis_without_lists_holds_until_they_are_loaded_again() -> None:
    def load(wanted: Wanted) -> InForce:
        if wanted.generation != 1:
            raise LookupError("no lists")
        return in_force(wanted)

    desk = Desk(load)
    desk.source.epoch, desk.source.generations = "another life", set()
    first = desk.answers(desk.event(event()), waited=LONG_ENOUGH)
    assert first.codes == ["SYS-STALE"]
    desk.source.generation, desk.source.generations = 1, {1}
    assert is_ready_within(desk, seconds=15)
    assert desk.answers(*(desk.again(one) for one in first.of(RESCREENS))).outcome == "RELEASE"


def is_ready_within(desk: Desk, seconds: int) -> bool:
    for _ in range(seconds):
        desk.clock.seconds += 1.0
        if desk.work.ready_for(RESCREENS):
            return True
    return False


def test_a_follow_up_while_degraded_is_held_without_its_declaration(desk: Desk) -> None:
    desk.events(event(1))
    first = degraded(desk, desk.event(follow_up(2, "SCAN", scanned_weight_kg="0.8")))
    assert orjson.loads(first[0].value or b"")["decision"] == "HOLD"
    again = screened_again(desk, first)
    assert orjson.loads(again[0].value or b"")["decision"] == "RELEASE"


def test_a_lane_record_without_headers_is_read_as_an_event(desk: Desk) -> None:
    record = desk.record(orjson.dumps(event()), topic=RESCREENS)
    assert desk.answers(record).outcome == "RELEASE"


def aged(desk: Desk, hours: int = 49) -> None:
    """The list was loaded so long ago."""
    desk.clock.ms += hours * 3_600_000


def stale_desk() -> Desk:
    """A desk whose list is loaded anew, and as of then, when somebody confirms it."""

    def loaded(wanted: Wanted) -> InForce:
        return in_force(wanted, loaded_at=NOW + timedelta(hours=49) if wanted.confirmed else NOW)

    desk = Desk(loaded)
    aged(desk)
    return desk


def test_a_parcel_held_for_a_list_that_is_too_old_goes_to_the_lane_once() -> None:
    desk = stale_desk()
    answers = desk.events(event())
    (decision,), (lane,) = answers.decisions, answers.of(RESCREENS)
    assert (decision["decision"], decision["degraded"]) == ("HOLD", True)
    assert answers.codes == ["SYS-STALE"]
    assert dict(lane.headers)["tw_degraded_decision"].decode() == decision["decision_id"]
    assert not desk.work.ready_for(RESCREENS)
    assert desk.taken(desk.again(lane)) == (Later(),)
    assert desk.events(another_parcel()).orders[0]["degraded_components"] == ["lists"], "Redis is asked"


def test_a_parcel_held_for_a_list_that_is_too_old_is_screened_again_once_it_is_confirmed() -> None:
    desk = stale_desk()
    first = desk.events(event())
    desk.source.confirmed = 1
    assert is_ready_within(desk, seconds=3)
    again = desk.answers(*(desk.again(one) for one in first.of(RESCREENS)))
    (decision,) = again.decisions
    assert (decision["decision"], decision["degraded"]) == ("RELEASE", False)
    assert decision["supersedes"] == first.decisions[0]["decision_id"]
    assert [order["status"] for order in again.orders] == ["WITHDRAWN"]


def test_no_officer_removes_what_could_not_be_checked() -> None:
    """Its basis set aside would free the parcel of whatever nobody looks up in a later outage, too."""
    desk = stale_desk()
    first = desk.events(listed(1))
    removed = desk.acts(hold_code="ALL")
    assert (removed.outcome, removed.codes) == ("HOLD", ["SYS-STALE"])
    desk.source.confirmed = 1
    assert is_ready_within(desk, seconds=3)
    lane = [desk.again(one) for one in (*first.of(RESCREENS), *removed.of(RESCREENS))]
    assert desk.answers(*lane).outcome == "RELEASE"
    aged(desk)
    assert desk.events(event(2, "UPDATE")).codes == ["SYS-STALE"]


def test_what_was_read_past_the_lane_is_held_though_younger_lists_are_taken_up_meanwhile() -> None:
    """Redis was out while a listed party's message came, and then a list too old: it waits in the lane."""
    desk = stale_desk()
    desk.clock.ms -= 49 * 3_600_000
    first = degraded(desk, desk.event(listed(1)))
    aged(desk)
    back(desk)
    assert not desk.work.ready_for(RESCREENS)
    desk.source.confirmed = 1
    desk.events(another_parcel())
    answers = desk.events(event(2, "UPDATE"))
    assert answers.outcome == "HOLD"
    assert desk.work.ready_for(RESCREENS), "the lane comes next"
    lane = [desk.again(one) for one in (*first, *answers.of(RESCREENS)) if one.topic == RESCREENS]
    assert "WL-NARC" in desk.answers(*lane).codes


def test_what_stays_in_the_lane_is_not_superseded_by_what_is_told() -> None:
    """Read from there, it met a list that had grown too old just then: its second answer was never told."""
    desk = stale_desk()
    desk.clock.ms -= 49 * 3_600_000
    first = degraded(desk, desk.event(event(1)))
    back(desk)
    assert desk.work.ready_for(RESCREENS)
    aged(desk)
    (lane,) = [desk.again(one) for one in first if one.topic == RESCREENS]
    outcomes = desk.taken(lane, desk.event(event(2, "UPDATE")))
    assert not isinstance(outcomes, Unavailable)
    assert outcomes[0] == Later()
    assert orjson.loads(outcomes[1].outgoing[0].value or b"")["supersedes"] == ""


def test_what_is_decided_anew_without_what_stays_in_the_lane_is_held_as_read_past_it() -> None:
    """A listed party's message stays there; younger lists are taken up before the rest is decided anew."""
    desk = stale_desk()
    desk.clock.ms -= 49 * 3_600_000
    first = degraded(desk, desk.event(listed(1)))
    back(desk)
    assert desk.work.ready_for(RESCREENS)
    aged(desk)
    desk.source.confirmed = 1
    (lane,) = [desk.again(one) for one in first if one.topic == RESCREENS]
    later = desk.event(event(2, "UPDATE"))
    outcomes = desk.taken(lane, later)
    assert not isinstance(outcomes, Unavailable)
    assert outcomes[0] == Later()
    assert desk.answers(later).outcome == "HOLD"


def test_what_nobody_could_read_is_set_aside_once_and_its_parcel_screened_again_with_the_others() -> None:
    desk = stale_desk()
    first = desk.events({**event(), "items": "none"})
    assert (len(first.dead_letters), len(first.of(RESCREENS))) == (1, 1)
    desk.source.confirmed = 1
    assert is_ready_within(desk, seconds=3)
    again = desk.answers(*(desk.again(one) for one in first.of(RESCREENS)))
    assert (again.codes, again.dead_letters) == (["DOC-MISS"], [])


def test_a_scan_out_of_the_lane_corrects_nothing_that_nobody_could_read(desk: Desk) -> None:
    desk.events(event(1))
    lane = degraded(desk, desk.record(b"{"), desk.event(follow_up(2, "SCAN", scanned_weight_kg="0.8")))
    told = [orjson.loads(one.value or b"") for one in screened_again(desk, lane) if one.topic == DECISIONS]
    assert [one["decision"] for one in told] == ["HOLD", "HOLD"]
    assert [hold.code for hold in desk.history().open_holds] == ["DOC-MISS"]
