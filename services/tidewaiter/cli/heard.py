"""Which workers have said what they run within a minute: they say it once a second."""

from datetime import datetime, timedelta
from typing import Final

SILENT: Final = timedelta(minutes=1)


def is_silent(seen_at: datetime, now: datetime) -> bool:
    """Whether a worker has said nothing for a minute; whether it is meant to run is not known here."""
    return now - seen_at >= SILENT


def shown_silence(seen_at: datetime, now: datetime) -> str:
    """What stands behind a worker that has not been heard; "" for one that has."""
    return "  (silent since then)" if is_silent(seen_at, now) else ""
