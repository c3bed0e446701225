"""Timestamps and durations: their ranges, their text, and the calendar of a time zone."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from tidewaiter.rules.cel.errors import EvaluationError
from tidewaiter.rules.cel.values import INT_MAX, INT_MIN, NANOS, Duration, Timestamp

FIRST = -62_135_596_800 * NANOS  # 0001-01-01T00:00:00Z
LAST = 253_402_300_800 * NANOS - 1  # 9999-12-31T23:59:59.999999999Z

_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?(Z|[+-]\d{2}:\d{2})", re.ASCII
)
_OFFSET = re.compile(r"([+-]?)(\d{2}):(\d{2})", re.ASCII)
_LONGEST_DURATION = 1_000
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(h|ms|m|s|us|µs|μs|ns)", re.ASCII)
_UNITS = {
    "h": 3600 * NANOS, "m": 60 * NANOS, "s": NANOS,
    "ms": 1_000_000, "us": 1_000, "µs": 1_000, "μs": 1_000, "ns": 1,
}  # fmt: skip


def in_timestamp(nanos: int) -> Timestamp:
    """The timestamp, if its year is 1 to 9999."""
    if FIRST <= nanos <= LAST:
        return Timestamp(nanos)
    raise EvaluationError("timestamp out of range")


def in_duration(nanos: int) -> Duration:
    """The duration, if its nanoseconds fit into 64 bits (292 years)."""
    if INT_MIN <= nanos <= INT_MAX:
        return Duration(nanos)
    raise EvaluationError("duration out of range")


def timestamp_of(text: str) -> Timestamp:
    """The timestamp that RFC 3339 text denotes."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise EvaluationError(f"{text!r} is not a timestamp like 2026-01-31T23:59:59Z")
    date_and_time, fraction, zone = found.groups()
    try:
        moment = datetime.fromisoformat(date_and_time + ("+00:00" if zone == "Z" else zone))
    except ValueError as error:
        raise EvaluationError(f"{text!r}: {error}") from None
    seconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)
    return in_timestamp(seconds * NANOS + int((fraction or "").ljust(9, "0")))


def timestamp_text(value: Timestamp) -> str:
    """RFC 3339 in UTC, with as many decimals as there are."""
    seconds, nanos = divmod(value.nanos, NANOS)
    moment = datetime(1970, 1, 1) + timedelta(seconds=seconds)
    return f"{moment.isoformat()}{_fraction(nanos)}Z"


def duration_of(text: str) -> Duration:
    """The duration that text like ``1h30m`` or ``-1.5s`` denotes."""
    if len(text) > _LONGEST_DURATION:
        raise EvaluationError(f"a text of {len(text)} characters is no duration")
    unsigned = text[1:] if text[:1] in ("+", "-") else text
    parts = list(_PART.finditer(unsigned))
    if unsigned != "0" and (not parts or "".join(part.group() for part in parts) != unsigned):
        raise EvaluationError(f"{text!r} is not a duration like 1h30m or 2.5s")
    nanos = sum(_scaled(number, _UNITS[unit]) for number, unit in (part.groups() for part in parts))
    return in_duration(-nanos if text.startswith("-") else nanos)


def _scaled(number: str, unit: int) -> int:
    whole, _, fraction = number.partition(".")
    scaled = int(fraction or "0") * unit // 10 ** len(fraction)
    return int(whole or "0") * unit + int(scaled)


def duration_text(value: Duration) -> str:
    """The duration in seconds, with as many decimals as there are: ``90s``, ``-0.5s``."""
    seconds, nanos = divmod(abs(value.nanos), NANOS)
    return f"{'-' if value.nanos < 0 else ''}{seconds}{_fraction(nanos)}s"


def _fraction(nanos: int) -> str:
    return f".{nanos:09d}".rstrip("0") if nanos else ""


@lru_cache(maxsize=512)
def _zone(name: str) -> tzinfo:
    found = _OFFSET.fullmatch(name)
    try:
        if found is None:
            return ZoneInfo(name)
        sign, hours, minutes = found.groups()
        span = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-span if sign == "-" else span)
    except (ValueError, OSError, LookupError):
        raise EvaluationError(f"{name!r} is not a time zone") from None


def _local(value: Timestamp, zone: str) -> datetime:
    try:
        return value.utc().astimezone(_zone(zone))
    except OverflowError:
        raise EvaluationError("timestamp out of range in this time zone") from None


def _elapsed(value: Duration, unit: int, modulus: int) -> int:
    """The whole units of a duration; of milliseconds only those beyond the seconds, as CEL has it."""
    total = abs(value.nanos) // unit % modulus
    return -total if value.nanos < 0 else total


def _getter(name: str, field: Callable[[datetime], int], unit: int = 0) -> Callable[..., int]:
    def get(value: Any, zone: Any = "UTC") -> int:
        if isinstance(value, Timestamp) and isinstance(zone, str):
            return field(_local(value, zone))
        if unit and isinstance(value, Duration):
            return _elapsed(value, unit, 1000 if name == "getMilliseconds" else INT_MAX)
        raise EvaluationError(f"no such overload: {name}({type(value).__name__})")

    return get


GETTERS: dict[str, Callable[..., int]] = {
    "getFullYear": _getter("getFullYear", lambda moment: moment.year),
    "getMonth": _getter("getMonth", lambda moment: moment.month - 1),
    "getDate": _getter("getDate", lambda moment: moment.day),
    "getDayOfMonth": _getter("getDayOfMonth", lambda moment: moment.day - 1),
    "getDayOfWeek": _getter("getDayOfWeek", lambda moment: moment.isoweekday() % 7),
    "getDayOfYear": _getter("getDayOfYear", lambda moment: moment.timetuple().tm_yday - 1),
    "getHours": _getter("getHours", lambda moment: moment.hour, 3600 * NANOS),
    "getMinutes": _getter("getMinutes", lambda moment: moment.minute, 60 * NANOS),
    "getSeconds": _getter("getSeconds", lambda moment: moment.second, NANOS),
    "getMilliseconds": _getter("getMilliseconds", lambda moment: moment.microsecond // 1000, 1_000_000),
}
