"""A client for use beside the stream gives up on a Redis that does not answer, and does not try again."""

import socket
from collections.abc import Iterator

import pytest
from redis.exceptions import TimeoutError as RedisTimeout

from tidewaiter.adapters.redis_connection import impatient


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """Takes connections, as a frozen server does, and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def taken(server: socket.socket) -> int:
    """How many have connected."""
    count = 0
    while True:
        try:
            server.accept()[0].close()
        except BlockingIOError:
            return count
        count += 1


def test_a_frozen_redis_is_given_up_after_one_connection(silent: socket.socket) -> None:
    client = impatient(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", 0.05)
    with pytest.raises(RedisTimeout):
        client.ping()
    assert taken(silent) == 1
