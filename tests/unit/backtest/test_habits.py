"""A replay learns habits as it goes: what departs from them scores, on any number of processes alike."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache

import msgspec
from msgspec import structs

from tests.bench.week import record_of
from tests.unit.backtest.weeks import bench, default, ruleset
from tidewaiter.backtest.bench import Bench, Period
from tidewaiter.backtest.histories import keys_of
from tidewaiter.backtest.replay import replayed
from tidewaiter.backtest.report import Question, reported
from tidewaiter.backtest.shard import Account
from tidewaiter.rules.bundle import Bundle
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.simulate.message import Message
from tidewaiter.simulate.planted.departures import CASES
from tidewaiter.simulate.season import HABIT_DAYS, Season
from tidewaiter.simulate.traffic import DEFAULT_START, Traffic
from tidewaiter.stream.record import Record

FIRST = DEFAULT_START.replace(month=10, day=1)
PARCELS_A_DAY = 300
FOUND_BY = {
    "shipper-surge": "S02",
    "text-across-shippers": "S06",
    "address-burst": "A06",
    "price-collapse": "D08",
    "weight-anomaly": "D09",
}


@cache
def season() -> tuple[Message, ...]:
    """Four weeks to have habits, and a day of departures twice as large as usual: it is a small day."""
    departures = tuple(replace(case, size=2 * case.size) if case.size > 1 else case for case in CASES)
    return tuple(Season(Traffic(2, PARCELS_A_DAY, FIRST), HABIT_DAYS + 1, departures))


@cache
def history() -> tuple[Record, ...]:
    return tuple(record_of(message, offset) for offset, message in enumerate(season()))


@cache
def planted() -> dict[str, str]:
    """The case of each parcel that departs from a habit."""
    labels = [message.label for message in season() if message.label is not None]
    return {f"{one.carrier}|{one.hawb}": one.truth.case for one in labels if one.truth.case in FOUND_BY}


def of_the_last_day(*rulesets: Ruleset) -> Bench:
    last = (FIRST + timedelta(days=HABIT_DAYS)).date()
    return structs.replace(bench(*rulesets), period=Period(first=last), followed=frozenset(planted()))


@cache
def account(processes: int) -> Account:
    records = history()
    keys = keys_of(records)
    return replayed(records, of_the_last_day(), keys, processes, lambda _: None)


def cases_with(rule: str) -> set[str]:
    """The planted cases of which a parcel got a finding of that rule."""
    return {planted()[key] for key, found in account(1).followed.items() if rule in found.rules}


def test_each_departure_is_found_by_its_rule() -> None:
    missed = {case: rule for case, rule in FOUND_BY.items() if case not in cases_with(rule)}
    assert missed == {}


def test_who_keeps_to_its_habit_is_not_said_to_surge_or_to_be_new() -> None:
    fired = account(1).tallies[0].fired
    departing = [rule for found in account(1).followed.values() for rule in found.rules]
    assert [fired[rule] - departing.count(rule) for rule in ("S02", "A06")] == [0, 0]


def test_habits_are_learned_alike_on_any_number_of_processes() -> None:
    def in_json(found: Account) -> bytes:
        return msgspec.json.encode(reported(found, (default(),), len(history()), Question()))

    assert in_json(account(1)) == in_json(account(2))
    assert account(1).followed == account(2).followed


def test_habits_are_learned_only_for_rules_that_ask_for_them() -> None:
    files = dict(default().bundle.files)
    kept: Sequence[str] = ("ruleset.yaml", "control.yaml", "narcotics.yaml")
    plain = {name: text for name, text in files.items() if name in kept or name.startswith("wordlists/")}
    assert of_the_last_day(ruleset()).learns
    assert not of_the_last_day(Ruleset.of(Bundle(plain))).learns
