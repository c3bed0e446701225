"""The client's messages as records."""

from confluent_kafka import Message

from tidewaiter.stream.record import Record


def record_of(message: Message) -> Record:
    """The record that a message without error carries; 0.2 us."""
    return Record(
        message.topic(),  # type: ignore[arg-type]  # None only where there is an error
        message.partition(),  # type: ignore[arg-type]
        message.offset(),  # type: ignore[arg-type]
        message.key(),
        message.value(),
        tuple(message.headers() or ()),  # type: ignore[arg-type]  # bytes, as they were written
        message.timestamp()[1],
    )
