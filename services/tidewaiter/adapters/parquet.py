"""The archive's files on disk: Parquet, written whole or not at all, read by us and by DuckDB alike."""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from tidewaiter.stream.record import Partition, Record
from tidewaiter.wire.columns import COLUMNS, Cell, Kind

_HEADER: Final = pa.struct([("name", pa.string()), ("value", pa.binary())])
_TYPES: Final[Mapping[Kind, pa.DataType]] = {
    "text": pa.string(),
    "whole": pa.int64(),
    "flag": pa.bool_(),
    "time": pa.timestamp("us", "UTC"),
    "texts": pa.list_(pa.string()),
}
# Beside the cells, everything that makes the record again, byte for byte.
_RECORD_FIELDS: Final[Sequence["pa.Field[Any]"]] = (
    pa.field("record_partition", pa.int32()),
    pa.field("record_offset", pa.int64()),
    pa.field("record_time", pa.timestamp("ms", "UTC")),
    pa.field("record_key", pa.binary()),
    pa.field("record_headers", pa.list_(_HEADER)),
    pa.field("record_value", pa.binary()),
)
_RECORD: Final = pa.schema(_RECORD_FIELDS)
_POSITIONS: Final = ".positions"
_recorded = msgspec.json.Decoder(list[tuple[str, int, int]]).decode
_ALWAYS: Final = ("record_partition", "record_offset", "record_time")


class ArchiveUnusable(Exception):
    """The archive's directory or a file in it cannot be used; the text is one line with its path."""


class ArchivedRow(Protocol):
    """A record and the cells that were read from its message."""

    @property
    def record(self) -> Record: ...
    @property
    def cells(self) -> Mapping[str, Cell]: ...


class ParquetFiles:
    """The files of one archive directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def names(self) -> tuple[str, ...]:
        """The paths of all files inside the archive, sorted."""
        found = self._directory.glob("topic=*/day=*/*.parquet")
        return tuple(sorted(path.relative_to(self._directory).as_posix() for path in found))

    def write(self, name: str, topic: str, rows: Sequence[ArchivedRow]) -> None:
        """Write a file under another name, make it last, then give it its name."""
        path = self._directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(f".{path.name}.partial")
        try:
            pq.write_table(_table(topic, rows), partial, compression="zstd")
            _sync(partial)
            partial.replace(path)
        except OSError:
            # What is left of it would keep a full disk full, a file more at each attempt.
            partial.unlink(missing_ok=True)
            raise
        for directory in (path.parent, path.parent.parent, self._directory):
            _sync(directory)

    def remove(self, name: str) -> None:
        """Remove a file. Idempotent."""
        (self._directory / name).unlink(missing_ok=True)

    def positions(self) -> dict[Partition, int]:
        """The positions that were recorded last, of no partition where none were. Raises ArchiveUnusable."""
        path = self._directory / _POSITIONS
        try:
            return {Partition(*one[:2]): one[2] for one in _recorded(path.read_bytes())}
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ArchiveUnusable(f"{path}: {error}") from error

    def record_positions(self, positions: Mapping[Partition, int]) -> None:
        """Write the positions in place of those before."""
        path = self._directory / _POSITIONS
        partial = path.with_name(f"{path.name}.partial")
        content = sorted((*partition, position) for partition, position in positions.items())
        try:
            partial.write_bytes(msgspec.json.encode(content) + b"\n")
            _sync(partial)
            partial.replace(path)
        except OSError:
            partial.unlink(missing_ok=True)
            raise
        _sync(self._directory)

    def unreadable(self, names: Iterable[str]) -> Iterator[str]:
        """One line for each file that ends in no Parquet footer, as one that was cut short."""
        for name in names:
            try:
                pq.read_metadata(self._directory / name)
            except (OSError, pa.ArrowException) as error:
                yield f"{name}: cannot be read: {' '.join(str(error).split())}"

    def keys(self, name: str) -> list[tuple[bytes | None, bytes]]:
        """The key of each record of a file, and the one that its message says, which are a small part of it.

        Raises ArchiveUnusable.
        """
        table = self._table(name, ["record_key", "source_carrier", "hawb"])
        columns = (table[name].to_pylist() for name in ("record_key", "source_carrier", "hawb"))
        return [(key, f"{carrier}|{hawb}".encode()) for key, carrier, hawb in zip(*columns, strict=True)]

    def decisions(self, name: str) -> list[str | None]:
        """The decision that each record of a file is, or names. Raises ArchiveUnusable."""
        return self._table(name, ["decision_id"])["decision_id"].to_pylist()

    def records(self, name: str, topic: str) -> list[Record]:
        """The records of a file, as they were on the stream. Raises ArchiveUnusable."""
        table = self._record_table(name)
        times = table["record_time"].cast(pa.int64()).to_pylist()
        columns = [table[name].to_pylist() for name in _RECORD.names if name != "record_time"]
        return [
            Record(topic, number, offset, key, value, _headers(headers), time)
            for number, offset, key, headers, value, time in zip(*columns, times, strict=True)
        ]

    def _record_table(self, name: str) -> pa.Table:
        """Everything that makes the records again. A file of somebody else's has the columns otherwise."""
        table = self._table(name, _RECORD.names)
        try:
            found = table.cast(_RECORD)
        except pa.ArrowException as error:
            raise ArchiveUnusable(f"{self._directory / name}: {' '.join(str(error).split())}") from error
        empty = next((one for one in _ALWAYS if found[one].null_count), None)
        if empty is not None:
            raise ArchiveUnusable(f"{self._directory / name}: {empty}: found nothing, expected a value")
        return found

    def _table(self, name: str, columns: list[str]) -> pa.Table:
        path = self._directory / name
        try:
            return pq.read_table(path, columns=columns, partitioning=None)
        except (OSError, pa.ArrowException) as error:
            raise ArchiveUnusable(f"{path}: {' '.join(str(error).split())}") from error

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else may write this archive meanwhile: two writers would file every record twice.

        What an earlier one was writing when it was killed is removed.
        Raises ArchiveUnusable when somebody does, or the directory cannot be made.
        """
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            lock = (self._directory / ".lock").open("w")
        except OSError as error:
            raise ArchiveUnusable(f"{self._directory}: {error.strerror}") from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ArchiveUnusable(f"{self._directory}: another process writes this archive") from None
            for partial in self._directory.glob("topic=*/day=*/.*.partial"):
                partial.unlink(missing_ok=True)
            yield


def _headers(found: list[dict[str, Any]] | None) -> tuple[tuple[str, bytes], ...]:
    return tuple((one["name"], one["value"] or b"") for one in found or ())


def _table(topic: str, rows: Sequence[ArchivedRow]) -> pa.Table:
    records = [row.record for row in rows]
    fields = [pa.field(one.name, _TYPES[one.kind]) for one in COLUMNS[topic]]
    schema = pa.schema([*fields, *_RECORD_FIELDS])
    content: dict[str, list[object]] = {
        column.name: [row.cells[column.name] for row in rows] for column in COLUMNS[topic]
    }
    content |= {
        "record_partition": [record.partition for record in records],
        "record_offset": [record.offset for record in records],
        "record_time": [record.timestamp_ms for record in records],
        "record_key": [record.key for record in records],
        "record_headers": [
            [{"name": name, "value": value} for name, value in record.headers] for record in records
        ],
        "record_value": [record.value for record in records],
    }
    return pa.table([pa.array(content[one.name], one.type) for one in schema], schema=schema)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
