"""Exceptions from rules: for one party and one rule, until a day, shown wherever the rule would have held."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from msgspec import structs
from redis import Redis
from typer.testing import CliRunner, Result

from tests.rules import few_rules, put_in_force
from tests.unit.screener.desk import NOW, WANTED, Desk, event, in_force, shipped_rules
from tidewaiter.adapters.redis_connection import connected
from tidewaiter.adapters.redis_local import load_local
from tidewaiter.adapters.redis_rule_exceptions import RedisRuleExceptions
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.rules import app
from tidewaiter.cli.seeding import load_lists
from tidewaiter.cli.shelf import Shelf
from tidewaiter.cli.wiring import wired
from tidewaiter.domain.exception import RuleException
from tidewaiter.domain.finding import Finding
from tidewaiter.domain.party import Party
from tidewaiter.domain.screening import with_exceptions
from tidewaiter.matching.identity import ExactKey, person_keys
from tidewaiter.screener.watching import Watch
from tidewaiter.screener.work import ScreeningWork
from tidewaiter.settings import load_settings
from tidewaiter.stream.observer import BatchReport
from tidewaiter.stream.outcome import Unavailable
from tidewaiter.stream.record import Record
from tidewaiter.telemetry.metrics import Metrics
from tidewaiter.wire.topics import DECISIONS, PARCEL_EVENTS

Run = Callable[..., Result]

UNTIL = NOW + timedelta(days=30)
CONSIGNEE = Party("Dana Whitfield", phone="+1 614 299 0142", country="US")
VAGUE = [{"description": "Gifts", "hts10": "6110202079", "origin_country": "CN"}]
VAGUE_AND_GRAVE = [{"description": "fentanyl", "hts10": "2933360000"}, *VAGUE]


@dataclass(frozen=True)
class Excepted:
    """Exceptions in memory, by the party's key."""

    known: Mapping[str, RuleException] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.known)

    def covering(self, person_keys: Sequence[ExactKey], now: datetime) -> Mapping[str, RuleException]:
        found = [self.known[key] for key in person_keys if key in self.known]
        return {one.rule_id: one for one in found if one.stands(now.isoformat(timespec="seconds"))}


def exception(rule: str, until: datetime = UNTIL) -> RuleException:
    return RuleException("exc-1", rule, "a school's parcels", "ann", NOW.isoformat(), until.isoformat())


def desk(rule: str = "D01", until: datetime = UNTIL, party: Party = CONSIGNEE) -> Desk:
    """A screener that knows of one exception."""
    known = Excepted(dict.fromkeys(person_keys(party), exception(rule, until)))
    return Desk(first=structs.replace(in_force(WANTED), rule_exceptions=known))


def hits(at: Desk, mode: str) -> float | None:
    watch = Watch(Metrics())
    for decision in at.notes.decisions:
        watch.decided(at.event(event()), decision, 0)
    watch.committed(BatchReport(1, 1, 0, 0, 0.0, 0.0, 0.0))
    labels = {"rule": "D01", "mode": mode}
    return watch.metrics.registry.get_sample_value("tidewaiter_rule_hits_total", labels)


def test_parcel_of_an_excepted_party_is_not_held_by_that_rule_and_it_is_counted() -> None:
    assert Desk().events(event(items=VAGUE)).outcome == "HOLD"
    at = desk()
    assert at.events(event(items=VAGUE)).outcome == "RELEASE"
    assert (hits(at, "excepted"), hits(at, "enforce")) == (1, None)


def test_excepted_finding_is_shown_in_the_order_of_another_rule_with_its_reason() -> None:
    order = desk().events(event(items=VAGUE_AND_GRAVE)).orders[0]
    reasons = {reason["rule_id"]: reason for reason in order["reasons"]}
    assert "D01" not in {rule for hold in order["holds"] for rule in hold["rule_ids"]}
    assert (reasons["D01"]["holds"], reasons["D01"]["weight"]) == (False, 0)
    assert "a school's parcels (ann, 2026-11-24, until 2026-12-24" in reasons["D01"]["excepted"]
    assert "excepted" not in reasons["N01"]


@pytest.mark.parametrize(
    "of",
    [
        pytest.param({"rule": "D03"}, id="another rule"),
        pytest.param({"until": NOW - timedelta(seconds=1)}, id="ended"),
        pytest.param({"party": Party("Somebody Else", phone="+1 614 299 0142")}, id="another name"),
        pytest.param({"party": Party("Dana Whitfield", phone="+1 614 299 0143")}, id="another phone"),
    ],
)
def test_exception_does_not_reach_further_than_it_says(of: Mapping[str, Any]) -> None:
    assert desk(**of).events(event(items=VAGUE)).outcome == "HOLD"


def test_rule_that_could_not_be_answered_fails_closed_in_spite_of_an_exception() -> None:
    finding = Finding("A02", "Many names", "ADR-MANY", holds=True, weight=20)
    unanswered = structs.replace(finding, holds=False, weight=0, is_unavailable=True)
    found = with_exceptions((finding, unanswered), {"A02": "why"})
    assert found == (structs.replace(finding, holds=False, weight=0, excepted="why"), unanswered)


@pytest.fixture
def client(redis: str, monkeypatch: pytest.MonkeyPatch) -> Redis:
    monkeypatch.setenv("TIDEWAITER_REDIS_URL", redis)
    found = connected(redis)
    found.flushall()
    return found


@pytest.fixture
def run(client: Redis) -> Run:
    put_in_force(client, few_rules())
    return lambda *arguments: CliRunner().invoke(app, ["exceptions", *arguments])


ADD = (
    *("add", "D08", "--name", "Dana Whitfield", "--phone", "+16142990142"),
    *("--until", "2099-12-31", "--reason", "a school"),
)


@pytest.mark.redis
def test_exception_is_kept_for_the_party_under_tokens_and_taken_up_by_workers(
    run: Run, client: Redis
) -> None:
    tokens = Tokens(load_settings().secret)
    before = load_local(client, tokens).version
    assert run(*ADD).exit_code == 0
    assert load_local(client, tokens).version > before
    loaded = RedisRuleExceptions(client, tokens).loaded()
    covered = loaded.covering(person_keys(CONSIGNEE), datetime.now(UTC))
    assert {rule: one.reason for rule, one in covered.items()} == {"D08": "a school"}
    assert loaded.covering(person_keys(CONSIGNEE), datetime(2100, 1, 1, tzinfo=UTC)) == {}
    assert "whitfield" not in str(client.hgetall("tw:rules:exceptions")).lower()


@pytest.mark.redis
def test_running_worker_takes_up_an_exception_that_the_command_adds(run: Run, client: Redis) -> None:
    settings = load_settings()
    load_lists(client, Tokens(settings.secret), ())
    put_in_force(client, shipped_rules().ruleset)
    shelf = Shelf(settings)
    with ThreadPoolExecutor(1) as executor:
        worker = wired(settings, shelf.load(shelf.current()), shelf.load, executor, Watch(Metrics()))
        assert decided(worker.work, "770000000001") == "HOLD"
        assert run(*("D01" if one == "D08" else one for one in ADD)).exit_code == 0
        decided(worker.work, "770000000002")  # its answers name the new version
        executor.submit(int).result()  # which is loaded before this
        assert decided(worker.work, "770000000003") == "RELEASE"
        worker.source.close()


def decided(work: ScreeningWork, hawb: str) -> str:
    """The decision on a vague parcel of the excepted party."""
    value = orjson.dumps(event(items=VAGUE, hawb=hawb, event_id=hawb))
    outcomes = work.process([Record(PARCEL_EVENTS, 0, int(hawb), f"FX|{hawb}".encode(), value)], 0.0)
    assert not isinstance(outcomes, Unavailable), outcomes
    (decision,) = (one for one in outcomes[0].outgoing if one.topic == DECISIONS)
    return str(orjson.loads(decision.value or b"")["decision"])


@pytest.mark.redis
def test_exception_is_listed_once_and_removed_once(run: Run) -> None:
    run(*ADD, "--address", "1180 Neil Ave, Columbus, OH, 43201, US")
    (line,) = json.loads(run("list", "--json").stdout)
    assert (line["rule_id"], line["reason"], line["stands"]) == ("D08", "a school", True)
    party = ("D08", "--name", "Dana Whitfield", "--phone", "+16142990142")
    assert run("remove", *party).exit_code == 0
    assert json.loads(run("list", "--json").stdout) == [], "under its address, too"
    assert run("remove", *party).exit_code == 2


@pytest.mark.redis
def test_exception_is_removed_by_its_number(run: Run) -> None:
    run(*ADD)
    (line,) = json.loads(run("list", "--json").stdout)
    assert line["number"] in run("list").stdout
    assert run("remove", line["number"]).exit_code == 0
    assert run("remove", line["number"]).exit_code == 2


@pytest.mark.redis
@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"D08": "D080"}, "D080: no such rule in the ruleset in force; did you mean 'D08'?"),
        ({"D08": "W01"}, "W01: use 'tidewaiter watchlists exceptions'"),
        ({"D08": "R02"}, "R02: nobody is excepted from control rules"),
        ({"2099-12-31": "2019-12-31"}, "until: 2019-12-31, expected a time to come"),
        ({"2099-12-31": "soon"}, "until: 'soon', expected a date as 2026-12-31"),
        ({"2099-12-31": ""}, "--until: empty, expected a day"),
        ({"a school": " "}, "--reason: empty, expected why"),
        ({"+16142990142": "12345"}, "phone: '12345', expected a number with its country code"),
        ({"+16142990142": ""}, "party: a name alone, expected a name with address, phone or e-mail"),
    ],
)
def test_exception_that_cannot_be_made_is_refused_in_one_line(
    run: Run, changes: Mapping[str, str], message: str
) -> None:
    result = run(*(changes.get(one, one) for one in ADD))
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
