"""Writing to topics outside of any transaction: for the simulator, for tools, for replays."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from tidewaiter.adapters.kafka_connection import KafkaConnection, KafkaUnavailable, error_of, in_words
from tidewaiter.stream.record import Outgoing


class KafkaPublisher:
    """An idempotent producer. ``publish`` queues, ``flush`` makes sure; leaving the block flushes.

    400,000 records of 1 kB a second (measured on two cores, broker included), so a record lingers up to
    ``linger_ms`` for company. ``published`` counts what was queued.
    """

    def __init__(
        self, connection: KafkaConnection, linger_ms: int = 5, patience_seconds: float = 30.0
    ) -> None:
        settings = connection.configuration(
            {
                "enable.idempotence": True,
                "compression.type": "lz4",
                "partitioner": "murmur2_random",
                "linger.ms": linger_ms,
                "delivery.report.only.error": True,
                "on_delivery": self._on_delivery,
                "message.timeout.ms": int(patience_seconds * 1000),
            }
        )
        self._producer = Producer(settings)
        self._patience_seconds = patience_seconds
        self._failure: KafkaError | None = None
        self.published = 0

    def publish(self, record: Outgoing) -> None:
        """Queue one record; blocks while the queue is full.

        Raises KafkaUnavailable when an earlier record could not be delivered, the queue stays full or the
        broker refuses the writer, ValueError when the record is larger than the client may send.
        """
        if not self._queue(record):
            self._queue_when_there_is_room(record)
        self.published += 1
        if self.published % 1000 == 0:
            self._serve()

    def flush(self) -> None:
        """Block until everything is delivered; KafkaUnavailable when something was not."""
        with _fatal_as_unavailable():
            left = self._producer.flush(self._patience_seconds)
        if left or self._failure is not None:
            raise self._undelivered()

    def __enter__(self) -> "KafkaPublisher":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.flush()
        else:
            with suppress(KafkaUnavailable), _fatal_as_unavailable():
                self._producer.purge()
                self._producer.flush(1.0)

    def _queue_when_there_is_room(self, record: Outgoing) -> None:
        until = time.monotonic() + self._patience_seconds
        while not self._queue(record):
            with _fatal_as_unavailable():
                self._producer.poll(0.1)
            if self._failure is not None or time.monotonic() > until:
                raise self._undelivered()

    def _queue(self, record: Outgoing) -> bool:
        try:
            self._producer.produce(record.topic, record.value, record.key, headers=[*record.headers])
        except BufferError:
            return False
        except (KafkaException, SystemError) as exception:
            kind = ValueError if _is_too_large(exception) else KafkaUnavailable
            raise kind(f"{record.topic}: {_reason(exception)}") from exception
        return True

    def _serve(self) -> None:
        with _fatal_as_unavailable():
            self._producer.poll(0)
        if self._failure is not None:
            raise self._undelivered()

    def _on_delivery(self, error: KafkaError | None, _message: Message) -> None:
        self._failure = self._failure or error

    def _undelivered(self) -> KafkaUnavailable:
        words = in_words(self._failure) if self._failure else "the queue does not empty"
        return KafkaUnavailable(f"records were not delivered: {words}")


@contextmanager
def _fatal_as_unavailable() -> Iterator[None]:
    try:
        yield
    except (KafkaException, SystemError) as exception:
        raise KafkaUnavailable(f"records were not delivered: {_reason(exception)}") from exception


def _reason(exception: KafkaException | SystemError) -> str:
    """What the client says. It raises what is fatal (a writer that may write nowhere) from whichever call is
    next; when a delivery report was due in that call, too, Python finds two errors and makes a SystemError of
    them, with the first as its cause or without."""
    fatal = exception if isinstance(exception, KafkaException) else exception.__cause__
    if isinstance(fatal, KafkaException):
        return in_words(error_of(fatal))
    return "fatal error in the client, as when AUTHORIZATION is refused; its log line says which"


def _is_too_large(exception: KafkaException | SystemError) -> bool:
    if not isinstance(exception, KafkaException):
        return False
    return error_of(exception).code() == KafkaError.MSG_SIZE_TOO_LARGE
