"""Progress on stderr, on a terminal only."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tidewaiter.stream.record import Record

STDERR = Console(stderr=True)


def bars() -> Progress:
    """A progress display that stays silent where nobody watches."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=STDERR, disable=not STDERR.is_terminal)


def advancing(records: Iterable[Record], total_bytes: int) -> Iterator[Record]:
    """The records, while a bar shows how much of the file has gone by."""
    with bars() as progress:
        task = progress.add_task("screening (bytes)", total=total_bytes)
        for record in records:
            yield record
            progress.advance(task, len(record.value or b"") + 1)
