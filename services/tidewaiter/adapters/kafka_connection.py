"""How every client here reaches Kafka: addresses, security, and where librdkafka's own words go."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient

ClientValue = str | int | float | bool | Callable[..., object] | logging.Logger
_logger = logging.getLogger("tidewaiter.kafka")


class KafkaUnavailable(Exception):
    """Kafka did not answer, or not in time; the message is one line. Worth another attempt later."""


class TopicsUnusable(Exception):
    """Topics are missing or do not fit together; the message is one line. Needs somebody to act."""


@dataclass(frozen=True)
class KafkaConnection:
    """Where Kafka is. ``extra`` is librdkafka's own configuration (SASL, TLS) and overrides ours.

    ``on_stats`` gets librdkafka's statistics as JSON text every five seconds, in the calling thread.
    """

    bootstrap_servers: str
    extra: Mapping[str, str | int | float | bool] = field(default_factory=dict)
    on_stats: Callable[[str], None] | None = None
    request_timeout_seconds: float = 10.0

    def configuration(self, client: Mapping[str, ClientValue]) -> dict[str, ClientValue]:
        """A client's configuration: what all share, what the client needs, what the operator insists on."""
        shared: dict[str, ClientValue] = {
            "bootstrap.servers": self.bootstrap_servers,
            "client.id": "tidewaiter",
            "logger": _logger,
            "reconnect.backoff.ms": 50,
            "reconnect.backoff.max.ms": 1000,
            "socket.keepalive.enable": True,
            "socket.nagle.disable": True,
        }
        if self.on_stats is not None:
            shared |= {"statistics.interval.ms": 5000, "stats_cb": self.on_stats}
        return {**shared, **client, **self.extra}


def admin_of(connection: KafkaConnection) -> AdminClient:
    """A client for what is asked of the broker itself. Unreferenced it ends, and its futures with it."""
    configuration: dict[str, Any] = connection.configuration({})
    return AdminClient(configuration)


def error_of(exception: KafkaException) -> KafkaError:
    """The error that an exception of the client carries."""
    error = exception.args[0]
    if not isinstance(error, KafkaError):
        raise exception
    return error


def in_words(error: KafkaError) -> str:
    """An error for logs and messages: its name and what the client says of it."""
    return f"{error.name()}: {error.str()}"
