"""`tidewaiter`: a thin face over the services and tools; each group of commands is one file."""

import sys

import typer
from typer.exceptions import TyperException

from tidewaiter.cli import (
    archive,
    dlq,
    match,
    match_identities,
    policy,
    rules,
    rules_threshold,
    simulate,
    topics,
    watchlists,
    watchlists_fetch,
    watchlists_local,
)
from tidewaiter.cli.backtest import backtest
from tidewaiter.cli.demo import demo
from tidewaiter.cli.doctor import doctor
from tidewaiter.cli.explain import explain
from tidewaiter.cli.failing import INTERRUPTED, say
from tidewaiter.cli.insight import insight
from tidewaiter.cli.lag import lag
from tidewaiter.cli.screen import screen
from tidewaiter.cli.top import top
from tidewaiter.cli.up import up
from tidewaiter.telemetry.logs import silence_clients

app = typer.Typer(
    help="Real-time screening of parcels: events in, HOLD or RELEASE out, exactly once, explained.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command()(screen)
app.add_typer(simulate.app, name="simulate")
watchlists.app.add_typer(watchlists_local.app)
watchlists.app.add_typer(watchlists_fetch.app)
match.app.add_typer(match_identities.app)
app.add_typer(watchlists.app, name="watchlists")
rules.app.add_typer(rules_threshold.app)
app.add_typer(rules.app, name="rules")
app.add_typer(policy.app, name="policy")
app.add_typer(match.app, name="match")
app.add_typer(archive.app, name="archive")
app.add_typer(topics.app, name="topics")
app.command()(backtest)
app.command()(explain)
app.add_typer(dlq.app, name="dlq")
app.command()(doctor)
app.command()(insight)
app.command()(lag)
app.command()(top)
app.command()(demo)
app.command()(up)


def main() -> None:
    """The entry point. Options and arguments that cannot be read end as all other bad input: in one line."""
    silence_clients()
    try:
        code = app(standalone_mode=False)
    except TyperException as error:
        # Empty where no command was given: then the help was shown.
        say(error.format_message())
        code = error.exit_code
    except typer.Abort:
        code = INTERRUPTED
    sys.exit(code)
