"""`tidewaiter top`: how screening goes now, on a terminal, from the workers' own pages."""

import time
from collections import deque
from collections.abc import Iterable
from typing import Annotated

import orjson
import typer
from msgspec import to_builtins
from rich.console import Console
from rich.live import Live

from tidewaiter.adapters.metric_pages import metric_pages
from tidewaiter.cli.failing import refuse, settings_in_force
from tidewaiter.cli.lag import PORT as LAG_PORT
from tidewaiter.cli.terminal import terminal
from tidewaiter.cli.top_view import page
from tidewaiter.inspection.now import Look, reading
from tidewaiter.inspection.reading import Reading
from tidewaiter.settings import PREFIX, Settings
from tidewaiter.telemetry.scrape import Scrape

# As many as `screen --workers` takes.
_MOST_WORKERS = 64
# Rates over so long are steady at a few parcels a second, and still show a change at once.
_WINDOW_SECONDS = 10.0
_EVERYWHERE = frozenset({"0.0.0.0", "::", ""})


class Lookout:
    """Looks at the same addresses again and again, and keeps what it saw for the length of the window."""

    def __init__(self, named: Iterable[str], possible: Iterable[str]) -> None:
        self._named = tuple(named)
        self._possible = tuple(possible)
        self._seen: dict[str, deque[Scrape]] = {}

    def look(self) -> tuple[Look, ...]:
        """The looks of now: at all that were named, and at those of the possible that ever answered."""
        pages = metric_pages((*self._named, *self._possible))
        for address, scrape in pages.items():
            if scrape is not None:
                self._remember(address, scrape)
        known = [one for one in pages if one in self._named or one in self._seen]
        return tuple(self._look(address, pages[address]) for address in known)

    @property
    def has_seen(self) -> bool:
        """Whether anybody has ever answered."""
        return bool(self._seen)

    def _remember(self, address: str, scrape: Scrape) -> None:
        kept = self._seen.setdefault(address, deque())
        kept.append(scrape)
        while scrape.at - kept[0].at > _WINDOW_SECONDS and len(kept) > 2:
            kept.popleft()

    def _look(self, address: str, after: Scrape | None) -> Look:
        kept = self._seen.get(address)
        if not kept:
            return Look(address, None, None)
        return Look(address, None if kept[0] is after else kept[0], after)


def top(
    at: Annotated[
        list[str] | None, typer.Option(help="HOST:PORT of a worker, or of `tidewaiter lag`; repeatable.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=_MOST_WORKERS, help="How many run here; by default those that answer."),
    ] = None,
    every: Annotated[float, typer.Option(min=0.5, max=3_600, help="Seconds between looks.")] = 2.0,
    once: Annotated[bool, typer.Option("--once", help="Look twice, print what was seen, and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="With --once: one JSON document.")] = False,
) -> None:
    """Show flow, latency, lag, holds, lists and workers, live; where it is no terminal, once."""
    if as_json and not once:
        refuse("--json: is for --once, which is not given")
    lookout = _lookout(settings_in_force(), at, workers)
    console = terminal()
    first = lookout.look()
    if not lookout.has_seen:
        where = ", ".join(at) if at else "this machine's workers"
        refuse(f"nobody answers at {where}: expected /metrics of a worker; --at HOST:PORT names another")
    if once or not console.is_terminal:
        time.sleep(every)
        _print(console, reading(lookout.look()), as_json)
    else:
        _show(console, lookout, reading(first), every)


def _lookout(settings: Settings, at: list[str] | None, workers: int | None) -> Lookout:
    """Addresses as given, else those that `screen --workers` and `lag` take under these settings."""
    if at:
        return Lookout(map(_address, at), ())
    if not settings.metrics_port:
        refuse(f"{PREFIX}METRICS_PORT: found 0, where workers take any port; expected --at HOST:PORT")
    host = "127.0.0.1" if settings.metrics_address in _EVERYWHERE else settings.metrics_address
    last = min(settings.metrics_port + _MOST_WORKERS, 65_536)
    ports = [f"{host}:{port}" for port in range(settings.metrics_port, last)]
    return Lookout(ports[:workers] if workers else (), [*(() if workers else ports), f"{host}:{LAG_PORT}"])


def _address(text: str) -> str:
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdecimal() and 0 < int(port) < 65_536):
        refuse(f"--at: found {text!r}, expected HOST:PORT")
    return text


def _print(console: Console, found: Reading, as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(to_builtins(found)).decode())
    else:
        console.print(page(found))


def _show(console: Console, lookout: Lookout, found: Reading, every_seconds: float) -> None:
    """Until Ctrl-C, which is how one leaves it."""
    with Live(page(found), console=console, screen=True, auto_refresh=False) as live:
        try:
            while True:
                time.sleep(every_seconds)
                live.update(page(reading(lookout.look())), refresh=True)
        except KeyboardInterrupt:
            return
