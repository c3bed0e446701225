"""The topics as deploy/kafka/topics.yaml wants them: read, created, compared with what the broker has."""

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # re-exported there without __all__
    ConfigResource,
    NewTopic,
    ResourceType,
)
from msgspec import Meta, Struct, ValidationError, convert
from msgspec.structs import replace

from tidewaiter.adapters.kafka_connection import (
    KafkaConnection,
    KafkaUnavailable,
    TopicsUnusable,
    admin_of,
    error_of,
    in_words,
)
from tidewaiter.rules.errors import RuleError
from tidewaiter.rules.yamlfile import read

MOST_PARTITIONS: Final = 100_000
"""Of one topic; the client takes no more."""


class Topic(Struct, frozen=True, forbid_unknown_fields=True):
    """One topic as it should be. ``together`` marks those whose partition counts have to be equal."""

    name: str
    partitions: Annotated[int, Meta(ge=1, le=MOST_PARTITIONS)]
    retention_days: int
    cleanup: Literal["delete", "compact"]
    max_message_bytes: int
    reason: str
    together: bool = False

    @property
    def configuration(self) -> dict[str, str]:
        """The broker's own names for it."""
        return {
            "cleanup.policy": self.cleanup,
            "retention.ms": str(self.retention_days * 86_400_000),
            "max.message.bytes": str(self.max_message_bytes),
        }


class Difference(Struct, frozen=True):
    """What the broker has otherwise than wanted, in a line; ``stops`` what no worker starts with."""

    text: str
    stops: bool = False


class _TopicsFile(Struct, frozen=True, forbid_unknown_fields=True):
    topics: tuple[Topic, ...]


def read_topics(path: Path, partitions: int | None = None) -> tuple[Topic, ...]:
    """The topics of the file, each with ``partitions`` partitions where that is given.

    TopicsUnusable names the file and the field when it cannot be used.
    """
    try:
        topics = convert(read(path.read_text(), str(path)).value(), _TopicsFile).topics
    except RuleError as error:
        raise TopicsUnusable(str(error)) from error
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise TopicsUnusable(f"{path}: {' '.join(str(error).split())}") from error
    if odd := _unequal({topic.name: topic.partitions for topic in topics if topic.together}):
        raise TopicsUnusable(f"{path}: {odd}")
    return topics if partitions is None else tuple(replace(one, partitions=partitions) for one in topics)


def create_topics(
    connection: KafkaConnection, topics: Iterable[Topic], replication: int = 1
) -> tuple[str, ...]:
    """Create what is missing; the names of what was created. What exists is left as it is.

    Blocks until the broker also tells of the new topics, which it does up to a second later.
    """
    wanted = [NewTopic(t.name, t.partitions, replication, config=t.configuration) for t in topics]
    admin = admin_of(connection)
    timeout = connection.request_timeout_seconds
    # The client's own end is later (60 s), and a wait that ends before it ends in no answer of the client.
    futures = admin.create_topics(wanted, operation_timeout=timeout, request_timeout=timeout)
    created: list[str] = []
    for name, future in futures.items():
        try:
            future.result()
            created.append(name)
        except KafkaException as exception:
            _raise_unless_existing(name, error_of(exception))
    _wait_until_told_of(connection, created)
    return tuple(created)


def differences(connection: KafkaConnection, topics: Iterable[Topic]) -> tuple[Difference, ...]:
    """What the broker has otherwise than wanted: missing topics, partitions, configuration."""
    wanted = tuple(topics)
    counts = partition_counts(connection)
    present = [t for t in wanted if t.name in counts]
    missing = [f"{t.name}: is missing" for t in wanted if t.name not in counts]
    odd = _unequal({t.name: counts[t.name] for t in present if t.together})
    others = [
        f"{t.name}: has {counts[t.name]} partitions, {t.partitions} are wanted"
        for t in present
        if counts[t.name] != t.partitions
    ]
    others += _otherwise_configured(present, _configurations(connection, [t.name for t in present]))
    stopping = [Difference(text, stops=True) for text in (*missing, odd) if text]
    return (*stopping, *map(Difference, others))


def partition_counts(connection: KafkaConnection) -> dict[str, int]:
    """How many partitions every topic of the broker has; KafkaUnavailable when it does not answer."""
    try:
        metadata = admin_of(connection).list_topics(timeout=connection.request_timeout_seconds)
    except KafkaException as exception:
        raise KafkaUnavailable(
            f"{connection.bootstrap_servers}: {in_words(error_of(exception))}"
        ) from exception
    return {name: len(topic.partitions) for name, topic in metadata.topics.items()}


def check_alike(connection: KafkaConnection, names: Iterable[str]) -> int:
    """The partition count that the topics have in common; TopicsUnusable when one is missing or differs."""
    present = partition_counts(connection)
    counts = {name: present.get(name, 0) for name in names}
    missing = [name for name, count in counts.items() if count == 0]
    if missing:
        raise TopicsUnusable(f"no topic {', '.join(missing)} at {connection.bootstrap_servers}")
    if odd := _unequal(counts):
        raise TopicsUnusable(odd)
    return next(iter(counts.values()))


def _unequal(counts: Mapping[str, int]) -> str:
    """What to say of topics that need equal partition counts; "" where they have them."""
    if len(set(counts.values())) < 2:
        return ""
    found = ", ".join(f"{name} {count}" for name, count in counts.items())
    return f"topics read together need equal partition counts, found {found}"


def _otherwise_configured(topics: Iterable[Topic], found: Mapping[str, Mapping[str, str]]) -> list[str]:
    """A line for each setting of a topic that the broker tells, and has otherwise."""
    return [
        f"{topic.name}: {name} is {actual}, {value} is wanted"
        for topic in topics
        for name, value in topic.configuration.items()
        if (actual := found[topic.name].get(name, value)) != value
    ]


def _configurations(connection: KafkaConnection, names: list[str]) -> dict[str, Mapping[str, str]]:
    """The configuration of each topic; empty for those of a broker that does not tell.

    Raises TopicsUnusable when it may not be told to us.
    """
    if not names:
        return {}
    resources = [ConfigResource(ResourceType.TOPIC, name) for name in names]
    admin = admin_of(connection)
    futures = admin.describe_configs(resources, request_timeout=connection.request_timeout_seconds)
    try:
        return {
            resource.name: {key: entry.value for key, entry in future.result().items()}
            for resource, future in futures.items()
        }
    except KafkaException as exception:
        words = f"{connection.bootstrap_servers}: {in_words(error_of(exception))}"
        raise TopicsUnusable(f"the topics' configuration is not told: {words}") from exception


def _wait_until_told_of(connection: KafkaConnection, names: Iterable[str]) -> None:
    until = time.monotonic() + connection.request_timeout_seconds
    missing = set(names)
    while missing := missing - partition_counts(connection).keys():
        if time.monotonic() > until:
            raise KafkaUnavailable(f"created, but not told of by the broker: {', '.join(sorted(missing))}")
        time.sleep(0.05)


def _raise_unless_existing(name: str, error: KafkaError) -> None:
    if error.code() == KafkaError.TOPIC_ALREADY_EXISTS:
        return
    words = f"topic {name} was not created: {in_words(error)}"
    raise KafkaUnavailable(words) if error.retriable() else TopicsUnusable(words)
