"""``tidewaiter watchlists fetch``: get the lists from where they are published."""

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from tidewaiter.adapters import clock
from tidewaiter.adapters.http_files import Fetched, FetchFailed, fetch_together
from tidewaiter.cli.author import author
from tidewaiter.cli.failing import refusals
from tidewaiter.cli.watchlists import AsJson, By, desk
from tidewaiter.settings import load_settings
from tidewaiter.watchlists.formats import ListRefused, Reading, read_all, refuse_twice
from tidewaiter.watchlists.generations import load, refuse_shrunk
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

    A source that cannot be had whole is said so and left as it was; one that is no list, or has shrunk, is
    not put in force. The others go on; exit 1 then.
    """
    with refusals(SourceUnknown):
        wanted = addresses_of(tuple(sources or ()), load_settings().list_addresses)
    fetched, failures = _fetched(wanted, to)
    if not as_json:
        for one in fetched:
            typer.echo(f"{one.path}: {'new' if one.is_new else 'unchanged'}, sha256 {one.origin.sha256[:12]}")
    if and_load and fetched:
        failures += _load([one.path for one in fetched], by)
    if as_json:
        typer.echo(json.dumps({"fetched": _fetched_json(fetched), "failures": failures}))
    for failure in failures:
        typer.echo(f"tidewaiter: {failure}", err=True)
    if failures:
        raise typer.Exit(1)


def _fetched(wanted: Addresses, to: Path) -> tuple[list[Fetched], list[str]]:
    """A source is taken whole: with one file missing, none of its files counts as fetched."""
    found: list[Fetched] = []
    failures: list[str] = []
    for source, files in wanted.items():
        try:
            found += fetch_together({to / source / name: address for name, address in files.items()})
        except FetchFailed as failed:
            failures.append(f"{source}: {failed}")
    return found, failures


def _fetched_json(fetched: list[Fetched]) -> list[dict[str, object]]:
    return [{"file": str(one.path), "is_new": one.is_new, "sha256": one.origin.sha256} for one in fetched]


def _load(files: Sequence[Path], by: str) -> list[str]:
    """Put what was fetched in force together, but for what is no list or has shrunk; why not, for each."""
    with desk() as at:
        readings: list[Reading] = []
        failures: list[str] = []
        for folder, together in groupby(sorted(files), key=lambda file: file.parent):
            try:
                readings += [refuse_shrunk(at.lists, reading) for reading in read_all(tuple(together))]
            except ListRefused as refused:
                failures.append(f"{folder.name}: {refused}")
        if readings:
            loaded = load(at.lists, refuse_twice(readings), author(by), at=clock.utc_now())
            state = "in force" if loaded.is_new else "unchanged"
            typer.echo(f"generation {loaded.generation.number} {state}", err=True)
    return failures
