"""`tidewaiter dlq`: the records that were set aside, and their way back once the reason is mended."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, get_args

import orjson
import typer
from msgspec import to_builtins
from rich.table import Table

from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.kafka_reader import read_topic
from tidewaiter.cli.failing import connection_in_force, refusals, refuse, say
from tidewaiter.cli.terminal import add_row, harmless, terminal
from tidewaiter.screener.reading import read
from tidewaiter.stream.record import Outgoing, Record
from tidewaiter.wire import dead_letters
from tidewaiter.wire.dead_letter import DeadLetter
from tidewaiter.wire.headers import place_name
from tidewaiter.wire.malformed import Malformed, Stage
from tidewaiter.wire.topics import DEAD_LETTERS

app = typer.Typer(help="The dead letters: records that could not be read, and why.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of tables.")]
_STAGES = get_args(Stage)
OfStage = Annotated[str, typer.Option("--stage", help=f"Only those refused at: {', '.join(_STAGES)}.")]


def _letters(connection: KafkaConnection, stage: str) -> Iterator[DeadLetter]:
    if stage and stage not in _STAGES:
        refuse(f"--stage: found {stage!r}, expected one of {', '.join(_STAGES)}")
    for record in read_topic(connection, DEAD_LETTERS):
        letter = dead_letters.decode(record.value or b"")
        if isinstance(letter, Malformed):
            say(f"{place_name(*record.place)} is no dead letter, passed over: {letter.reason}")
        elif stage in ("", letter.stage):
            yield letter


def _place(letter: DeadLetter) -> str:
    return place_name(letter.topic, letter.partition, letter.offset)


@app.command("list")
def list_letters(stage: OfStage = "", as_json: AsJson = False) -> None:
    """List the dead letters, one a line, with a count by stage at the end."""
    with refusals():
        letters = list(_letters(connection_in_force(), stage))
    if as_json:
        for letter in letters:
            typer.echo(
                orjson.dumps(
                    {"place": _place(letter), "stage": letter.stage, "reason": letter.reason}
                ).decode()
            )
        return
    table = Table("place", "parcel", "stage", "reason")
    for letter in letters:
        parcel = f"{letter.source_carrier or '?'}|{letter.hawb or '?'}"
        add_row(table, (_place(letter), parcel, letter.stage, letter.reason))
    terminal().print(table)
    counts = Counter(letter.stage for letter in letters)
    typer.echo(
        f"{len(letters)} dead letters: " + ", ".join(f"{count} {name}" for name, count in counts.items())
    )


@app.command()
def show(
    place: Annotated[
        str, typer.Argument(help="Where the record lay: TOPIC/PARTITION/OFFSET, as `list` shows.")
    ],
    as_json: AsJson = False,
) -> None:
    """Show one dead letter whole, with the bytes as they came."""
    with refusals():
        letter = next((one for one in _letters(connection_in_force(), "") if _place(one) == place), None)
    if letter is None:
        refuse(f"{place}: no dead letter of that place, expected one that `tidewaiter dlq list` shows")
    if as_json:
        typer.echo(orjson.dumps(to_builtins(letter)).decode())
        return
    typer.echo(harmless(f"{place}: refused at {letter.stage}: {letter.reason}"))
    typer.echo(
        f"{letter.value_size} bytes, sha256 {letter.value_sha256}{', cut' if letter.value_cut else ''}"
    )
    typer.echo(harmless(letter.value.decode(errors="backslashreplace")))


@app.command()
def replay(
    places: Annotated[
        list[str] | None, typer.Argument(help="Only these, each TOPIC/PARTITION/OFFSET as `list` shows it.")
    ] = None,
    stage: OfStage = "",
    really: Annotated[
        bool, typer.Option("--really", help="Publish them; without it nothing is written.")
    ] = False,
) -> None:
    """Publish dead letters once more to the topic they came from, once the reason for them is mended.

    Named and left are records that this release cannot read either, and those that were cut for their size.
    What was replayed before is replayed again: a repeated message changes nothing.
    """
    connection = connection_in_force()
    with refusals():
        letters = _chosen(tuple(_letters(connection, stage)), places or ())
        readable = [letter for letter in letters if not _hindrance(letter)]
        for letter in letters:
            typer.echo(harmless(f"{_place(letter)}  {_hindrance(letter) or letter.reason}"))
        if really:
            with KafkaPublisher(connection) as publisher:
                for letter in readable:
                    publisher.publish(
                        Outgoing(letter.topic, letter.record_key, letter.value, letter.record_headers)
                    )
    done = "replayed" if really else "would be replayed (a dry run: nothing was written, --really writes)"
    left = len(letters) - len(readable)
    typer.echo(f"{len(readable)} {done}" + (f"; {left} left" if left else ""))


def _chosen(letters: tuple[DeadLetter, ...], places: Sequence[str]) -> tuple[DeadLetter, ...]:
    """Those of the places, all where none is named."""
    unknown = sorted({*places} - {_place(letter) for letter in letters})
    if unknown:
        refuse(f"{unknown[0]}: no dead letter of that place, expected one that `tidewaiter dlq list` shows")
    return tuple(letter for letter in letters if not places or _place(letter) in places)


def _hindrance(letter: DeadLetter) -> str:
    """Why it is not worth sending again; empty where nothing is in the way.

    What cannot be read would only become a letter more, and so many in a row that its partition stops.
    """
    if letter.value_cut:
        return "cut, cannot be replayed"
    key, headers = letter.record_key, letter.record_headers
    malformed = read(
        Record(letter.topic, letter.partition, letter.offset, key, letter.value, headers)
    ).malformed
    return f"still cannot be read: {malformed.reason}" if malformed else ""
