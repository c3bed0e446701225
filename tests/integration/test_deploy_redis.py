"""deploy/redis/users.acl on real servers: each service can do its work, and nothing beside it."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from typer.testing import CliRunner

from tests.contracts.composition import ROOT, services
from tests.servers import debian_redis
from tidewaiter.adapters.redis_connection import connected
from tidewaiter.adapters.redis_evidence import EvidenceSettings, RedisEvidence
from tidewaiter.adapters.redis_features import Part, RedisFeatures
from tidewaiter.adapters.redis_lists import RedisLists, WorkerReport
from tidewaiter.adapters.redis_rebuild import RedisRebuild, rebuild_of
from tidewaiter.adapters.redis_rules import RedisRules
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli import app
from tidewaiter.cli.shelf import Shelf
from tidewaiter.domain.features import Row, ShipperPace
from tidewaiter.domain.lookup import Contribution, Gathered, Kept, Lookup
from tidewaiter.domain.rebuild import Share
from tidewaiter.local.server import Launch, Server, free_port, listens
from tidewaiter.local.valkey import valkey
from tidewaiter.rules.publishing import WorkerRules
from tidewaiter.settings import PREFIX, load_settings
from tidewaiter.simulate.lists import write_fictitious_list

USERS = ROOT / "deploy/redis/users.acl"
SECRETS = ROOT / "deploy/docker/development"
FUNCTIONS = ROOT / "services/tidewaiter/adapters/functions"
TOKENS = Tokens(b"0123456789abcdef")
DAY = 20_000


class Guarded:
    """A server that knows nobody but the users of the file."""

    def __init__(self, port: int) -> None:
        self._port = port

    def url(self, user: str) -> str:
        """The address that the development secrets give this user, on the server of this test."""
        secret = (SECRETS / f"{user}_redis_url").read_text().strip()
        return secret.replace("@redis:6379/", f"@127.0.0.1:{self._port}/")

    def client(self, user: str) -> redis.Redis:
        return connected(self.url(user))

    def stranger(self, user: str, password: str) -> redis.Redis:
        """As redis-cli connects: without a HELLO, which `probe` may not say."""
        no_retry = Retry(NoBackoff(), 0)
        return redis.Redis(port=self._port, username=user, password=password, protocol=2, retry=no_retry)

    def run(self, user: str, *arguments: str) -> str:
        """What our command says when it runs as a user; it has to succeed."""
        result = CliRunner().invoke(app, arguments, env={f"{PREFIX}REDIS_URL": self.url(user)})
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture(scope="module", params=["redis", "valkey"])
def guarded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    directory, port = tmp_path_factory.mktemp("redis"), free_port()
    if request.param == "redis" and not shutil.which("redis-server"):
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    launch = (debian_redis if request.param == "redis" else valkey)(directory, port)
    command = (*launch.command, "--aclfile", str(USERS))
    server = Server(Launch(request.param, command, directory, lambda: listens(port)))
    try:
        server.wait_until_it_answers()
        yield Guarded(port)
    finally:
        server.stop()


@pytest.fixture(scope="module")
def furnished(guarded: Guarded, tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    """With lists and rules in force, each brought by its own user."""
    folder = tmp_path_factory.mktemp("list")
    write_fictitious_list(folder, 1)
    guarded.run("watchlists", "watchlists", "load", str(folder))
    guarded.run("rules", "rules", "publish", "--reason", "a test")
    return guarded


def events(count: int, seq: int, day: int) -> list[Lookup]:
    """Parcels of one person at one address, each under a name of its own."""
    person = Contribution("person_day", "bob", day, 100)
    return [_event(str(n), seq, (person, _at_address(day, str(n)))) for n in range(count)]


def _event(parcel: str, seq: int, contributions: tuple[Contribution, ...]) -> Lookup:
    return Lookup(parcel, seq, f"digest {seq}", "count", contributions)


def _at_address(day: int, member: str) -> Contribution:
    return Contribution("address_names", "12 main", day, member=member)


@pytest.mark.parametrize("small_limit", [0, 2])
def test_the_screener_counts_and_remembers(furnished: Guarded, small_limit: int) -> None:
    settings = EvidenceSettings(deadline_seconds=5, small_limit=small_limit)
    source = RedisEvidence(furnished.url("screener"), TOKENS, settings)
    withdrawn = [Lookup(str(n), 3, "digest 3", "withdraw", ()) for n in range(9)]
    for batch in (events(9, 1, DAY), events(9, 2, DAY + 1), withdrawn):
        assert isinstance(source.gather(batch, 1), Gathered)
    parcel = f"FDX|{small_limit}"
    assert source.remember([Kept(parcel, b"former")]) is None
    assert source.remember([Kept(parcel, b"history", former=b"former")]) is None
    known = source.gather([Lookup(parcel, 1, "digest", "look", ())], 1)
    assert isinstance(known, Gathered)
    assert known.answers[0].history == b"history"
    source.close()


def test_the_screener_reads_back_what_redis_has_lost(furnished: Guarded) -> None:
    url = furnished.url("screener")
    source, store = RedisEvidence(url, TOKENS), RedisRebuild(url, TOKENS)
    gathered = source.gather((), 0)
    assert isinstance(gathered, Gathered), gathered
    share = store.take(gathered.epoch, 1)
    assert isinstance(share, Share), share
    restored = [Lookup("FDX|9", 1, "digest", "restore", (_at_address(DAY, "bob"),))]
    assert isinstance(store.gather(restored, gathered.epoch), Gathered)
    assert store.restore(share, [Kept("FDX|9", b"history")]) is None
    assert store.finish(share, 0) is None
    assert store.take(gathered.epoch, 1) == "warm"
    found = rebuild_of(furnished.client("screener"))
    assert found is not None
    assert found.is_warm
    for one in (source, store):
        one.close()


def test_the_screener_loads_what_is_in_force_and_reports_itself(
    furnished: Guarded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{PREFIX}REDIS_URL", furnished.url("screener"))
    shelf = Shelf(load_settings())
    in_force = shelf.load(shelf.current())
    assert sum(in_force.list_entries.values()) > 0
    client, now = furnished.client("screener"), datetime.now(UTC)
    RedisLists(client, None).report_worker("one", WorkerReport(1, now.isoformat()))
    RedisRules(client).report("one", WorkerRules(in_force.wanted.rules_version, now))
    assert client.info("memory")["maxmemory_policy"] == "noeviction"
    assert "one" in furnished.run("rules", "rules", "status")
    assert "one" in furnished.run("watchlists", "watchlists", "status")


def test_the_loader_drops_old_generations_and_takes_one_back(furnished: Guarded, tmp_path: Path) -> None:
    for seed in range(2, 9):
        write_fictitious_list(tmp_path, seed)
        furnished.run("watchlists", "watchlists", "load", "--max-shrink", "1", str(tmp_path))
    assert "in force" in furnished.run("watchlists", "watchlists", "rollback", "--reason", "a test")
    assert "a test" in furnished.run("watchlists", "watchlists", "status")


def test_the_analyst_enters_and_removes_what_is_live(furnished: Guarded, tmp_path: Path) -> None:
    entered = ("watchlists", "add", "--phone", "+12025550143", "--reason", "a test")
    furnished.run("analyst", *entered)
    assert "phone" in furnished.run("analyst", "watchlists", "local")
    file = str(tmp_path / "backup.ndjson")
    assert furnished.run("analyst", "backup", "save", file) == "1 records saved\n"
    assert furnished.run("analyst", "backup", "restore", file) == "0 records restored, 1 there already\n"
    furnished.run("analyst", "watchlists", "remove", *entered[2:])


def test_insight_writes_features_and_the_screener_only_reads_them(guarded: Guarded) -> None:
    part: Part[Row] = Part(1, 1, 1, {"token": ShipperPace(30, 400, 28)})
    RedisFeatures(guarded.client("insight")).write("shipper", 0, part)
    screener = RedisFeatures(guarded.client("screener"))
    found = screener.read().shipper
    assert found is not None
    assert dict(found.rows) == part.rows
    with pytest.raises(redis.exceptions.NoPermissionError):
        screener.write("shipper", 0, part)


@pytest.mark.parametrize("user", ["screener", "watchlists", "rules", "analyst", "insight"])
@pytest.mark.parametrize(
    "command",
    [
        "FLUSHALL",
        "FLUSHDB",
        "CONFIG GET *",
        "KEYS *",
        "EVAL return 0",
        "ACL LIST",
        "FUNCTION FLUSH",
        "SHUTDOWN",
    ],
)
def test_nobody_may_empty_inspect_or_change_the_server(guarded: Guarded, user: str, command: str) -> None:
    with pytest.raises(redis.exceptions.NoPermissionError):
        guarded.client(user).execute_command(*command.split())  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("user", "key"),
    [
        ("screener", "tw:lists:current"),
        ("screener", "tw:rules:current"),
        ("screener", "tw:local:version"),
        ("watchlists", "tw:parcel:{x}"),
        ("watchlists", "tw:rules:current"),
        ("rules", "tw:lists:current"),
        ("rules", "tw:epoch"),
        ("analyst", "tw:lists:current"),
        ("analyst", "tw:rules:current"),
        ("insight", "tw:lists:current"),
        ("insight", "tw:parcel:{x}"),
    ],
)
def test_nobody_writes_what_is_anothers(guarded: Guarded, user: str, key: str) -> None:
    with pytest.raises(redis.exceptions.NoPermissionError):
        guarded.client(user).set(key, "1")


def test_who_has_no_password_may_only_ask_whether_it_lives(guarded: Guarded) -> None:
    with pytest.raises(redis.exceptions.AuthenticationError):
        guarded.stranger("default", "").ping()
    with pytest.raises(redis.exceptions.AuthenticationError):
        guarded.stranger("screener", "guessed").ping()
    probe = guarded.stranger("probe", "none")
    assert probe.ping()
    with pytest.raises(redis.exceptions.NoPermissionError):
        probe.get("tw:lists:current")


def test_every_command_of_the_functions_is_one_of_the_screener() -> None:
    lua = "\n".join(path.read_text() for path in FUNCTIONS.rglob("*.lua"))
    used = {name.lower() for name in re.findall(r"redis\.call\(\s*'(\w+)'", lua)}
    (screener,) = (line for line in USERS.read_text().splitlines() if line.startswith("user screener "))
    assert len(used) > 10
    assert used <= {word[1:] for word in screener.split() if word.startswith("+")}


def test_every_service_with_redis_has_a_user_of_its_own() -> None:
    users = {line.split()[1] for line in USERS.read_text().splitlines()}
    asked = {
        secret.removesuffix("_redis_url") for one in services() for secret in one.secrets if "redis" in secret
    }
    assert asked == {"screener", "watchlists", "rules", "insight"}
    assert asked <= users
