"""`tidewaiter up`: the embedded broker and Redis, filled with what is needed, until interrupted."""

import signal
import tempfile
import threading
from pathlib import Path
from typing import Annotated

import typer

from tidewaiter.adapters import redis_connection
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.failing import refusals, settings_in_force
from tidewaiter.cli.seeding import load_lists, make_topics, publish_rules
from tidewaiter.local.stack import EmbeddedStack
from tidewaiter.resources import rulesets_directory
from tidewaiter.rules.errors import RuleError
from tidewaiter.simulate.lists import write_fictitious_list
from tidewaiter.watchlists.formats import ListRefused

# Enough for several workers on one machine, few enough for the embedded broker to assign at once.
EMBEDDED_PARTITIONS = 4
_LIST_SEED = 1


def fill(stack: EmbeddedStack, secret: bytes, directory: Path) -> None:
    """Topics, a fictitious watchlist (its files stay in ``directory``) and the default ruleset."""
    make_topics(KafkaConnection(stack.bootstrap_servers), EMBEDDED_PARTITIONS)
    write_fictitious_list(directory, _LIST_SEED)
    client = redis_connection.connected(stack.redis_url)
    load_lists(client, Tokens(secret), (directory,))
    publish_rules(client, rulesets_directory() / "default", reason="the ruleset that is shipped")


def up(
    kafka_port: Annotated[int, typer.Option(min=1, max=65_535)] = 9092,
    redis_port: Annotated[int, typer.Option(min=1, max=65_535)] = 6379,
) -> None:
    """Run the embedded broker and Redis, filled with topics, a fictitious list and rules, until Ctrl-C."""
    settings = settings_in_force()
    over = threading.Event()
    with (
        refusals(ListRefused, RuleError, OSError),
        tempfile.TemporaryDirectory(prefix="tidewaiter-list-") as directory,
        EmbeddedStack(kafka_port, redis_port) as stack,
    ):
        fill(stack, settings.secret, Path(directory))
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: over.set())
        typer.echo(f"TIDEWAITER_KAFKA_BOOTSTRAP_SERVERS={stack.bootstrap_servers}")
        typer.echo(f"TIDEWAITER_REDIS_URL={stack.redis_url}")
        typer.echo(f"list files: {directory}")
        typer.echo(
            "in other terminals: tidewaiter screen; tidewaiter simulate --to kafka; Ctrl-C ends this one"
        )
        over.wait()
