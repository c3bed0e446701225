"""``tidewaiter rules``: check and test a bundle, put it in force, look at it, take it back."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from tidewaiter.adapters import clock
from tidewaiter.adapters.redis_lists import connected
from tidewaiter.adapters.redis_rules import RedisRules
from tidewaiter.cli import rules_facts, rules_views
from tidewaiter.cli.failing import REFUSED, refusals, settings_in_force
from tidewaiter.cli.seeding import author
from tidewaiter.resources import rulesets_directory
from tidewaiter.rules import publishing
from tidewaiter.rules.cel.conformance import Suite, run_suite
from tidewaiter.rules.cel.textproto import TextprotoError
from tidewaiter.rules.difference import difference
from tidewaiter.rules.errors import Place, RuleError
from tidewaiter.rules.facts import CATALOGUE, ORDINARY
from tidewaiter.rules.lint import lint
from tidewaiter.rules.ordinary import ordinary_facts
from tidewaiter.rules.publishing import Publication, RulesetStore
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.rules.testing import CaseReport, run_cases

app = typer.Typer(help="The rules that decide, as analysts write them.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
Bundle = Annotated[Path | None, typer.Argument(help="The bundle's directory; default: the ruleset shipped.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the record.")]
By = Annotated[str, typer.Option("--by", help="Who does this; default: the user logged in.")]

_out = Console(highlight=False, soft_wrap=True)


@contextmanager
def bundle_refusals() -> Iterator[None]:
    """A bundle that cannot be used: the message, and below it the offending text with a caret; exit 2."""
    try:
        with refusals(OSError, TextprotoError):
            yield
    except RuleError as error:
        typer.echo(f"tidewaiter: {error.shown()}", err=True)
        raise typer.Exit(REFUSED) from None


def _loaded(directory: Path | None) -> Ruleset:
    return Ruleset.load(directory or rulesets_directory() / "default")


def _report(ruleset: Ruleset) -> CaseReport:
    return run_cases(ruleset, ORDINARY, ordinary_facts)


def _store() -> RulesetStore:
    return RedisRules(connected(settings_in_force().redis_url))


@app.command()
def check(directory: Bundle = None, as_json: AsJson = False) -> None:
    """Load a bundle and say what is doubtful in it. Exit 2 if it cannot be used, 1 on a doubt."""
    with bundle_refusals():
        ruleset = _loaded(directory)
        doubts = lint(ruleset, ORDINARY)
    _shown(
        as_json,
        {"version": ruleset.version, "rules": len(ruleset.rules), "doubts": doubts},
        lambda: rules_views.checked(_out, ruleset, doubts),
    )
    raise typer.Exit(1 if doubts else 0)


@app.command("test")
def run_own_cases(directory: Bundle = None, as_json: AsJson = False) -> None:
    """Run a bundle's own cases. Exit 1 if one fails."""
    with bundle_refusals():
        ruleset = _loaded(directory)
        report = _report(ruleset)
    _shown(
        as_json, rules_views.report_json(ruleset, report), lambda: rules_views.tested(_out, ruleset, report)
    )
    raise typer.Exit(0 if report.is_clean else 1)


@app.command()
def facts(
    as_json: AsJson = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="Print the page docs/facts.md.")] = False,
) -> None:
    """The facts that rules may ask, with type, meaning and source."""
    if as_markdown:
        typer.echo(rules_facts.markdown(CATALOGUE), nl=False)
        return
    _shown(as_json, rules_facts.as_json(CATALOGUE), lambda: rules_facts.table(_out, CATALOGUE))


@app.command()
def conformance(
    files: Annotated[list[Path], typer.Argument(help="Test files of google/cel-spec, in textproto.")],
    as_json: AsJson = False,
) -> None:
    """Run conformance tests of the expression language. Exit 1 if one fails."""
    suites: list[Suite] = []
    for file in files:
        with bundle_refusals():
            suites.append(run_suite(_text(file), file.name))
    _shown(as_json, rules_views.suites_json(suites), lambda: rules_views.suites(_out, suites))
    raise typer.Exit(1 if any(suite.failed for suite in suites) else 0)


@app.command()
def publish(directory: Bundle = None, reason: Reason = "", by: By = "", as_json: AsJson = False) -> None:
    """Put a bundle in force, if all its cases pass. Workers take it up at their next batch."""
    with bundle_refusals():
        if not reason.strip():
            raise RuleError("not given, expected why the rules change", Place("--reason"))
        ruleset = _loaded(directory)
        changed = publishing.publish(_store(), ruleset, _report(ruleset), _publication(ruleset, reason, by))
    said = "in force" if changed else "was in force already"
    _shown(
        as_json,
        {"version": ruleset.version, "changed": changed},
        lambda: _out.print(f"{ruleset.version} {said}"),
    )


@app.command()
def status(as_json: AsJson = False) -> None:
    """The ruleset in force, since when, and which worker runs which."""
    with bundle_refusals():
        store = _store()
        current, history, workers = store.current(), store.history(), store.workers()
    _shown(
        as_json,
        rules_views.status_json(current, history, workers),
        lambda: rules_views.status(_out, current, history, workers),
    )


@app.command()
def history(as_json: AsJson = False) -> None:
    """Every publication, with who and why."""
    with bundle_refusals():
        publications = _store().history()
    _shown(
        as_json,
        [rules_views.publication_json(one) for one in publications],
        lambda: rules_views.history(_out, publications),
    )


@app.command()
def rollback(
    reason: Reason = "",
    to: Annotated[str, typer.Option(help="A published version; default: the one before the present.")] = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Put an earlier published ruleset in force again."""
    with bundle_refusals():
        if not reason.strip():
            raise RuleError("not given, expected why the rules change", Place("--reason"))
        store = _store()
        ruleset = _published(store, to or publishing.previous_version(store))
        store.publish(ruleset.bundle.to_bytes(), _publication(ruleset, reason, by))
    _shown(as_json, {"version": ruleset.version}, lambda: _out.print(f"{ruleset.version} in force again"))


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="A bundle's directory, or a published version.")],
    new: Annotated[str, typer.Argument(help="The other one.")],
    as_json: AsJson = False,
) -> None:
    """What changes from one ruleset to another, in words."""
    with bundle_refusals():
        changes = difference(_named(old), _named(new))
    _shown(as_json, list(changes), lambda: _out.print("\n".join(changes) or "no difference", markup=False))


def _publication(ruleset: Ruleset, reason: str, by: str) -> Publication:
    return Publication(ruleset.version, reason, by or author(), clock.utc_now())


def _named(name: str) -> Ruleset:
    return Ruleset.load(Path(name)) if Path(name).is_dir() else _published(_store(), name)


def _published(store: RulesetStore, version: str) -> Ruleset:
    content = store.bundle(version)
    if content is None:
        raise RuleError("found neither a directory nor a published version of this name", Place(version))
    return Ruleset.from_bytes(content)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RuleError(f"not UTF-8 at byte {error.start}", Place(file.name)) from None


def _shown(as_json: bool, content: Any, view: Callable[[], None]) -> None:
    if as_json:
        print(json.dumps(content, ensure_ascii=False, default=str))
    else:
        view()
