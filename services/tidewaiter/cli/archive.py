"""`tidewaiter archive`: keep what the stream carried as Parquet by day, and check that none is missing."""

import json
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Annotated

import typer

from tidewaiter.adapters import clock
from tidewaiter.adapters.kafka_feed import KafkaFeed, PositionsLost
from tidewaiter.adapters.parquet import ArchiveUnusable, ParquetFiles
from tidewaiter.archive.archiver import Archiver, Limits, mended
from tidewaiter.archive.layout import inventory_of
from tidewaiter.cli.failing import connection_in_force, refusals, refuse
from tidewaiter.cli.worker import stop_on_signals
from tidewaiter.stream.drain import Stop
from tidewaiter.wire.columns import COLUMNS

app = typer.Typer(help="Keep what the stream carried as Parquet files by day; see docs/archive.md.")


@app.callback(invoke_without_command=True)
def archive(
    context: typer.Context,
    to: Annotated[Path | None, typer.Option(help="The archive's directory.")] = None,
    once: Annotated[bool, typer.Option("--once", help="End at the end that the topics have now.")] = False,
    seal_rows: Annotated[int, typer.Option(min=1, help="Write a file after so many records.")] = 20_000,
    seal_seconds: Annotated[float, typer.Option(min=0.1, help="Write a file after so many seconds.")] = 300,
    accept_gaps: Annotated[
        bool, typer.Option("--accept-gaps", help="Read on where the broker has deleted records.")
    ] = False,
) -> None:
    """Archive events, decisions, hold orders, officer actions and dead letters until SIGTERM."""
    if context.invoked_subcommand:
        return
    if to is None:
        refuse("archive: --to: not given, expected the archive's directory")
    stop = Stop()
    stop_on_signals(stop)
    with refusals(ArchiveUnusable, PositionsLost, OSError):
        count = archived(to, Limits(rows=seal_rows, seconds=seal_seconds), stop, once, accept_gaps)
    typer.echo(f"{count:,} records archived in {to}", err=True)


def archived(
    directory: Path,
    limits: Limits,
    stop: Stop,
    once: bool,
    accept_gaps: bool = False,
    topics: Collection[str] = tuple(COLUMNS),
) -> int:
    """Archive from Kafka into a directory until stopped or, with ``once``, to the end; how many records."""
    connection = connection_in_force()
    files = ParquetFiles(directory)
    with files.held():
        positions = mended(files).positions
        feed = KafkaFeed(connection, topics, positions, accept_gaps=accept_gaps)
        try:
            archiver = Archiver(files, positions, limits, clock.monotonic_seconds)
            archiver.run(feed, lambda: stop.is_requested, until_end=once)
        finally:
            feed.close()
    return archiver.archived


@app.command()
def check(
    directory: Annotated[Path, typer.Argument(help="The archive's directory.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")] = False,
) -> None:
    """Say what an archive holds, and whether offsets are missing or doubled or files cut short: exit 1."""
    if not directory.is_dir():
        refuse(f"DIRECTORY: found no directory {directory}, expected an archive")
    files_there = ParquetFiles(directory)
    with refusals(ArchiveUnusable):
        found = inventory_of(files_there)
    if not (found.whole or found.torn):
        refuse(f"DIRECTORY: found nothing archived in {directory}, expected an archive")
    whole = (one.name for parts in found.whole.values() for one in parts)
    problems = [
        *found.problems(),
        *(f"{one.name}: its span is not whole" for one in found.torn),
        *files_there.unreadable(whole),
    ]
    files = Counter(span.topic for span, parts in found.whole.items() for _ in parts)
    if as_json:
        print(json.dumps({"files": files, "problems": problems}))
    else:
        for topic, count in sorted(files.items()):
            typer.echo(f"{topic}: {count} files")
        typer.echo("\n".join(problems) or "no offset is missing or doubled")
    raise typer.Exit(1 if problems else 0)
