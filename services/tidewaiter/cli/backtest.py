"""`tidewaiter backtest`: what a ruleset would have held, beside another one, over a history."""

import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from tidewaiter.adapters.kafka_feed import PositionsLost
from tidewaiter.adapters.parquet import ArchiveUnusable
from tidewaiter.backtest.bench import Bench, Period, bench_of
from tidewaiter.backtest.cost import RuleCost, costs
from tidewaiter.backtest.crew import MateLost
from tidewaiter.backtest.histories import History, HistoryUnusable
from tidewaiter.backtest.page import page
from tidewaiter.backtest.replay import cores, replayed
from tidewaiter.backtest.report import ALL_PORTS, Question, Report, reported
from tidewaiter.backtest.shard import Account
from tidewaiter.backtest.truth import LabelsUnusable, read_labels
from tidewaiter.cli.backtest_views import show
from tidewaiter.cli.failing import refusals, refuse, settings_in_force
from tidewaiter.cli.history import opened_history, period_of
from tidewaiter.cli.outputs import is_stdout, refuse_overwriting
from tidewaiter.cli.progress import STDERR, bars
from tidewaiter.cli.rules_bundles import bundle_refusals, named
from tidewaiter.cli.terminal import terminal
from tidewaiter.resources import policy_directory
from tidewaiter.rules.policy import Policy
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.watchlists.formats import ListRefused, read_all

REFUSED_HISTORIES = (HistoryUnusable, ArchiveUnusable, PositionsLost, LabelsUnusable, ListRefused, MateLost)
_CAPACITY: Final = re.compile(r"(?:(.+)=)?([0-9]{1,9})")

History_ = Annotated[str, typer.Option("--history", help="An NDJSON file, an archive's directory, or kafka.")]
Days = Annotated[str, typer.Option(help="A day or FROM..TO; earlier days only fill the windows.")]
Lists = Annotated[
    list[Path] | None, typer.Option("--list", help="Watchlist files or folders; without, no list is known.")
]
Processes = Annotated[int | None, typer.Option(min=1, max=256, help="Default: every core.")]


@dataclass(frozen=True)
class Replay:
    """A history to be replayed, and how."""

    history: str
    period: Period
    lists: tuple[Path, ...]
    processes: int | None


def backtest(
    rules: Annotated[Path, typer.Option(help="The candidate: a bundle's directory.")],
    history: History_,
    against: Annotated[
        str, typer.Option(help="Another bundle's directory, a published version, or 'published'.")
    ] = "",
    labels: Annotated[
        Path | None, typer.Option(help="The truth about parcels, as simulate writes it.")
    ] = None,
    list_: Lists = None,
    days: Days = "",
    capacity: Annotated[
        list[str] | None,
        typer.Option(help="Exams a day: a number for all ports, or PORT=NUMBER; repeatable."),
    ] = None,
    processes: Processes = None,
    cost: Annotated[
        bool, typer.Option("--cost", help="Measure each rule, too; reports then differ.")
    ] = False,
    json: Annotated[Path | None, typer.Option(help="Write the report here as JSON; - is stdout.")] = None,
    html: Annotated[Path | None, typer.Option(help="Write the report here as one page.")] = None,
) -> None:
    """Replay a history through the deciding core and say what the candidate would have held."""
    capacities = dict(map(_capacity, capacity or ()))
    read = [("--history", Path(history)), ("--labels", labels), *(("--list", path) for path in list_ or ())]
    read += [("--rules", rules), ("--against", Path(against) if Path(against).is_dir() and against else None)]
    written = [("--json", None if json and is_stdout(json) else json), ("--html", html)]
    refuse_overwriting(_given(read), _given(written))
    with bundle_refusals(), refusals(*REFUSED_HISTORIES, OSError):
        rulesets = (Ruleset.load(rules), *([named(against)] if against else []))
        known = read_labels(labels) if labels else None
        replay = Replay(history, period_of(days), tuple(list_ or ()), processes)
        account, records, measured = run(replay, rulesets, with_cost=cost, followed=frozenset(known or ()))
        truth = None if known is None else {key: known[key] for key in known if key in account.followed}
        report = reported(account, rulesets, records, Question(truth, capacities, measured))
        _written(report, json, html)
    if json is None or not is_stdout(json):
        show(terminal(highlight=False), report)


def run(
    replay: Replay,
    rulesets: Sequence[Ruleset],
    *,
    with_cost: bool = False,
    watched: str = "",
    followed: frozenset[str] = frozenset(),
) -> tuple[Account, int, tuple[RuleCost, ...]]:
    """The account of a replay, the number of its records, and the costs of the first ruleset's rules.

    Raises what reading the history and the lists raises, and HistoryUnusable where there was nothing to
    decide on the days asked for. Shows progress on a terminal.
    """
    bench = bench_for(rulesets, replay.lists)
    bench = msgspec.structs.replace(bench, period=replay.period, watched=watched, followed=followed)
    with opened_history(replay.history, replay.period) as history:
        bench = msgspec.structs.replace(bench, then=history.then())
        account, records = _replayed(history, bench, replay.processes or cores())
        if not account.tallies[0].decisions:
            raise HistoryUnusable(f"--history: found nothing to decide in {replay.history} on these days")
        return account, records, costs(history.records(), bench) if with_cost else ()


def bench_for(rulesets: Sequence[Ruleset], lists: Sequence[Path]) -> Bench:
    """The rulesets under the law shipped, with the lists of these files and the configured secret."""
    entries = [entry for reading in (read_all(lists) if lists else ()) for entry in reading.entries]
    policy = Policy.load(policy_directory() / "us-low-value.yaml")
    return bench_of(rulesets, entries, policy, settings_in_force().secret)


def _replayed(history: History, bench: Bench, processes: int) -> tuple[Account, int]:
    keys = history.keys()
    started = time.monotonic()
    with bars() as progress:
        task = progress.add_task("replaying", total=keys.records)
        account = replayed(
            history.records(), bench, keys, processes, lambda count: progress.advance(task, count)
        )
    seconds = time.monotonic() - started
    rate = f"{keys.records / seconds:,.0f}/s on {processes} processes"
    STDERR.print(f"{keys.records:,} records in {seconds:.1f} s: {rate}", highlight=False)
    return account, keys.records


def _given(paths: Iterable[tuple[str, Path | None]]) -> list[tuple[str, Path]]:
    return [(option, path) for option, path in paths if path is not None]


def _capacity(text: str) -> tuple[str, int]:
    found = _CAPACITY.fullmatch(text)
    if found is None:
        refuse(f"--capacity: found {text!r}, expected a number a day, or PORT=NUMBER")
    return found[1] or ALL_PORTS, int(found[2])


def _written(report: Report, json: Path | None, html: Path | None) -> None:
    if json is not None:
        content = msgspec.json.format(msgspec.json.encode(report)).decode() + "\n"
        if is_stdout(json):
            typer.echo(content, nl=False)
        else:
            json.write_text(content, encoding="utf-8")
    if html is not None:
        html.write_text(page(report), encoding="utf-8")
