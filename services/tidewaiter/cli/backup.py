"""``tidewaiter backup save | restore``: what officers entered, to a file and back when Redis lost it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from tidewaiter.adapters import clock
from tidewaiter.adapters.redis_backup import BackupUnusable, RedisBackup
from tidewaiter.adapters.redis_connection import connected
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.failing import refusals, refuse
from tidewaiter.settings import load_settings

app = typer.Typer(
    help="What officers entered, which only Redis has: live entries, and exceptions from entries and rules.",
    no_args_is_help=True,
)

File = Annotated[Path, typer.Argument(help="NDJSON; identifiers in it are tokens under your secret.")]


@app.command()
def save(file: File) -> None:
    """Write it all to FILE, in place of an earlier backup there; never half of it."""
    with refusals(OSError):
        if file.exists() and not file.is_file():  # a folder, or a device, whose place the backup would take
            refuse(f"{file}: found no file, expected one to write")
        partial = file.with_name(f".{file.name}.partial")
        lines = list(_backup().lines(clock.utc_now()))
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.writelines(line + b"\n" for line in lines)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(file)
    typer.echo(f"{len(lines) - 1} records saved")


@app.command()
def restore(file: File) -> None:
    """Put back what FILE has and Redis has not; also what was removed since FILE was made."""
    with refusals(OSError):
        lines = file.read_bytes().splitlines()
        try:
            restored = _backup().restore(lines)
        except BackupUnusable as error:
            refuse(f"{file}: {error}")
    typer.echo(f"{restored.put} records restored, {restored.there} there already")


def _backup() -> RedisBackup:
    settings = load_settings()
    return RedisBackup(connected(settings.redis_url), Tokens(settings.secret))
