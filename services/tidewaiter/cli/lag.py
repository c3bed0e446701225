"""`tidewaiter lag`: what readers have not read yet, for Prometheus or at once for whoever asks."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.table import Table

from tidewaiter.adapters import clock
from tidewaiter.adapters.kafka_lag import KafkaLag
from tidewaiter.adapters.kafka_open_orders import KafkaOpenOrders
from tidewaiter.adapters.parquet import ArchiveUnusable, ParquetFiles
from tidewaiter.archive.layout import inventory_of
from tidewaiter.cli import insight_process
from tidewaiter.cli.failing import connection_of, refusals, refuse, settings_in_force
from tidewaiter.cli.lag_exporter import Backlogs, Measures, serve_lag
from tidewaiter.cli.terminal import add_row, terminal
from tidewaiter.cli.worker import TOPICS
from tidewaiter.settings import Settings
from tidewaiter.stream.unread import Backlog, Reader, Unread
from tidewaiter.wire.columns import COLUMNS
from tidewaiter.wire.topics import TRANSACTIONAL

PORT = 9463
# A measurement is given up, and the numbers before it are gone from the page, when a request takes so long.
_REQUEST_SECONDS = 3.0
# Whoever asks once can wait for a broker that has only just started.
_ONCE_SECONDS = 5.0
_PARTITIONS_NAMED = 4
_LONG_SECONDS = 120


def lag(
    group: Annotated[
        list[str] | None,
        typer.Option(help="GROUP or GROUP=TOPIC,TOPIC instead of our services' groups; repeatable."),
    ] = None,
    archive: Annotated[
        Path | None, typer.Option(help="Also of this archive, which keeps its position in its files.")
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Serve /metrics here; 0: any free.")] = PORT,
    every: Annotated[float, typer.Option(min=0.2, max=3_600, help="Seconds between measurements.")] = 15.0,
    once: Annotated[bool, typer.Option("--once", help="Print what there is now, and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --once: one JSON document.")] = False,
) -> None:
    """Measure from outside what each reader has not read, in records and seconds: a dead one's, too."""
    if as_json and not once:
        refuse("--json: is for --once, which is not given")
    settings = settings_in_force()
    chosen = tuple(map(reader_of, group)) if group else services_of(settings)
    with refusals(ArchiveUnusable, OSError):
        connection = connection_of(settings, _ONCE_SECONDS if once else _REQUEST_SECONDS)
        with closing(KafkaLag(connection)) as known, closing(KafkaOpenOrders(connection)) as orders:
            measures = Measures(_backlogs(known, chosen, archive))
            if not group:
                # Who looks at groups of others has nothing of ours: two exporters would show it twice.
                transactions = partial(known.open_transactions, TRANSACTIONAL)
                measures = replace(measures, queues=orders.queues, open_transactions=transactions)
            if once:
                _print(measures.backlogs(), as_json)
            else:
                serve_lag((settings.metrics_address, port), measures, every)


def services_of(settings: Settings) -> tuple[Reader, ...]:
    """Those of our services that commit what they have read to Kafka."""
    counted = (*insight_process.TOPICS.read, insight_process.TOPICS.bundles)
    return (
        Reader("screener", settings.kafka_group, TOPICS),
        Reader("insight", insight_process.group_of(settings), counted),
    )


def reader_of(text: str) -> Reader:
    """GROUP, with the topics that it has committed to, or GROUP=TOPIC,TOPIC."""
    name, equals, topics = text.partition("=")
    if not name or (equals and not all(topics.split(","))):
        refuse(f"--group: found {text!r}, expected GROUP or GROUP=TOPIC,TOPIC")
    return Reader(name, name, tuple(topics.split(",")) if equals else ())


def archive_of(directory: Path) -> Reader:
    """The archive as a reader: its files say where it is. Raises ArchiveUnusable."""
    if not directory.is_dir():
        raise ArchiveUnusable(f"--archive: found no directory {directory}, expected an archive")
    positions = inventory_of(ParquetFiles(directory)).positions
    return Reader("archive", None, tuple(COLUMNS), positions)


def _backlogs(known: KafkaLag, chosen: tuple[Reader, ...], archive: Path | None) -> Backlogs:
    """The readers' positions are looked up anew each time: the archive's are in its files."""
    return lambda: known.measured((*chosen, archive_of(archive)) if archive else chosen)


def _print(backlogs: tuple[Backlog, ...], as_json: bool) -> None:
    now_ms = clock.epoch_ms()
    if as_json:
        typer.echo(orjson.dumps([_document(one, now_ms) for one in backlogs]).decode())
        return
    table = Table("reader", "members", "topic", "unread", "oldest", "in partitions", box=None, pad_edge=False)
    for backlog in backlogs:
        for row in _rows(backlog, now_ms):
            add_row(table, row)
    terminal().print(table)


def _document(backlog: Backlog, now_ms: int) -> dict[str, object]:
    partitions = [
        {
            "topic": one.partition.topic,
            "partition": one.partition.number,
            "committed": one.committed,
            "end": one.end,
            "unread": one.records,
            "oldest_seconds": one.seconds(now_ms),
        }
        for one in backlog.unread
    ]
    return {
        "reader": backlog.reader,
        "members": backlog.members,
        "unread": backlog.records,
        "oldest_seconds": backlog.seconds(now_ms),
        "partitions": partitions,
    }


def _rows(backlog: Backlog, now_ms: int) -> Iterator[tuple[str, ...]]:
    """A line a topic: partitions that have nothing to read are not worth one."""
    members = "unknown" if backlog.members is None else str(backlog.members)
    by_topic = {
        topic: tuple(ones) for topic, ones in groupby(backlog.unread, lambda one: one.partition.topic)
    }
    if not by_topic:
        yield (
            backlog.reader,
            members,
            "none",
            "-",
            "-",
            "the group has committed nothing, or its topics are gone",
        )
    for topic, ones in by_topic.items():
        part = Backlog(backlog.reader, backlog.members, ones)
        yield backlog.reader, members, topic, f"{part.records:,}", _age(part.seconds(now_ms)), _where(ones)


def _age(seconds: float | None) -> str:
    if seconds is None:
        return "unknown"
    return f"{seconds:.1f} s" if seconds < _LONG_SECONDS else str(timedelta(seconds=int(seconds)))


def _where(ones: tuple[Unread, ...]) -> str:
    """Those that have the most to read, with their counts."""
    waiting = sorted((one for one in ones if one.records), key=lambda one: -one.records)
    named = [f"{one.partition.number}: {one.records:,}" for one in waiting[:_PARTITIONS_NAMED]]
    more = len(waiting) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
