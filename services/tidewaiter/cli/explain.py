"""`tidewaiter explain`: one parcel's events, decisions, findings and holds, read from the stream."""

from typing import Annotated

import orjson
import typer
from msgspec import to_builtins

from tidewaiter.adapters.kafka_reader import read_topic
from tidewaiter.cli.failing import connection_in_force, refusals, refuse
from tidewaiter.cli.pages import story_page
from tidewaiter.cli.terminal import terminal
from tidewaiter.inspection.story import TOPICS, story_of


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
    story = story_of(key, records)
    if not story.is_known:
        refuse(f"nothing about the key {key} is in the topics; the carrier's code is part of it")
    if as_json:
        typer.echo(orjson.dumps(to_builtins(story), option=orjson.OPT_INDENT_2).decode())
    else:
        terminal().print(story_page(story))
