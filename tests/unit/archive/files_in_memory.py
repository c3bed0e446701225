"""An archive's files in memory, which can be cut off in the middle of a span, and a feed of given records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson

from tidewaiter.archive.archiver import Row
from tidewaiter.archive.layout import filed
from tidewaiter.stream.record import Partition, Record

START = datetime(2026, 11, 23, 6, tzinfo=UTC)


class Killed(Exception):
    """The process ended here."""


@dataclass
class FilesInMemory:
    """Set ``writes_left`` to be killed at the write after so many."""

    written: dict[str, tuple[Row, ...]] = field(default_factory=dict)
    writes_left: int = 1_000_000
    recorded: dict[Partition, int] = field(default_factory=dict)

    def names(self) -> Sequence[str]:
        return sorted(self.written)

    def write(self, name: str, topic: str, rows: Sequence[Row]) -> None:
        if not self.writes_left:
            raise Killed
        self.writes_left -= 1
        found = filed(name)
        assert found is not None
        assert found.span.topic == topic
        assert name not in self.written
        self.written[name] = tuple(rows)

    def remove(self, name: str) -> None:
        del self.written[name]

    def positions(self) -> Mapping[Partition, int]:
        return dict(self.recorded)

    def record_positions(self, positions: Mapping[Partition, int]) -> None:
        if not self.writes_left:
            raise Killed
        self.writes_left -= 1
        self.recorded = dict(positions)

    def offsets(self, partition: Partition) -> list[int]:
        """Every offset that is filed, as often as it is."""
        rows = [row for rows in self.written.values() for row in rows]
        return sorted(row.record.offset for row in rows if _place(row.record) == partition)


@dataclass
class FeedOfRecords:
    """Gives records from the positions on, so many a read."""

    records: Sequence[Record]
    a_read: int

    @property
    def is_at_end(self) -> bool:
        return not self.records

    def read(self, wait_seconds: float) -> Sequence[Record]:
        given, self.records = self.records[: self.a_read], self.records[self.a_read :]
        return given


def scan(topic: str, partition: int, offset: int, *, hours: float = 0.0) -> Record:
    """A record about a parcel of its own, so many hours after START."""
    at = START + timedelta(hours=hours)
    value = {
        "source_carrier": "FX",
        "hawb": f"77{offset}",
        "event_time": at.isoformat(),
        "message_seq": offset,
    }
    stamp = int(at.timestamp() * 1000)
    return Record(topic, partition, offset, f"FX|77{offset}".encode(), orjson.dumps(value), (), stamp)


def _place(record: Record) -> Partition:
    return Partition(record.topic, record.partition)
