"""The clocks of this machine, handed to whatever takes the time as an argument."""

import time
from datetime import UTC, datetime


def monotonic_seconds() -> float:
    """Seconds since some moment; never goes back."""
    return time.monotonic()


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


def epoch_ms() -> int:
    """The wall clock in milliseconds since 1970, as Kafka stamps its records."""
    return time.time_ns() // 1_000_000
