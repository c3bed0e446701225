"""Of a parcel's messages that were held while Redis was out the last one's answer lets it go, no other."""

from collections.abc import Callable, Mapping, Sequence

import orjson
import pytest
from msgspec import structs

from tests.unit.screener.desk import Desk, another_parcel, event, follow_up, listed
from tests.unit.screener.test_degraded import LONG_ENOUGH, back, degraded
from tidewaiter.stream.log import KeysAhead
from tidewaiter.stream.outcome import Later, Unavailable
from tidewaiter.stream.record import Record
from tidewaiter.wire.topics import RESCREENS


class Lane:
    """A log whose lane has these records, while it can be read."""

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records
        self.open: Mapping[bytes, int] = {}
        self.is_away = False

    def committed(self, topic: str, number: int) -> int | None:
        return None

    def keys_from(self, topic: str, offsets: Mapping[int, int]) -> Mapping[int, KeysAhead] | Unavailable:
        assert (topic, set(offsets)) == (RESCREENS, {0})
        left = {one.key or b"": one.offset for one in self._records if one.offset >= offsets[0]}
        return Unavailable("away") if self.is_away else {0: KeysAhead(left, self.open)}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def in_lane(desk: Desk, *records: Record) -> tuple[Lane, list[Record]]:
    """What the records are in the lane, once Redis is back, and the lane itself."""
    written = [one for one in degraded(desk, *records) if one.topic == RESCREENS]
    waiting = [desk.again(one) for one in written]
    back(desk)
    lane = Lane(waiting)
    desk.work.follow(lane)
    assert desk.work.ready_for(RESCREENS)
    return lane, waiting


def outcomes(desk: Desk, batches: Sequence[Sequence[Record]]) -> list[str]:
    """What the batches are answered, each record's last decision."""
    return [one["decision"] for batch in batches for one in desk.answers(*batch).decisions]


def left_behind(desk: Desk) -> list[str]:
    return [basis for hold in desk.history().open_holds for basis in hold.basis]


def test_a_parcel_is_not_released_while_a_later_message_waits_in_the_lane(desk: Desk) -> None:
    _, (first, second) = in_lane(desk, desk.event(event(1)), desk.event(listed(2, "UPDATE")))
    answers = desk.answers(first)
    (decision,) = answers.decisions
    assert (decision["decision"], decision["public_reason"]) == ("HOLD", "SCREENING_PENDING")
    assert [hold["basis"] for hold in answers.orders[0]["holds"]] == [["R02:behind"]]
    assert "WL-NARC" in desk.answers(second).codes
    assert "R02:behind" not in left_behind(desk)


def test_what_waits_for_a_later_message_is_not_degraded_and_not_put_into_the_lane_again(desk: Desk) -> None:
    _, (first, _second) = in_lane(desk, desk.event(event(1)), desk.event(event(2, "UPDATE")))
    answers = desk.answers(first)
    assert not answers.decisions[0]["degraded"]
    assert answers.of(RESCREENS) == ()


LAST: Mapping[str, tuple[Callable[[Desk], Record], str]] = {
    "an update": (lambda desk: desk.event(event(2, "UPDATE", pieces=2)), "RELEASE"),
    "the same once more": (lambda desk: desk.event(event(1)), "RELEASE"),
    "an arrival": (
        lambda desk: desk.event(follow_up(2, "ARRIVAL", arrival_time="2026-11-25T18:00:00Z")),
        "RELEASE",
    ),
    "a cancellation": (lambda desk: desk.event(follow_up(2, "CANCEL")), "HOLD"),
    "what nobody can read": (lambda desk: desk.record(b"{"), "HOLD"),
    "an officer's removal": (lambda desk: desk.action(hold_code="ALL"), "RELEASE"),
    "an officer's order": (lambda desk: desk.action(action_type="MANUAL_HOLD"), "HOLD"),
    "an officer's word that nobody can read": (
        lambda desk: desk.record(b"{", topic="officer-actions"),
        "HOLD",
    ),
    "what came under another key": (
        lambda desk: desk.record(orjson.dumps(event(2, "UPDATE")), key="FX|1"),
        "HOLD",
    ),
}


@pytest.mark.parametrize("name", LAST)
@pytest.mark.parametrize("is_one_batch", [True, False], ids=["in one batch", "in batches"])
def test_the_answer_to_the_last_message_lifts_the_hold_whatever_it_is(
    desk: Desk, name: str, is_one_batch: bool
) -> None:
    message, expected = LAST[name]
    _, waiting = in_lane(desk, desk.event(event(1)), message(desk))
    batches = [waiting] if is_one_batch else [[one] for one in waiting]
    assert outcomes(desk, batches) == ["HOLD", expected]
    assert "R02:behind" not in left_behind(desk)


@pytest.mark.parametrize("name", LAST)
def test_what_has_only_an_open_transaction_behind_it_comes_again_once_that_is_over(
    desk: Desk, name: str
) -> None:
    """A worker that was given up has written the same record behind its successor's, and is aborted."""
    message, expected = LAST[name]
    desk.answers(desk.event(event(1)))
    lane, (first,) = in_lane(desk, message(desk))
    lane.open = {first.key or b"": first.offset + 1}
    held = desk.answers(first)
    assert "R02:behind" in left_behind(desk)
    (put,) = held.of(RESCREENS)
    lane.open = {}
    again = desk.answers(desk.again(put))
    assert (again.outcome, again.of(RESCREENS), again.dead_letters) == (expected, (), [])
    assert again.decisions[0]["supersedes"] == held.decisions[0]["decision_id"]
    assert "R02:behind" not in left_behind(desk)


def test_what_has_a_later_message_behind_it_does_not_come_again_whatever_else_is_open(desk: Desk) -> None:
    lane, (first, second) = in_lane(desk, desk.event(event(1)), desk.event(event(2, "UPDATE")))
    lane.open = {first.key or b"": second.offset + 1}
    assert [len(desk.answers(one).of(RESCREENS)) for one in (first, second)] == [0, 1]


def test_what_is_open_before_a_record_keeps_nothing(desk: Desk) -> None:
    lane, (first,) = in_lane(desk, desk.event(event(1)))
    lane.open = {first.key or b"": first.offset - 1}
    assert desk.answers(first).outcome == "RELEASE"


@pytest.mark.parametrize("is_in_lane", [True, False], ids=["in the lane", "where it belongs"])
def test_what_is_put_into_the_lane_with_the_same_batch_comes_behind_it(desk: Desk, is_in_lane: bool) -> None:
    """A worker has both: the parcel's own partition, and the one where another message of it lies."""
    first = desk.event(event(1))
    if is_in_lane:
        _, (first,) = in_lane(desk, first)
    astray = structs.replace(desk.event(listed(2, "UPDATE")), is_displaced=True)
    answers = desk.answers(first, astray)
    assert [one["decision"] for one in answers.decisions] == ["HOLD", "HOLD"]
    (put,) = answers.of(RESCREENS)
    desk.work.follow(Lane(()))
    assert desk.answers(desk.again(put)).codes == ["WL-NARC"]


def test_what_is_put_into_the_lane_keeps_no_other_parcel_of_its_batch(desk: Desk) -> None:
    astray = structs.replace(desk.event(event(1)), is_displaced=True)
    answers = desk.answers(astray, desk.event(another_parcel()))
    assert [one["decision"] for one in answers.decisions] == ["HOLD", "RELEASE"]


def test_what_waits_in_the_lane_keeps_no_other_parcel(desk: Desk) -> None:
    _, (first, second) = in_lane(desk, desk.event(event(1)), desk.event(another_parcel()))
    assert outcomes(desk, [[first], [second]]) == ["RELEASE", "RELEASE"]


def test_no_officer_lets_a_parcel_go_while_a_later_message_waits(desk: Desk) -> None:
    _, waiting = in_lane(
        desk, desk.event(event(1)), desk.action(hold_code="ALL"), desk.event(listed(2, "UPDATE"))
    )
    assert outcomes(desk, [[one] for one in waiting]) == ["HOLD", "HOLD", "HOLD"]
    assert "WL-NARC" in {hold.code for hold in desk.history().open_holds}


def test_what_is_decided_anew_without_the_last_message_is_held_for_it(desk: Desk) -> None:
    """The last one is cut off from its batch, and comes again."""
    _, (first, second) = in_lane(desk, desk.event(event(1)), desk.event(event(2, "UPDATE", pieces=2)))
    desk.answers(first, second)
    assert desk.answers(first).outcome == "HOLD"
    assert desk.answers(second).outcome == "RELEASE"


def test_an_answer_that_was_aborted_is_another_once_a_later_message_waits(desk: Desk) -> None:
    """A second outage begins after it was decided; its parcel's next message waits behind it by then."""
    _, (first,) = in_lane(desk, desk.event(event(1)))
    alone = desk.answers(first).decisions[0]
    assert alone["decision"] == "RELEASE"
    second = [one for one in degraded(desk, desk.event(listed(2, "UPDATE"))) if one.topic == RESCREENS]
    waiting = [first, *(desk.again(one) for one in second)]
    back(desk)
    desk.work.follow(Lane(waiting))
    again, last = (desk.answers(one).decisions[0] for one in waiting)
    assert (again["decision"], last["decision"]) == ("HOLD", "HOLD")
    assert again["decision_id"] != alone["decision_id"]
    assert again["supersedes"] == alone["supersedes"]


def test_a_batch_waits_until_it_is_known_what_else_waits_in_the_lane(desk: Desk) -> None:
    lane, (first, _second) = in_lane(desk, desk.event(event(1)), desk.event(event(2, "UPDATE")))
    lane.is_away = True
    assert desk.taken(first) == Unavailable("away")
    assert desk.source.histories == {}
    lane.is_away = False
    assert desk.answers(first, waited=0.1).outcome == "HOLD"


def test_a_batch_that_has_waited_long_enough_leaves_the_lane_as_it_is_and_holds_the_rest(desk: Desk) -> None:
    lane, (first,) = in_lane(desk, desk.event(event(1)))
    lane.is_away = True
    taken = desk.taken(first, desk.event(another_parcel()), waited=LONG_ENOUGH)
    assert not isinstance(taken, Unavailable)
    assert taken[0] == Later()
    assert [one.topic for one in taken[1].outgoing][-1] == RESCREENS


def test_what_is_no_record_of_the_lane_asks_nothing_of_it(desk: Desk) -> None:
    lane, _ = in_lane(desk, desk.event(event(1)))
    lane.is_away = True
    assert desk.events(another_parcel()).outcome == "RELEASE"
