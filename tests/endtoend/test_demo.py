"""`tidewaiter demo`, the code path of `make demo`, with few parcels."""

import re
import signal
import time
from pathlib import Path

import pytest

from tests.endtoend.commands import left_behind, run, started, surroundings

pytestmark = [pytest.mark.kafka, pytest.mark.redis, pytest.mark.slow]


def of_its_own(directory: Path) -> dict[str, str]:
    """Surroundings in which every temporary file lies below the directory."""
    return surroundings() | {"TMPDIR": str(directory), "COLUMNS": "160"}


# What an operator's shell may have, of other servers, does not concern it.
ELSEWHERE = {
    "TIDEWAITER_KAFKA_CONFIG": '{"security.protocol": "SASL_SSL", "sasl.username": "screener"}',
    "TIDEWAITER_METRICS_ADDRESS": "192.0.2.1",
    "http_proxy": "http://192.0.2.1:3128",
}


@pytest.mark.parametrize("others", [{}, ELSEWHERE])
def test_the_demo_answers_every_event_and_leaves_nothing_running(
    tmp_path: Path, others: dict[str, str]
) -> None:
    done = run("demo", "--parcels", "600", "--rate", "300", environment=of_its_own(tmp_path) | others)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every event has exactly one decision or one dead letter" in done.stdout
    events, decisions, letters = (
        int(re.search(pattern, done.stdout)[1].replace(",", ""))  # type: ignore[index]
        for pattern in (r"([\d,]+) events", r"([\d,]+) decisions \(", r"([\d,]+) dead letters \(")
    )
    assert events == decisions + letters
    assert letters == 17, "one of each kind of rubbish"
    found, due = map(int, re.search(r"planted: (\d+) of (\d+) found", done.stdout).groups())  # type: ignore[union-attr]
    assert due > 0
    assert found == due
    assert done.stdout.count("Three decisions explained") == 1
    assert left_behind(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("processes", [3, 4, 5])
def test_a_demo_interrupted_as_it_starts_a_process_leaves_nothing_running(
    tmp_path: Path, number: signal.Signals, processes: int
) -> None:
    """Itself and two servers, one worker more, two more: each has just been started when it is asked."""
    demo = started("demo", "--parcels", "20000", environment=of_its_own(tmp_path))
    until = time.monotonic() + 60
    while len(left_behind(tmp_path)) < processes:
        assert time.monotonic() < until
        assert demo.poll() is None
        time.sleep(0.1)
    demo.send_signal(number)
    try:
        demo.communicate(timeout=60)
    finally:
        demo.kill()
    assert demo.returncode != 0
    assert left_behind(tmp_path) == []
