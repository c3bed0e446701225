"""Putting rulesets in force, on a real Redis: only sound ones, in one step, with the way back."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis as client_library
from typer.testing import CliRunner

from tests.contracts.composition import services
from tests.unit.rules.bundles import ADDRESS, CATALOGUE, MAIN, ORDINARY, ruleset
from tidewaiter.adapters.redis_rules import RedisRules
from tidewaiter.cli import app
from tidewaiter.rules.errors import RuleError
from tidewaiter.rules.publishing import Publication, WorkerRules, previous_version, publish
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.rules.testing import run_cases

pytestmark = pytest.mark.redis

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FIRST = ruleset()
SECOND = ruleset(ruleset=MAIN.replace("many: 8", "many: 9"))
THIRD = ruleset(ruleset=MAIN.replace("many: 8", "many: 7"))


@pytest.fixture
def store(redis: str) -> Iterator[RedisRules]:
    client = client_library.Redis.from_url(redis, protocol=3)
    client.delete(*(client.keys("tw:rules:*") or ["tw:rules:none"]))
    yield RedisRules(client)
    client.close()


def put(store: RedisRules, rules: Ruleset, minutes: int = 0, *, is_back: bool = False) -> bool:
    at = AT + timedelta(minutes=minutes)
    publication = Publication(rules.version, "a reason", "an analyst", at, is_back)
    return publish(store, rules, run_cases(rules, ORDINARY), publication)


def test_empty_store_has_nothing_in_force(store: RedisRules) -> None:
    assert (store.current(), store.bundle("x"), store.history(), store.workers()) == (None, None, (), {})


def test_published_ruleset_is_in_force_and_comes_back_whole(store: RedisRules) -> None:
    assert put(store, FIRST)
    assert store.current() == FIRST.version
    content = store.bundle(FIRST.version)
    assert content is not None
    assert Ruleset.from_bytes(content, CATALOGUE).version == FIRST.version
    assert store.history() == (Publication(FIRST.version, "a reason", "an analyst", AT),)


def test_publishing_what_is_in_force_changes_nothing(store: RedisRules) -> None:
    put(store, FIRST)
    assert not put(store, FIRST, 1)
    assert len(store.history()) == 1


def test_ruleset_with_a_failing_case_is_refused_and_the_old_one_stays(store: RedisRules) -> None:
    put(store, FIRST)
    broken = ruleset(address=ADDRESS.replace("{windows.names: 9}", "{windows.names: 7}"))
    with pytest.raises(RuleError, match="A02 'many' expected fires: true, found fires: false"):
        put(store, broken)
    assert store.current() == FIRST.version
    assert store.bundle(broken.version) is None


def test_previous_version_is_the_last_other_one(store: RedisRules) -> None:
    with pytest.raises(RuleError, match="no earlier ruleset"):
        previous_version(store)
    put(store, FIRST)
    put(store, SECOND, 1)
    assert previous_version(store) == FIRST.version
    put(store, FIRST, 2)
    assert previous_version(store) == SECOND.version


def test_who_goes_back_twice_goes_further_back(store: RedisRules) -> None:
    for minute, rules in enumerate((FIRST, SECOND, THIRD)):
        put(store, rules, minute)
    put(store, SECOND, 3, is_back=True)
    assert previous_version(store) == FIRST.version
    put(store, FIRST, 4, is_back=True)
    with pytest.raises(RuleError, match="no earlier ruleset"):
        previous_version(store)
    put(store, THIRD, 5)
    assert previous_version(store) == FIRST.version


def test_the_command_goes_further_back_each_time(
    store: RedisRules, redis: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEWAITER_REDIS_URL", redis)
    for limit in (3, 4, 5):
        (tmp_path / "ruleset.yaml").write_text(MAIN.replace("many: 8", f"many: {limit}"))
        rules = Ruleset.load(tmp_path)
        store.publish(rules.bundle.to_bytes(), Publication(rules.version, "a reason", "an analyst", AT))
    first, second, _ = (one.version for one in store.history())
    for version in (second, first):
        done = CliRunner().invoke(app, ["rules", "rollback", "--reason", "holds tripled"])
        assert (done.exit_code, store.current()) == (0, version)
    assert CliRunner().invoke(app, ["rules", "rollback", "--reason", "once more"]).exit_code == 2


def test_workers_say_which_ruleset_they_run(store: RedisRules) -> None:
    store.report("w-0", WorkerRules(FIRST.version, AT))
    store.report("w-0", WorkerRules(SECOND.version, AT))
    assert store.workers() == {"w-0": WorkerRules(SECOND.version, AT)}


def test_the_ruleset_in_force_is_compared_as_published(
    store: RedisRules, redis: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEWAITER_REDIS_URL", redis)
    (tmp_path / "ruleset.yaml").write_text("name: mine\ntitle: Mine\nbands: [{name: low, from: 0}]\n")
    rules = Ruleset.load(tmp_path)
    store.publish(rules.bundle.to_bytes(), Publication(rules.version, "a reason", "an analyst", AT))
    (tmp_path / "ruleset.yaml").write_text("name: mine\ntitle: Ours\nbands: [{name: low, from: 0}]\n")
    told = CliRunner().invoke(app, ["rules", "diff", "published", str(tmp_path)])
    assert (told.exit_code, told.stdout) == (0, "title: mine, Mine  →  mine, Ours\n")


def test_the_ruleset_of_an_image_is_published_first_and_not_over_anothers(
    store: RedisRules, redis: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIDEWAITER_REDIS_URL", redis)
    (tmp_path / "ruleset.yaml").write_text("name: mine\ntitle: Mine\nbands: [{name: low, from: 0}]\n")
    mine = Ruleset.load(tmp_path).version
    (service,) = (one for one in services() if one.name == "rules")
    shipped = [*service.command, "--json"]
    assert json.loads(CliRunner().invoke(app, shipped).stdout)["changed"] is True
    CliRunner().invoke(app, ["rules", "publish", str(tmp_path), "--reason", "an urgent rule"])
    up_again = CliRunner().invoke(app, shipped)
    assert (up_again.exit_code, json.loads(up_again.stdout)) == (0, {"version": mine, "changed": False})
    assert store.current() == mine
