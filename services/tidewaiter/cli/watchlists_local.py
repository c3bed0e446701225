"""``tidewaiter watchlists add | remove | local | exceptions``: what officers enter beside the lists."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import typer
from msgspec import structs

from tidewaiter.adapters import clock
from tidewaiter.cli.author import author
from tidewaiter.cli.watchlists import AsJson, By, Desk, Reason, desk
from tidewaiter.domain.generation import LOCAL_LIST, Removal
from tidewaiter.domain.watchlist import Entry
from tidewaiter.watchlists.generations import entries_of
from tidewaiter.watchlists.local import (
    LocalRefused,
    Warrant,
    keys_of,
    known_different,
    local_entry,
    normal_local,
    parties_of,
    removal,
    run_out,
)

app = typer.Typer()
exceptions = typer.Typer(help="Parties known not to be the entry that they look like.", no_args_is_help=True)
app.add_typer(exceptions, name="exceptions")

# Options of one value are given for one party, those of many for entries of the hot list, one each.
Phone = Annotated[str, typer.Option(help="A phone number with its country code, or --country.")]
Email = Annotated[str, typer.Option(help="An e-mail address.")]
AddressText = Annotated[str, typer.Option("--address", help='"12 Main St, Reno, NV, 89501, US".')]
Names = Annotated[list[str] | None, typer.Option("--name", help="A name, matched as names on lists are.")]
Phones = Annotated[
    list[str] | None, typer.Option("--phone", help="A phone number with its country code, or --country.")
]
Emails = Annotated[list[str] | None, typer.Option("--email", help="An e-mail address.")]
Websites = Annotated[
    list[str] | None, typer.Option("--website", help="A web address; its host counts, and that of e-mails.")
]
TaxIds = Annotated[list[str] | None, typer.Option("--tax-id", help="A tax or registration number.")]
AddressTexts = Annotated[
    list[str] | None, typer.Option("--address", help='"12 Main St, Reno, NV, 89501, US".')
]
Accounts = Annotated[list[str] | None, typer.Option("--account", help="A carrier's account number.")]
Ips = Annotated[list[str] | None, typer.Option("--ip", help="An IP address.")]
Country = Annotated[str, typer.Option(help="ISO country, to read a national number by.")]
Until = Annotated[str, typer.Option(help="Last day (2026-12-31) or moment, UTC; default: no end.")]
ListName = Annotated[str, typer.Option("--list", help="The list of live entries.")]


def _given(**values: Sequence[str] | None) -> list[tuple[str, str]]:
    """The options that were given, as (kind, value), each as often. Raises LocalRefused when none was."""
    found = [(kind, value) for kind, given in values.items() for value in given or () if value]
    if not found:
        raise LocalRefused(f"entry: nothing given, expected one of --{', --'.join(values).replace('_', '-')}")
    return found


def _refuse_other_list(name: str) -> None:
    if name != LOCAL_LIST:
        raise LocalRefused(f"list: {name[:40]!r} has no live entries, expected {LOCAL_LIST}")


@app.command("add")
def add_local(
    reason: Reason,
    list_name: ListName = LOCAL_LIST,
    name: Names = None,
    phone: Phones = None,
    email: Emails = None,
    website: Websites = None,
    tax_id: TaxIds = None,
    address: AddressTexts = None,
    account: Accounts = None,
    ip: Ips = None,
    country: Country = "",
    until: Until = "",
    by: By = "",
) -> None:
    """Enter identifiers or names on the hot list: in force with the next batch, no generation needed."""
    now = clock.utc_now()
    with desk() as at:
        _refuse_other_list(list_name)
        warrant = Warrant(reason, author(by), now, until)
        given = _given(
            name=name,
            phone=phone,
            email=email,
            website=website,
            tax_id=tax_id,
            address=address,
            account=account,
            ip=ip,
        )
        made = [local_entry(kind, value, warrant, country) for kind, value in given]
        for entry, normals in made:
            at.local.put_entry(entry, normals)
            typer.echo(f"{entry.entry_id} {entry.kind} until {entry.until or 'removed'}")
        _drop_run_out(at, now)


def _drop_run_out(at: Desk, now: datetime) -> None:
    """Entries that are over match no more; they are cleared away when the next one is made."""
    for entry in run_out(at.local.local_entries(), now):
        at.local.drop_entry_id(entry.entry_id)


@app.command("remove")
def remove_local(
    entry_id: Annotated[
        str, typer.Argument(help="The entry's number (local-…), as `watchlists local` shows.")
    ] = "",
    list_name: ListName = LOCAL_LIST,
    name: Names = None,
    phone: Phones = None,
    email: Emails = None,
    website: Websites = None,
    tax_id: TaxIds = None,
    address: AddressTexts = None,
    account: Accounts = None,
    ip: Ips = None,
    country: Country = "",
    reason: Reason = "",
    by: By = "",
) -> None:
    """Take an entry off the hot list, by its number or by what was entered."""
    with desk() as at:
        _refuse_other_list(list_name)
        noted = removal(reason, author(by), clock.utc_now())
        if entry_id:
            found = [at.local.drop_entry_id(entry_id, noted)]
        else:
            given = _given(
                name=name,
                phone=phone,
                email=email,
                website=website,
                tax_id=tax_id,
                address=address,
                account=account,
                ip=ip,
            )
            found = [_removed(at, kind, value, country, noted) for kind, value in given]
        if not all(found):
            rest = "the others were removed" if any(found) else "nothing was removed"
            raise LocalRefused(f"entry: not on the hot list, {rest}")
    typer.echo("removed")


def _removed(at: Desk, kind: str, value: str, country: str, noted: Removal) -> bool:
    if kind == "name":
        warrant = Warrant("remove", "remove", clock.utc_now())
        return at.local.drop_entry_id(local_entry(kind, value, warrant)[0].entry_id, noted)
    return at.local.drop_entry(kind, normal_local(kind, value, country), noted)


@app.command("local")
def show_local(
    as_json: AsJson = False,
    removed: Annotated[bool, typer.Option(help="Show what was taken off it, by whom and why.")] = False,
) -> None:
    """The hot list: numbers, kinds, reasons, authors and ends. Identifiers are kept as tokens only."""
    if removed:
        _show_removals(as_json)
        return
    with desk() as at:
        found = at.local.local_entries()
    if as_json:
        told = [structs.asdict(entry) for entry in found]
        typer.echo(
            json.dumps([{name: said for name, said in one.items() if name != "value"} for one in told])
        )
        return
    for entry in found:
        end = entry.until or "removed"
        typer.echo(
            f"{entry.entry_id}  {entry.name}  until {end}  {entry.reason} ({entry.author}, {entry.added})"
        )


def _show_removals(as_json: bool) -> None:
    with desk() as at:
        found = at.local.removals()
    if as_json:
        typer.echo(json.dumps([structs.asdict(one) for one in found]))
        return
    for one in found:
        typer.echo(f"{one.entry_id}  removed {one.at}  {one.reason} ({one.author})")


@exceptions.command("add")
def add_exception(
    entry: Annotated[str, typer.Option(help="LIST/NUMBER of the entry, as ofac-sdn/29897.")],
    name: Annotated[str, typer.Option(help="The party's name, as shipped.")],
    reason: Reason,
    address: AddressText = "",
    phone: Phone = "",
    email: Email = "",
    country: Country = "",
    until: Until = "",
    by: By = "",
) -> None:
    """Remember that a party is not an entry. It ends by itself when the entry changes."""
    with desk() as at:
        warrant = Warrant(reason, author(by), clock.utc_now(), until)
        parties = parties_of(name, address, phone, email, country)
        known, keys = known_different(parties, _listed(at, entry), warrant)
        at.local.put_exception(keys, known)
    typer.echo(
        f"{known.list}/{known.entry_id} is not this party, until {known.until or 'removed or changed'}"
    )


@exceptions.command("remove")
def remove_exception(
    entry: Annotated[str, typer.Option(help="LIST/NUMBER of the entry.")],
    name: Annotated[str, typer.Option(help="The party's name, as it was entered.")],
    address: AddressText = "",
    phone: Phone = "",
    email: Email = "",
    country: Country = "",
) -> None:
    """Forget an exception."""
    with desk() as at:
        list_name, number = _entry_number(entry)
        keys = keys_of(parties_of(name, address, phone, email, country))
        if not at.local.drop_exception(keys, list_name, number):
            raise LocalRefused("exception: none for this party and entry, nothing was removed")
    typer.echo("removed")


@exceptions.command("list")
def list_exceptions(as_json: AsJson = False) -> None:
    """All exceptions. Whom they are about only tokens tell."""
    with desk() as at:
        found = at.local.exceptions()
    if as_json:
        typer.echo(json.dumps([structs.asdict(known) for known in found]))
        return
    for known in found:
        end = known.until or "removed or changed"
        typer.echo(
            f"{known.list}/{known.entry_id}  until {end}  {known.reason} ({known.author}, {known.added})"
        )


def _entry_number(text: str) -> tuple[str, str]:
    list_name, _, number = text.partition("/")
    if not list_name or not number:
        raise LocalRefused(f"entry: {text[:40]!r}, expected LIST/NUMBER as ofac-sdn/29897")
    return list_name, number


def _listed(at: Desk, text: str) -> Entry:
    """The entry as it is in the generation in force."""
    wanted = _entry_number(text)
    generation = at.lists.generation(at.lists.current())
    entries = entries_of(at.lists, generation) if generation else ()
    for entry in entries:
        if (entry.list, entry.entry_id) == wanted:
            return entry
    raise LocalRefused(f"entry: {text[:40]} is not in the generation in force, expected one of its entries")
