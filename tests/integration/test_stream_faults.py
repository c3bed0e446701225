"""Whatever process dies: what read_committed readers see afterwards is every record, once."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from confluent_kafka import Consumer, TopicPartition
from msgspec import json
from msgspec.structs import replace

from tests.integration.copy_worker import CopyOrder, copy
from tests.integration.logs import PARTITIONS, KafkaWorld
from tests.servers import Broker
from tidewaiter.adapters.kafka_reader import read_topic
from tidewaiter.stream.drain import Stop
from tidewaiter.stream.record import Outgoing

pytestmark = pytest.mark.apache
ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 45.0


class Copying:
    """One copy job on one broker: its topics, its workers, and what came out."""

    def __init__(self, broker: Broker) -> None:
        self.world = KafkaWorld(broker.bootstrap_servers)
        name = self.world.topic
        self.order = CopyOrder(
            broker.bootstrap_servers, name("g"), "0", name("in"), name("twin"), name("out")
        )
        self.workers: list[subprocess.Popen[bytes]] = []
        self.published: list[bytes] = []

    def publish(self, count: int) -> None:
        """Publish so many records more, each with a value of its own, over 50 keys."""
        first = len(self.published)
        values = [b"%06d" % n for n in range(first, first + count)]
        self.world.publish(
            "in", *(Outgoing("", b"key-%d" % (n % 50), value) for n, value in enumerate(values, first))
        )
        self.published += values

    def start(self, slot: str = "0", **changes: object) -> subprocess.Popen[bytes]:
        """Start a worker process."""
        order = replace(self.order, slot=slot, **changes)
        command = (sys.executable, "-m", "tests.integration.copy_worker", json.encode(order).decode())
        worker = subprocess.Popen(command, cwd=ROOT)
        self.workers.append(worker)
        return worker

    def wait_for_copies(self, count: int) -> None:
        """Block until at least so many are visible."""
        until = time.monotonic() + DEADLINE_SECONDS
        while (seen := len(self.world.visible("out"))) < count:
            assert time.monotonic() < until, f"{seen} of {count} copies after {DEADLINE_SECONDS} s"
            time.sleep(0.2)

    def assert_each_was_copied_once(self) -> None:
        """Nothing lost, nothing doubled, and each key's records in their order."""
        self.wait_for_copies(len(self.published))
        records = tuple(read_topic(self.world.connection, self.world.topic("out")))
        counts = Counter(record.value for record in records)
        assert [value for value, count in counts.items() if count > 1] == []
        assert set(counts) == set(self.published)
        for key in {record.key for record in records}:
            values = [record.value or b"" for record in records if record.key == key]
            assert values == sorted(values)

    def written(self) -> int:
        """Records in the target as a read_uncommitted reader counts them."""
        settings = {"isolation.level": "read_uncommitted", "enable.partition.eof": True, "group.id": "count"}
        consumer = Consumer({"bootstrap.servers": self.order.bootstrap_servers, **settings})
        consumer.assign([TopicPartition(self.order.target, number, 0) for number in range(PARTITIONS)])
        ends = found = 0
        while ends < PARTITIONS:
            messages = consumer.consume(1000, 0.5)
            ends += sum(message.error() is not None for message in messages)
            found += sum(message.error() is None for message in messages)
        consumer.close()
        return found

    def end(self) -> None:
        """Kill whatever still runs."""
        for worker in self.workers:
            worker.kill()
            worker.wait()


@pytest.fixture
def copying(apache_kafka: Broker) -> Iterator[Copying]:
    job = Copying(apache_kafka)
    yield job
    job.end()


def test_records_of_a_worker_killed_before_its_commit_are_hidden_and_copied_again(copying: Copying) -> None:
    copying.publish(1000)
    victim = copying.start(dies_at_commit=5)
    assert victim.wait(DEADLINE_SECONDS) == -signal.SIGKILL
    copying.start()
    copying.assert_each_was_copied_once()
    assert copying.written() > len(copying.published)


def test_workers_killed_at_random_neither_lose_nor_double(copying: Copying) -> None:
    chance = random.Random(7)
    workers = {slot: copying.start(slot, batch_seconds=0.005, largest=50) for slot in "01"}
    for _ in range(4):
        copying.publish(1500)
        time.sleep(chance.uniform(0.5, 1.5))
        slot = chance.choice("01")
        workers[slot].kill()
        workers[slot].wait()
        workers[slot] = copying.start(slot, batch_seconds=0.005, largest=50)
    copying.assert_each_was_copied_once()


def test_a_zombie_ends_fenced_and_nothing_of_it_is_visible(copying: Copying) -> None:
    copying.publish(500)
    zombie = copying.start(batch_seconds=0.2, largest=50)
    copying.wait_for_copies(50)
    os.kill(zombie.pid, signal.SIGSTOP)
    copying.publish(500)
    copying.start()
    copying.wait_for_copies(1000)
    os.kill(zombie.pid, signal.SIGCONT)
    copying.publish(500)
    assert zombie.wait(DEADLINE_SECONDS) == 3
    copying.assert_each_was_copied_once()


def test_sigterm_drains_a_worker_within_five_seconds(copying: Copying) -> None:
    copying.publish(2000)
    worker = copying.start(batch_seconds=0.05, largest=20)
    copying.wait_for_copies(100)
    worker.terminate()
    assert worker.wait(5.0) == 0
    done = len(copying.world.visible("out"))
    assert 0 < done < 2000
    assert copying.written() == done
    copying.start()
    copying.assert_each_was_copied_once()


def test_rebalances_in_mid_batch_neither_lose_nor_double(copying: Copying) -> None:
    copying.publish(2000)
    copying.start("0", batch_seconds=0.1, largest=50)
    for _ in range(2):
        stop = Stop()
        order = replace(copying.order, slot="1", batch_seconds=0.1, largest=50)
        guest = Thread(target=copy, args=(order, stop))
        guest.start()
        time.sleep(2.0)
        stop.request()
        guest.join(DEADLINE_SECONDS)
    copying.assert_each_was_copied_once()


def test_poison_is_set_aside_and_the_partition_goes_on(copying: Copying) -> None:
    copying.publish(100)
    copying.world.publish("in", *(Outgoing("", b"key-%d" % n, b"poison") for n in range(3)))
    copying.publish(100)
    copying.start()
    copying.wait_for_copies(203)
    values = Counter(copying.world.visible("out"))
    assert values.pop(b"poison") == 3
    assert values == Counter(copying.published)


def test_a_worker_outlives_a_broker_that_is_killed_and_started_again(
    copying: Copying, apache_kafka: Broker
) -> None:
    copying.publish(1000)
    worker = copying.start(batch_seconds=0.02, largest=50)
    copying.wait_for_copies(100)
    # It stands still in a transaction, but the broker has none that is being ended: Apache Kafka 4.3 may lose
    # the markers of such a one when it starts again (deploy/runbooks/TransactionHanging.md).
    worker.send_signal(signal.SIGSTOP)
    time.sleep(2.0)
    apache_kafka.server.kill()
    apache_kafka.start_again()
    worker.send_signal(signal.SIGCONT)
    copying.publish(500)
    copying.assert_each_was_copied_once()
    assert worker.poll() is None
