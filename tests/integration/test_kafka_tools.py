"""Topics created and compared, records published and read back, on a real broker."""

import time
import uuid
from contextlib import closing
from itertools import takewhile
from pathlib import Path

import pytest
from msgspec import structs
from typer.testing import CliRunner

from tests.integration import unreadable
from tests.integration.logs import topic_of
from tests.servers import Broker
from tidewaiter.adapters import kafka_past
from tidewaiter.adapters.kafka_acls import acl_differences
from tidewaiter.adapters.kafka_connection import KafkaConnection, KafkaUnavailable, TopicsUnusable
from tidewaiter.adapters.kafka_past import KafkaPast
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.kafka_reader import read_topic, tail
from tidewaiter.adapters.kafka_topics import (
    Difference,
    Topic,
    create_topics,
    differences,
    partition_counts,
    read_topics,
)
from tidewaiter.cli import app, simulate, worker
from tidewaiter.local.server import free_port
from tidewaiter.stream.record import Outgoing

TOPICS_FILE = Path(__file__).parents[2] / "deploy" / "kafka" / "topics.yaml"
pytestmark = pytest.mark.kafka


@pytest.fixture
def connection(kafka: Broker) -> KafkaConnection:
    return KafkaConnection(kafka.bootstrap_servers)


@pytest.fixture
def topic(connection: KafkaConnection) -> str:
    """A topic of three partitions with 300 records over 20 keys."""
    name = f"tools-{uuid.uuid4().hex[:8]}"
    create_topics(connection, [topic_of(name, 3)])
    with KafkaPublisher(connection) as publisher:
        for n in range(300):
            publisher.publish(Outgoing(name, b"key-%d" % (n % 20), b"%d" % n, (("ce_id", b"%d" % n),)))
    return name


def test_read_topic_gives_all_once_and_each_key_in_order(connection: KafkaConnection, topic: str) -> None:
    records = tuple(read_topic(connection, topic))
    assert sorted(int(record.value or b"") for record in records) == list(range(300))
    mine = [int(record.value or b"") for record in records if record.key == b"key-7"]
    assert mine == list(range(7, 300, 20))


def test_read_topic_of_one_key_gives_that_key_alone(connection: KafkaConnection, topic: str) -> None:
    records = tuple(read_topic(connection, topic, key=b"key-3"))
    assert [int(record.value or b"") for record in records] == list(range(3, 300, 20))
    assert records[0].headers == (("ce_id", b"3"),)


def test_records_are_read_whose_header_names_are_no_text(connection: KafkaConnection) -> None:
    name = f"tools-{uuid.uuid4().hex[:8]}"
    create_topics(connection, [topic_of(name, 1)])
    sent = [Outgoing(name, b"key", b"%d" % n) for n in range(300)]
    unreadable.publish(connection.bootstrap_servers, sent, 1)
    records = tuple(read_topic(connection, name))
    assert [record.value for record in records] == [one.value for one in sent]
    assert {record.headers for record in records[::2]} == {(("ce_id", b"1"),)}
    assert {record.headers for record in records[1::2]} == {()}


def test_read_topic_of_nothing_ends(connection: KafkaConnection) -> None:
    name = f"tools-{uuid.uuid4().hex[:8]}"
    create_topics(connection, [topic_of(name, 2)])
    assert tuple(read_topic(connection, name)) == ()


def test_tail_gives_what_came_after_the_call_though_it_is_read_later(kafka: Broker, topic: str) -> None:
    """The embedded broker names the beginning of the last batch as the end, so old records may come first."""
    connection = KafkaConnection(kafka.bootstrap_servers)
    until = time.monotonic() + 20
    followed = tail(connection, (topic,), lambda: time.monotonic() > until)
    with KafkaPublisher(connection, linger_ms=0) as publisher:
        publisher.publish(Outgoing(topic, b"key-1", b"new"))
    came = list(takewhile(lambda record: record.value != b"new", followed))
    assert time.monotonic() < until
    assert not came or not kafka.is_apache


def test_topics_file_is_created_as_written(connection: KafkaConnection) -> None:
    # Under names of their own: other tests have the topics themselves on the same broker.
    suffix = uuid.uuid4().hex[:8]
    topics = renamed(read_topics(TOPICS_FILE, partitions=2), suffix)
    create_topics(connection, topics)
    assert create_topics(connection, topics) == ()
    assert differences(connection, topics) == ()
    assert Difference(f"parcel-events-{suffix}: has 2 partitions, 12 are wanted") in differences(
        connection, renamed(read_topics(TOPICS_FILE), suffix)
    )


def renamed(topics: tuple[Topic, ...], suffix: str) -> tuple[Topic, ...]:
    return tuple(structs.replace(topic, name=f"{topic.name}-{suffix}") for topic in topics)


def test_differences_name_missing_topics_and_other_retention(apache_kafka: Broker) -> None:
    connection = KafkaConnection(apache_kafka.bootstrap_servers)
    name = f"tools-{uuid.uuid4().hex[:8]}"
    create_topics(connection, [topic_of(name, 2)])
    longer = Topic(name, 2, retention_days=3, cleanup="delete", max_message_bytes=1_048_576, reason="a test")
    absent = topic_of("tools-absent", 2)
    assert differences(connection, [longer, absent]) == (
        Difference("tools-absent: is missing", stops=True),
        Difference(f"{name}: retention.ms is 86400000, 259200000 is wanted"),
    )


def test_topics_of_parcels_with_other_counts_than_each_other_are_told_first(kafka: Broker) -> None:
    connection = KafkaConnection(kafka.bootstrap_servers)
    names = [f"tools-{uuid.uuid4().hex[:8]}-{count}" for count in (1, 2)]
    create_topics(connection, [topic_of(name, int(name[-1])) for name in names])
    wanted = [structs.replace(topic_of(name, 2), together=True) for name in names]
    odd, other = differences(connection, wanted)
    text = f"topics read together need equal partition counts, found {names[0]} 1, {names[1]} 2"
    assert odd == Difference(text, stops=True)
    assert other == Difference(f"{names[0]}: has 1 partitions, 2 are wanted")


def test_workers_do_not_start_on_topics_that_could_not_be_read_back(
    kafka: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = KafkaConnection(kafka.bootstrap_servers)
    names = tuple(f"tools-{uuid.uuid4().hex[:8]}-{count}" for count in (2, 1))
    create_topics(connection, [topic_of(name, int(name[-1])) for name in names])
    monkeypatch.setattr(kafka_past, "TOPICS", names)
    with (
        closing(KafkaPast(connection, "nobody", {})) as past,
        pytest.raises(TopicsUnusable, match="equal partition counts"),
    ):
        past.shares()


def test_topics_of_parcels_are_those_that_workers_read_and_read_back() -> None:
    together = [topic for topic in read_topics(TOPICS_FILE) if topic.together]
    assert {topic.name for topic in together} == {*worker.TOPICS, *kafka_past.TOPICS}
    assert {topic.partitions for topic in together} == {12}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("topics: [{name: a}]", "partitions"),
        ("topics: [{name: a, partitions: many}]", "partitions"),
        ("topics: [{name: a, partitions: 100001}]", "partitions"),
        ("topics: {", "topics.yaml"),
        ("[]", "topics.yaml"),
    ],
)
def test_a_topics_file_that_cannot_be_used_names_the_field(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text(text)
    with pytest.raises(TopicsUnusable, match=complaint):
        read_topics(path)


def test_topics_read_together_with_unequal_counts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "topics.yaml"
    path.write_text(TOPICS_FILE.read_text().replace("partitions: 12", "partitions: 6", 1))
    with pytest.raises(TopicsUnusable, match="equal partition counts"):
        read_topics(path)


def test_a_broker_that_is_not_there_is_unavailable_in_one_line() -> None:
    connection = KafkaConnection(f"127.0.0.1:{free_port()}", request_timeout_seconds=1.0)
    with pytest.raises(KafkaUnavailable) as refusal:
        partition_counts(connection)
    assert "\n" not in str(refusal.value)
    with pytest.raises(KafkaUnavailable), KafkaPublisher(connection, patience_seconds=1.0) as publisher:
        publisher.publish(Outgoing("nowhere", b"k", b"v"))


def test_traffic_goes_to_a_topic_that_is_there(kafka: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"tools-{uuid.uuid4().hex[:8]}"
    monkeypatch.setenv("TIDEWAITER_KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrap_servers)
    monkeypatch.setattr(simulate, "PARCEL_EVENTS", name)
    done = CliRunner().invoke(app, ["simulate", "--to", "kafka", "--parcels", "5"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"tidewaiter: no topic {name} at {kafka.bootstrap_servers}\n"


def test_topics_and_permissions_are_not_made_at_a_broker_that_is_not_there() -> None:
    connection = KafkaConnection(f"127.0.0.1:{free_port()}", request_timeout_seconds=1.0)
    with pytest.raises(TopicsUnusable, match="topic events was not created: _TIMED_OUT"):
        create_topics(connection, [topic_of("events", 1)])
    with pytest.raises(TopicsUnusable, match="_TIMED_OUT"):
        acl_differences(connection, ())


def test_a_record_larger_than_the_client_may_send_is_refused(connection: KafkaConnection, topic: str) -> None:
    with pytest.raises(ValueError, match=topic), KafkaPublisher(connection) as publisher:
        publisher.publish(Outgoing(topic, b"k", b"v" * 30_000_000))


def test_statistics_are_handed_over(kafka: Broker, topic: str) -> None:
    texts: list[str] = []
    with KafkaPublisher(
        KafkaConnection(kafka.bootstrap_servers, {"statistics.interval.ms": 50}, texts.append)
    ) as one:
        for _ in range(20):
            one.publish(Outgoing(topic, b"k", b"v"))
            one.flush()
            time.sleep(0.02)
    assert texts[0].startswith("{")
