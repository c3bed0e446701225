"""Times as the service writes them: in UTC, so that one moment is one text, whoever wrote it first."""

from datetime import UTC, datetime
from functools import lru_cache

import orjson

# Z instead of +00:00.
DUMP_OPTIONS = orjson.OPT_UTC_Z


def utc(moment: datetime) -> datetime:
    """The same moment in UTC."""
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def from_ms(milliseconds: int) -> datetime:
    """The moment so many milliseconds after 1970, in UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def ms_between(earlier: datetime, later_ms: int) -> int:
    """Whole milliseconds from one moment to the other, 0 when the clock of the first was ahead."""
    return max(0, later_ms - int(earlier.timestamp() * 1000))


@lru_cache(maxsize=1024)
def text_of_ms(milliseconds: int) -> str:
    """``text`` of so many milliseconds after 1970: one moment for all decisions of a batch."""
    return text(from_ms(milliseconds))


def text(moment: datetime) -> str:
    """RFC 3339 in UTC with Z, as JSON writes it."""
    return orjson.dumps(utc(moment), option=DUMP_OPTIONS)[1:-1].decode()
