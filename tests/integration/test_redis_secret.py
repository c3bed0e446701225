"""A service under another token secret finds nothing in Redis: it has to say so, and not to pass parcels."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import redis as redis_py
from pydantic import SecretStr
from typer.testing import CliRunner

from tests.integration.test_redis_lists import reading
from tests.rules import few_rules, put_in_force
from tidewaiter.adapters.redis_lists import RedisLists
from tidewaiter.adapters.redis_local import RedisLocal
from tidewaiter.adapters.redis_secret import AnotherSecret
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli import app
from tidewaiter.cli.shelf import NotPublished, Shelf
from tidewaiter.screener.in_force import Wanted
from tidewaiter.settings import Settings
from tidewaiter.watchlists.generations import load
from tidewaiter.watchlists.local import Warrant, local_entry

SECRET, ANOTHER = "the secret of the services", "what an operator's shell had"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
pytestmark = pytest.mark.redis


@pytest.fixture
def client(redis: str) -> Iterator[redis_py.Redis]:
    """A Redis with lists that were loaded under the secret."""
    with redis_py.Redis.from_url(redis, protocol=3) as client:
        client.flushall()
        load(RedisLists(client, Tokens(SECRET.encode())), [reading(3)], "officer", at=NOW)
        yield client
        client.flushall()


@pytest.mark.usefixtures("client")
def test_a_worker_under_another_secret_does_not_take_lists_up(redis: str) -> None:
    shelf = Shelf(Settings(redis_url=redis, token_secret=SecretStr(ANOTHER)))
    with pytest.raises(NotPublished, match="TIDEWAITER_TOKEN_SECRET"):
        shelf.load(Wanted(1, "", 0))
    with pytest.raises(NotPublished, match="ruleset"):
        Shelf(Settings(redis_url=redis, token_secret=SecretStr(SECRET))).load(Wanted(1, "", 0))


def test_lists_are_not_loaded_under_another_secret_than_before(client: redis_py.Redis) -> None:
    another, before = RedisLists(client, Tokens(ANOTHER.encode())), client.keys("*:*:*:*")
    with pytest.raises(AnotherSecret, match="TIDEWAITER_TOKEN_SECRET"):
        load(another, [reading(4)], "officer", at=NOW)
    assert another.current() == 1
    assert sorted(client.keys("*:*:*:*")) == sorted(before)
    client.flushall()
    assert load(another, [reading(4)], "officer", at=NOW).is_new


WHO = ("--name", "Ann Lee", "--phone", "+12125550100", "--reason", "seen before")


@pytest.mark.parametrize(
    "arguments",
    [
        ("watchlists", "add", *WHO),
        ("watchlists", "exceptions", "add", "--entry", "ofac-sdn/1", *WHO),
        ("rules", "exceptions", "add", "D08", *WHO, "--until", "2099-01-01"),
    ],
)
def test_what_an_officer_enters_under_another_secret_is_refused_in_one_line(
    redis: str, client: redis_py.Redis, arguments: tuple[str, ...]
) -> None:
    put_in_force(client, few_rules())
    environment = {"TIDEWAITER_REDIS_URL": redis, "TIDEWAITER_TOKEN_SECRET": ANOTHER}
    refused = CliRunner().invoke(app, arguments, env=environment)
    assert refused.exit_code == 2
    assert refused.stderr.startswith("tidewaiter: TIDEWAITER_TOKEN_SECRET: found another")
    environment["TIDEWAITER_TOKEN_SECRET"] = SECRET
    assert CliRunner().invoke(app, arguments, env=environment).exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("watchlists", "remove", "--phone", "+12125550100", "--reason", "a mistake"),
        ("watchlists", "exceptions", "remove", "--entry", "ofac-sdn/1", *WHO[:4]),
        ("rules", "exceptions", "remove", "D08", *WHO[:4]),
    ],
)
@pytest.mark.usefixtures("client")
def test_what_an_officer_removes_under_another_secret_is_not_called_absent(
    redis: str, arguments: tuple[str, ...]
) -> None:
    environment = {"TIDEWAITER_REDIS_URL": redis, "TIDEWAITER_TOKEN_SECRET": ANOTHER}
    refused = CliRunner().invoke(app, arguments, env=environment)
    assert (refused.exit_code, refused.stderr.partition(",")[0]) == (
        2,
        "tidewaiter: TIDEWAITER_TOKEN_SECRET: found another than lists in Redis were loaded under",
    )


def test_lists_are_not_loaded_under_another_secret_than_officers_have_entered_under(
    client: redis_py.Redis,
) -> None:
    """In a Redis that has no list yet nobody would have noticed that no parcel is held for the entry."""
    client.flushall()
    made, normal = local_entry("phone", "+12125550100", Warrant("seen", "officer", NOW, ""))
    RedisLocal(client, Tokens(ANOTHER.encode())).put_entry(made, normal)
    lists = RedisLists(client, Tokens(SECRET.encode()))
    with pytest.raises(AnotherSecret, match="officers' entries were made under"):
        load(lists, [reading(3)], "officer", at=NOW)
    assert lists.current() == 0
    assert load(RedisLists(client, Tokens(ANOTHER.encode())), [reading(3)], "officer", at=NOW).is_new
