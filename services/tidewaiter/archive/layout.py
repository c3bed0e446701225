"""Where archived records lie: names say which offsets a file holds, so that files alone tell the position."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol

from msgspec import Struct

from tidewaiter.stream.record import Partition

_NAME = re.compile(
    r"topic=(?P<topic>[a-z0-9-]+)/day=(?P<day>\d{4}-\d\d-\d\d)/"
    r"(?P<number>\d+)-(?P<first>\d+)-(?P<last>\d+)-(?P<part>\d*)of(?P<parts>\d+)\.parquet"
)


class Filing(Protocol):
    """What an archive's files say by themselves: their paths inside it, and the positions recorded last."""

    def names(self) -> Sequence[str]: ...
    def positions(self) -> Mapping[Partition, int]: ...


class Span(Struct, frozen=True, order=True):
    """The offsets ``first`` … ``last`` of a partition, sealed together in ``parts`` files, one a day.

    Spans of a partition follow each other without a gap, though offsets inside may be missing: those of
    transaction markers and of aborted records.
    """

    topic: str
    number: int
    first: int
    last: int
    parts: int

    @property
    def partition(self) -> Partition:
        return Partition(self.topic, self.number)


class Filed(Struct, frozen=True, order=True):
    """One file: the records of one day of one span.

    ``part`` counts a span's files from 1, the oldest day first; 0 in archives that did not number them.
    """

    span: Span
    day: date
    part: int = 0

    @property
    def name(self) -> str:
        """The path inside the archive, as hive-partitioned readers understand it."""
        span = self.span
        offsets = f"{span.number:05}-{span.first:020}-{span.last:020}"
        part = f"{self.part or ''}of{span.parts}"
        return f"topic={span.topic}/day={self.day.isoformat()}/{offsets}-{part}.parquet"


def filed(name: str) -> Filed | None:
    """The file that a path inside the archive names; None for what is no file of the archive."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    try:
        day = date.fromisoformat(match["day"])
    except ValueError:
        return None
    numbers = (int(match[part]) for part in ("number", "first", "last", "parts"))
    return Filed(Span(match["topic"], *numbers), day, int(match["part"] or 0))


class Inventory(Struct, frozen=True):
    """What an archive holds. ``torn`` files are of spans whose writing was cut off: those behind the last
    span of their partition that was written to its end. Others have lost days to retention since, and
    ``recorded`` are the positions that were reached before."""

    whole: Mapping[Span, tuple[Filed, ...]]
    torn: tuple[Filed, ...]
    recorded: Mapping[Partition, int]

    @property
    def positions(self) -> dict[Partition, int]:
        """The next offset to be archived of each partition that is, or was, in the archive."""
        after = dict(self.recorded)
        for span in self.whole:
            after[span.partition] = max(after.get(span.partition, 0), span.last + 1)
        return after

    def problems(self) -> Iterator[str]:
        """Every place where offsets are there twice or not at all, one line each."""
        before: dict[Partition, Span] = {}
        for span in sorted(self.whole):
            known = before.get(span.partition)
            if known is not None and span.first <= known.last:
                yield f"{span.topic}/{span.number}: offsets {span.first} to {known.last} are there twice"
            elif known is not None and span.first > known.last + 1:
                yield f"{span.topic}/{span.number}: offsets {known.last + 1} to {span.first - 1} are missing"
            before[span.partition] = span
        for partition, last in before.items():
            position = self.recorded.get(partition, 0)
            if last.last + 1 < position:
                yield f"{last.topic}/{last.number}: offsets {last.last + 1} to {position - 1} are missing"


def _is_written_to_its_end(span: Span, files: Collection[Filed]) -> bool:
    """Its last file is there, which is written after the others; where they are not numbered, all are."""
    return len(files) == span.parts or any(one.part == span.parts for one in files)


def inventory_of(files: Filing) -> Inventory:
    """The inventory of an archive that may be written meanwhile. Positions are read first: what is sealed
    then is beyond them; the other way round it would be missing."""
    recorded = files.positions()
    return inventory(files.names(), recorded)


def inventory(names: Iterable[str], recorded: Mapping[Partition, int]) -> Inventory:
    """The inventory of an archive with these files, other files are passed over; and these positions."""
    by_span: dict[Span, list[Filed]] = defaultdict(list)
    for one in filter(None, map(filed, names)):
        by_span[one.span].append(one)
    ends = {partition: position - 1 for partition, position in recorded.items()}
    for span, files in by_span.items():
        if _is_written_to_its_end(span, files):
            ends[span.partition] = max(ends.get(span.partition, -1), span.last)
    torn = {span for span in by_span if span.last > ends.get(span.partition, -1)}
    whole = {span: tuple(sorted(files)) for span, files in by_span.items() if span not in torn}
    return Inventory(whole, tuple(sorted(one for span in torn for one in by_span[span])), recorded)
