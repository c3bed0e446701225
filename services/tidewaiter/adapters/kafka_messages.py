"""The client's messages as records."""

from operator import methodcaller
from typing import Final

from confluent_kafka import Message

from tidewaiter.stream.partitioner import partition_for
from tidewaiter.stream.record import Headers, Record

# The end of 2199, as the schemas have it. Whoever stamps microseconds names the year 55,000: no date.
_LATEST_MS: Final = 7_258_118_399_999
# At a name that is no UTF-8 the client (2.16) gives an answer, with a hole for the name, and an exception at
# once. From `message.headers()` in a warm loop, that one is raised by whatever comes next; called so it is
# raised at the call, as a SystemError. A second call would answer with the hole.
_headers: Final = methodcaller("headers")


def record_of(message: Message, partitions: int = 0) -> Record:
    """The record that a message without error carries; 0.2 us. Never raises, whatever a producer wrote: it
    would come again and again. A time that cannot be is unknown, and headers without readable names are none.

    With the number of the topic's ``partitions`` (2 us) it says whether it lies where its key belongs.
    """
    key = message.key()
    is_displaced = bool(partitions and key) and partition_for(key or b"", partitions) != message.partition()
    return Record(
        message.topic(),  # type: ignore[arg-type]  # None only where there is an error
        message.partition(),  # type: ignore[arg-type]
        message.offset(),  # type: ignore[arg-type]
        key,
        message.value(),
        _headers_of(message),
        believable_ms(message.timestamp()[1]),
        is_displaced,
    )


def _headers_of(message: Message) -> Headers:
    try:
        return tuple(_headers(message) or ())
    except (SystemError, UnicodeDecodeError):
        return ()


def believable_ms(stamped_ms: int) -> int:
    """A record's time, -1 for one that cannot be."""
    return stamped_ms if stamped_ms <= _LATEST_MS else -1
