"""`tidewaiter explain`: one parcel's events, decisions, findings and holds, read from the stream."""

from collections.abc import Callable, Mapping
from typing import Annotated, Final

import msgspec
import typer

from tidewaiter.adapters.kafka_reader import read_topic
from tidewaiter.cli.failing import connection_in_force, refusals, refuse
from tidewaiter.cli.pages import story_page
from tidewaiter.cli.terminal import terminal
from tidewaiter.inspection.story import TOPICS, story_of
from tidewaiter.stream.record import Record
from tidewaiter.wire import dead_letters, decisions, hold_orders
from tidewaiter.wire.malformed import Malformed
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, HOLD_ORDERS

_ANSWERS: Final[Mapping[str, Callable[[bytes], object]]] = {
    DECISIONS: decisions.decode,
    HOLD_ORDERS: hold_orders.decode,
    DEAD_LETTERS: dead_letters.decode,
}


def explain(
    carrier: Annotated[str, typer.Argument(help="The carrier's code, as in the events.")],
    hawb: Annotated[str, typer.Argument(help="The house waybill number.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of tables.")] = False,
) -> None:
    """Show everything the stream says about a parcel: what came, what was decided, and why."""
    connection = connection_in_force()
    key = f"{carrier}|{hawb}"
    with refusals():
        records = [record for topic in TOPICS for record in read_topic(connection, topic, key.encode())]
    story = story_of(key, filter(_is_sound, records))
    if not story.is_known:
        refuse(f"nothing about the key {key} is in the topics; the carrier's code is part of it")
    if as_json:
        typer.echo(msgspec.json.format(msgspec.json.encode(story), indent=2).decode())
    else:
        terminal().print(story_page(story))


def _is_sound(record: Record) -> bool:
    """Whether it is a message, or an answer to one: what else lies in the topics of answers says nothing."""
    decode = _ANSWERS.get(record.topic)
    return decode is None or not isinstance(decode(record.value or b""), Malformed)
