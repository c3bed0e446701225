"""The account of a stream finds whatever is lost, doubled or from nowhere."""

from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.inspection.accounts import Balance, balance
from tidewaiter.stream.record import Record
from tidewaiter.wire.headers import CAUSE
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, PARCEL_EVENTS, RESCREENS


def event(offset: int) -> Record:
    return Record(PARCEL_EVENTS, 0, offset, b"FX|1", b"{}")


def answer(offset: int, topic: str = DECISIONS, *, is_again: bool = False) -> Record:
    headers = ((CAUSE, f"parcel-events/0/{offset}".encode()),)
    via = (("tw_via", RESCREENS.encode()),) if is_again else ()
    return Record(topic, 0, 100 + offset, b"FX|1", b"{}", headers + via)


EVENTS = [event(offset) for offset in range(3)]


def account(*answers: Record) -> Balance:
    return balance(EVENTS, answers)


def test_one_answer_each_is_even() -> None:
    found = account(answer(0), answer(1, DEAD_LETTERS), answer(2))
    assert found.is_even
    assert (found.inputs, found.decisions, found.dead_letters, found.accompanying) == (3, 2, 1, 0)


def test_a_dead_letter_may_have_a_hold_beside_it() -> None:
    found = account(answer(0), answer(1, DEAD_LETTERS), answer(1), answer(2))
    assert found.is_even
    assert (found.decisions, found.accompanying) == (2, 1)


def test_a_record_without_an_answer_is_missing() -> None:
    found = account(answer(0), answer(2))
    assert found.missing == ("parcel-events/0/1",)
    assert found.problems == ("1 without an answer: parcel-events/0/1",)


def test_two_decisions_or_two_dead_letters_are_doubled() -> None:
    decided = account(answer(0), answer(0), answer(1), answer(2))
    assert decided.doubled == ("parcel-events/0/0",)
    dead = account(answer(0, DEAD_LETTERS), answer(0, DEAD_LETTERS), answer(1), answer(2))
    assert dead.doubled == ("parcel-events/0/0",)


def test_an_answer_to_nothing_is_foreign() -> None:
    found = account(answer(0), answer(1), answer(2), answer(9))
    assert (found.foreign, found.is_even) == (("parcel-events/0/9",), False)


def test_a_second_screening_of_a_degraded_parcel_is_not_a_second_decision() -> None:
    found = account(answer(0), answer(0, is_again=True), answer(1), answer(2))
    assert found.is_even
    assert (found.decisions, found.rescreened) == (3, 1)


def test_a_second_screening_alone_is_no_answer() -> None:
    assert account(answer(0, is_again=True), answer(1), answer(2)).missing == ("parcel-events/0/0",)


@given(st.lists(st.integers(0, 4), max_size=12))
def test_it_is_even_exactly_when_every_record_has_one_answer(offsets: list[int]) -> None:
    found = account(*(answer(offset) for offset in offsets))
    assert found.is_even == (sorted(offsets) == [0, 1, 2])
    assert len(found.problems) == sum(map(bool, (found.missing, found.doubled, found.foreign)))
