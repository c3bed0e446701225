"""A suggested limit is the one that holds the most within the target, as the rule itself would hold."""

from datetime import date

import pytest
from msgspec import structs

from tests.unit.backtest.weeks import bench, default, messages, records, ruleset
from tidewaiter.backtest.bench import Bench
from tidewaiter.backtest.histories import keys_of
from tidewaiter.backtest.replay import replayed
from tidewaiter.backtest.shard import Account
from tidewaiter.backtest.threshold import TrialRule, limit_of, suggestion
from tidewaiter.rules.errors import RuleError
from tidewaiter.rules.ruleset import Ruleset

WEEK = records(messages())


def account(of: Bench) -> Account:
    keys = keys_of(WEEK)
    return replayed(WEEK, of, keys, 1, lambda _: None)


def trials(rule_id: str, limit: str = "") -> tuple[TrialRule, Account]:
    compiled, name = limit_of(default(), rule_id, limit)
    found = account(structs.replace(bench(), watched=rule_id))
    return TrialRule(default(), compiled, name, found.seen), found


def held_by(rule_id: str, rules: Ruleset) -> int:
    return sum(1 for one in account(bench(rules)).tallies[0].held.values() if rule_id in one.rules)


def test_trial_stops_as_many_parcels_as_the_rule_with_that_limit() -> None:
    trial, found = trials("A03")
    days = sorted(found.tallies[0].parcels)
    for value in (5, 9, 12):
        expected = held_by("A03", ruleset(contact_parties_hold=value))
        assert trial.trial(value, days).mean * len(days) == expected > 0


def test_the_fullest_day_may_be_one_on_which_no_parcel_is_new() -> None:
    compiled, name = limit_of(default(), "A03", "")
    new, later = date(2026, 11, 23), date(2026, 11, 24)
    seen = {key: [(new, (1,)), (later, (40,))] for key in "abc"}
    found = TrialRule(default(), compiled, name, seen).trial(12, (new,))
    assert (found.mean, found.most) == (3.0, 3)


def test_suggestion_is_the_loosest_limit_within_the_target_and_the_nearest_to_that_of_now() -> None:
    trial, found = trials("A03")
    days = sorted(found.tallies[0].parcels)
    means = {value: trial.trial(value, days).mean for value in range(40)}
    for target in (0.0, 3.0, 8.0, 11.5, 1000.0):
        suggested = suggestion(trial, days, target, "A03").suggested
        best = max(mean for mean in means.values() if mean <= target)
        assert suggested.mean == best
        alike = [value for value, mean in means.items() if mean == best]
        assert abs(suggested.limit - 12) == min(abs(value - 12) for value in alike)


def test_suggestion_may_be_the_loosest_limit_that_there_is() -> None:
    trial, found = trials("A06")
    days = sorted(found.tallies[0].parcels)
    assert trial.trial(1, days).mean < trial.trial(0, days).mean
    assert suggestion(trial, days, 1e9, "A06").suggested.limit == 0


def test_rule_that_only_scores_is_counted_where_it_fires() -> None:
    trial, found = trials("D08", "floor_usd_per_kg")
    days = sorted(found.tallies[0].parcels)
    assert not trial.holds
    assert trial.trial(100.0, days).mean > trial.trial(0.0, days).mean


def test_limit_is_refused_with_what_there_is() -> None:
    for rule_id, limit, message in (
        ("Z99", "", "no such rule; there are"),
        ("W01", "", "reads no limit"),
        ("D08", "", "reads floor_usd_per_kg, dear_floor_usd_per_kg, just_under"),
        ("A03", "press_parts", "reads no limits.press_parts; it reads contact_parties_hold, contact_parties"),
    ):
        with pytest.raises(RuleError, match=message):
            limit_of(default(), rule_id, limit)
