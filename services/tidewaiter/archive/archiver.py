"""Taking records off the stream into sealed files: no record lost or doubled, whenever the process dies."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Protocol

from msgspec import Struct

from tidewaiter.archive.layout import Filed, Filing, Inventory, Span, inventory_of
from tidewaiter.stream.record import Partition, Record
from tidewaiter.wire.columns import Cell, cells, day_of


class Feed(Protocol):
    """Records of the archived topics from given offsets on, outside of any group."""

    def read(self, wait_seconds: float) -> Sequence[Record]:
        """What came, each partition's in log order; blocks up to the time given."""
        ...

    @property
    def is_at_end(self) -> bool:
        """Whether everything was read that was there when the feed began."""
        ...


class Row(Struct, frozen=True, gc=False):
    """A record with the cells that were read from its message."""

    record: Record
    cells: Mapping[str, Cell]


class Files(Filing, Protocol):
    """The files of an archive, by their path inside it."""

    def write(self, name: str, topic: str, rows: Sequence[Row]) -> None:
        """Write a file, which appears whole or not at all, and stays after a power cut."""
        ...

    def remove(self, name: str) -> None: ...

    def record_positions(self, positions: Mapping[Partition, int]) -> None:
        """Keep them, whatever files are removed; as whole and as lasting as a file."""
        ...


class Limits(Struct, frozen=True):
    """When a partition's records are sealed: at so many rows, at so many bytes, or after so many seconds.

    Unsealed records are held in memory and read again after a crash: of all partitions together no more than
    ``total_megabytes``, or a backlog of 24 of them would take 1.2 GB; then those with the most are sealed.
    Fewer make more, smaller files.
    """

    rows: int = 20_000
    megabytes: int = 32
    seconds: float = 300.0
    total_megabytes: int = 192


# What a record takes beside its value: key, headers, and what Python makes of them.
_BESIDE_VALUE: Final = 1_000


@dataclass
class _Unsealed:
    """The records of one partition since its last seal; ``first`` is where its next span begins."""

    first: int
    since: float = 0.0
    size: int = 0
    records: list[Record] = field(default_factory=list)

    @property
    def memory(self) -> int:
        """About how many bytes they take."""
        return self.size + len(self.records) * _BESIDE_VALUE


def mended(files: Files) -> Inventory:
    """What an archive holds, once the files of spans that a crash cut off are removed. Idempotent."""
    found = inventory_of(files)
    for torn in found.torn:
        files.remove(torn.name)
    if found.positions != found.recorded:
        files.record_positions(found.positions)
    return Inventory(found.whole, (), found.recorded)


class Archiver:
    """Seals what a feed brings. The feed begins where the inventory's positions end."""

    def __init__(
        self, files: Files, positions: Mapping[Partition, int], limits: Limits, now: Callable[[], float]
    ) -> None:
        self._files, self._limits, self._now = files, limits, now
        self._unsealed = {partition: _Unsealed(at) for partition, at in positions.items()}
        self.archived = 0

    def run(self, feed: Feed, is_over: Callable[[], bool], *, until_end: bool) -> None:
        """Archive until told to stop, or until the feed's end; what is left is sealed then."""
        while not is_over() and not (until_end and feed.is_at_end):
            self.take(feed.read(0.5))
            self.seal(everything=False)
        self.seal(everything=True)

    def take(self, records: Sequence[Record]) -> None:
        """Keep records in memory until they are sealed."""
        for record in records:
            partition = Partition(record.topic, record.partition)
            unsealed = self._unsealed.setdefault(partition, _Unsealed(record.offset))
            if not unsealed.records:
                unsealed.since = self._now()
            unsealed.records.append(record)
            unsealed.size += len(record.value or b"")

    def seal(self, *, everything: bool) -> None:
        """Write what is due, or everything."""
        written = self.archived
        for partition, unsealed in self._unsealed.items():
            if unsealed.records and (everything or self._is_due(unsealed)):
                self._seal(partition, unsealed)
        for partition, unsealed in sorted(self._unsealed.items(), key=lambda one: -one[1].memory):
            if sum(one.memory for one in self._unsealed.values()) <= self._limits.total_megabytes << 20:
                break
            self._seal(partition, unsealed)
        if self.archived > written:
            self._files.record_positions({at: one.first for at, one in self._unsealed.items()})

    def _seal(self, partition: Partition, unsealed: _Unsealed) -> None:
        last = unsealed.records[-1].offset
        self._write(partition, unsealed, last)
        self._unsealed[partition] = _Unsealed(last + 1)

    def _is_due(self, unsealed: _Unsealed) -> bool:
        limits = self._limits
        return (
            len(unsealed.records) >= limits.rows
            or unsealed.size >= limits.megabytes << 20
            or self._now() - unsealed.since >= limits.seconds
        )

    def _write(self, partition: Partition, unsealed: _Unsealed, last: int) -> None:
        by_day: defaultdict[date, list[Row]] = defaultdict(list)
        for record in unsealed.records:
            row = Row(record, cells(record.topic, record.value))
            by_day[day_of(row.cells, record.timestamp_ms)].append(row)
        span = Span(partition.topic, partition.number, unsealed.first, last, len(by_day))
        for part, (day, rows) in enumerate(sorted(by_day.items()), 1):
            self._files.write(Filed(span, day, part).name, partition.topic, rows)
        self.archived += len(unsealed.records)
