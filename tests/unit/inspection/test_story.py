"""A parcel's story: its messages in their order, each with what it was answered."""

import orjson
import pytest

from tidewaiter.inspection.story import Story, story_of
from tidewaiter.stream.record import Record
from tidewaiter.wire.headers import CAUSE
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS

KEY = "FX|1"


def message(topic: str, offset: int, at_ms: int, value: bytes = b'{"event_type":"CREATE"}') -> Record:
    return Record(topic, 0, offset, KEY.encode(), value, (), at_ms)


def answer(topic: str, offset: int, cause: str, **document: object) -> Record:
    return Record(topic, 0, offset, KEY.encode(), orjson.dumps(document), ((CAUSE, cause.encode()),))


FIRST, ACTION = "parcel-events/0/4", "officer-actions/0/1"


def held_and_freed() -> Story:
    return story_of(
        KEY,
        [
            message(OFFICER_ACTIONS, 1, 2000, b'{"action_type":"HOLD_REMOVED"}'),
            message(PARCEL_EVENTS, 4, 1000),
            answer(DECISIONS, 1, FIRST, decision="HOLD"),
            answer(DECISIONS, 2, ACTION, decision="RELEASE"),
            answer(HOLD_ORDERS, 1, FIRST, status="OPEN"),
            answer(HOLD_ORDERS, 2, ACTION, status="WITHDRAWN"),
        ],
    )


def test_messages_come_in_the_order_of_their_arrival_whatever_topic_they_are_of() -> None:
    assert [chapter.source for chapter in held_and_freed().chapters] == [FIRST, ACTION]


def test_each_message_stands_with_its_own_answers() -> None:
    first, second = held_and_freed().chapters
    assert (first.message, second.message) == ({"event_type": "CREATE"}, {"action_type": "HOLD_REMOVED"})
    assert (first.decision, second.decision) == ({"decision": "HOLD"}, {"decision": "RELEASE"})
    assert (first.order, second.order) == ({"status": "OPEN"}, {"status": "WITHDRAWN"})


def test_a_withdrawn_order_is_not_open() -> None:
    assert held_and_freed().open_order is None
    only_held = story_of(KEY, [message(PARCEL_EVENTS, 4, 1), answer(HOLD_ORDERS, 1, FIRST, status="OPEN")])
    assert only_held.open_order == {"status": "OPEN"}


def test_the_second_screening_stands_in_place_of_the_degraded_one() -> None:
    story = story_of(
        KEY,
        [
            message(PARCEL_EVENTS, 4, 1),
            answer(DECISIONS, 1, FIRST, decision="HOLD", degraded=True),
            answer(DECISIONS, 2, FIRST, decision="RELEASE", degraded=False),
        ],
    )
    assert story.last_decision == {"decision": "RELEASE", "degraded": False}


def test_the_last_decision_may_answer_another_message_than_the_last() -> None:
    """It came by way of the lane, where something else was answered first."""
    later = "parcel-events/0/9"
    story = story_of(
        KEY,
        [
            message(PARCEL_EVENTS, 4, 1),
            message(PARCEL_EVENTS, 9, 2),
            answer(DECISIONS, 1, later, decision="HOLD"),
            answer(DECISIONS, 2, FIRST, decision="RELEASE"),
        ],
    )
    assert story.last_decision == {"decision": "RELEASE"}


def test_a_message_that_nobody_could_read_is_a_chapter_with_its_dead_letter() -> None:
    story = story_of(
        KEY, [message(PARCEL_EVENTS, 4, 1, b"{"), answer(DEAD_LETTERS, 0, FIRST, reason="record: found {")]
    )
    (chapter,) = story.chapters
    assert chapter.message is None
    assert chapter.dead_letter == {"reason": "record: found {"}


def test_what_holds_a_parcel_is_told_though_its_message_is_not_there() -> None:
    held = {"status": "OPEN", "holds": []}
    story = story_of(
        KEY,
        [
            message(PARCEL_EVENTS, 9, 5000),
            Record(DECISIONS, 0, 1, KEY.encode(), b'{"decision":"HOLD"}', ((CAUSE, FIRST.encode()),), 1000),
            Record(HOLD_ORDERS, 0, 1, KEY.encode(), orjson.dumps(held), ((CAUSE, FIRST.encode()),), 1000),
        ],
    )
    gone, here = story.chapters
    assert (gone.source, gone.is_here, gone.message, gone.order) == (FIRST, False, None, held)
    assert (here.source, here.is_here) == ("parcel-events/0/9", True)
    assert (story.is_known, story.open_order) == (True, held)
    assert story.last_decision == {"decision": "HOLD"}


def test_a_parcel_without_messages_is_not_known() -> None:
    story = story_of(KEY, [])
    assert (story.is_known, story.last_decision, story.open_order) == (False, None, None)


@pytest.mark.parametrize("cause", [b"\xff", None], ids=("no text", "nothing"))
def test_an_answer_of_which_nobody_knows_to_what_is_told_all_the_same(cause: bytes) -> None:
    decided = Record(DECISIONS, 0, 1, KEY.encode(), b'{"decision":"HOLD"}', ((CAUSE, cause),), 1000)
    assert story_of(KEY, [decided]).last_decision == {"decision": "HOLD"}


def test_a_message_that_says_a_key_twice_is_one_that_nobody_could_read() -> None:
    (chapter,) = story_of(KEY, [message(PARCEL_EVENTS, 4, 1, b'{"hawb":"1","hawb":"2"}')]).chapters
    assert chapter.message is None
