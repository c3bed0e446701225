"""`tidewaiter rules suggest-threshold`: the limit that makes a rule hold about so many parcels a day."""

import json
from pathlib import Path
from typing import Annotated

import typer
from msgspec import to_builtins
from rich.console import Console

from tidewaiter.backtest.threshold import Suggestion, TrialRule, limit_of, suggestion
from tidewaiter.cli.backtest import REFUSED_HISTORIES, Days, History_, Lists, Processes, Replay, run
from tidewaiter.cli.failing import refusals
from tidewaiter.cli.history import period_of
from tidewaiter.cli.rules_bundles import bundle_refusals
from tidewaiter.cli.terminal import terminal
from tidewaiter.resources import rulesets_directory
from tidewaiter.rules.ruleset import Ruleset

app = typer.Typer()


@app.command("suggest-threshold")
def suggest_threshold(
    rule: Annotated[str, typer.Argument(help="The rule, as A03.")],
    target: Annotated[float, typer.Option("--target-holds-per-day", min=0, help="Parcels a day.")],
    history: History_,
    rules: Annotated[
        Path | None, typer.Option(help="A bundle's directory; default: the one shipped.")
    ] = None,
    limit: Annotated[str, typer.Option(help="Which limits.NAME, of a rule that reads more than one.")] = "",
    list_: Lists = None,
    days: Days = "",
    processes: Processes = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")] = False,
) -> None:
    """Suggest a value of a rule's limit from history. Exit 1 where no value stays within the target."""
    with bundle_refusals(), refusals(*REFUSED_HISTORIES, OSError):
        ruleset = Ruleset.load(rules or rulesets_directory() / "default")
        compiled, name = limit_of(ruleset, rule, limit)
        replay = Replay(history, period_of(days), tuple(list_ or ()), processes)
        account, _, _ = run(replay, (ruleset,), watched=rule)
        trials = TrialRule(ruleset, compiled, name, account.seen)
        found = suggestion(trials, sorted(account.tallies[0].parcels), target, rule)
    if as_json:
        print(json.dumps(to_builtins(found)))
    else:
        _show(terminal(highlight=False, soft_wrap=True), found, target)
    raise typer.Exit(0 if found.is_within else 1)


def _show(out: Console, found: Suggestion, target: float) -> None:
    does = "holds" if found.holds else "fires on"
    for name, trial in (("now", found.now), ("suggested", found.suggested)):
        stops = f"{found.rule} {does} {trial.mean:,.1f} parcels a day, {trial.most:,} on the fullest"
        out.print(f"{name:<10} limits.{found.limit} = {trial.limit:g}: {stops}")
    if not found.is_within:
        out.print(f"no value stays within {target:g} parcels a day")
