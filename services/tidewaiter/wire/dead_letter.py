"""A dead letter as the tools read it back from the stream."""

from base64 import b64decode
from datetime import datetime

from msgspec import Struct

from tidewaiter.wire.malformed import Stage


class QuotedHeader(Struct, frozen=True):
    """One header of the record that was set aside."""

    name: str
    value_base64: str


class DeadLetter(Struct, frozen=True, kw_only=True):
    """A dead letter as `dead-letter.v1` publishes it; ``None`` is "could not be read" or "had none"."""

    topic: str
    partition: int
    offset: int
    stage: Stage
    reason: str
    field: str
    found: str
    expected: str
    value_base64: str
    value_size: int
    value_sha256: str
    value_cut: bool
    headers: tuple[QuotedHeader, ...] = ()
    timestamp: datetime | None = None
    source_carrier: str | None = None
    hawb: str | None = None
    message_seq: int | None = None
    key_base64: str | None = None

    @property
    def value(self) -> bytes:
        """The record's value as it came, or its beginning when ``value_cut``."""
        return b64decode(self.value_base64)

    @property
    def record_key(self) -> bytes | None:
        """The record's key as it came."""
        return None if self.key_base64 is None else b64decode(self.key_base64)

    @property
    def record_headers(self) -> tuple[tuple[str, bytes], ...]:
        """The record's headers as they came."""
        return tuple((header.name, b64decode(header.value_base64)) for header in self.headers)
