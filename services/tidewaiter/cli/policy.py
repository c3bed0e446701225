"""``tidewaiter policy``: what the law says of a parcel on a day, and which rows say it."""

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from rich.console import Console

from tidewaiter.cli.failing import refusals, refuse
from tidewaiter.cli.terminal import terminal
from tidewaiter.domain.event import Channel
from tidewaiter.resources import policy_directory
from tidewaiter.rules.errors import RuleError
from tidewaiter.rules.policy import Policy, Ruling

app = typer.Typer(help="The law by date.", no_args_is_help=True)


@app.callback()
def policy() -> None:
    """The law by date."""


@app.command()
def on(
    day: Annotated[str, typer.Argument(metavar="DATE", help="Day of entry, as 2025-05-03.")],
    origin: Annotated[str, typer.Option(help="Country of origin, ISO alpha-2.")],
    channel: Annotated[str, typer.Option(help=", ".join(get_args(Channel)))] = "EXPRESS",
    entry_type: Annotated[str, typer.Option(help="ACE entry type; none: release off the manifest.")] = "",
    file: Annotated[Path | None, typer.Option(help="Another policy file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")] = False,
) -> None:
    """What the law says of such a parcel, with the rows that decide."""
    if channel.upper() not in get_args(Channel):
        refuse(f"--channel: found {channel!r}, expected one of {', '.join(get_args(Channel))}")
    with refusals(RuleError, OSError):
        found = Policy.load(file or policy_directory() / "us-low-value.yaml")
    ruling = found.on(_day(day), _origin(origin), channel.upper(), entry_type)
    if as_json:
        print(json.dumps({"version": found.version, **_as_json(ruling)}))
    else:
        _show(terminal(highlight=False, soft_wrap=True), ruling, found.version)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        refuse(f"DATE: found {text!r}, expected a day like 2025-05-03")


def _origin(text: str) -> str:
    if len(text) != 2 or not text.isascii() or not text.isalpha():
        refuse(f"--origin: found {text!r}, expected a country code of two letters")
    return text.upper()


def _show(out: Console, ruling: Ruling, version: str) -> None:
    limit = "none" if ruling.threshold_usd is None else f"${ruling.threshold_usd:,}"
    lines = [
        f"low-value claim   {'admitted' if ruling.claim_admitted else 'not admitted'}",
        f"limit             {limit}, one {ruling.person_day_key}, one day",
        f"mandatory         {', '.join(ruling.mandatory)}",
    ]
    if not ruling.entry_type_admitted:
        lines.insert(1, "entry type        not allowed on this day")
    optional = (
        ("not yet enforced", ruling.advised),
        ("agency data", ruling.agencies),
        ("gifts", () if ruling.gift_limit_usd is None else (f"up to ${ruling.gift_limit_usd:,}",)),
        ("duty", ruling.duties),
        ("never claimed", tuple(f"HS {prefix}" for prefix in ruling.excluded)),
    )
    lines += [f"{name:<17} {', '.join(values)}" for name, values in optional if values]
    lines += [
        f"  {row.id}: {row.title} [{row.source}; {row.confidence or 'statute'}]" for row in ruling.citations
    ]
    out.print("\n".join((*lines, f"policy {version}")), markup=False)


def _as_json(ruling: Ruling) -> dict[str, Any]:
    return {
        "claim_admitted": ruling.claim_admitted,
        "entry_type_admitted": ruling.entry_type_admitted,
        "threshold_usd": None if ruling.threshold_usd is None else str(ruling.threshold_usd),
        "gift_limit_usd": None if ruling.gift_limit_usd is None else str(ruling.gift_limit_usd),
        "mandatory": list(ruling.mandatory),
        "advised": list(ruling.advised),
        "excluded": list(ruling.excluded),
        "agencies": list(ruling.agencies),
        "duties": list(ruling.duties),
        "person_day_key": ruling.person_day_key,
        "rows": [
            {"id": row.id, "title": row.title, "source": row.source, "confidence": row.confidence}
            for row in ruling.citations
        ],
    }
