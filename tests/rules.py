"""Rulesets put in force for tests without reading all of the shipped one again, which takes 2 s a time."""

from functools import cache

from redis import Redis

from tidewaiter.adapters import clock
from tidewaiter.adapters.redis_rules import RedisRules
from tidewaiter.resources import rulesets_directory
from tidewaiter.rules.bundle import MAIN, Bundle
from tidewaiter.rules.publishing import Publication, publish
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.rules.testing import own_cases


@cache
def shipped_ruleset() -> Ruleset:
    """All rules that are shipped."""
    return Ruleset.load(rulesets_directory() / "default")


@cache
def few_rules() -> Ruleset:
    """Three families of the shipped rules (D08, R02, W01 and others), for tests to which it is all the same
    what is in force: most of the time goes into word lists, and these ask none."""
    files = Bundle.of_directory(rulesets_directory() / "default").files
    families = ("control.yaml", "valuation.yaml", "watchlist.yaml")
    return Ruleset.of(Bundle({name: files[name] for name in (MAIN, *families)}))


def put_in_force(client: Redis, ruleset: Ruleset) -> None:
    """As `tidewaiter rules publish` does, once the ruleset's own cases pass."""
    publication = Publication(ruleset.version, "for a test", "a test", clock.utc_now())
    publish(RedisRules(client), ruleset, own_cases(ruleset), publication)
