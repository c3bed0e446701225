"""Log lines are JSON on stderr, one an event; what clients repeat without end is told once a minute."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import structlog

from tidewaiter.telemetry.clients import CLIENT_LOGGER, silence_clients
from tidewaiter.telemetry.logs import Seldom, configure_logs


@pytest.fixture
def afterwards_as_before() -> Iterator[None]:
    """Logging is the process's own: whatever a test sets up there would stay for all that come after it."""
    root, client = logging.getLogger(), logging.getLogger(CLIENT_LOGGER)
    handlers, levels = root.handlers[:], (root.level, client.level)
    yield
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    client.setLevel(levels[1])
    structlog.reset_defaults()


def lines_of(text: str) -> list[dict[str, Any]]:
    """The lines without their times, which are of this minute and in UTC."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        age = datetime.now(UTC) - datetime.fromisoformat(line.pop("timestamp"))
        assert 0 <= age.total_seconds() < 60
    return lines


@pytest.mark.usefixtures("afterwards_as_before")
def test_our_lines_and_those_of_clients_are_json_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    silence_clients()  # as every command begins
    configure_logs()
    configure_logs()  # once more sets up nothing twice
    log, client = structlog.get_logger("screener"), logging.getLogger(CLIENT_LOGGER)
    log.info("ended", ending="drained")
    log.debug("of no interest")
    client.warning("broker %d is away", 1)
    client.warning("broker %d is away", 2)
    client.info("of no interest")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert lines_of(shown.err) == [
        {"event": "ended", "ending": "drained", "level": "info"},
        {"event": "broker 1 is away", "level": "warning", "logger": CLIENT_LOGGER},
    ]


@pytest.mark.usefixtures("afterwards_as_before")
def test_an_exception_is_in_the_line_that_tells_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logs()
    try:
        raise KeyError("hawb")
    except KeyError:
        structlog.get_logger("screener").exception("failed")
    (line,) = lines_of(capsys.readouterr().err)
    assert (line["event"], line["level"]) == ("failed", "error")
    assert line["exception"].endswith("KeyError: 'hawb'")


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
