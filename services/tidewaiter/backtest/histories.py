"""Where history is read from: an NDJSON file in its order, or an archive in the order of the stream."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from tidewaiter.archive.layout import Filed, Span, inventory
from tidewaiter.screener.reading import read
from tidewaiter.stream.record import Partition, Record
from tidewaiter.wire.identity import CARRIER, HAWB
from tidewaiter.wire.lines import numbered_lines
from tidewaiter.wire.topics import OFFICER_ACTIONS, PARCEL_EVENTS

REPLAYED = (PARCEL_EVENTS, OFFICER_ACTIONS)


class HistoryUnusable(Exception):
    """There is nothing that could be replayed; the text is one line with the path."""


class ArchivedFiles(Protocol):
    """The files of an archive, by their path inside it."""

    def names(self) -> Sequence[str]: ...
    def keys(self, name: str) -> Iterable[bytes | None]: ...
    def records(self, name: str, topic: str) -> list[Record]: ...


class Keys(Struct, frozen=True):
    """How many records a history has, and the keys that more than one of them has."""

    records: int
    again: frozenset[str]


class History(Protocol):
    """A history that can be read more than once, each time in the same order."""

    def records(self) -> Iterator[Record]: ...
    def keys(self) -> Keys: ...


class _Named(Struct):
    source_carrier: str
    hawb: str
    action_type: str = ""


_named = msgspec.json.Decoder(_Named).decode


class LinesHistory:
    """Events and officers' actions, one JSON object a line. An action is known by its ``action_type``."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def records(self) -> Iterator[Record]:
        """A record a line, its offset the line's number; empty lines are passed over. Raises OSError."""
        with self._path.open("rb") as lines:
            for number, value in numbered_lines(lines):
                if value:
                    topic, key = _topic_and_key(value)
                    yield Record(topic, 0, number, key, value, (), 0)

    def keys(self) -> Keys:
        """See ``History``. Raises HistoryUnusable where no line names a parcel."""
        if not any(record.key for record in self.records()):
            raise HistoryUnusable(f"--history: found no parcel event in {self._path}, expected one a line")
        return counted_keys(record.key for record in self.records())


class ArchiveHistory:
    """What an archive has of events and officers' actions, up to a day.

    Partitions are read in the order of their offsets, and merged by the times of their records.
    """

    def __init__(self, files: ArchivedFiles, last: date = date.max) -> None:
        self._files = files
        self._spans = _spans(files, last)

    def records(self) -> Iterator[Record]:
        """All records. Raises ArchiveUnusable."""
        partitions: defaultdict[Partition, list[Span]] = defaultdict(list)
        for span in sorted(self._spans):
            partitions[span.partition].append(span)
        streams = [self._stream(spans) for _, spans in sorted(partitions.items())]
        return heapq.merge(*streams, key=_order)

    def keys(self) -> Keys:
        """See ``History``. Reads the keys alone."""
        return counted_keys(
            key for files in self._spans.values() for one in files for key in self._files.keys(one.name)
        )

    def _stream(self, spans: Iterable[Span]) -> Iterator[Record]:
        for span in spans:
            records = [
                record for one in self._spans[span] for record in self._files.records(one.name, span.topic)
            ]
            yield from sorted(records, key=lambda record: record.offset)


def _spans(files: ArchivedFiles, last: date) -> dict[Span, tuple[Filed, ...]]:
    found = {
        span: tuple(one for one in parts if one.day <= last)
        for span, parts in inventory(files.names()).whole.items()
        if span.topic in REPLAYED
    }
    if not any(found.values()):
        raise HistoryUnusable(f"--history: found no {PARCEL_EVENTS} in the archive up to {last}")
    return found


def _order(record: Record) -> tuple[int, str, int, int]:
    return record.timestamp_ms, record.topic, record.partition, record.offset


def counted_keys(keys: Iterable[bytes | None]) -> Keys:
    """How many records have these keys, and which keys come more than once."""
    count, seen, again = 0, set(), set()
    for key in keys:
        count += 1
        if key in seen:
            again.add(key)
        seen.add(key)
    return Keys(count, frozenset(key.decode(errors="replace") for key in again if key is not None))


def parcel_key(record: Record) -> bytes:
    """The key of the parcel that a record is about, be its own another; empty for that of nobody."""
    try:
        named = _named(record.value or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        named = _Named("", "")
    if record.key == f"{named.source_carrier}|{named.hawb}".encode():
        return record.key
    return read(record).key.encode()


def _topic_and_key(value: bytes) -> tuple[str, bytes | None]:
    """The topic that a line belongs to and the key that its carrier would have given it, where readable."""
    try:
        named = _named(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return PARCEL_EVENTS, None
    topic = OFFICER_ACTIONS if named.action_type else PARCEL_EVENTS
    is_key = CARRIER.fullmatch(named.source_carrier) and HAWB.fullmatch(named.hawb)
    return topic, f"{named.source_carrier}|{named.hawb}".encode() if is_key else None
