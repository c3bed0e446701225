"""What `tidewaiter lag` knows of the inspection's queue on a real broker, as its principal may."""

import time
from collections.abc import Iterator, Mapping
from contextlib import closing

import orjson
import pytest

from tests.integration.harbour import Harbour, harbour
from tests.servers import Broker, embedded_broker
from tidewaiter.adapters.kafka_connection import KafkaConnection, KafkaUnavailable
from tidewaiter.adapters.kafka_open_orders import KafkaOpenOrders
from tidewaiter.domain.decision import Disposition
from tidewaiter.local.server import free_port
from tidewaiter.stream.record import Outgoing
from tidewaiter.wire.open_orders import Queue
from tidewaiter.wire.topics import HOLD_ORDERS

pytestmark = [pytest.mark.kafka, pytest.mark.redis]
PLACED = "2026-11-24T12:00:00Z"
PLACED_MS = 1_795_521_600_000
MANY = 6_000


@pytest.fixture
def at(kafka: Broker) -> Iterator[Harbour]:
    with harbour(kafka, filled=False) as at:
        yield at


def orders(count: int, status: str) -> Iterator[Outgoing]:
    holds = [{"placed_at": PLACED}]
    value = orjson.dumps({"status": status, "disposition": "1A", "holds": holds})
    return (Outgoing(HOLD_ORDERS, f"FDX|{number}".encode(), value) for number in range(count))


def known(followed: KafkaOpenOrders) -> Mapping[Disposition, Queue]:
    """What it says once it has read all."""
    until = time.monotonic() + 60
    while not (queues := followed.queues()):
        assert time.monotonic() < until
    return queues


def test_queue_is_known_from_the_beginning_and_followed_from_there(at: Harbour) -> None:
    at.publish(orders(MANY, "OPEN"))
    with closing(KafkaOpenOrders(at.broker.as_principal("lag"))) as followed:
        assert known(followed)["1A"] == Queue(MANY, PLACED_MS)
        at.publish(orders(MANY - 1, "WITHDRAWN"))
        assert followed.queues()["1A"] == Queue(1, PLACED_MS)


def test_queue_is_read_anew_by_whoever_let_go_of_it(at: Harbour) -> None:
    at.publish(orders(3, "OPEN"))
    followed = KafkaOpenOrders(at.connection)
    for _ in range(2):
        assert known(followed)["1A"].parcels == 3
        followed.close()


def test_nothing_is_known_of_a_broker_without_the_topic() -> None:
    with embedded_broker() as broker, closing(KafkaOpenOrders(broker.as_principal("lag"))) as followed:
        assert followed.queues() == {}


def test_broker_that_is_away_is_unavailable() -> None:
    nowhere = KafkaConnection(f"127.0.0.1:{free_port()}", request_timeout_seconds=1.0)
    with closing(KafkaOpenOrders(nowhere)) as followed, pytest.raises(KafkaUnavailable):
        followed.queues()
