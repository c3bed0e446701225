"""`tidewaiter simulate`: generated parcel traffic with planted cases, to a file or to Kafka."""

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, BinaryIO, Final

import typer

from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.kafka_topics import check_alike
from tidewaiter.cli.failing import connection_of, refusals, refuse, settings_in_force
from tidewaiter.cli.outputs import is_stdout, partial_of, refuse_overwriting, whole_files
from tidewaiter.cli.progress import bars
from tidewaiter.domain.watchlist import Entry
from tidewaiter.local.interrupts import Interruption
from tidewaiter.simulate.lists import write_fictitious_list
from tidewaiter.simulate.message import Message
from tidewaiter.simulate.season import Season
from tidewaiter.simulate.sending import published, real_pace
from tidewaiter.simulate.traffic import DEFAULT_START, PARCELS_MOST, PLANTED_SHARE, Traffic
from tidewaiter.watchlists.formats import ListRefused, read_all
from tidewaiter.wire.topics import PARCEL_EVENTS

app = typer.Typer(help="Generate believable parcel traffic with known cases planted in it.")


class Destination(StrEnum):
    """Where traffic can go beside a file."""

    KAFKA = "kafka"


# Of the times that the schema takes (1900 to 2199), those that 400 days and their flights stay within.
_YEARS: Final = range(1901, 2198)


class Profile(StrEnum):
    """How the rate changes over the day."""

    DAY = "day"


@app.callback(invoke_without_command=True)
def simulate(
    context: typer.Context,
    parcels: Annotated[int, typer.Option(min=1, max=PARCELS_MOST, help="How many parcels.")] = 20_000,
    days: Annotated[
        int, typer.Option(min=1, max=400, help="So many days of --parcels each; see docs/insight.md.")
    ] = 1,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 1,
    out: Annotated[Path | None, typer.Option(help="Write events here, one JSON a line; - is stdout.")] = None,
    to: Annotated[Destination | None, typer.Option(help="Publish to the parcel-events topic.")] = None,
    labels: Annotated[Path | None, typer.Option(help="Write the truth about planted events here.")] = None,
    rate: Annotated[float | None, typer.Option(min=0.001, help="Messages a second.")] = None,
    profile: Annotated[Profile | None, typer.Option(help="Send as a day's flight banks come in.")] = None,
    speed: Annotated[float, typer.Option(min=0.001, help="With --profile: times as fast as real.")] = 1.0,
    planted_share: Annotated[
        float, typer.Option(min=0, max=0.5, help="Share of planted parcels.")
    ] = PLANTED_SHARE,
    list_: Annotated[
        list[Path] | None, typer.Option("--list", help="Watchlist files or folder to plant from.")
    ] = None,
    start: Annotated[str, typer.Option(help="Event time of the first parcel.")] = f"{DEFAULT_START:%FT%TZ}",
) -> None:
    """Generate parcel events. The truth about planted ones goes to the labels file alone."""
    if context.invoked_subcommand:
        return
    if (out is None) == (to is None):
        refuse("simulate: expected one of --out FILE and --to kafka")
    outputs = {option: path for option, path in (("--out", out), ("--labels", labels)) if path}
    _refuse_overwriting(list_ or [], outputs)
    if rate and profile:
        refuse("simulate: expected --rate or --profile, found both")
    traffic = Season(Traffic(seed, parcels, _moment(start), planted_share, _entries(list_ or [])), days)
    with refusals(OSError), ExitStack() as stack:
        publisher = stack.enter_context(_publisher()) if to else None
        files = stack.enter_context(_opened(outputs))
        messages = _paced(traffic, rate, speed if profile else None)
        if publisher:
            messages = published(messages, publisher)
        _write(_counted(messages, parcels * days), files.get("--out"), files.get("--labels"))


@app.command("list")
def write_list(
    out: Annotated[Path, typer.Option(help="Folder for sdn.csv, alt.csv and add.csv.")],
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same bytes.")] = 1,
) -> None:
    """Write a fictitious watchlist in the OFAC file format."""
    try:
        count = write_fictitious_list(out, seed)
    except OSError as error:
        refuse(f"simulate list: --out {out}: {error.strerror}")
    print(f"{count} fictitious entries in {out}", file=sys.stderr)


def _refuse_overwriting(lists: Sequence[Path], outputs: Mapping[str, Path]) -> None:
    if [*map(str, outputs.values())] == ["-", "-"]:
        refuse("simulate: --labels: found -, expected another file than that of --out")
    files = [(option, path) for option, path in outputs.items() if not is_stdout(path)]
    beside = [(option, partial_of(path)) for option, path in files] if _is_kept(outputs) else []
    refuse_overwriting((("--list", path) for path in lists), (*files, *beside))


def _is_kept(outputs: Mapping[str, Path]) -> bool:
    """Whether events go to a file. What Kafka or a pipe was told stays, and so do the labels of that."""
    files = [path for path in outputs.values() if not is_stdout(path)]
    return outputs.get("--out") in files and all(path.is_file() or not path.exists() for path in files)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        refuse(f"simulate: --start: found {text!r}, expected a time as 2026-11-23T06:00:00Z")
    if moment.year not in _YEARS:
        refuse(f"simulate: --start: found {text!r}, expected a year from {_YEARS[0]} to {_YEARS[-1]}")
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _entries(paths: list[Path]) -> tuple[Entry, ...]:
    if not paths:
        return ()
    try:
        return tuple(entry for reading in read_all(tuple(paths)) for entry in reading.entries)
    except (ListRefused, OSError) as error:
        refuse(f"simulate: --list: {error}")


def _paced(messages: Iterable[Message], rate: float | None, speed: float | None) -> Iterable[Message]:
    if rate:
        return real_pace().at_rate(messages, rate)
    return real_pace().by_event_time(messages, speed) if speed else messages


@contextmanager
def _publisher() -> Iterator[KafkaPublisher]:
    connection = connection_of(settings_in_force())
    # A producer would wait for a topic that is not there as for one whose leader moves.
    check_alike(connection, (PARCEL_EVENTS,))
    with KafkaPublisher(connection) as publisher:
        yield publisher


@contextmanager
def _opened(outputs: Mapping[str, Path]) -> Iterator[Mapping[str, BinaryIO]]:
    """The files by their options: whole or not at all, or as the events go."""
    with ExitStack() as stack:
        if _is_kept(outputs):
            Interruption()  # by default SIGTERM would leave unfinished ones behind
            yield stack.enter_context(whole_files(outputs))
            return
        yield {
            option: sys.stdout.buffer if is_stdout(path) else stack.enter_context(path.open("wb"))
            for option, path in outputs.items()
        }


def _counted(messages: Iterable[Message], parcels: int) -> Iterator[Message]:
    """The messages, with a bar on standard error where that is a terminal."""
    with bars() as progress:
        if progress.disable:
            yield from messages
            return
        task = progress.add_task("parcels", total=parcels)
        for message in messages:
            if message.event_type == "CREATE":
                progress.advance(task)
            yield message


def _write(messages: Iterable[Message], events: BinaryIO | None, labels: BinaryIO | None) -> None:
    for message in messages:
        if events:
            events.write(message.value + b"\n")
        if labels and message.label:
            labels.write(message.label.line())
