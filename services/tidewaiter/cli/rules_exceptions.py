"""``tidewaiter rules exceptions``: parties that an officer frees from one rule, until a day."""

import json
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Final

import typer
from msgspec import structs

from tidewaiter.adapters import clock
from tidewaiter.adapters.redis_connection import connected
from tidewaiter.adapters.redis_rule_exceptions import RedisRuleExceptions
from tidewaiter.adapters.redis_rules import RedisRules
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.author import author
from tidewaiter.cli.failing import settings_in_force
from tidewaiter.cli.rules_bundles import AsJson, bundle_refusals
from tidewaiter.domain.exception import RuleException
from tidewaiter.domain.party import Party
from tidewaiter.matching.identity import ExactKey
from tidewaiter.rules.cel.errors import nearest
from tidewaiter.rules.errors import Place, RuleError
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.watchlists.local import LocalRefused, end_of, keys_of, parties_of

app = typer.Typer(help="Parties that are excepted from a rule for a time.", no_args_is_help=True)

RuleId = Annotated[str, typer.Argument(metavar="RULE", help="The rule's id, as A02.")]
Name = Annotated[str, typer.Option(help="The party's name.")]
AddressText = Annotated[str, typer.Option("--address", help='"12 Main St, Reno, NV, 89501, US".')]
Phone = Annotated[str, typer.Option(help="A phone number with its country code, or --country.")]
Email = Annotated[str, typer.Option(help="An e-mail address.")]
Country = Annotated[str, typer.Option(help="ISO country, to read a national number by.")]

# Lists have exceptions of their own, entry by entry; control rules fail closed, draw samples, and carry
# officers' orders: no party is freed from those.
_WITHOUT_EXCEPTIONS: Final = {
    "watchlist": "use 'tidewaiter watchlists exceptions'",
    "control": "nobody is excepted from control rules",
}


@app.command("add")
def add(
    rule: RuleId,
    name: Name,
    until: Annotated[str, typer.Option(help="Last day (2026-12-31) or moment, UTC.")],
    reason: Annotated[str, typer.Option(help="Why, for the record; officers see it.")],
    address: AddressText = "",
    phone: Phone = "",
    email: Email = "",
    country: Country = "",
    by: Annotated[str, typer.Option(help="Who does this; default: the user logged in.")] = "",
) -> None:
    """Free a party from a rule: from the next batch on it neither holds nor scores that party's parcels.

    Holds that stand already stay until an officer removes them.
    """
    with bundle_refusals(LocalRefused):
        _refuse_unless_exceptable(rule)
        if not reason.strip():
            raise RuleError("empty, expected why, for the record", Place("--reason"))
        keys, now, store = _keys(parties_of(name, address, phone, email, country)), clock.utc_now(), _store()
        number = f"exc-{secrets.token_hex(4)}"
        exception = RuleException(number, rule, reason, author(by), _iso(now), _end(until, now))
        store.drop_ended(now)
        store.put(keys, exception)
    typer.echo(f"{exception.number}: {rule} does not hold this party until {exception.until}")


@app.command("remove")
def remove(
    exception: Annotated[
        str, typer.Argument(help="Its number (exc-…), or the rule with the party's options.")
    ],
    name: Name = "",
    address: AddressText = "",
    phone: Phone = "",
    email: Email = "",
    country: Country = "",
) -> None:
    """End an exception now."""
    with bundle_refusals(LocalRefused):
        store, parties = _store(), parties_of(name, address, phone, email, country)
        found = store.drop(_keys(parties), exception) if name else store.drop_number(exception)
        if not found:
            raise RuleError("there is no such exception, nothing was removed", Place(exception))
    typer.echo("removed")


@app.command("list")
def show(as_json: AsJson = False) -> None:
    """All exceptions, those that have ended included. Whom they are about only tokens tell."""
    with bundle_refusals():
        found = _store().all()
        now = _iso(clock.utc_now())
    if as_json:
        typer.echo(json.dumps([_line(one, now) for one in found], ensure_ascii=False))
        return
    for one in found:
        ended = "" if one.stands(now) else "  ended"
        typer.echo(
            f"{one.number}  {one.rule_id}  until {one.until}{ended}  {one.reason} ({one.author}, {one.added})"
        )


def _line(one: RuleException, now: str) -> dict[str, Any]:
    return {**structs.asdict(one), "stands": one.stands(now)}


def _store() -> RedisRuleExceptions:
    settings = settings_in_force()
    return RedisRuleExceptions(connected(settings.redis_url), Tokens(settings.secret))


def _refuse_unless_exceptable(rule_id: str) -> None:
    """Raises RuleError for a rule that is not in force, or that nobody can be excepted from."""
    store = RedisRules(connected(settings_in_force().redis_url))
    version = store.current()
    content = store.bundle(version) if version else None
    if content is None:
        raise RuleError("no ruleset is published: run 'tidewaiter rules publish'", Place(rule_id))
    ruleset = Ruleset.from_bytes(content)
    rule = ruleset.rule(rule_id)
    if rule is None:
        hint = nearest(rule_id, [one.rule.id for one in ruleset.rules]) or "expected one of those in force"
        raise RuleError(f"no such rule in the ruleset in force; {hint}", Place(rule_id))
    if rule.rule.family in _WITHOUT_EXCEPTIONS:
        raise RuleError(_WITHOUT_EXCEPTIONS[rule.rule.family], Place(rule_id))


def _keys(parties: Iterable[Party]) -> tuple[ExactKey, ...]:
    """The keys that the party is known by. A name alone would free all who bear it."""
    keys = keys_of(parties)
    if not keys:
        raise RuleError("a name alone, expected a name with address, phone or e-mail", Place("party"))
    return keys


def _end(until: str, now: datetime) -> str:
    end = end_of(until, now)
    if end is None:
        raise RuleError("empty, expected a day as 2026-12-31", Place("--until"))
    return end


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
