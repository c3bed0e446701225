"""The client's messages as records."""

from typing import Final

from confluent_kafka import Message

from tidewaiter.stream.record import Headers, Record

# The end of 2199, as the schemas have it. Whoever stamps microseconds names the year 55,000: no date.
_LATEST_MS: Final = 7_258_118_399_999


def record_of(message: Message) -> Record:
    """The record that a message without error carries; 0.2 us. Never raises, whatever a producer wrote: it
    would come again and again. A time that cannot be is unknown, and headers without readable names are none.
    """
    try:
        headers: Headers = tuple(message.headers() or ())  # type: ignore[arg-type]  # bytes, as they were written
    except UnicodeDecodeError:
        headers = ()
    return Record(
        message.topic(),  # type: ignore[arg-type]  # None only where there is an error
        message.partition(),  # type: ignore[arg-type]
        message.offset(),  # type: ignore[arg-type]
        message.key(),
        message.value(),
        headers,
        believable_ms(message.timestamp()[1]),
    )


def believable_ms(stamped_ms: int) -> int:
    """A record's time, -1 for one that cannot be."""
    return stamped_ms if stamped_ms <= _LATEST_MS else -1
