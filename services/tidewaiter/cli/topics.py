"""`tidewaiter topics`: create the topics, allow who may use them, compare both with what they should be."""

from typing import Annotated

import typer

from tidewaiter.adapters.kafka_acls import acl_differences, put_acls_in_force, read_principals
from tidewaiter.adapters.kafka_topics import MOST_PARTITIONS, create_topics, differences, read_topics
from tidewaiter.cli.failing import connection_in_force, connection_of, refusals, settings_in_force
from tidewaiter.resources import acls_file, topics_file

app = typer.Typer(help="The topics of deploy/kafka/topics.yaml.", no_args_is_help=True)

Partitions = Annotated[
    int | None,
    typer.Option(min=1, max=MOST_PARTITIONS, help="For a small broker: this many partitions each."),
]


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
        found = differences(connection_in_force(), read_topics(topics_file(), partitions))
    for difference in found:
        typer.echo(difference.text)
    typer.echo("as wanted" if not found else f"{len(found)} differences")
    raise typer.Exit(1 if found else 0)


@app.command()
def acls(
    really: Annotated[
        bool, typer.Option("--really", help="Put them in force; without it nothing is changed.")
    ] = False,
) -> None:
    """Compare who may do what with deploy/kafka/acls.yaml; exits 1 when it differs and is left so.

    Of the principals named there the file says all: what the broker allows them beyond it is taken back.
    Other principals, denials and permissions for single hosts are the operator's and are left alone.
    """
    settings = settings_in_force()
    connection = connection_of(settings)
    with refusals():
        found = acl_differences(connection, read_principals(acls_file(), settings.kafka_group))
        if really:
            put_acls_in_force(connection, found)
    for sign, some in (("+", found.missing), ("-", found.beyond)):
        for one in some:
            typer.echo(f"{sign} {one}")
    count = len(found.missing) + len(found.beyond)
    left = "changed" if really else "differences (a dry run: nothing was changed, --really changes)"
    typer.echo(f"{count} {left}" if count else "as wanted")
    raise typer.Exit(1 if count and not really else 0)
