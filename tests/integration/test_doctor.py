"""What the doctor says of a Redis that evicts and has nothing of ours, as whoever sets one up reads it."""

import json

import pytest
from redis import Redis

from tests.endtoend.commands import invoked, surroundings

pytestmark = pytest.mark.redis


def test_the_doctor_says_what_an_empty_redis_lacks(redis: str, client: Redis) -> None:
    client.config_set("maxmemory-policy", "allkeys-lru")
    environment = surroundings(redis_url=redis, kafka_bootstrap_servers="127.0.0.1:1")
    asked, told = (invoked("doctor", *option, environment=environment) for option in (("--json",), ()))
    client.config_set("maxmemory-policy", "noeviction")
    found = {one["what"]: (one["state"], one["seen"]) for one in json.loads(asked.stdout)}
    assert found["Redis"][0] == "good"
    assert found["Redis eviction"][0] == "bad"
    assert found["Redis, what is known of parcels"] == (
        "warning",
        "no worker has looked whether it is whole",
    )
    assert found["watchlists"] == ("bad", "none is loaded: tidewaiter watchlists load")
    assert found["ruleset"] == ("bad", "none is published: tidewaiter rules publish")
    assert found["habits"][0] == "warning"
    assert "watchlists' identifiers" not in found
    lines = told.stdout.splitlines()
    assert "bad     watchlists: none is loaded: tidewaiter watchlists load" in lines
    assert any(line.startswith("ok      Redis functions: ") for line in lines)
    assert any(line.startswith("warning TIDEWAITER_TOKEN_SECRET: ") for line in lines)
    assert (asked.exit_code, told.exit_code) == (1, 1)
