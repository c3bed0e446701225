"""`tidewaiter topics`: create the topics, and compare them with what they should be."""

from typing import Annotated

import typer

from tidewaiter.adapters.kafka_topics import create_topics, differences, read_topics
from tidewaiter.cli.failing import connection_in_force, refusals
from tidewaiter.resources import topics_file

app = typer.Typer(help="The topics of deploy/kafka/topics.yaml.", no_args_is_help=True)

Partitions = Annotated[int | None, typer.Option(min=1, help="For a small broker: this many partitions each.")]


@app.command()
def create(
    partitions: Partitions = None,
    replication: Annotated[int, typer.Option(min=1, max=9, help="Copies of each partition.")] = 1,
) -> None:
    """Create the topics that are missing; those that exist are left as they are."""
    with refusals():
        created = create_topics(connection_in_force(), read_topics(topics_file(), partitions), replication)
    for name in created:
        typer.echo(f"created {name}")
    if not created:
        typer.echo("all topics exist")


@app.command()
def check(partitions: Partitions = None) -> None:
    """Compare the broker's topics with the file; exits 1 when they differ."""
    with refusals():
        lines = differences(connection_in_force(), read_topics(topics_file(), partitions))
    for line in lines:
        typer.echo(line)
    typer.echo("as wanted" if not lines else f"{len(lines)} differences")
    raise typer.Exit(1 if lines else 0)
