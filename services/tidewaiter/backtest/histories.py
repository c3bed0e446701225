"""Where history is read from: an NDJSON file in its order, or an archive in the order of the stream."""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

import msgspec
from msgspec import Struct

from tidewaiter.archive.layout import Filed, Filing, Span, inventory_of
from tidewaiter.backtest.officers import Source, source_in
from tidewaiter.backtest.stamps import steadied
from tidewaiter.screener.reading import read
from tidewaiter.stream.record import Partition, Record
from tidewaiter.wire.identity import CARRIER, HAWB
from tidewaiter.wire.lines import numbered_lines
from tidewaiter.wire.topics import HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS

REPLAYED = (PARCEL_EVENTS, OFFICER_ACTIONS)
READ = (*REPLAYED, HOLD_ORDERS)
# As in the archive: a broken clock would make a day of its own.
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


class HistoryUnusable(Exception):
    """There is nothing that could be replayed; the text is one line with the path."""


class ArchivedFiles(Filing, Protocol):
    """The files of an archive, by their path inside it."""

    def keys(self, name: str) -> Iterable[tuple[bytes | None, bytes]]: ...
    def decisions(self, name: str) -> Iterable[str | None]: ...
    def records(self, name: str, topic: str) -> list[Record]: ...


class Keys(Struct, frozen=True):
    """How many records a history has, and the keys of the parcels that it tells of more than once."""

    records: int
    again: frozenset[str]


class History(Protocol):
    """A history that can be read more than once, each time in the same order."""

    def records(self) -> Iterator[Record]: ...
    def keys(self) -> Keys: ...
    def then(self) -> Mapping[str, Source]: ...


class _Named(Struct):
    source_carrier: str
    hawb: str
    action_type: str = ""
    event_time: object = None
    action_time: object = None


_NAMELESS = _Named("", "")
_named = msgspec.json.Decoder(_Named).decode


class LinesHistory:
    """Events and officers' actions, one JSON object a line. An action is known by its ``action_type``.

    What is written behind its end of now is no part of it, since it is read more than once. Raises OSError.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._bytes = path, path.stat().st_size

    def records(self) -> Iterator[Record]:
        """A record a line, its offset the line's number; empty lines are passed over. Raises OSError.

        Its time is that which it says itself, else that of the line before: what cannot be read lies in the
        days of the others, and is no day of its own. So with a time that is far from those around it.
        """
        return steadied(self._said())

    def _said(self) -> Iterator[Record]:
        moment_ms = next((found for _, value in self._lines() if (found := _moment_ms(_named_in(value)))), 0)
        for number, value in self._lines():
            named = _named_in(value)
            moment_ms = _moment_ms(named) or moment_ms
            yield Record(*_place_of(named, number), value, (), moment_ms)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        with self._path.open("rb") as lines:
            yield from ((number, value) for number, value in numbered_lines(self._of_now(lines)) if value)

    def _of_now(self, lines: Iterable[bytes]) -> Iterator[bytes]:
        left = self._bytes
        for line in lines:
            left -= len(line)
            if left < 0:
                return
            yield line

    def then(self) -> Mapping[str, Source]:
        """Lines have no hold orders."""
        return {}

    def keys(self) -> Keys:
        """See ``History``. Raises HistoryUnusable where no line names a parcel."""
        if not any(record.key for record in self.records()):
            raise HistoryUnusable(f"--history: found no parcel event in {self._path}, expected one a line")
        return keys_of(self.records())


class ArchiveHistory:
    """What an archive has of events and officers' actions, up to the spans that tell of a day and no earlier.

    What such a span has of later days is read, too: a message that is dated ahead counts on its record's day.
    Partitions are read in the order of their offsets, and merged by the times of their records, as far as
    those around them bear them out: see ``stamps.steadied``.
    """

    def __init__(self, files: ArchivedFiles, last: date = date.max) -> None:
        self._files = files
        self._whole = inventory_of(files).whole
        self._spans = {
            span: parts
            for span, parts in self._whole.items()
            if span.topic in REPLAYED and parts[0].day <= last
        }
        if not self._spans:
            raise HistoryUnusable(f"--history: found no {PARCEL_EVENTS} in the archive up to {last}")

    def records(self) -> Iterator[Record]:
        """All records. Raises ArchiveUnusable."""
        partitions: defaultdict[Partition, list[Span]] = defaultdict(list)
        for span in sorted(self._spans):
            partitions[span.partition].append(span)
        streams = [steadied(self._stream(spans)) for _, spans in sorted(partitions.items())]
        return heapq.merge(*streams, key=_order)

    def keys(self) -> Keys:
        """See ``History``. Reads the keys alone, and the whole of files in which one is another parcel's."""
        files = (one for files in self._spans.values() for one in files)
        return _counted(pair for one in files for pair in self._keys(one))

    def then(self) -> Mapping[str, Source]:
        """The sources of the decisions that officers name, by decision_id; see ``officers.ShownThen``."""
        named = {
            decision for one in self._of(OFFICER_ACTIONS) for decision in self._files.decisions(one.name)
        }
        found: dict[str, Source] = {}
        for one in self._of(HOLD_ORDERS) if named - {None} else ():
            decisions = list(self._files.decisions(one.name))
            if named.intersection(decisions):
                orders = self._files.records(one.name, HOLD_ORDERS)
                answers = zip(decisions, orders, strict=True)
                found |= {id_: source_in(order.headers) for id_, order in answers if id_ and id_ in named}
        return found

    def _of(self, topic: str) -> Iterator[Filed]:
        return (one for span, parts in self._whole.items() if span.topic == topic for one in parts)

    def _keys(self, one: Filed) -> Iterable[tuple[bytes | None, bytes]]:
        pairs = self._files.keys(one.name)
        if all(key == said for key, said in pairs):
            return pairs
        return _keyed(self._files.records(one.name, one.span.topic))

    def _stream(self, spans: Iterable[Span]) -> Iterator[Record]:
        for span in spans:
            records = [
                record for one in self._spans[span] for record in self._files.records(one.name, span.topic)
            ]
            yield from sorted(records, key=lambda record: record.offset)


def _order(record: Record) -> tuple[int, str, int, int]:
    return record.timestamp_ms, record.topic, record.partition, record.offset


def keys_of(records: Iterable[Record]) -> Keys:
    """How many records there are, and the keys of the parcels that they tell of more than once."""
    return _counted(_keyed(records))


def _keyed(records: Iterable[Record]) -> Iterator[tuple[bytes | None, bytes]]:
    return ((record.key, parcel_key(record)) for record in records)


def _counted(pairs: Iterable[tuple[bytes | None, bytes]]) -> Keys:
    """Of pairs of a record's key and its parcel's. What came under another's key comes from the lane, too."""
    count, seen, again = 0, set(), set()
    for key, parcel in pairs:
        count += 1
        if parcel and (parcel in seen or parcel != key):
            again.add(parcel)
        seen.add(parcel)
    return Keys(count, frozenset(key.decode(errors="replace") for key in again))


def parcel_key(record: Record) -> bytes:
    """The key of the parcel that a record is about, be its own another; empty for that of nobody."""
    named = _named_in(record.value or b"")
    if record.key == f"{named.source_carrier}|{named.hawb}".encode():
        return record.key
    return read(record).key.encode()


def _named_in(value: bytes) -> _Named:
    try:
        return _named(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _NAMELESS


def _moment_ms(named: _Named) -> int:
    """The time that a message says, 0 for none that a parcel of ours can have."""
    said = named.event_time or named.action_time
    try:
        moment = datetime.fromisoformat(said) if isinstance(said, str) else None
    except ValueError:
        return 0
    if moment is None or moment.tzinfo is None or not _FIRST_YEAR <= moment.year < _LAST_YEAR:
        return 0
    return round(moment.timestamp() * 1000)


def _place_of(named: _Named, number: int) -> tuple[str, int, int, bytes | None]:
    """Topic, partition, offset and key: the topic that a line belongs to, and the key that its carrier would
    have given it, where readable.
    """
    topic = OFFICER_ACTIONS if named.action_type else PARCEL_EVENTS
    is_key = CARRIER.fullmatch(named.source_carrier) and HAWB.fullmatch(named.hawb)
    return topic, 0, number, f"{named.source_carrier}|{named.hawb}".encode() if is_key else None
