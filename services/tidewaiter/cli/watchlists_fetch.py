"""``tidewaiter watchlists fetch``: get the lists from where they are published."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tidewaiter.adapters.http_files import Fetched, FetchFailed, fetch
from tidewaiter.cli.failing import refusals
from tidewaiter.cli.watchlists import AsJson, By, author, desk
from tidewaiter.settings import load_settings
from tidewaiter.watchlists.formats import read_all
from tidewaiter.watchlists.generations import load
from tidewaiter.watchlists.publishers import Addresses, SourceUnknown, addresses_of

app = typer.Typer()


@app.command("fetch")
def fetch_lists(
    sources: Annotated[list[str] | None, typer.Argument(help="ofac-sdn, un-sc, …; default: all.")] = None,
    to: Annotated[Path, typer.Option(help="Folder; each source has its own in it.")] = Path("watchlists"),
    and_load: Annotated[bool, typer.Option("--load", help="Put what was fetched in force.")] = False,
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Download lists from their official addresses (setting list_addresses adds others).

    A source that cannot be had whole is said so and left as it was, the others go on; exit 1 then.
    """
    with refusals(SourceUnknown):
        wanted = addresses_of(tuple(sources or ()), load_settings().list_addresses)
    fetched, failures = _fetched(wanted, to)
    if as_json:
        typer.echo(json.dumps({"fetched": _fetched_json(fetched), "failures": failures}))
    else:
        for one in fetched:
            typer.echo(f"{one.path}: {'new' if one.is_new else 'unchanged'}, sha256 {one.origin.sha256[:12]}")
    for failure in failures:
        typer.echo(f"tidewaiter: {failure}", err=True)
    if and_load and fetched:
        _load({one.path.parent for one in fetched}, by)
    if failures:
        raise typer.Exit(1)


def _fetched(wanted: Addresses, to: Path) -> tuple[list[Fetched], list[str]]:
    """A source is taken whole: with one file missing, none of its files counts as fetched."""
    found: list[Fetched] = []
    failures: list[str] = []
    for source, files in wanted.items():
        try:
            found += [fetch(address, to / source / name) for name, address in files.items()]
        except FetchFailed as failed:
            failures.append(f"{source}: {failed}")
    return found, failures


def _fetched_json(fetched: list[Fetched]) -> list[dict[str, object]]:
    return [{"file": str(one.path), "is_new": one.is_new, "sha256": one.origin.sha256} for one in fetched]


def _load(folders: set[Path], by: str) -> None:
    with desk() as at:
        loaded = load(at.lists, read_all(sorted(folders)), author(by), at=datetime.now(UTC))
    typer.echo(
        f"generation {loaded.generation.number} {'in force' if loaded.is_new else 'unchanged'}", err=True
    )
