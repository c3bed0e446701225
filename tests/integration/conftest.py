"""What the tests of stores and of commands on a real Redis have in common."""

from collections.abc import Iterator

import pytest
from redis import Redis

from tidewaiter.adapters.redis_connection import connected


@pytest.fixture
def client(redis: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Redis]:
    """A Redis that was emptied, which commands in this process find by their settings."""
    monkeypatch.setenv("TIDEWAITER_REDIS_URL", redis)
    found = connected(redis)
    found.flushall()
    yield found
    found.close()
