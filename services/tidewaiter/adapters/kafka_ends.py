"""Where partitions begin and end, for whoever reads them to the end of now and joins no group for it."""

import time
from collections.abc import Mapping
from typing import Final

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from tidewaiter.adapters.kafka_connection import ClientValue, KafkaUnavailable, error_of, in_words

READ_TO_THE_END: Final[Mapping[str, ClientValue]] = {
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "enable.partition.eof": True,
    "fetch.queue.backoff.ms": 5,
    # An empty partition is answered after this long, and only then is its end known: 0.5 s by default.
    "fetch.wait.max.ms": 10,
}
"""How a client finds an end soon; ``group.id`` and ``isolation.level`` are the reader's own."""

_RETRY_SECONDS = 0.2
_MOVING = frozenset({KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE})


def bounds(consumer: Consumer, topic: str, number: int, timeout_seconds: float) -> tuple[int, int]:
    """The first offset of a partition and the one behind its last, of a client that reads what is not
    committed behind open transactions, too.

    Waits for a leader that is just moving, as on a broker that was started this moment. Raises
    KafkaUnavailable.
    """
    place = TopicPartition(topic, number)
    until = time.monotonic() + timeout_seconds
    while True:
        try:
            marks: tuple[int, int] | None = consumer.get_watermark_offsets(place, timeout=timeout_seconds)
        except KafkaException as exception:
            error = error_of(exception)
            if error.code() not in _MOVING or time.monotonic() > until:
                raise KafkaUnavailable(f"{topic}/{number}: {in_words(error)}") from exception
            time.sleep(_RETRY_SECONDS)
            continue
        if marks is None:
            raise KafkaUnavailable(f"{topic}/{number}: no answer within {timeout_seconds:g} s")
        return marks


def is_record(message: Message) -> bool:
    """Whether it carries a record; else it tells of an end, or of trouble that passes.

    Raises KafkaUnavailable for what is beyond help.
    """
    error = message.error()
    if error is None:
        return True
    if error.code() != KafkaError._PARTITION_EOF and not error.retriable():
        raise KafkaUnavailable(in_words(error))
    return False


def is_end(message: Message) -> bool:
    """Whether it tells that its partition has no more for now; its offset is then the end."""
    error = message.error()
    return error is not None and error.code() == KafkaError._PARTITION_EOF
