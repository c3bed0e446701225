"""The two logs behind one face, so that one suite can ask both for the same promises."""

import time
import uuid
from collections.abc import Callable, Sequence
from typing import Protocol

from tests.fakes.log import MemoryBroker, MemoryLog
from tidewaiter.adapters.kafka import GroupMember, KafkaLog
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.kafka_reader import read_topic
from tidewaiter.adapters.kafka_topics import Topic, create_topics
from tidewaiter.stream.log import Log, Plan
from tidewaiter.stream.record import Outgoing, Partition, Record

PARTITIONS = 4
POLL = Plan(max_records=100, wait_seconds=0.05)


class World(Protocol):
    """Topics ``in``, ``twin``, ``out`` and ``odd`` (one partition more), and members that read them."""

    def topic(self, name: str) -> str:
        """The topic's own name in this world."""

    def publish(self, name: str, *records: Outgoing) -> None:
        """Append records to a topic, outside of any transaction."""

    def member(self, slot: str, names: Sequence[str] = ("in", "twin")) -> Log:
        """A new member of the one group."""

    def visible(self, name: str) -> list[bytes | None]:
        """The values that a read_committed reader sees."""


class MemoryWorld:
    """The log in memory."""

    def __init__(self) -> None:
        self._broker = MemoryBroker(
            {"in": PARTITIONS, "twin": PARTITIONS, "out": PARTITIONS, "odd": PARTITIONS + 1}
        )

    def topic(self, name: str) -> str:
        return name

    def publish(self, name: str, *records: Outgoing) -> None:
        for record in records:
            self._broker.publish(name, record.key, record.value, record.headers)

    def member(self, slot: str, names: Sequence[str] = ("in", "twin")) -> Log:
        return MemoryLog(self._broker, "group", names, slot)

    def visible(self, name: str) -> list[bytes | None]:
        return [record.value for record in self._broker.records(name)]


class KafkaWorld:
    """The log on a broker, with topics and a group of its own."""

    def __init__(self, bootstrap_servers: str) -> None:
        self.connection = KafkaConnection(bootstrap_servers)
        self._run = uuid.uuid4().hex[:8]
        counts = {"in": PARTITIONS, "twin": PARTITIONS, "out": PARTITIONS, "odd": PARTITIONS + 1}
        create_topics(self.connection, [topic_of(self.topic(n), count) for n, count in counts.items()])
        # One for all: an idempotent producer takes half a second to get its id.
        self._publisher = KafkaPublisher(self.connection, linger_ms=0)

    def topic(self, name: str) -> str:
        return f"{name}-{self._run}"

    def publish(self, name: str, *records: Outgoing) -> None:
        for record in records:
            self._publisher.publish(Outgoing(self.topic(name), record.key, record.value, record.headers))
        self._publisher.flush()

    def member(self, slot: str, names: Sequence[str] = ("in", "twin")) -> Log:
        topics = tuple(self.topic(name) for name in names)
        return KafkaLog(self.connection, GroupMember(self._run, slot, topics))

    def visible(self, name: str) -> list[bytes | None]:
        return [record.value for record in read_topic(self.connection, self.topic(name))]


def topic_of(name: str, partitions: int) -> Topic:
    """A topic for a test."""
    return Topic(
        name, partitions, retention_days=1, cleanup="delete", max_message_bytes=1_048_576, reason="a test"
    )


class Seen:
    """A member that is polled, everything resumed as it comes, and what it has seen."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self.owned: set[Partition] = set()
        self.gone: set[Partition] = set()
        self.records: list[Record] = []

    @property
    def values(self) -> list[bytes | None]:
        """The values read, in the order of reading."""
        return [record.value for record in self.records]

    @property
    def numbers(self) -> set[int]:
        """The partition numbers held."""
        return {partition.number for partition in self.owned}

    def poll(self) -> None:
        """Poll once and resume what is new."""
        polled = self.log.poll(POLL)
        self.gone |= polled.revoked | polled.lost
        self.owned = (self.owned - polled.revoked - polled.lost) | polled.assigned
        self.records += polled.records
        self.log.resume(polled.assigned)


def poll_until(is_reached: Callable[[], bool], *members: Seen, seconds: float = 60.0) -> None:
    """Poll the members in turn until the condition holds; fails with what was seen after the time is over."""
    until = time.monotonic() + seconds
    while not is_reached():
        assert time.monotonic() < until, [(sorted(m.owned), len(m.records)) for m in members]
        for member in members:
            member.poll()
