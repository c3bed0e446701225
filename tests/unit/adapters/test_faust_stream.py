"""What Faust's messages become: records, with the time at which they were written."""

import time
from types import SimpleNamespace

import pytest

from tidewaiter.adapters.faust_stream import record_of

STAMPED_MS = 1_790_000_000_123


def written_ms(stamped_seconds: float | None) -> int:
    message = SimpleNamespace(
        topic="parcel-events",
        partition=1,
        offset=7,
        key=b"FDX|1",
        value=b"{}",
        headers=None,
        timestamp=stamped_seconds,
    )
    return record_of(message).timestamp_ms


def test_a_record_is_of_the_time_that_its_producer_stamped_it_with() -> None:
    assert written_ms(STAMPED_MS / 1000) == STAMPED_MS


@pytest.mark.parametrize(
    "stamped_seconds",
    [None, -0.001, pytest.param(time.time() + 366 * 86_400, id="in a year"), STAMPED_MS * 1_000.0],
)
def test_a_record_whose_stamp_is_none_or_of_a_time_to_come_is_of_now(stamped_seconds: float | None) -> None:
    """As believed, it would let an event of next year begin that year for everybody."""
    before = time.time_ns() // 1_000_000
    assert before <= written_ms(stamped_seconds) <= time.time_ns() // 1_000_000
