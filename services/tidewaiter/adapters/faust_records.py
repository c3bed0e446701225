"""Records read off what Faust's client fetched, though the name of a header is no UTF-8.

aiokafka reads a record with all its headers or not at all. At such a name it raises, at every fetch anew: the
partition stands, and what was read before it in that fetch is lost. Here the rest of such a batch is read
without headers; insight asks for none.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy, _DefaultRecordPy
from aiokafka.record.memory_records import _MemoryRecordsPy
from aiokafka.record.util import decode_varint


class _Headerless(_DefaultRecordBatchPy):  # type: ignore[misc]
    """A batch whose records have no headers."""

    _pos: int

    def _read_msg(self, decode_varint: Any = decode_varint) -> _DefaultRecordPy:
        """The record at hand; its format is in aiokafka's own method of this name."""
        buffer = self._buffer
        length, start = decode_varint(buffer, self._pos)
        _attributes, at = decode_varint(buffer, start)
        since_first_ms, at = decode_varint(buffer, at)
        offset, at = decode_varint(buffer, at)
        key, at = _bytes(buffer, *decode_varint(buffer, at))
        value, at = _bytes(buffer, *decode_varint(buffer, at))
        self._pos = start + length
        is_appended = self.timestamp_type == self.LOG_APPEND_TIME
        stamped_ms = self.max_timestamp if is_appended else self.first_timestamp + since_first_ms
        return _DefaultRecordPy(self.base_offset + offset, stamped_ms, self.timestamp_type, key, value, [])


def _bytes(buffer: bytearray, length: int, at: int) -> tuple[bytes | None, int]:
    """So many bytes from there on, None for a length below 0; and where the next field begins."""
    return (bytes(buffer[at : at + length]), at + length) if length >= 0 else (None, at)


class _Batch:
    """A batch as aiokafka has it, whose records are read on without headers where one's name cannot be."""

    def __init__(self, batch: Any, raw: memoryview) -> None:
        self._batch, self._raw = batch, raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                yield record
                read += 1
        except (UnicodeDecodeError, CorruptRecordException):
            # What is corrupt beyond its headers raises here, too.
            yield from islice(_Headerless(self._raw), read, None)


class Records(_MemoryRecordsPy):  # type: ignore[misc]
    """The batches of a fetch."""

    def next_batch(self, *arguments: Any) -> Any:
        """See ``MemoryRecords``: None after the last."""
        raw = self._next_slice
        batch = super().next_batch(*arguments)
        return _Batch(batch, raw) if batch is not None and raw is not None else None


def read_any_headers() -> None:
    """From now on aiokafka's consumers of this process read so. Idempotent."""
    fetcher.MemoryRecords = Records
