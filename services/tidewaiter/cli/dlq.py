"""`tidewaiter dlq`: the records that were set aside, and their way back once the reason is mended."""

from collections import Counter
from collections.abc import Iterator
from typing import Annotated, get_args

import orjson
import typer
from msgspec import to_builtins
from rich.table import Table

from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.kafka_reader import read_topic
from tidewaiter.cli.failing import connection_in_force, refusals, refuse
from tidewaiter.cli.terminal import add_row, harmless, terminal
from tidewaiter.stream.record import Outgoing
from tidewaiter.wire import dead_letters
from tidewaiter.wire.dead_letter import DeadLetter
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
            refuse(f"{DEAD_LETTERS}/{record.partition}/{record.offset} is no dead letter: {letter.reason}")
        if stage in ("", letter.stage):
            yield letter


def _place(letter: DeadLetter) -> str:
    return f"{letter.topic}/{letter.partition}/{letter.offset}"


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
    stage: OfStage = "",
    really: Annotated[
        bool, typer.Option("--really", help="Publish them; without it nothing is written.")
    ] = False,
) -> None:
    """Publish dead letters once more to the topic they came from, once the reason for them is mended.

    A record that was cut for its size cannot be replayed: it is named and left.
    """
    connection = connection_in_force()
    with refusals():
        letters = list(_letters(connection, stage))
        whole = [letter for letter in letters if not letter.value_cut]
        for letter in letters:
            typer.echo(
                f"{_place(letter)}  {'cut, cannot be replayed' if letter.value_cut else letter.reason}"
            )
        if really:
            with KafkaPublisher(connection) as publisher:
                for letter in whole:
                    publisher.publish(
                        Outgoing(letter.topic, letter.record_key, letter.value, letter.record_headers)
                    )
    done = "replayed" if really else "would be replayed (a dry run: nothing was written, --really writes)"
    typer.echo(f"{len(whole)} {done}")
