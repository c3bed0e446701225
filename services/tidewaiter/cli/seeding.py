"""What a fresh Kafka and Redis need before anything can be screened: topics, lists, rules."""

from collections.abc import Sequence
from pathlib import Path

import redis

from tidewaiter.adapters import clock
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_topics import create_topics, read_topics
from tidewaiter.adapters.redis_lists import RedisLists
from tidewaiter.adapters.redis_rules import RedisRules
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.author import author
from tidewaiter.resources import topics_file
from tidewaiter.rules.publishing import Publication, publish
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.rules.testing import own_cases
from tidewaiter.watchlists.formats import read_all
from tidewaiter.watchlists.formats.reading import Reading
from tidewaiter.watchlists.generations import Loaded, load

EMPTY_LIST = Reading("none", (), 0, {})


def make_topics(connection: KafkaConnection, partitions: int | None = None) -> None:
    """Create the topics of deploy/kafka/topics.yaml that are missing. Idempotent."""
    create_topics(connection, read_topics(topics_file(), partitions))


def load_lists(client: redis.Redis, tokens: Tokens, paths: Sequence[Path]) -> Loaded:
    """Put the lists of these files in force; without any, an empty one, so that there is a generation."""
    readings = read_all(paths) if paths else (EMPTY_LIST,)
    return load(RedisLists(client, tokens), readings, author(), at=clock.utc_now())


def publish_rules(client: redis.Redis, directory: Path, reason: str) -> str:
    """Put the ruleset of a directory in force and return its version.

    Raises RuleError when it cannot be read or one of its own cases fails.
    """
    ruleset = Ruleset.load(directory)
    publication = Publication(ruleset.version, reason, author(), clock.utc_now())
    publish(RedisRules(client), ruleset, own_cases(ruleset), publication)
    return ruleset.version
