"""What a publisher says where nobody takes its records: that they were not delivered."""

import time

import pytest

from tidewaiter.adapters.kafka_connection import KafkaConnection, KafkaUnavailable
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.local.server import free_port
from tidewaiter.stream.record import Outgoing

RECORD = Outgoing("parcel-events", b"FX|1", b"{}")
UNDELIVERED = "records were not delivered: "


def to_nobody(patience_seconds: float = 0.3, **extra: int) -> KafkaPublisher:
    connection = KafkaConnection(f"127.0.0.1:{free_port()}", extra)
    return KafkaPublisher(connection, patience_seconds=patience_seconds)


def test_leaving_tells_that_records_were_not_delivered() -> None:
    with pytest.raises(KafkaUnavailable, match=UNDELIVERED), to_nobody() as publisher:
        publisher.publish(RECORD)
    assert publisher.published == 1


def published_slowly(publisher: KafkaPublisher, records: int) -> None:
    for _ in range(records):
        publisher.publish(RECORD)
        time.sleep(0.001)


def test_what_was_not_delivered_is_told_of_long_before_the_end() -> None:
    """Else a run of hours would go on, and say at its end that nothing of it came to anywhere."""
    publisher = to_nobody()
    with pytest.raises(KafkaUnavailable, match=f"{UNDELIVERED}_MSG_TIMED_OUT"):
        published_slowly(publisher, 20_000)
    assert publisher.published % 1_000 == 0


def test_a_queue_that_stays_full_is_not_waited_for_without_end() -> None:
    publisher = to_nobody(**{"queue.buffering.max.messages": 1, "message.timeout.ms": 60_000})
    publisher.publish(RECORD)
    with pytest.raises(KafkaUnavailable, match=f"{UNDELIVERED}the queue does not empty"):
        publisher.publish(RECORD)
    assert publisher.published == 1


def left_by(failure: Exception) -> None:
    with to_nobody(60) as publisher:
        publisher.publish(RECORD)
        raise failure


def test_who_leaves_in_another_way_is_told_why_and_not_of_the_records() -> None:
    with pytest.raises(KeyError):
        left_by(KeyError())
