"""``tidewaiter watchlists``: bring lists into force, look at them, take them back."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from msgspec import structs
from rich.table import Table

from tidewaiter.adapters import clock
from tidewaiter.adapters.interpreter import uncollected
from tidewaiter.adapters.redis_connection import connected
from tidewaiter.adapters.redis_lists import ListsUnreadable, RedisLists, WorkerReport
from tidewaiter.adapters.redis_local import RedisLocal
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.author import author
from tidewaiter.cli.failing import refusals
from tidewaiter.cli.heard import is_silent, shown_silence
from tidewaiter.cli.terminal import add_row, harmless, terminal
from tidewaiter.domain.generation import Generation, Rollback, SourceVersion
from tidewaiter.domain.watchlist import Entry
from tidewaiter.settings import Settings, load_settings
from tidewaiter.watchlists.formats import ListRefused, Reading, read_all
from tidewaiter.watchlists.generations import (
    MAX_SHRINK,
    Diff,
    GenerationUnknown,
    Loaded,
    diff,
    load,
    rollback,
)
from tidewaiter.watchlists.local import LocalRefused, Warrant

app = typer.Typer(help="The lists of whom parcels are screened against.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
By = Annotated[str, typer.Option("--by", help="Who does this, for the record; default: the user logged in.")]
Reason = Annotated[str, typer.Option(help="Why, for the record.")]


class Desk:
    """The stores behind the commands, on the Redis of the settings."""

    def __init__(self, settings: Settings) -> None:
        client = connected(settings.redis_url)
        tokens = Tokens(settings.secret)
        self.settings = settings
        self.lists = RedisLists(client, tokens)
        self.local = RedisLocal(client, tokens)


@contextmanager
def desk() -> Iterator[Desk]:
    """The desk, with refusals turned into one line and exit 2."""
    with refusals(ListRefused, GenerationUnknown, LocalRefused, ListsUnreadable), uncollected():
        yield Desk(load_settings())


@app.command("load")
def load_lists(
    files: Annotated[
        list[Path] | None, typer.Argument(help="List files or folders; known by content.")
    ] = None,
    source: Annotated[str, typer.Option(help="Refuse the files unless they are this source.")] = "",
    sdn: Annotated[Path | None, typer.Option(help="OFAC primary file.")] = None,
    alt: Annotated[Path | None, typer.Option(help="OFAC aliases.")] = None,
    add: Annotated[Path | None, typer.Option(help="OFAC addresses.")] = None,
    comments: Annotated[Path | None, typer.Option(help="OFAC overflow of remarks.")] = None,
    by: By = "",
    max_shrink: Annotated[
        float, typer.Option(help="Refuse a list that lost a larger share of its entries.")
    ] = MAX_SHRINK,
    as_json: AsJson = False,
) -> None:
    """Read lists and put them in force together, in one new generation."""
    given = [*(files or []), *(path for path in (sdn, alt, add, comments) if path)]
    with desk() as at:
        if not given:
            raise ListRefused("files: none, expected at least one list file")
        readings = read_all(given)
        _refuse_other(source, readings)
        loaded = load(at.lists, readings, author(by), at=clock.utc_now(), max_shrink=max_shrink)
    if as_json:
        typer.echo(json.dumps(_loaded_json(loaded, readings)))
    else:
        _show_loaded(loaded, readings)


def _refuse_other(source: str, readings: tuple[Reading, ...]) -> None:
    """``--source ofac`` allows ofac-sdn and ofac-cons."""
    for reading in readings:
        if source and reading.source != source and not reading.source.startswith(f"{source}-"):
            raise ListRefused(f"source: {reading.source} in {reading.files[0]}, expected {source}")


def _loaded_json(loaded: Loaded, readings: tuple[Reading, ...]) -> dict[str, Any]:
    sources = {
        reading.source: {
            "rows": reading.rows,
            **reading.counts,
            "version": loaded.generation.sources[reading.source].version,
            "sha256": reading.sha256,
            "problems": [
                {"file": problem.file, "line": problem.line, "reason": problem.reason}
                for problem in reading.problems
            ],
        }
        for reading in readings
    }
    return {"generation": loaded.generation.number, "is_new": loaded.is_new, "sources": sources}


def _show_loaded(loaded: Loaded, readings: tuple[Reading, ...]) -> None:
    for reading in readings:
        counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in reading.counts.items())
        typer.echo(f"{reading.source}: {counts}")
        for problem in reading.problems[:20]:
            typer.echo(f"  {problem.file} line {problem.line}: {problem.reason}")
        if len(reading.problems) > 20:
            typer.echo(f"  and {len(reading.problems) - 20} more")
    state = "in force" if loaded.is_new else "in force already, unchanged"
    typer.echo(f"generation {loaded.generation.number} {state}")


@app.command()
def status(as_json: AsJson = False) -> None:
    """What is in force: age, rows, checksum, by whom, and which workers are on it."""
    now = clock.utc_now()
    with desk() as at:
        number = at.lists.current()
        generation = at.lists.generation(number) or Generation(number)
        workers = at.lists.workers()
        local = {"entries": len(at.local.local_entries()), "exceptions": len(at.local.exceptions())}
        kept, rollbacks = at.lists.numbers(), at.lists.rollbacks()
        max_age = at.settings.list_max_age
    sources = {
        name: _status_json(version, now, max_age) for name, version in sorted(generation.sources.items())
    }
    if as_json:
        reports = {
            name: {
                "generation": each.generation,
                "seen_at": each.seen_at,
                "is_silent": is_silent(datetime.fromisoformat(each.seen_at), now),
            }
            for name, each in workers.items()
        }
        found = {"generation": number, "kept": kept, "sources": sources, "workers": reports, "local": local}
        found["rollbacks"] = [structs.asdict(one) for one in rollbacks]
        typer.echo(json.dumps(found))
    else:
        _show_status(number, sources, workers, now)
        typer.echo(
            f"kept: {', '.join(map(str, kept)) or 'none'}; local entries {local['entries']},"
            f" exceptions {local['exceptions']}"
        )
        _show_last(rollbacks)


def _status_json(version: SourceVersion, now: datetime, max_age: timedelta) -> dict[str, Any]:
    age = now - version.last_seen_at
    return {
        "version": version.version,
        "rows": version.rows,
        "sha256": version.checksum,
        "loaded_at": version.loaded_at,
        "checked_at": version.checked_at,
        "loaded_by": version.loaded_by,
        "unread_rows": version.unread_rows,
        "age_seconds": int(age.total_seconds()),
        "is_stale": age > max_age,
    }


def _show_status(
    number: int, sources: dict[str, dict[str, Any]], workers: Mapping[str, WorkerReport], now: datetime
) -> None:
    if not sources:
        typer.echo("no list is in force")
    table = Table("list", "entries", "age", "loaded", "by", "version", "sha256", title=f"generation {number}")
    for name, each in sources.items():
        age = f"{each['age_seconds'] / 3600:.1f} h" + (" STALE" if each["is_stale"] else "")
        loaded = each["loaded_at"][:16].replace("T", " ")
        row = (
            name,
            f"{each['rows']:,}",
            age,
            loaded,
            each["loaded_by"],
            each["version"],
            each["sha256"][:12],
        )
        add_row(table, row)
    if sources:
        terminal().print(table)
    for name, report in sorted(workers.items()):
        behind = "" if report.generation == number else f" (behind: {number} is in force)"
        silent = shown_silence(datetime.fromisoformat(report.seen_at), now)
        typer.echo(f"worker {name}: generation {report.generation}{behind}, seen {report.seen_at}{silent}")


def _show_last(rollbacks: Sequence[Rollback]) -> None:
    for one in rollbacks[-1:]:
        said = f"rolled back from generation {one.left} to {one.number} at {one.at} by {one.author}"
        typer.echo(harmless(f"{said}: {one.reason}"))


@app.command("diff")
def diff_generations(
    earlier: Annotated[int, typer.Argument(help="A generation that is kept.")],
    later: Annotated[int, typer.Argument(help="Another; default: the one in force.")] = 0,
    limit: Annotated[int, typer.Option(min=0, help="Show so many entries of each kind.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Which entries were added, removed and changed between two generations, and how many in all."""
    with desk() as at:
        found = diff(at.lists, earlier, later or at.lists.current())
    if as_json:
        typer.echo(json.dumps(_diff_json(found, limit)))
        return
    typer.echo(f"{len(found.added)} added, {len(found.removed)} removed, {len(found.changed)} changed")
    shown = (("+", found.added), ("-", found.removed), ("~", tuple(new for _, new in found.changed)))
    for sign, entries in shown:
        for entry in entries[:limit]:
            typer.echo(f"{sign} {entry.list} {entry.entry_id} {entry.name}")


def _diff_json(found: Diff, limit: int) -> dict[str, Any]:
    return {
        "totals": {kind: len(getattr(found, kind)) for kind in found.__struct_fields__},
        "added": [_named(entry) for entry in found.added[:limit]],
        "removed": [_named(entry) for entry in found.removed[:limit]],
        "changed": [
            _named(new) | {"fields": _changed_fields(old, new)} for old, new in found.changed[:limit]
        ],
    }


def _named(entry: Entry) -> dict[str, Any]:
    return {"list": entry.list, "entry_id": entry.entry_id, "name": entry.name}


def _changed_fields(old: Entry, new: Entry) -> list[str]:
    return [field for field in old.__struct_fields__ if getattr(old, field) != getattr(new, field)]


@app.command("rollback")
def roll_back(
    generation: Annotated[
        int | None, typer.Argument(help="Default: the one before that in force, of other entries.")
    ] = None,
    reason: Reason = "no reason given",  # in an emergency the way back is not barred for want of a word
    by: By = "",
) -> None:
    """Put an earlier generation in force again. `status` shows who did so last, and why."""
    with desk() as at:
        found = rollback(at.lists, Warrant(reason, author(by), clock.utc_now()), generation)
    typer.echo(f"generation {found.number} in force")
