"""The composition root: settings become adapters, adapters become the work of a worker."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime

import redis

from tidewaiter.adapters import clock, redis_lists, redis_local
from tidewaiter.adapters.kafka import GroupMember, KafkaLog
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.redis_evidence import RedisEvidence
from tidewaiter.adapters.redis_rules import RedisRules
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.matching.index import NameIndex
from tidewaiter.resources import policy_directory
from tidewaiter.rules.findings import ScreeningRules
from tidewaiter.rules.policy import Policy
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.screener.evidence import ControlDraw
from tidewaiter.screener.in_force import InForce, Switch, Wanted
from tidewaiter.screener.names import ListedNames
from tidewaiter.screener.watching import Watch
from tidewaiter.screener.work import ScreeningSettings, ScreeningWork
from tidewaiter.settings import Settings


class NotPublished(Exception):
    """Nothing to decide with: no lists or no ruleset in Redis; the text says which command brings them."""


class Shelf:
    """Loads what Redis names as current into memory. What did not change is kept from the time before."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: redis.Redis = redis_lists.connected(settings.redis_url)
        self._tokens = Tokens(settings.secret)
        self._rules = RedisRules(self._client)
        self._policy = Policy.load(policy_directory() / "us-low-value.yaml")
        self._generation: tuple[redis_lists.LoadedGeneration, NameIndex] | None = None
        self._ruleset: ScreeningRules | None = None

    def current(self) -> Wanted:
        """The versions that Redis names now. Raises NotPublished when there are none."""
        generation = int(self._client.get("tw:lists:current") or 0)
        rules = self._rules.current()
        if not generation:
            raise NotPublished("no watchlist is loaded: run 'tidewaiter watchlists load'")
        if not rules:
            raise NotPublished("no ruleset is published: run 'tidewaiter rules publish'")
        return Wanted(generation, rules, int(self._client.get("tw:local:version") or 0))

    def load(self, wanted: Wanted) -> InForce:
        """One consistent set of versions. Blocks for seconds; meant for a thread beside the stream."""
        generation, index = self._loaded_generation(wanted.generation)
        ruleset = self._loaded_ruleset(wanted.rules_version)
        local = redis_local.load_local(self._client, self._tokens)
        names = ListedNames(generation.entries, local.names, local.known_different, clock.utc_now, index)
        return InForce(
            wanted=wanted._replace(local_version=local.version),
            names=names,
            ruleset=ruleset,
            policy=self._policy,
            terms=ruleset,
            list_versions={name: one.version for name, one in generation.meta.items()},
            loaded_at={
                name: datetime.fromisoformat(one.checked_at or one.loaded_at)
                for name, one in generation.meta.items()
            },
            max_age=self._settings.list_max_age,
        )

    def _loaded_generation(self, number: int) -> tuple[redis_lists.LoadedGeneration, NameIndex]:
        if self._generation is None or self._generation[0].generation != number:
            loaded = redis_lists.load_generation(self._client, number)
            if loaded is None:
                raise NotPublished(f"generation {number} is not whole in Redis")
            self._generation = loaded, NameIndex.build(loaded.entries)
        return self._generation

    def _loaded_ruleset(self, version: str) -> ScreeningRules:
        if self._ruleset is None or self._ruleset.version != version:
            bundle = self._rules.bundle(version)
            if bundle is None:
                raise NotPublished(f"ruleset {version} is not in Redis")
            self._ruleset = ScreeningRules(Ruleset.from_bytes(bundle))
        return self._ruleset


class SystemClock:
    """This machine's clocks, as the work asks for them."""

    def now_ms(self) -> int:
        return clock.epoch_ms()

    def monotonic(self) -> float:
        return clock.monotonic_seconds()


@dataclass(frozen=True)
class Worker:
    """A wired worker: its work, and what watches it."""

    work: ScreeningWork
    watch: Watch
    source: RedisEvidence


def wired(
    settings: Settings, first: InForce, load: Callable[[Wanted], InForce], executor: Executor, watch: Watch
) -> Worker:
    """The work of one worker over real Redis."""
    source = RedisEvidence(settings.redis_url, Tokens(settings.secret))
    switch = Switch(first, load, executor, watch.not_loaded)
    patience = ScreeningSettings(settings.redis_patience_seconds)
    work = ScreeningWork(source, switch, ControlDraw(settings.secret), SystemClock(), watch, patience)
    return Worker(work, watch, source)


def kafka_log(settings: Settings, slot: str, topics: Sequence[str]) -> KafkaLog:
    """The worker's log. Blocks; raises KafkaUnavailable and TopicsUnusable."""
    connection = KafkaConnection(settings.kafka_bootstrap_servers, settings.kafka_config)
    return KafkaLog(connection, GroupMember(settings.kafka_group, slot, tuple(topics)))
