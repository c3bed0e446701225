"""What a Kafka client hands out, without a broker."""

from confluent_kafka import KafkaError

from tidewaiter.stream.record import Partition


class Said:
    """A record, the end of a partition, or another error."""

    def __init__(
        self, partition: Partition, offset: int, error: KafkaError | None = None, stamped_ms: int = 1_000
    ) -> None:
        self._partition, self._offset, self._error = partition, offset, error
        self._stamped_ms = stamped_ms

    def error(self) -> KafkaError | None:
        return self._error

    def topic(self) -> str:
        return self._partition.topic

    def partition(self) -> int:
        return self._partition.number

    def offset(self) -> int:
        return self._offset

    def key(self) -> bytes:
        return b"key"

    def value(self) -> bytes:
        return b""

    def headers(self) -> None: ...

    def timestamp(self) -> tuple[int, int]:
        return 1, self._stamped_ms


def end(partition: Partition, offset: int) -> Said:
    """Says that a partition has no more for now."""
    return Said(partition, offset, KafkaError(KafkaError._PARTITION_EOF))
