"""``tidewaiter rules check``: what is doubtful in a bundle, by itself and on simulated traffic."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from msgspec import Struct

from tidewaiter.adapters import clock
from tidewaiter.backtest.bench import Bench, bench_of
from tidewaiter.backtest.cost import ALL_RULES, SAMPLE, calls
from tidewaiter.backtest.histories import keys_of
from tidewaiter.backtest.replay import replayed
from tidewaiter.cli.progress import bars
from tidewaiter.cli.rules_bundles import OUT, AsJson, Bundle, bundle_refusals, loaded, shown
from tidewaiter.cli.rules_views import checked, show_rows
from tidewaiter.domain.watchlist import Entry
from tidewaiter.resources import policy_directory
from tidewaiter.rules.facts import ORDINARY
from tidewaiter.rules.lint import lint
from tidewaiter.rules.observed import ObservedRules, Traffic, doubts_from, silent
from tidewaiter.rules.policy import Policy
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.simulate import traffic as simulated
from tidewaiter.simulate.lists import write_fictitious_list
from tidewaiter.simulate.season import Season
from tidewaiter.stream.record import Record
from tidewaiter.watchlists.formats import read_all
from tidewaiter.wire.topics import PARCEL_EVENTS

# All of them are in memory together.
_PARCELS_MOST: Final = 1_000_000
# Fifty times the share of the simulator's own week, so that few parcels show every planted case.
_PLANTED_SHARE = 0.5
_DAYS: Final = 7
_SECRET = b"traffic that nobody has to guess"


class Observation(Struct, frozen=True):
    """What a ruleset did on simulated traffic, how many calls a parcel its rules make there, and what is
    doubtful in both.
    """

    traffic: Traffic
    calls: Mapping[str, float]
    doubts: tuple[str, ...]


def check(
    directory: Bundle = None,
    parcels: Annotated[
        int,
        typer.Option(
            min=0,
            max=_PARCELS_MOST,
            help="Parcels of a simulated week to try it on; 0: only look at its text.",
        ),
    ] = 3_500,
    budget: Annotated[
        float, typer.Option(min=0, help="Calls of functions a parcel that one rule alone may make.")
    ] = 100.0,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same parcels.")] = 1,
    as_json: AsJson = False,
) -> None:
    """Load a bundle and say what is doubtful in it. Exit 2 if it cannot be used, 1 on a doubt.

    On traffic (half of it planted cases, whose labels no rule sees): rules that are never true, never false,
    that add nothing to another, that cost too much. What one costs is counted alone, its facts included, in
    calls of functions: they are the same on every machine, as time is not.
    """
    with bundle_refusals():
        ruleset = loaded(directory)
        doubts = lint(ruleset, ORDINARY, clock.utc_now().date())
        observed = _observation(ruleset, seed, parcels, budget) if parcels else None
    found = (*doubts, *observed.doubts) if observed else doubts
    shown(as_json, _json(ruleset, found, observed), lambda: _show(ruleset, found, observed))
    raise typer.Exit(1 if found else 0)


def _observation(ruleset: Ruleset, seed: int, parcels: int, budget: float) -> Observation:
    listed = _fictitious(seed)
    records = tuple(_records(seed, parcels, listed))
    bench = bench_of((ruleset,), listed, Policy.load(policy_directory() / "us-low-value.yaml"), _SECRET)
    traffic = _traffic(ruleset, records, bench)
    made = calls(records[:: max(1, len(records) // SAMPLE)], bench)
    return Observation(traffic, made, (*doubts_from(ruleset, traffic), *_dear(ruleset, made, budget)))


def _fictitious(seed: int) -> tuple[Entry, ...]:
    with tempfile.TemporaryDirectory(prefix="tidewaiter-") as directory:
        write_fictitious_list(Path(directory), seed)
        return tuple(entry for reading in read_all((Path(directory),)) for entry in reading.entries)


def _records(seed: int, parcels: int, listed: Sequence[Entry]) -> Iterator[Record]:
    a_day = -(-parcels // _DAYS)
    first = simulated.Traffic(seed, a_day, planted_share=_PLANTED_SHARE, listed=listed)
    for offset, message in enumerate(Season(first, _DAYS)):
        yield Record(PARCEL_EVENTS, 0, offset, message.key, message.value, (), 0)


def _traffic(ruleset: Ruleset, records: Sequence[Record], bench: Bench) -> Traffic:
    observed = ObservedRules(ruleset, bench.policy.calendar.person_day_key)
    keys = keys_of(records)
    with bars() as progress:
        task = progress.add_task("screening", total=len(records))
        bench = Bench((observed,), bench.names, bench.listed, bench.policy, bench.draw)
        replayed(records, bench, keys, 1, lambda count: progress.advance(task, count))
    return observed.traffic


def _dear(ruleset: Ruleset, made: Mapping[str, float], budget: float) -> Iterator[str]:
    for rule in ruleset.rules:
        if made[rule.rule.id] > budget:
            yield rule.doubt(f"makes {made[rule.rule.id]:g} calls a parcel, over the budget of {budget:g}")


def _show(ruleset: Ruleset, doubts: Sequence[str], observed: Observation | None) -> None:
    if observed:
        fired, decisions = observed.traffic.fired, observed.traffic.decisions
        each, together = sorted(observed.calls.items()), observed.calls[ALL_RULES]
        rows = [(rule, *_share(fired[rule], decisions), made) for rule, made in each if rule != ALL_RULES]
        show_rows(OUT, ("rule", "fired", "%", "calls a parcel, alone"), rows)
        OUT.print(
            f"{decisions} decisions; all rules together make {together:g} calls a parcel, facts included"
        )
        quiet = silent(ruleset, observed.traffic)
        if quiet:
            OUT.print(f"fired on none of them, only in their own cases: {', '.join(quiet)}")
    checked(OUT, ruleset, doubts)


def _share(count: int, decisions: int) -> tuple[int, str]:
    return count, f"{100 * count / max(1, decisions):.2f}"


def _json(ruleset: Ruleset, doubts: Sequence[str], observed: Observation | None) -> dict[str, Any]:
    content: dict[str, Any] = {"version": ruleset.version, "rules": len(ruleset.rules), "doubts": doubts}
    if observed is None:
        return content
    fired = observed.traffic.fired
    return content | {
        "decisions": observed.traffic.decisions,
        "fired": {one.rule.id: fired[one.rule.id] for one in ruleset.rules},
        "silent": silent(ruleset, observed.traffic),
        "calls": observed.calls,
    }
