"""How far back the topics are read when Redis was emptied, on a real broker."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from tests.servers import Broker
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_past import TOPICS, KafkaPast
from tidewaiter.adapters.kafka_topics import create_topics, read_topics
from tidewaiter.cli.warming import DAYS_READ_BACK
from tidewaiter.resources import topics_file
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS, RESCREENS

GROUP = "workers-of-the-past"
pytestmark = pytest.mark.kafka
DAY_MS = 86_400_000
NOW_MS = time.time_ns() // 1_000_000
PARCEL = b"FX|%d" % NOW_MS


@pytest.fixture(scope="module")
def past(kafka: Broker) -> Iterator[KafkaPast]:
    """The topics with a record of a parcel a day, a fortnight and a season ago, answered by the workers."""
    connection = KafkaConnection(kafka.bootstrap_servers)
    create_topics(connection, read_topics(topics_file(), 1))
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers})
    for topic in TOPICS:
        for days in (1, 20, 200):
            producer.produce(topic, b"%d" % days, PARCEL, 0, timestamp=NOW_MS - days * DAY_MS)
    producer.flush()
    _commit_all(kafka)
    oldest_ms = {topic: NOW_MS - days * DAY_MS for topic, days in DAYS_READ_BACK.items()}
    with closing(KafkaPast(connection, GROUP, oldest_ms)) as found:
        yield found


def _commit_all(broker: Broker) -> None:
    with closing(Consumer({"bootstrap.servers": broker.bootstrap_servers, "group.id": GROUP})) as workers:
        for topic in (PARCEL_EVENTS, OFFICER_ACTIONS, RESCREENS):
            place = TopicPartition(topic, 0)
            _, place.offset = workers.get_watermark_offsets(place)
            workers.commit(offsets=[place], asynchronous=False)


@pytest.mark.parametrize(
    ("topic", "days"),
    [
        (PARCEL_EVENTS, [1]),
        (DECISIONS, [1]),
        (OFFICER_ACTIONS, [1, 20]),
        (RESCREENS, [1, 20]),
        (HOLD_ORDERS, [1, 20]),
    ],
)
def test_what_officers_had_before_them_is_read_back_from_further_than_other_parcels(
    past: KafkaPast, topic: str, days: list[int]
) -> None:
    records = [record for batch in past.read(topic, 0) for record in batch if record.key == PARCEL]
    assert [int(record.value or b"") for record in records] == days
