"""What the commands about rules share: reading a bundle, refusing one, printing for people or machines."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from tidewaiter.adapters.redis_connection import connected
from tidewaiter.adapters.redis_rules import RedisRules
from tidewaiter.cli.failing import REFUSED, refusals, settings_in_force
from tidewaiter.cli.terminal import terminal
from tidewaiter.resources import rulesets_directory
from tidewaiter.rules.errors import Place, RuleError
from tidewaiter.rules.publishing import RulesetStore
from tidewaiter.rules.ruleset import Ruleset

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
Bundle = Annotated[Path | None, typer.Argument(help="The bundle's directory; default: the ruleset shipped.")]

OUT = terminal(highlight=False, soft_wrap=True)


@contextmanager
def bundle_refusals(*expected: type[Exception]) -> Iterator[None]:
    """A bundle that cannot be used: the message, and below it the offending text with a caret; exit 2."""
    try:
        with refusals(OSError, *expected):
            yield
    except RuleError as error:
        typer.echo(f"tidewaiter: {error.shown()}", err=True)
        raise typer.Exit(REFUSED) from None


def loaded(directory: Path | None) -> Ruleset:
    """The ruleset of a directory, or the one shipped. Raises RuleError."""
    return Ruleset.load(directory or rulesets_directory() / "default")


def published(store: RulesetStore, version: str) -> Ruleset:
    """The ruleset that was published as that version. Raises RuleError."""
    content = store.bundle(version)
    if content is None:
        raise RuleError("found neither a directory nor a published version of this name", Place(version))
    return Ruleset.from_bytes(content)


def rules_in_redis() -> RulesetStore:
    """Where rulesets are published, under the settings in force."""
    return RedisRules(connected(settings_in_force().redis_url))


def named(name: str) -> Ruleset:
    """A bundle's directory, a published version, or "published" for the one in force. Raises RuleError."""
    if Path(name).is_dir():
        return Ruleset.load(Path(name))
    store = rules_in_redis()
    return published(store, (store.current() or name) if name == "published" else name)


def shown(as_json: bool, content: Any, view: Callable[[], None]) -> None:
    """Print ``content`` as one line of JSON, or what ``view`` prints."""
    if as_json:
        print(json.dumps(content, ensure_ascii=False, default=str))
    else:
        view()
