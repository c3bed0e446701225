"""The servers that tests may ask for, started once a session and only when asked for."""

import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.servers import (
    FOR_A_SHORT_LIFE,
    Broker,
    embedded_broker,
    has_apache_kafka,
    kafka_broker,
    redis_server,
)

# In CI the examples are the same every time: what is red there is red for whoever looks into it. By hand
# they are drawn anew. A shared machine is slow at times, which is no fault of the example.
settings.register_profile(
    "tidewaiter",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tidewaiter")


@pytest.fixture(autouse=True)
def _logs_of_a_command_end_with_it() -> Iterator[None]:
    """A command run in a test sets logging up on a stderr that is closed when it ends."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def kafka() -> Iterator[Broker]:
    """Apache Kafka where java and mvn are present, else the embedded broker."""
    with kafka_broker(FOR_A_SHORT_LIFE) as broker:
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
