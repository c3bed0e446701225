"""What goes in and out of the log: records read, records to be written, and the partitions they lie in."""

from typing import NamedTuple

from msgspec import Struct

Headers = tuple[tuple[str, bytes], ...]


class Partition(NamedTuple):
    """One partition of one topic. Equals the plain pair, so that hot code may key by ``(topic, number)``."""

    topic: str
    number: int


class Record(Struct, frozen=True, gc=False):
    """A record as it was read. ``value`` is None for a tombstone; ``timestamp_ms`` is -1 where unknown.

    One that ``is_displaced`` lies in another partition than ``partition_for`` names for its key.
    """

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
    timestamp_ms: int = -1
    is_displaced: bool = False

    @property
    def place(self) -> tuple[str, int, int]:
        """Topic, partition and offset: where the record lies."""
        return self.topic, self.partition, self.offset


class Outgoing(Struct, frozen=True, gc=False):
    """A record to be written; its partition follows from the key, as the Java clients choose it (murmur2)."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers = ()
