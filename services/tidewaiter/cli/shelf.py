"""The shelf: what Redis names as in force, brought into memory beside the stream."""

import zlib
from collections.abc import Mapping

import msgspec
import redis
from msgspec import structs

from tidewaiter.adapters import clock, redis_connection, redis_lists, redis_local, redis_secret
from tidewaiter.adapters.interpreter import let_go, spare_what_stays, uncollected
from tidewaiter.adapters.redis_evidence import EvidenceSettings, RedisEvidence
from tidewaiter.adapters.redis_features import RedisFeatures
from tidewaiter.adapters.redis_rule_exceptions import RedisRuleExceptions
from tidewaiter.adapters.redis_rules import RedisRules
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.generation import SourceVersion
from tidewaiter.matching.index import NameIndex
from tidewaiter.matching.listed import NORMAL_FORM
from tidewaiter.resources import policy_directory
from tidewaiter.rules.errors import RuleError
from tidewaiter.rules.findings import ScreeningRules
from tidewaiter.rules.policy import Policy
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.screener.habits import LearnedHabits
from tidewaiter.screener.in_force import InForce, Wanted, named_in
from tidewaiter.screener.names import ListedNames
from tidewaiter.settings import Settings
from tidewaiter.stream.outcome import Unavailable

# Nobody waits for a worker that starts: the deadline of the stream would only make it try again.
_START_SECONDS = 5.0
_FEATURES_SECONDS = 2.0


class NotPublished(Exception):
    """Nothing to decide with: no lists or no ruleset in Redis, or none that this release can read; the text
    says which command brings them, or what is the matter with them."""


class Shelf:
    """Loads what Redis names as current into memory. What did not change is kept from the time before."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: redis.Redis = redis_connection.connected(settings.redis_url)
        self._tokens = Tokens(settings.secret)
        self._rules = RedisRules(self._client)
        # Read beside the stream by the thread that counts the time spent degraded, so it may not wait long.
        features = RedisFeatures(redis_connection.impatient(settings.redis_url, _FEATURES_SECONDS))
        self.habits = LearnedHabits(features.read, self._tokens, settings.features_max_age)
        self._policy = Policy.load(policy_directory() / "us-low-value.yaml")
        self._lists: tuple[redis_lists.LoadedGeneration, NameIndex] | None = None
        self._ruleset: ScreeningRules | None = None
        self._former: list[object] = []

    def current(self) -> Wanted:
        """The versions that Redis names now. Raises NotPublished when there are none or nobody answers."""
        source = RedisEvidence(self._settings.redis_url, self._tokens, EvidenceSettings(_START_SECONDS))
        named = source.gather((), 0)
        source.close()
        if isinstance(named, Unavailable):
            raise NotPublished(named.reason)
        if not named.generation:
            raise NotPublished("no watchlist is loaded: run 'tidewaiter watchlists load'")
        if not named.rules_version:
            raise NotPublished("no ruleset is published: run 'tidewaiter rules publish'")
        return named_in(named)

    def load(self, wanted: Wanted) -> InForce:
        """One consistent set of versions. Blocks for seconds; meant for a thread beside the stream.

        Raises NotPublished, and redis-py's errors.
        """
        with uncollected():  # the stream would wait for a collection, and it walks all that is being built
            try:
                loaded = self._loaded(wanted)
            except (RuleError, zlib.error, msgspec.DecodeError, ValueError, RecursionError) as error:
                raise NotPublished(f"not to be read by this release: {error}") from error
            spare_what_stays()
        return loaded

    def _loaded(self, wanted: Wanted) -> InForce:
        generation, index = self._loaded_generation(wanted.generation)
        ruleset = self._loaded_ruleset(wanted.rules_version)
        local = redis_local.load_local(self._client, self._tokens)
        names = ListedNames(generation.entries, local.names, local.known_different, clock.utc_now, index)
        return InForce(
            wanted=wanted._replace(local_version=local.version),
            names=names,
            ruleset=ruleset,
            policy=self._policy,
            list_versions=_versions(generation.meta),
            loaded_at={name: one.last_seen_at for name, one in generation.meta.items()},
            max_age=self._settings.list_max_age,
            list_entries={name: one.rows for name, one in generation.meta.items()},
            rule_exceptions=RedisRuleExceptions(self._client, self._tokens).loaded(),
            habits=self.habits,
        )

    def _loaded_generation(self, number: int) -> tuple[redis_lists.LoadedGeneration, NameIndex]:
        """Its entries and their index. Another number with the same lists needs no other index."""
        try:
            redis_secret.check(self._client, self._tokens)
        except redis_secret.AnotherSecret as error:
            raise NotPublished(str(error)) from None
        found = redis_lists.RedisLists(self._client, None).generation(number)
        if found is None:
            raise NotPublished(f"generation {number} is not in Redis")
        if not found.is_of_form(NORMAL_FORM):
            kept = f"generation {number} is kept in the form of another release"
            raise NotPublished(f"{kept}: run 'tidewaiter watchlists load'")
        if self._lists is not None and _versions(self._lists[0].meta) == _versions(found.sources):
            known = structs.replace(self._lists[0], generation=number, meta=found.sources)
            self._lists = known, self._lists[1]
            return self._lists
        former = self._lists
        known = former[0] if former else redis_lists.NONE_LOADED
        loaded = redis_lists.load_generation(self._client, number, known)
        if loaded is None:
            raise NotPublished(f"generation {number} is not whole in Redis")
        self._lists = loaded, NameIndex.build(loaded.entries, earlier=former[1] if former else None)
        if former is not None:
            self._former.append(former)
        return self._lists

    def let_go_of_former(self, in_force: int) -> None:
        """Free the lists that came before those of generation ``in_force``, without a pause of the stream.

        Idempotent. Frees nothing while newer lists are loaded and not yet in force.
        """
        if self._lists is not None and self._lists[0].generation == in_force:
            let_go(self._former)

    def _loaded_ruleset(self, version: str) -> ScreeningRules:
        if self._ruleset is None or self._ruleset.version != version:
            bundle = self._rules.bundle(version)
            if bundle is None:
                raise NotPublished(f"ruleset {version} is not in Redis")
            earlier = self._ruleset.ruleset if self._ruleset else None
            self._ruleset = ScreeningRules(
                Ruleset.from_bytes(bundle, earlier=earlier), person=self._policy.calendar.person_day_key
            )
        return self._ruleset


def _versions(sources: Mapping[str, SourceVersion]) -> Mapping[str, str]:
    return {name: one.version for name, one in sources.items()}
