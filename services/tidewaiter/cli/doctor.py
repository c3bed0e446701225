"""`tidewaiter doctor`: can everything that is needed be reached, is it there, and do the versions agree."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

import orjson
import redis
import typer
from msgspec import Struct, to_builtins
from rich.text import Text

from tidewaiter.adapters import clock, redis_connection, redis_lists
from tidewaiter.adapters.kafka_connection import KafkaUnavailable, TopicsUnusable
from tidewaiter.adapters.kafka_lag import KafkaLag
from tidewaiter.adapters.kafka_topics import differences, read_topics
from tidewaiter.adapters.redis_evidence import RedisEvidence
from tidewaiter.adapters.redis_features import RedisFeatures
from tidewaiter.adapters.redis_rebuild import rebuild_of
from tidewaiter.adapters.redis_rules import RedisRules
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.failing import connection_of, settings_in_force
from tidewaiter.cli.heard import is_silent
from tidewaiter.cli.terminal import harmless, terminal
from tidewaiter.domain.features import KINDS, Features
from tidewaiter.domain.generation import Generation
from tidewaiter.domain.rebuild import Rebuild
from tidewaiter.domain.window import WINDOWS
from tidewaiter.matching.listed import NORMAL_FORM
from tidewaiter.resources import topics_file
from tidewaiter.settings import DEVELOPMENT_SECRET, Settings, without_password
from tidewaiter.stream.outcome import Unavailable
from tidewaiter.stream.record import Partition
from tidewaiter.wire.topics import TRANSACTIONAL

_LEAST_REDIS = (7, 0)
_REQUEST_SECONDS = 3.0
# The broker ends one of ours after 10 s, and looks every 10 s which are over their time.
_TRANSACTION_MOST_SECONDS = 30.0
_SIGNS = {"good": ("ok", "green"), "warning": ("warning", "yellow"), "bad": ("bad", "red")}


class Check(Struct, frozen=True):
    """What was looked at, how it is, and what was seen."""

    what: str
    state: Literal["good", "warning", "bad"]
    seen: str


def doctor(as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Check servers, topics, functions, lists, rules and workers. Exits 1 when something is bad."""
    settings = settings_in_force()
    found = [check for examine in (_settings, _kafka, _redis) for check in examine(settings)]
    if as_json:
        typer.echo(orjson.dumps(to_builtins(found)).decode())
    else:
        console = terminal()
        for check in found:
            word, colour = _SIGNS[check.state]
            console.print(Text.assemble((f"{word:<8}", colour), harmless(f"{check.what}: {check.seen}")))
    raise typer.Exit(1 if any(check.state == "bad" for check in found) else 0)


def _settings(settings: Settings) -> Iterator[Check]:
    is_default = settings.token_secret.get_secret_value() == DEVELOPMENT_SECRET
    seen = "the published development secret, for trying it out only" if is_default else "set"
    yield Check("TIDEWAITER_TOKEN_SECRET", "warning" if is_default else "good", seen)


def _kafka(settings: Settings) -> Iterator[Check]:
    connection = connection_of(settings, _REQUEST_SECONDS)
    try:
        found = differences(connection, read_topics(topics_file()))
    except (KafkaUnavailable, TopicsUnusable) as error:
        yield Check("Kafka", "bad", str(error))
        return
    yield Check("Kafka", "good", settings.kafka_bootstrap_servers)
    for difference in found:
        yield Check("topic", "bad" if difference.stops else "warning", difference.text)
    if not found:
        yield Check("topics", "good", "as deploy/kafka/topics.yaml wants them")
    with closing(KafkaLag(connection)) as known:
        try:
            yield transactions_known(known.open_transactions(TRANSACTIONAL), clock.epoch_ms())
        except KafkaUnavailable as error:
            yield Check("transactions", "bad", str(error))


def transactions_known(begun_ms: Mapping[Partition, int | None], now_ms: int) -> Check:
    """Whether a transaction has been open for longer than the broker lets one of ours be."""
    ages = {one: (now_ms - at) / 1000 for one, at in begun_ms.items() if at is not None}
    hanging = sorted(one for one, seconds in ages.items() if seconds > _TRANSACTION_MOST_SECONDS)
    if not hanging:
        return Check("transactions", "good", "none stays open")
    places = ", ".join(f"{one.topic}/{one.number} for {ages[one]:.0f} s" for one in hanging)
    return Check("transactions", "bad", f"open, with all behind them hidden from readers: {places}")


def _redis(settings: Settings) -> Iterator[Check]:
    client = redis_connection.connected(settings.redis_url)
    try:
        version = str(client.info("server")["redis_version"])
    except redis.RedisError as error:
        yield Check("Redis", "bad", f"{without_password(settings.redis_url)}: {error}")
        return
    is_enough = tuple(int(part) for part in version.split(".")[:2]) >= _LEAST_REDIS
    yield Check("Redis", "good" if is_enough else "bad", f"{version}, 7.0 or later is needed")
    for examine in (_memory, _functions, _rebuild, _lists, _rules, _habits):
        yield from _reached(examine, settings, client)


def _reached(
    examine: Callable[[Settings, redis.Redis], Iterator[Check]], settings: Settings, client: redis.Redis
) -> tuple[Check, ...]:
    try:
        return tuple(examine(settings, client))
    except (redis.RedisError, ValueError) as error:
        return (Check("Redis", "bad", str(error)),)


def _memory(_: Settings, client: redis.Redis) -> Iterator[Check]:
    policy = str(client.info("memory").get("maxmemory_policy", "unknown"))
    state: Literal["good", "bad"] = "good" if policy == "noeviction" else "bad"
    yield Check(
        "Redis eviction", state, f"{policy}, noeviction is needed: an evicted window would release parcels"
    )


def _functions(settings: Settings, client: redis.Redis) -> Iterator[Check]:
    source, generation = (
        RedisEvidence(settings.redis_url, Tokens(settings.secret)),
        redis_lists.RedisLists(client, None).current(),
    )
    answer = source.gather((), generation)
    source.close()
    if isinstance(answer, Unavailable):
        yield Check("Redis functions", "bad", answer.reason)
        return
    yield Check("Redis functions", "good", "loaded, they answer")
    if not answer.has_identifiers:
        seen = f"generation {generation}: not all are there, every parcel is held: tidewaiter watchlists load"
        yield Check("watchlists' identifiers", "bad", seen)


def _rebuild(_: Settings, client: redis.Redis) -> Iterator[Check]:
    yield parcels_known(rebuild_of(client))


def parcels_known(found: Rebuild | None) -> Check:
    """Whether Redis has all that is known of parcels; None is what no worker has looked at yet."""
    what = "Redis, what is known of parcels"
    if found is None:
        return Check(what, "warning", "no worker has looked whether it is whole")
    if not found.is_warm:
        seen = f"lost; {found.done} of {found.shares} shares are read back, parcels are held meanwhile"
        return Check(what, "bad", seen)
    since = datetime.fromtimestamp(found.since_ms / 1000, UTC)
    # Finds of exams are whole: officers' actions are kept as long as they count.
    days = max(window.days for window in WINDOWS if window.counts == "declarations")
    whole = since + timedelta(days=days)
    if clock.utc_now() >= whole:
        return Check(what, "good", "whole")
    seen = f"read back from {since:%FT%TZ} on: longer windows count too little, until {whole:%F} at most"
    return Check(what, "warning", seen)


def _lists(settings: Settings, client: redis.Redis) -> Iterator[Check]:
    lists, now = redis_lists.RedisLists(client, None), clock.utc_now()
    number = lists.current()
    generation = lists.generation(number)
    if generation is None or not number:
        yield Check("watchlists", "bad", "none is loaded: tidewaiter watchlists load")
        return
    yield lists_known(generation, now, settings.list_max_age)
    reports = lists.workers().items()
    on_it = {name: (one.generation == number, datetime.fromisoformat(one.seen_at)) for name, one in reports}
    yield workers_known("workers' lists", on_it, now)


def lists_known(found: Generation, now: datetime, age_most: timedelta) -> Check:
    """Which lists are in force. For one not confirmed within ``age_most`` every parcel is held."""
    stale = [name for name, one in sorted(found.sources.items()) if abs(now - one.last_seen_at) > age_most]
    rows = ", ".join(f"{name} {one.rows}" for name, one in found.sources.items())
    if not found.is_of_form(NORMAL_FORM):
        kept = (
            f"generation {found.number}: {rows}; kept in the form of another release, no worker takes it up"
        )
        return Check("watchlists", "bad", f"{kept}: tidewaiter watchlists load")
    if not stale:
        return Check("watchlists", "good", f"generation {found.number}: {rows}")
    seen = f"generation {found.number}: {rows}; too old, every parcel is held for it: {', '.join(stale)}"
    return Check("watchlists", "bad", seen)


def workers_known(what: str, on_it: Mapping[str, tuple[bool, datetime]], now: datetime) -> Check:
    """Who runs what is in force, of the workers that are there: by name, whether they did when last seen.

    One that was silent for a minute is named, and no more: whether it is meant to run is not known here.
    """
    awake = {name: is_on_it for name, (is_on_it, at) in sorted(on_it.items()) if not is_silent(at, now)}
    silent = sorted(on_it.keys() - awake.keys())
    behind = [name for name, is_on_it in awake.items() if not is_on_it]
    seen = f"not on it: {', '.join(behind) or 'none'}" if awake else "no worker has said within a minute"
    seen += f"; silent for a minute or longer: {', '.join(silent)}" if silent else ""
    return Check(what, "good" if awake and not behind else "warning", seen)


def _rules(_: Settings, client: redis.Redis) -> Iterator[Check]:
    rules = RedisRules(client)
    current = rules.current()
    if not current:
        yield Check("ruleset", "bad", "none is published: tidewaiter rules publish")
        return
    yield Check("ruleset", "good", f"{current}, seen at {clock.utc_now():%FT%TZ}")
    on_it = {name: (one.version == current, one.seen_at) for name, one in rules.workers().items()}
    yield workers_known("workers' rules", on_it, clock.utc_now())


def _habits(settings: Settings, client: redis.Redis) -> Iterator[Check]:
    yield habits_known(RedisFeatures(client).read(), clock.utc_now(), settings.features_max_age)


def habits_known(found: Features, now: datetime, age_most: timedelta) -> Check:
    """Which kinds of habits rules can ask for; those written longer ago than ``age_most`` are unknown."""
    if not found.is_begun:
        return Check("habits", "warning", "unknown, insight has not run; rules on them do not score")
    fresh = found.fresh(round(now.timestamp() * 1000), round(age_most.total_seconds() * 1000)).written_ms()
    unknown = [kind for kind in KINDS if kind not in fresh]
    seen = f"too old or not whole: {', '.join(unknown)}" if unknown else f"known: {', '.join(KINDS)}"
    return Check("habits", "warning" if unknown else "good", seen)
