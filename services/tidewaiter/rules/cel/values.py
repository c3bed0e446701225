"""The run-time values that Python has no type of its own for: uint, timestamp, duration, type."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
UINT_MAX: Final = 2**64 - 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NANOS: Final = 1_000_000_000


class UInt(int):
    """An unsigned 64-bit integer; equal to the int of the same value, but no operand for it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, order=True)
class Timestamp:
    """A point in time, in nanoseconds since 1970-01-01T00:00:00Z."""

    nanos: int

    @classmethod
    def of(cls, moment: datetime) -> "Timestamp":
        """The timestamp of an aware datetime."""
        return cls((moment - _EPOCH) // timedelta(microseconds=1) * 1000)

    def utc(self) -> datetime:
        """The moment in UTC, cut to microseconds."""
        return _EPOCH + timedelta(microseconds=self.nanos // 1000)


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A span of time in nanoseconds, negative or positive."""

    nanos: int

    @classmethod
    def of(cls, span: timedelta) -> "Duration":
        return cls(span // timedelta(microseconds=1) * 1000)


@dataclass(frozen=True, slots=True)
class TypeName:
    """A type as a value: what ``type(1)`` yields and what the name ``int`` denotes."""

    name: str


@dataclass(frozen=True, slots=True)
class BoolKey:
    """A bool as a map key: in a Python dict ``True`` and ``1`` would be one key, in CEL they are two."""

    value: bool


TRUE_KEY: Final = BoolKey(True)
FALSE_KEY: Final = BoolKey(False)
