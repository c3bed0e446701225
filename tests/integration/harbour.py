"""The whole screener on real servers: emptied topics, a Redis of its own, workers as processes.

Workers may do what deploy/kafka/acls.yaml and deploy/redis/users.acl allow them; the tests set up and look
on as super users.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import orjson
import redis
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from tests.rules import put_in_force, shipped_ruleset
from tests.servers import Broker, debian_redis
from tidewaiter.adapters import redis_connection
from tidewaiter.adapters.kafka_acls import acl_differences, put_acls_in_force, read_principals
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.kafka_reader import read_topic
from tidewaiter.adapters.kafka_topics import create_topics, partition_counts, read_topics
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.seeding import load_lists
from tidewaiter.domain.hold import BEHIND
from tidewaiter.inspection.accounts import Balance, balance, cause_of
from tidewaiter.local.server import Launch, Server, free_port
from tidewaiter.local.valkey import valkey
from tidewaiter.resources import acls_file, topics_file
from tidewaiter.settings import DEVELOPMENT_SECRET
from tidewaiter.simulate.lists import write_fictitious_list
from tidewaiter.stream.record import Outgoing, Record
from tidewaiter.wire.topics import (
    ALL,
    DEAD_LETTERS,
    DECISIONS,
    HOLD_ORDERS,
    OFFICER_ACTIONS,
    PARCEL_EVENTS,
    RESCREENS,
)

ROOT = Path(__file__).parents[2]
PARTITIONS = 4
LARGEST_BYTES = 4_000_000
SECRET = DEVELOPMENT_SECRET.encode()
_USERS = ROOT / "deploy/redis/users.acl"
_SECRETS = ROOT / "deploy/docker/development"
# The default user is off in the file; in a test it is the super user that sets things up.
_OPEN_TO_THE_TEST = ("user default off", "user default on nopass ~* &* +@all")


class OwnRedis:
    """A Redis server that a test may stop, kill and start again; it keeps nothing on disk."""

    def __init__(self, directory: Path) -> None:
        self._port = free_port()
        has_debians = bool(shutil.which("redis-server"))
        plain = (debian_redis if has_debians else valkey)(directory, self._port)
        users = directory / "users.acl"
        users.write_text(_USERS.read_text().replace(*_OPEN_TO_THE_TEST))
        self._launch: Launch = replace(plain, command=(*plain.command, "--aclfile", str(users)))
        self.server = Server(self._launch)
        self.server.wait_until_it_answers()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._port}/0"

    def url_of(self, user: str) -> str:
        """The address with which a user of deploy/redis/users.acl comes in."""
        secret = (_SECRETS / f"{user}_redis_url").read_text().strip()
        return secret.replace("@redis:6379/", f"@127.0.0.1:{self._port}/")

    def client(self) -> redis.Redis:
        return redis_connection.connected(self.url)

    def freeze(self) -> None:
        """It stays connected and answers nothing more."""
        os.kill(self.server.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.server.pid, signal.SIGCONT)

    def start_again(self) -> None:
        """A new server on the same port, empty."""
        self.server = Server(self._launch)
        self.server.wait_until_it_answers()


class Harbour:
    """What one test needs of the world. Workers that still run at its end are killed."""

    def __init__(self, broker: Broker, directory: Path) -> None:
        self.directory = directory
        self.broker = broker
        self.connection = KafkaConnection(broker.bootstrap_servers, {"message.max.bytes": LARGEST_BYTES})
        self.redis = OwnRedis(directory)
        self.workers: list[subprocess.Popen[bytes]] = []
        self.list_directory = directory / "list"
        self._group = f"test-{time.monotonic_ns()}"
        write_fictitious_list(self.list_directory, seed=1)

    def fill(self, lists: Path | None = None) -> None:
        """Lists and rules, as an operator brings them; again after Redis has lost them."""
        load_lists(self.redis.client(), Tokens(SECRET), (lists or self.list_directory,))
        put_in_force(self.redis.client(), shipped_ruleset())

    def start(self, slot: int = 0, program: Sequence[str] = ("-m", "tidewaiter")) -> subprocess.Popen[bytes]:
        """Start a worker process of that slot."""
        command = (sys.executable, *program, "screen", "--slot", str(slot))
        with (self.directory / f"worker-{slot}.log").open("ab") as log:
            worker = subprocess.Popen(command, cwd=ROOT, env=self.environment, stderr=log)
        self.workers.append(worker)
        return worker

    @property
    def environment(self) -> Mapping[str, str]:
        return self.environment_of("screener")

    def environment_of(self, principal: str) -> Mapping[str, str]:
        """The settings of a service that Kafka and Redis know as ``principal``.

        Who is no user of Redis comes to it as the screener.
        """
        connection = self.broker.as_principal(principal)
        user = principal if (_SECRETS / f"{principal}_redis_url").exists() else "screener"
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("TIDEWAITER_")},
            "TIDEWAITER_KAFKA_BOOTSTRAP_SERVERS": connection.bootstrap_servers,
            "TIDEWAITER_KAFKA_CONFIG": json.dumps(connection.extra),
            "TIDEWAITER_KAFKA_GROUP": self._group,
            "TIDEWAITER_REDIS_URL": self.redis.url_of(user),
            "TIDEWAITER_REDIS_PATIENCE_SECONDS": "0.5",
            "TIDEWAITER_METRICS_PORT": "0",
        }

    def allow(self) -> None:
        """Let the principals do what the file says, with this harbour's group as the screener's."""
        wanted = read_principals(acls_file(), self._group)
        put_acls_in_force(self.connection, acl_differences(self.connection, wanted))

    def publish(self, records: Iterable[Outgoing]) -> None:
        """Publish records at once."""
        with KafkaPublisher(self.connection) as publisher:
            for record in records:
                publisher.publish(record)

    def publish_displaced(self, records: Iterable[Outgoing]) -> None:
        """Publish records at once as a producer does that chooses partitions otherwise: librdkafka's, unless
        they are told."""
        producer = Producer({"bootstrap.servers": self.connection.bootstrap_servers})
        for record in records:
            producer.produce(record.topic, record.value, record.key)
        assert producer.flush(30) == 0

    @contextmanager
    def streaming(self, records: Iterable[Outgoing], rate: float) -> Iterator[Thread]:
        """Publish records beside the block, so many a second; they are all there when it ends."""
        thread = Thread(target=self.publish, args=(_paced(records, rate),))
        thread.start()
        try:
            yield thread
        finally:
            thread.join()

    def records(self, *topics: str) -> list[Record]:
        """All committed records of these topics."""
        return [record for topic in topics for record in read_topic(self.connection, topic)]

    def documents(self, topic: str) -> list[dict[str, Any]]:
        return [orjson.loads(record.value or b"{}") for record in self.records(topic)]

    def account(self) -> Balance:
        """What came in against what came out, read at read_committed."""
        return balance(self.records(PARCEL_EVENTS, OFFICER_ACTIONS), self.records(DECISIONS, DEAD_LETTERS))

    def settled(self, seconds: float = 60.0) -> Balance:
        """The account once everything is answered and nothing is left degraded; as it is when time is up."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            account = self.account()
            if not account.missing and not self.left_degraded():
                return account
            time.sleep(0.3)
        return self.account()

    def left_degraded(self) -> list[str]:
        """The records in the lane whose last decision is still a degraded one."""
        last = {cause_of(record): record.value or b"" for record in self.records(DECISIONS)}
        lane = {cause_of(record) for record in self.records(RESCREENS)}
        return [cause for cause in lane if orjson.loads(last.get(cause, b'{"degraded":true}'))["degraded"]]

    def wait_until(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        """Block until it is so; AssertionError when it does not become so in time."""
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, f"not within {seconds:g} s: {self.last_words()}"
            time.sleep(0.1)

    def last_words(self) -> str:
        """The last log line of each worker, for a failure's message."""
        logs = sorted(self.directory.glob("worker-*.log"))
        return " / ".join((log.read_text().splitlines() or [""])[-1][:300] for log in logs)

    def close(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()
        self.redis.thaw()
        self.redis.server.stop()


@contextmanager
def harbour(broker: Broker, *, filled: bool = True) -> Iterator[Harbour]:
    """A harbour with empty topics; ``filled``, with lists and rules."""
    directory = Path(tempfile.mkdtemp(prefix="tidewaiter-test-"))
    at = Harbour(broker, directory)
    try:
        _empty_topics(at.connection)
        if broker.principals_port:
            at.allow()
        if filled:
            at.fill()
        yield at
    finally:
        at.close()
        shutil.rmtree(directory, ignore_errors=True)


def ended(worker: subprocess.Popen[bytes], seconds: float = 30.0) -> tuple[int, float]:
    """Ask a worker to stop: its exit code, and the seconds that it took."""
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    return worker.wait(seconds), time.monotonic() - began


def assert_one_value_a_decision(records: Iterable[Record]) -> None:
    """Duplicates on the wire are byte-identical under one decision_id (invariant I1)."""
    values: dict[str, set[bytes]] = {}
    for record in records:
        value = record.value or b"{}"
        values.setdefault(orjson.loads(value)["decision_id"], set()).add(value)
    assert [key for key, found in values.items() if len(found) > 1] == []


def assert_what_is_superseded_was_visible(records: Iterable[Record]) -> None:
    """No decision names one that only an aborted transaction knew."""
    documents = [orjson.loads(record.value or b"{}") for record in records]
    visible = {document["decision_id"] for document in documents}
    assert [one for one in documents if one["supersedes"] and one["supersedes"] not in visible] == []


def assert_decided_in_order(records: Iterable[Record]) -> None:
    """A parcel's decisions answer its events in the order of the log, the lane's aside (invariant I4)."""
    last: Counter[tuple[bytes, str]] = Counter()
    for record in records:
        topic, _, offset = cause_of(record).split("/")
        if dict(record.headers).get("tw_via") is None:
            place = (record.key or b"", topic)
            assert int(offset) >= last[place], cause_of(record)
            last[place] = int(offset)


def assert_orders_agree_with_decisions(decisions: Iterable[Record], orders: Iterable[Record]) -> None:
    """Every order belongs to a decision, and every parcel whose last decision frees it has no open order."""
    freed = _last(decisions, "decision")
    for record in orders:
        assert orjson.loads(record.value or b"{}")["source_carrier"]
    statuses = _last(orders, "status")
    assert statuses.keys() <= freed.keys()
    still_open = [key for key, status in statuses.items() if status == "OPEN" and freed[key] == "RELEASE"]
    assert still_open == []


def assert_released_by_the_last_of_the_lane(decisions: Iterable[Record], orders: Iterable[Record]) -> None:
    """No parcel is released while a message of it that was held without Redis waits in the lane, but for one
    that came under another parcel's key; and none is held for such a message in the end."""
    waiting: dict[bytes, set[str]] = {}
    for record in decisions:
        said, cause = orjson.loads(record.value or b"{}"), cause_of(record)
        left = waiting.setdefault(record.key or b"", set())
        left.discard(cause)
        if said["degraded"] and int(cause.split("/")[1]) == record.partition:
            left.add(cause)
        assert said["decision"] == "HOLD" or not left, (cause, left)
    held = [hold for holds in _last(orders, "holds").values() for hold in holds]
    assert [hold for hold in held if BEHIND in hold["basis"]] == []


def _last(records: Iterable[Record], field: str) -> dict[bytes, Any]:
    return {record.key or b"": orjson.loads(record.value or b"{}")[field] for record in records}


def assert_sound(at: Harbour) -> Balance:
    """Settled, even, in order, one value an id, superseding what is visible, no free parcel's order open, and
    no parcel free before the last of the lane, or held after it."""
    account = at.settled()
    assert account.problems == (), at.last_words()
    assert at.left_degraded() == []
    decisions = at.records(DECISIONS)
    assert_one_value_a_decision(decisions)
    assert_what_is_superseded_was_visible(decisions)
    assert_decided_in_order(decisions)
    orders = at.records(HOLD_ORDERS)
    assert_orders_agree_with_decisions(decisions, orders)
    assert_released_by_the_last_of_the_lane(decisions, orders)
    return account


def _paced(records: Iterable[Outgoing], rate: float) -> Iterator[Outgoing]:
    began = time.monotonic()
    for number, record in enumerate(records):
        time.sleep(max(0.0, began + number / rate - time.monotonic()))
        yield record


def _empty_topics(connection: KafkaConnection) -> None:
    """Delete what an earlier test left, and create the topics anew; the broker deletes in the background."""
    topics = read_topics(topics_file(), PARTITIONS)
    present = [topic.name for topic in topics if topic.name in partition_counts(connection)]
    if present:
        admin = AdminClient({"bootstrap.servers": connection.bootstrap_servers})
        for future in admin.delete_topics(present, operation_timeout=10.0).values():
            future.result(15.0)
        until = time.monotonic() + 15.0
        while set(present) & partition_counts(connection).keys():
            assert time.monotonic() < until, f"the broker still has {', '.join(present)}"
            time.sleep(0.1)
    assert {topic.name for topic in topics} == ALL
    create_topics(connection, topics)
