"""The servers that tests may ask for, started once a session and only when asked for."""

from collections.abc import Iterator

import pytest
from tests.servers import Broker, embedded_broker, has_apache_kafka, kafka_broker, redis_server


@pytest.fixture(scope="session")
def kafka() -> Iterator[Broker]:
    """Apache Kafka where java and mvn are present, else the embedded broker."""
    with kafka_broker() as broker:
        yield broker


@pytest.fixture(scope="session")
def apache_kafka(request: pytest.FixtureRequest) -> Broker:
    """Apache Kafka itself; the test is skipped where it cannot be had."""
    if not has_apache_kafka():
        pytest.skip("exactly-once is tested on Apache Kafka only: java and mvn are needed")
    broker: Broker = request.getfixturevalue("kafka")
    return broker


@pytest.fixture(scope="session")
def embedded_kafka() -> Iterator[Broker]:
    """The embedded broker, whatever else is present."""
    with embedded_broker() as broker:
        yield broker


@pytest.fixture(scope="session")
def redis() -> Iterator[str]:
    """The URL of a Redis that belongs to this session: redis-server where present, else Valkey."""
    with redis_server() as url:
        yield url
