"""``tidewaiter rules``: check and test a bundle, put it in force, look at it, take it back."""

from pathlib import Path
from typing import Annotated

import typer
from msgspec import structs

from tidewaiter.adapters import clock
from tidewaiter.cli import rules_exceptions, rules_facts, rules_views
from tidewaiter.cli.author import author
from tidewaiter.cli.rules_bundles import (
    OUT,
    AsJson,
    Bundle,
    bundle_refusals,
    loaded,
    named,
    published,
    rules_in_redis,
    shown,
)
from tidewaiter.cli.rules_check import check
from tidewaiter.rules import publishing
from tidewaiter.rules.cel.conformance import Suite, run_suite
from tidewaiter.rules.cel.textproto import TextprotoError
from tidewaiter.rules.difference import difference
from tidewaiter.rules.errors import Place, RuleError
from tidewaiter.rules.facts import CATALOGUE
from tidewaiter.rules.publishing import Publication
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.rules.testing import own_cases

app = typer.Typer(help="The rules that decide, as analysts write them.", no_args_is_help=True)

Reason = Annotated[str, typer.Option("--reason", help="Why, for the record.")]
By = Annotated[str, typer.Option("--by", help="Who does this; default: the user logged in.")]


app.command()(check)
app.add_typer(rules_exceptions.app, name="exceptions")


@app.command("test")
def run_own_cases(directory: Bundle = None, as_json: AsJson = False) -> None:
    """Run a bundle's own cases. Exit 1 if one fails."""
    with bundle_refusals():
        ruleset = loaded(directory)
        report = own_cases(ruleset)
    shown(as_json, rules_views.report_json(ruleset, report), lambda: rules_views.tested(OUT, ruleset, report))
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
    shown(as_json, rules_facts.as_json(CATALOGUE), lambda: rules_facts.table(OUT, CATALOGUE))


@app.command()
def conformance(
    files: Annotated[list[Path], typer.Argument(help="Test files of google/cel-spec, in textproto.")],
    as_json: AsJson = False,
) -> None:
    """Run conformance tests of the expression language. Exit 1 if one fails."""
    suites: list[Suite] = []
    for file in files:
        with bundle_refusals():
            suites.append(_suite(file))
    shown(as_json, rules_views.suites_json(suites), lambda: rules_views.suites(OUT, suites))
    raise typer.Exit(1 if any(suite.failed for suite in suites) else 0)


@app.command()
def publish(
    directory: Bundle = None,
    reason: Reason = "",
    by: By = "",
    is_first: Annotated[bool, typer.Option("--first", help="Only where none is in force yet.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a bundle in force, if all its cases pass. Workers take it up at their next batch."""
    with bundle_refusals():
        if not reason.strip():
            raise RuleError("not given, expected why the rules change", Place("--reason"))
        ruleset, store = loaded(directory), rules_in_redis()
        version = (store.current() if is_first else None) or ruleset.version
        changed = version == ruleset.version and publishing.publish(
            store, ruleset, own_cases(ruleset), _publication(ruleset, reason, by)
        )
    said = "in force" if changed else "was in force already"
    shown(as_json, {"version": version, "changed": changed}, lambda: OUT.print(f"{version} {said}"))


@app.command()
def status(as_json: AsJson = False) -> None:
    """The ruleset in force, since when, and which worker runs which."""
    with bundle_refusals():
        store = rules_in_redis()
        current, history, workers = store.current(), store.history(), store.workers()
    now = clock.utc_now()
    shown(
        as_json,
        rules_views.status_json(current, history, workers, now),
        lambda: rules_views.status(OUT, current, history, workers, now),
    )


@app.command()
def history(as_json: AsJson = False) -> None:
    """Every publication, with who and why."""
    with bundle_refusals():
        publications = rules_in_redis().history()
    shown(
        as_json,
        [rules_views.publication_json(one) for one in publications],
        lambda: rules_views.history(OUT, publications),
    )


@app.command()
def rollback(
    reason: Reason = "",
    to: Annotated[
        str,
        typer.Option(
            help="A published version; default: the one before the present, of what was not taken back."
        ),
    ] = "",
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Put an earlier published ruleset in force again."""
    with bundle_refusals():
        if not reason.strip():
            raise RuleError("not given, expected why the rules change", Place("--reason"))
        store = rules_in_redis()
        ruleset = published(store, to or publishing.previous_version(store))
        back = structs.replace(_publication(ruleset, reason, by), is_back=True)
        store.publish(ruleset.bundle.to_bytes(), back)
    shown(as_json, {"version": ruleset.version}, lambda: OUT.print(f"{ruleset.version} in force again"))


@app.command()
def diff(
    old: Annotated[str, typer.Argument(help="A bundle's directory, a published version, or 'published'.")],
    new: Annotated[str, typer.Argument(help="The other one.")],
    as_json: AsJson = False,
) -> None:
    """What changes from one ruleset to another, in words."""
    with bundle_refusals():
        changes = difference(named(old), named(new))
    shown(as_json, list(changes), lambda: OUT.print("\n".join(changes) or "no difference", markup=False))


def _publication(ruleset: Ruleset, reason: str, by: str) -> Publication:
    return Publication(ruleset.version, reason, author(by), clock.utc_now())


def _suite(file: Path) -> Suite:
    try:
        return run_suite(_text(file), file.name)
    except TextprotoError as error:
        raise RuleError(str(error), Place(file.name)) from None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RuleError(f"not UTF-8 at byte {error.start}", Place(file.name)) from None
