"""What `tidewaiter lag` sees of readers on a real broker, alive or dead, over aborted and deleted records."""

import json
import time
import urllib.error
import urllib.request
import uuid
from contextlib import closing, suppress

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from tests.endtoend.commands import invoked, started, surroundings
from tests.integration.logs import topic_of
from tests.servers import Broker
from tidewaiter.adapters.kafka_connection import KafkaConnection, KafkaUnavailable
from tidewaiter.adapters.kafka_lag import KafkaLag
from tidewaiter.adapters.kafka_topics import create_topics
from tidewaiter.local.server import free_port
from tidewaiter.stream.record import Partition
from tidewaiter.stream.unread import Backlog, Reader

pytestmark = pytest.mark.kafka
AGO_MS = 90_000


class Quay:
    """A topic of two partitions, who writes to it, and a group that commits where a test says."""

    def __init__(self, broker: Broker) -> None:
        self.bootstrap_servers = broker.bootstrap_servers
        self.connection = KafkaConnection(broker.bootstrap_servers, request_timeout_seconds=5.0)
        name = uuid.uuid4().hex[:8]
        self.topic, self.group = f"lag-{name}", f"group-{name}"
        create_topics(self.connection, [topic_of(self.topic, 2)])

    def write(self, count: int, partition: int = 0, written_ms: int = 0) -> None:
        producer = Producer({"bootstrap.servers": self.bootstrap_servers})
        for _ in range(count):
            producer.produce(self.topic, b"x", partition=partition, timestamp=written_ms)
        producer.flush()

    def transaction(self, count: int, *, is_committed: bool) -> None:
        identity = {"bootstrap.servers": self.bootstrap_servers, "transactional.id": uuid.uuid4().hex}
        producer = Producer(identity)
        producer.init_transactions()
        producer.begin_transaction()
        for _ in range(count):
            producer.produce(self.topic, b"x", partition=0)
        producer.flush()
        if is_committed:
            producer.commit_transaction()
        else:
            producer.abort_transaction()

    def commit(self, offset: int, partition: int = 0) -> None:
        """As a group that is gone has left it: no member, only its offset."""
        with closing(Consumer({"bootstrap.servers": self.bootstrap_servers, "group.id": self.group})) as one:
            place = TopicPartition(self.topic, partition, offset)
            one.commit(offsets=[place], asynchronous=False)

    def backlog(self, *topics: str) -> Backlog:
        with closing(KafkaLag(self.connection)) as known:
            (found,) = known.measured([Reader("test", self.group, topics)])
        return found

    def unread(self) -> list[int]:
        return [one.records for one in self.backlog(self.topic).unread]


@pytest.fixture
def quay(apache_kafka: Broker) -> Quay:
    return Quay(apache_kafka)


def test_lag_of_a_group_without_a_member_is_seen_in_records_and_in_seconds(quay: Quay) -> None:
    now_ms = time.time_ns() // 1_000_000
    quay.write(4, written_ms=now_ms - 2 * AGO_MS)
    quay.write(6, written_ms=now_ms - AGO_MS)
    quay.write(3, partition=1, written_ms=now_ms)
    quay.commit(4)
    quay.commit(3, partition=1)
    found = quay.backlog()
    first, second = found.unread
    assert (found.members, first.records, second.records) == (0, 6, 0)
    assert (first.oldest_ms, first.committed) == (now_ms - AGO_MS, 4)
    assert found.seconds(now_ms) == AGO_MS / 1000
    assert second.seconds(now_ms) == 0.0


def test_ages_of_many_partitions_are_all_known(quay: Quay) -> None:
    quay.topic += "-wide"
    create_topics(quay.connection, [topic_of(quay.topic, 12)])
    for partition in range(12):
        quay.write(400, partition=partition)
    found = quay.backlog(quay.topic)
    assert [one.oldest_ms is not None for one in found.unread] == [True] * 12
    assert found.records == 4800


def test_group_without_commits_has_all_of_its_topics_before_it(quay: Quay) -> None:
    quay.write(5, partition=1)
    found = quay.backlog(quay.topic)
    assert [(one.committed, one.records) for one in found.unread] == [(None, 0), (None, 5)]
    assert quay.backlog().unread == (), "without topics nobody knows what it is to read"


def test_aborted_transaction_at_the_end_is_not_lag(quay: Quay) -> None:
    quay.write(2)
    quay.commit(2)
    quay.transaction(50, is_committed=False)
    assert quay.unread() == [0, 0]


def test_mark_of_the_last_transaction_is_not_lag_and_records_behind_aborted_ones_are(quay: Quay) -> None:
    quay.transaction(3, is_committed=True)
    quay.commit(3)
    assert quay.unread() == [0, 0], "the mark lies at offset 3"
    quay.transaction(50, is_committed=False)
    quay.write(2)
    assert quay.unread() == [2, 0]


def test_open_transaction_counts_once_it_is_committed(quay: Quay) -> None:
    identity = {"bootstrap.servers": quay.bootstrap_servers, "transactional.id": uuid.uuid4().hex}
    producer = Producer(identity)
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce(quay.topic, b"x", partition=0)
    producer.flush()
    quay.write(4)
    assert quay.unread() == [0, 0], "no reader may see what lies behind an open transaction"
    producer.commit_transaction()
    assert quay.unread()[0] == 6, "a record, four more and the mark"


def test_partition_with_an_open_transaction_is_known_with_the_age_of_its_first_record(quay: Quay) -> None:
    now_ms = time.time_ns() // 1_000_000
    quay.transaction(2, is_committed=True)
    producer = Producer({"bootstrap.servers": quay.bootstrap_servers, "transactional.id": uuid.uuid4().hex})
    producer.init_transactions()
    producer.begin_transaction()
    producer.produce(quay.topic, b"x", partition=0, timestamp=now_ms - AGO_MS)
    producer.flush()
    quay.write(4, written_ms=now_ms)
    with closing(KafkaLag(quay.connection)) as known:
        assert known.open_transactions([quay.topic, "no-such-topic"]) == {
            Partition(quay.topic, 0): now_ms - AGO_MS
        }
        producer.abort_transaction()
        until = time.monotonic() + 60
        while (found := known.open_transactions([quay.topic])) and time.monotonic() < until:
            time.sleep(0.2)
    assert found == {}


def test_deleted_records_are_not_lag(quay: Quay) -> None:
    quay.write(10)
    quay.commit(2)
    admin = AdminClient({"bootstrap.servers": quay.bootstrap_servers})
    (deleted,) = admin.delete_records([TopicPartition(quay.topic, 0, 7)]).values()
    deleted.result()
    assert quay.unread() == [3, 0]


def test_deleted_topic_is_passed_over_and_the_others_are_measured(quay: Quay) -> None:
    other = Quay.__new__(Quay)
    other.__dict__.update(quay.__dict__, topic=f"{quay.topic}-gone")
    create_topics(quay.connection, [topic_of(other.topic, 1)])
    quay.write(3)
    quay.commit(1)
    with closing(KafkaLag(quay.connection)) as known:
        reader = Reader("test", quay.group, (quay.topic, other.topic))
        assert len(known.measured([reader])[0].unread) == 3
        admin = AdminClient({"bootstrap.servers": quay.bootstrap_servers})
        admin.delete_topics([other.topic])[other.topic].result()
        until = time.monotonic() + 20
        while len(known.measured([reader])[0].unread) == 3 and time.monotonic() < until:
            time.sleep(0.2)
        (found,) = known.measured([reader])
    assert [(one.partition, one.records) for one in found.unread] == [
        (Partition(quay.topic, 0), 2),
        (Partition(quay.topic, 1), 0),
    ]


def test_members_of_a_living_group_are_counted(quay: Quay) -> None:
    settings = {"bootstrap.servers": quay.bootstrap_servers, "group.id": quay.group}
    with closing(Consumer({**settings, "auto.offset.reset": "earliest"})) as member:
        member.subscribe([quay.topic])
        quay.write(1)
        assert member.consume(1, 30)
        assert quay.backlog(quay.topic).members == 1
    assert quay.backlog(quay.topic).members == 0


def test_reader_that_keeps_its_own_positions_is_measured_by_them(quay: Quay) -> None:
    quay.write(8)
    with closing(KafkaLag(quay.connection)) as known:
        reader = Reader("archive", None, (quay.topic,), {Partition(quay.topic, 0): 5})
        (found,) = known.measured([reader])
    assert (found.members, found.records) == (None, 3)


def test_broker_that_is_away_is_unavailable_in_one_line() -> None:
    known = KafkaLag(KafkaConnection(f"127.0.0.1:{free_port()}", {}, None, 1.0))
    with closing(known), pytest.raises(KafkaUnavailable) as refusal:
        known.measured([Reader("test", "group")])
    assert "\n" not in str(refusal.value)


@pytest.fixture
def environment(quay: Quay) -> dict[str, str]:
    quay.write(3)
    quay.commit(1)
    return surroundings(kafka_bootstrap_servers=quay.bootstrap_servers)


def test_command_prints_a_table_for_people_and_a_document_for_machines(
    quay: Quay, environment: dict[str, str]
) -> None:
    done = invoked("lag", "--once", "--group", quay.group, environment={**environment, "COLUMNS": "150"})
    assert done.exit_code == 0, done.output
    (line,) = (line for line in done.stdout.splitlines() if quay.topic in line)
    assert line.split()[:4] == [quay.group, "0", quay.topic, "2"]
    assert line.rstrip().endswith("0: 2")
    done = invoked("lag", "--once", "--json", "--group", quay.group, environment=environment)
    (document,) = json.loads(done.stdout)
    assert (document["unread"], document["members"]) == (2, 0)
    assert 0 <= document["oldest_seconds"] < 60
    assert document["partitions"][0] == {
        "topic": quay.topic,
        "partition": 0,
        "committed": 1,
        "end": 3,
        "unread": 2,
        "oldest_seconds": document["oldest_seconds"],
    }


def test_command_on_the_embedded_broker_counts_whole_batches(embedded_kafka: Broker) -> None:
    quay = Quay(embedded_kafka)
    quay.write(3)
    quay.write(1)
    assert quay.unread()[0] >= 3
    assert quay.backlog(quay.topic).seconds(time.time_ns() // 1_000_000) is not None


def test_exporter_serves_what_it_measures_and_ends_when_told(quay: Quay, environment: dict[str, str]) -> None:
    port = free_port()
    command = ("lag", "--group", quay.group, "--port", str(port), "--every", "0.2")
    exporter = started(*command, environment=environment)
    try:
        until = time.monotonic() + 60
        while asked(port, "/readyz")[0] != 200:
            assert time.monotonic() < until
            time.sleep(0.1)
        page = asked(port, "/metrics")[1]
        labels = f'partition="0",reader="{quay.group}",topic="{quay.topic}"'
        assert f"tidewaiter_lag_unread_records{{{labels}}} 2.0" in page
        assert f'tidewaiter_lag_members{{reader="{quay.group}"}} 0.0' in page
        assert "tidewaiter_ready" not in page, "it is no worker"
    finally:
        exporter.terminate()
        _, stderr = exporter.communicate(timeout=60)
    assert exporter.returncode == 0, stderr


def test_exporter_without_kafka_lives_and_is_not_ready() -> None:
    port = free_port()
    nowhere = surroundings(kafka_bootstrap_servers=f"127.0.0.1:{free_port()}")
    exporter = started("lag", "--port", str(port), "--every", "0.2", environment=nowhere)
    try:
        until = time.monotonic() + 60
        while (answer := asked(port, "/healthz")[0]) == 0 and time.monotonic() < until:
            time.sleep(0.1)
        assert (answer, asked(port, "/readyz")[0]) == (200, 503)
        assert "tidewaiter_lag_known 0.0" in asked(port, "/metrics")[1]
        time.sleep(4)
        assert exporter.poll() is None
    finally:
        exporter.terminate()
        _, stderr = exporter.communicate(timeout=60)
    assert exporter.returncode == 0
    assert [line for line in stderr.splitlines() if "not ready" in line], stderr
    assert len(stderr.splitlines()) <= 3, stderr


def test_lag_is_measured_again_after_the_broker_was_away(apache_kafka: Broker) -> None:
    quay = Quay(apache_kafka)
    quay.write(3)
    quay.commit(1)
    readers = [Reader("test", quay.group, (quay.topic,))]
    brief = KafkaConnection(apache_kafka.bootstrap_servers, request_timeout_seconds=2.0)
    with closing(KafkaLag(brief)) as known:
        assert known.measured(readers)[0].records == 2
        apache_kafka.server.kill()
        with pytest.raises(KafkaUnavailable):
            known.measured(readers)
        apache_kafka.start_again()
        until, found = time.monotonic() + 60, 0
        while found != 2 and time.monotonic() < until:
            with suppress(KafkaUnavailable):
                found = known.measured(readers)[0].records
    assert found == 2


def asked(port: int, path: str) -> tuple[int, str]:
    """Status and body of a page; 0 while nobody listens."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""
