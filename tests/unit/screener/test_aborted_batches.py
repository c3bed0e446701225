"""A batch whose commit fails leaves its traces in Redis, and no decision names one that was never visible."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.screener.desk import Answers, Desk, event, follow_up, listed
from tidewaiter.domain.lookup import Kept
from tidewaiter.stream.log import KeysAhead
from tidewaiter.stream.outcome import Unavailable
from tidewaiter.stream.record import Record
from tidewaiter.wire.topics import RESCREENS


@pytest.fixture
def desk() -> Desk:
    return Desk()


def chained(visible: Sequence[Answers]) -> bool:
    """Whether every decision names the one before it, the first none; one that is repeated is told once."""
    decisions = list(chain.from_iterable(answers.decisions for answers in visible))
    told = list({one["decision_id"]: one["supersedes"] for one in decisions}.items())
    return [supersedes for _, supersedes in told] == ["", *(name for name, _ in told[:-1])]


def test_what_was_decided_with_others_and_aborted_is_never_superseded(desk: Desk) -> None:
    first, second = desk.event(event(1)), desk.event(event(2, "UPDATE", pieces=2))
    desk.answers(first, second)
    visible = [desk.answers(first), desk.answers(second)]
    assert chained(visible)


def test_a_message_that_comes_after_an_aborted_batch_names_the_decision_before_it(desk: Desk) -> None:
    first, second, third = (desk.event(event(seq, "UPDATE", pieces=seq)) for seq in (1, 2, 3))
    visible = [desk.answers(first)]
    desk.answers(second, third)
    visible += [desk.answers(second, third)]
    assert chained(visible)


def test_a_message_alone_gets_the_same_bytes_after_its_batch_was_aborted(desk: Desk) -> None:
    desk.events(listed(1))
    record = desk.event(listed(2, "UPDATE", pieces=2))
    aborted = desk.answers(record)
    desk.clock.ms += 5_000
    assert desk.answers(record).outgoing == aborted.outgoing


def test_a_message_that_its_carrier_repeats_gets_the_same_bytes(desk: Desk) -> None:
    first = desk.events(event(1))
    desk.clock.ms += 5_000
    assert [one.value for one in desk.events(event(1)).outgoing] == [one.value for one in first.outgoing]


def test_a_message_that_is_repeated_in_an_aborted_batch_gets_the_same_bytes(desk: Desk) -> None:
    """The decision that it repeats was visible before, with all that it says."""
    first = desk.events(event(1))
    again = desk.event(event(1))
    for _ in range(3):
        desk.clock.ms += 5_000
        answers = desk.answers(again)
    assert [one.value for one in answers.outgoing] == [one.value for one in first.outgoing]


def test_an_action_after_an_aborted_batch_names_what_was_visible(desk: Desk) -> None:
    visible = [desk.events(listed(1))]
    update, action = desk.event(listed(2, "UPDATE", pieces=2)), desk.action(hold_code="WL-NARC")
    desk.answers(update, action)
    visible += [desk.answers(update), desk.answers(action)]
    assert chained(visible)


def test_what_nobody_could_read_is_corrected_again_after_an_aborted_batch(desk: Desk) -> None:
    unread, correction = desk.record(b"{"), desk.event(event(2, "UPDATE"))
    for _ in range(2):
        answers = desk.answers(unread, correction)
        assert [one["decision"] for one in answers.decisions] == ["HOLD", "RELEASE"]


class Positions:
    """How far the batches of a test are committed, as the log of a worker knows it."""

    def __init__(self) -> None:
        self.reached: dict[tuple[str, int], int] = {}

    def committed(self, topic: str, number: int) -> int | None:
        return self.reached.get((topic, number), 0)

    def keys_from(self, topic: str, offsets: Mapping[int, int]) -> Mapping[int, KeysAhead]:
        return {number: KeysAhead({}) for number in offsets}

    def commit(self, *records: Record) -> None:
        self.reached |= {(one.topic, one.partition): one.offset + 1 for one in records}


def test_an_action_that_comes_first_after_an_abort_supersedes_nothing_of_it(desk: Desk) -> None:
    positions = Positions()
    desk.work.follow(positions)
    first = desk.event(listed(1))
    visible = [desk.answers(first)]
    positions.commit(first)
    update, action = desk.event(listed(2, "UPDATE", pieces=2)), desk.action(hold_code="WL-NARC")
    desk.answers(update)
    visible += [desk.answers(action)]
    positions.commit(action)
    visible += [desk.answers(update)]
    assert chained(visible)


def test_an_action_after_a_committed_event_supersedes_its_decision(desk: Desk) -> None:
    positions = Positions()
    desk.work.follow(positions)
    first, action = desk.event(listed(1)), desk.action(hold_code="WL-NARC")
    visible = [desk.answers(first)]
    positions.commit(first)
    visible += [desk.answers(action)]
    assert chained(visible)


MESSAGES = (
    event(1),
    event(2, "UPDATE", pieces=2),
    follow_up(3, "SCAN", scanned_weight_kg="0.8"),
    follow_up(4, "CANCEL"),
    event(5, "UPDATE", pieces=5),
)


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=12))
def test_whatever_batches_are_aborted_what_is_visible_is_one_chain(
    batches: Sequence[tuple[int, bool]],
) -> None:
    desk = Desk()
    records = [desk.event(message) for message in MESSAGES]
    visible = list(committed(desk, records, batches))
    assert sum(len(answers.decisions) for answers in visible) == len(records)
    assert chained(visible)


def committed(
    desk: Desk, records: Sequence[Record], batches: Sequence[tuple[int, bool]]
) -> Iterator[Answers]:
    """What the batches answered that were not aborted; after one that was, its records come again."""
    at = 0
    for size, is_aborted in (*batches, (len(records), False)):
        if at < len(records):
            answers = desk.answers(*records[at : at + size])
            if not is_aborted:
                at += size
                yield answers


BATCHES = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans()), max_size=12)


@given(BATCHES)
def test_whichever_topic_comes_first_after_an_abort_what_is_visible_is_one_chain(
    batches: Sequence[tuple[int, int, bool]],
) -> None:
    desk, positions = Desk(), Positions()
    desk.work.follow(positions)
    events = [
        desk.event(message) for message in (listed(1), listed(2, "UPDATE", pieces=2), listed(3, "UPDATE"))
    ]
    actions = [desk.action(hold_code="WL-NARC"), desk.action(hold_code="ALL")]
    visible: list[Answers] = []
    for of_events, of_actions, is_aborted in (*batches, (len(events), len(actions), False)):
        batch = (*events[:of_events], *actions[:of_actions])
        answers = desk.answers(*batch)
        if not is_aborted:
            positions.commit(*batch)
            visible.append(answers)
            del events[:of_events], actions[:of_actions]
    assert chained(visible)


def test_what_was_kept_of_a_batch_that_was_answered_without_redis_is_never_superseded(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Histories that reached a Redis that hung are kept once it goes on; what they tell was never visible."""
    positions = Positions()
    desk.work.follow(positions)
    first, second = desk.event(event(1)), desk.event(event(2, "UPDATE", pieces=2))
    remember = desk.source.remember

    def too_late(histories: Sequence[Kept], epoch: str = "") -> Unavailable | None:
        return remember(histories, epoch) or Unavailable("Redis: no answer")

    monkeypatch.setattr(desk.source, "remember", too_late)
    blind = desk.answers(first, second, waited=3.0)
    monkeypatch.undo()
    positions.commit(first, second)
    lane = [desk.again(one) for one in blind.of(RESCREENS)]
    told = [*blind.decisions, *desk.answers(*lane, waited=0.0).decisions]
    assert [one["degraded"] for one in told] == [True, True, False, False]
    visible = {one["decision_id"] for one in told}
    assert [one["supersedes"] in {"", *visible} for one in told] == [True] * 4
