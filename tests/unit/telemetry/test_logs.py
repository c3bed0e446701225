"""What clients repeat without end is told once a minute."""

import logging

import pytest

from tidewaiter.telemetry.logs import Seldom


def told(*lines: tuple[float, str]) -> list[str]:
    seldom, shown = Seldom(), []
    for at, text in lines:
        record = logging.LogRecord("kafka", logging.ERROR, "", 0, text, (), None)
        record.created = at
        if seldom.filter(record):
            shown.append(f"{at:g} {text}")
    return shown


def test_a_line_that_comes_again_is_told_once_a_minute() -> None:
    assert told((0, "away"), (1, "away"), (59, "away"), (60, "away"), (61, "away")) == ["0 away", "60 away"]


def test_lines_that_differ_in_numbers_alone_are_the_same() -> None:
    assert told((0, "failed after 0ms"), (1, "failed after 12ms"), (1, "refused")) == [
        "0 failed after 0ms",
        "1 refused",
    ]


def test_a_clock_that_is_set_back_silences_nothing() -> None:
    assert told((7200, "away"), (60, "away")) == ["7200 away", "60 away"]


def test_lines_that_come_in_turns_are_told_once_each() -> None:
    assert told((0, "away"), (0, "refused"), (0, "away"), (1, "refused")) == ["0 away", "0 refused"]


@pytest.mark.parametrize(("count", "is_told_again"), [(999, False), (1_000, True)])
def test_what_is_remembered_has_an_end(count: int, is_told_again: bool) -> None:
    others = [(0, f"topic {'x' * number}") for number in range(count)]
    assert ("1 away" in told((0, "away"), *others, (1, "away"))) == is_told_again
