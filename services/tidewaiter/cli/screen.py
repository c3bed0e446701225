"""`tidewaiter screen`: the screener itself, over Kafka or over files."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from tidewaiter.cli.crew import run_crew
from tidewaiter.cli.failing import refusals, refuse, settings_in_force
from tidewaiter.cli.file_mode import FileRun, path_of, screen_file
from tidewaiter.cli.outputs import is_stdout, partial_of, refuse_overwriting
from tidewaiter.cli.worker import ScreenerProcess, stop_on_signals
from tidewaiter.local.interrupts import Interruption
from tidewaiter.rules.errors import RuleError
from tidewaiter.settings import Settings
from tidewaiter.stream.drain import Stop
from tidewaiter.telemetry.logs import configure_logs
from tidewaiter.watchlists.formats import ListRefused


def screen(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Worker processes on this machine.")] = 1,
    slot: Annotated[
        int | None, typer.Option(min=0, help="Run one worker in this process, under this stable slot number.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65_535, help="One worker's port for /metrics; default: the setting's plus the slot."
        ),
    ] = None,
    from_: Annotated[
        Path | None, typer.Option("--from", help="Screen events of this NDJSON file instead of Kafka.")
    ] = None,
    decisions: Annotated[
        Path | None, typer.Option(help="With --from: write decisions here; - is stdout.")
    ] = None,
    holds: Annotated[Path | None, typer.Option(help="With --from: write hold orders here.")] = None,
    dead_letters: Annotated[Path | None, typer.Option(help="With --from: write dead letters here.")] = None,
    rules: Annotated[Path | None, typer.Option(help="With --from: the ruleset's directory.")] = None,
    list_: Annotated[
        list[str] | None,
        typer.Option(
            "--list", help="With --from: SOURCE:PATH or PATH of a watchlist, as ofac:DIR; repeatable."
        ),
    ] = None,
) -> None:
    """Screen parcels: from Kafka until SIGTERM, or from a file, with the same core.

    In a file nobody has learned habits: rules that ask for them are unavailable there, and hold nothing.
    """
    settings = settings_in_force()
    if from_ is not None:
        if decisions is None:
            refuse("--decisions: not given, expected the file to write decisions to")
        if workers > 1 or slot is not None or port is not None:
            refuse("--workers, --slot and --port are for Kafka, and --from FILE is given")
        _from_file(settings, FileRun(from_, decisions, holds, dead_letters, rules, tuple(list_ or ())))
        return
    if decisions or holds or dead_letters or rules or list_:
        refuse(
            "--decisions, --holds, --dead-letters, --rules and --list are for --from FILE, which is not given"
        )
    if workers > 1:
        if slot is not None or port is not None:
            refuse(f"--slot and --port are for one worker alone, and --workers is {workers}")
        raise typer.Exit(run_crew(workers))
    configure_logs()
    stop = Stop()
    stop_on_signals(stop)
    with refusals(OSError):
        raise typer.Exit(ScreenerProcess(settings, slot or 0, stop, port).run())


def _from_file(settings: Settings, run: FileRun) -> None:
    read = [("--from", run.events), *([("--rules", run.rules)] if run.rules else [])]
    read += [("--list", path_of(given)) for given in run.lists]
    written = {"--decisions": run.decisions, "--holds": run.holds, "--dead-letters": run.dead_letters}
    _refuse_lost(read, written)
    # By default SIGTERM would leave unfinished outputs behind.
    Interruption()
    with refusals(ListRefused, RuleError, OSError):
        screen_file(settings, run)


def _refuse_lost(read: Iterable[tuple[str, Path]], outputs: Mapping[str, Path | None]) -> None:
    """Outputs are written beside their place and renamed into it: a file that stands there would be lost."""
    written: list[tuple[str, Path]] = []
    shown = [option for option, path in outputs.items() if path and is_stdout(path)]
    if len(shown) > 1:
        refuse(f"{shown[1]}: found -, expected another file than that of {shown[0]}")
    for option, path in outputs.items():
        if path is None or option in shown:
            continue
        with refusals(OSError):
            if path.exists() and not path.is_file():
                refuse(f"{option}: found {path}, expected a file to write")
        written += [(option, path), (option, partial_of(path))]
    refuse_overwriting(read, written)
