"""A history as commands name it: a file, an archive's directory, or `kafka`; and the days of it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from tidewaiter.adapters.parquet import ParquetFiles
from tidewaiter.archive.archiver import Limits
from tidewaiter.backtest.bench import Period
from tidewaiter.backtest.histories import READ, ArchiveHistory, History, HistoryUnusable, LinesHistory
from tidewaiter.cli.archive import archived
from tidewaiter.cli.failing import refuse
from tidewaiter.stream.drain import Stop

KAFKA = "kafka"


@contextmanager
def opened_history(name: str, period: Period) -> Iterator[History]:
    """The history of that name; what Kafka holds is archived into a temporary directory first.

    Raises HistoryUnusable, and what archiving raises.
    """
    path = Path(name)
    if name == KAFKA and not path.exists():
        with tempfile.TemporaryDirectory(prefix="tidewaiter-history-") as directory:
            archived(Path(directory), Limits(), Stop(), once=True, topics=READ)
            yield ArchiveHistory(ParquetFiles(Path(directory)), period.last)
    elif path.is_dir():
        yield ArchiveHistory(ParquetFiles(path), period.last)
    elif path.is_file():
        yield LinesHistory(path)
    else:
        raise HistoryUnusable(f"--history: found nothing at {name}, expected a file, an archive or 'kafka'")


def period_of(days: str) -> Period:
    """ "2026-11-17..2026-11-23", "2026-11-17.." or one day; "" is all. Exit 2 for anything else."""
    if not days:
        return Period()
    first, dots, last = days.partition("..")
    try:
        period = Period(
            date.fromisoformat(first) if first else date.min,
            (date.fromisoformat(last) if last else date.max) if dots else date.fromisoformat(first),
        )
    except ValueError:
        refuse(f"--days: found {days!r}, expected a day or FROM..TO as 2026-11-17..2026-11-23")
    if period.first > period.last:
        refuse(f"--days: found {days!r}, expected the earlier day first")
    return period
