"""Which of the answers that Redis remembers were told: not before the commit, and not once it was out."""

from collections.abc import Mapping, Sequence

import pytest

from tidewaiter.domain.history import EMPTY, History
from tidewaiter.screener.case import Case
from tidewaiter.screener.reading import read
from tidewaiter.screener.told import ToldAnswers
from tidewaiter.stream.record import Record
from tidewaiter.wire.headers import CAUSE, DEGRADED_DECISION, place_name
from tidewaiter.wire.topics import OFFICER_ACTIONS, PARCEL_EVENTS, RESCREENS

NOTHING_KNOWN: Mapping[str, History] = {}


class Positions:
    """A log whose partition of parcels is committed up to ``reached``; of others nothing is known."""

    def __init__(self, reached: int) -> None:
        self._reached = reached

    def committed(self, topic: str, number: int) -> int | None:
        return self._reached if (topic, number) == (PARCEL_EVENTS, 0) else None


def case(offset: int, topic: str = PARCEL_EVENTS) -> Case:
    return read(Record(topic, 0, offset, b"FX|1", b"", (), 0))


def of_lane(one: Case, offset: int, decision: str = "decided without Redis") -> Case:
    """The record of a case once more, as it is read from the lane."""
    headers = ((CAUSE, place_name(*one.record.place).encode()), (DEGRADED_DECISION, decision.encode()))
    return read(Record(RESCREENS, 0, offset, b"FX|1", b"", headers, 0))


def told(
    answers: ToldAnswers,
    one: Case,
    *batch: Case,
    known: Mapping[str, History] = NOTHING_KNOWN,
) -> bool:
    return answers.before(batch, known)(one.record.place)


@pytest.fixture
def answers() -> ToldAnswers:
    return ToldAnswers()


def test_an_answer_is_told_once_its_record_is_committed(answers: ToldAnswers) -> None:
    answers.follow(Positions(reached=7))
    assert told(answers, case(6), case(3))
    assert not told(answers, case(7), case(9))


@pytest.mark.parametrize("progress", [None, Positions(reached=0)], ids=["without a log", "not of this topic"])
def test_where_no_log_knows_what_lies_before_a_batch_was_told(
    answers: ToldAnswers, progress: Positions | None
) -> None:
    if progress is not None:
        answers.follow(progress)
    batch = [case(offset, OFFICER_ACTIONS) for offset in (5, 6)]
    assert told(answers, case(4, OFFICER_ACTIONS), *batch)
    assert not told(answers, batch[0], *batch)
    assert not told(answers, batch[1], *batch)


def test_what_no_log_and_no_batch_knows_of_was_told(answers: ToldAnswers) -> None:
    assert told(answers, case(99), case(1, OFFICER_ACTIONS))


def test_what_was_answered_without_redis_was_not_told_though_it_is_committed(answers: ToldAnswers) -> None:
    answers.follow(Positions(reached=7))
    answers.note_blind([case(5)])
    assert not told(answers, case(5), case(8))
    assert told(answers, case(6), case(8))


@pytest.mark.parametrize("again", [case(5), of_lane(case(5), 2)], ids=["by itself", "out of the lane"])
def test_what_was_answered_without_redis_is_told_once_it_is_answered_with_it(
    answers: ToldAnswers, again: Case
) -> None:
    answers.follow(Positions(reached=7))
    answers.note_blind([case(5), case(6)])
    answers.note_answered([again])
    assert told(answers, case(5), case(8))
    assert not told(answers, case(6), case(8))


def test_a_record_of_the_lane_that_was_answered_without_redis_is_told_once_it_is_answered_with_it(
    answers: ToldAnswers,
) -> None:
    lane = of_lane(case(5), 2)
    answers.note_blind([lane])
    assert not told(answers, lane, case(8))
    answers.note_answered([lane])
    assert told(answers, lane, case(8))


def test_what_redis_was_not_asked_for_it_remembers_if_it_was_decided_before(
    answers: ToldAnswers,
) -> None:
    answers.follow(Positions(reached=9))
    answers.note_decided([case(4), case(5)])
    answers.note_decided([case(3)])
    answers.note_unasked([case(5), case(6), case(5, OFFICER_ACTIONS)])
    assert not told(answers, case(5), case(9))
    assert told(answers, case(6), case(9))
    assert told(answers, case(5, OFFICER_ACTIONS), case(9))


@pytest.mark.parametrize(
    ("shown", "was_told"), [({}, False), ({"decided without Redis": ()}, True)], ids=["blind", "shown"]
)
def test_what_the_lane_says_was_answered_without_redis_was_not_told(
    answers: ToldAnswers, shown: Mapping[str, Sequence[str]], was_told: bool
) -> None:
    """So a worker that follows one that ended knows it, which has noted nothing."""
    answers.follow(Positions(reached=9))
    history = History(shown={decision: tuple(bases) for decision, bases in shown.items()})
    lane = of_lane(case(5), 2)
    assert told(answers, case(5), lane, known={lane.key: history}) is was_told
    assert told(answers, case(4), lane, known={lane.key: EMPTY})
