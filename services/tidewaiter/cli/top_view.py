"""A reading of how screening goes as a page for a terminal of any width; words say what colours say."""

from collections.abc import Iterable, Mapping

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from tidewaiter.inspection.now import OBJECTIVE_SECONDS
from tidewaiter.inspection.reading import Listed, Reading, Tally, Waiting, Worker

OBJECTIVE_SHARE = 0.999
_DAY_SECONDS = 86_400.0
# As ScreeningLagGrowing has it.
_WAITING_SECONDS = 60.0
_MOST_ROWS = 8
_UNKNOWN = "-"
_GAP = 3


class SideBySide:
    """Tables in lines, as many in each as the terminal is wide; what comes first stays first."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self.tables = tuple(tables)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line: list[Table] = []
        used = 0
        for table in self.tables:
            width = Measurement.get(console, options, table).maximum + _GAP
            if line and used + width > options.max_width:
                yield from _line(line)
                line, used = [], 0
            line.append(table)
            used += width
        yield from _line(line)


def _line(tables: Iterable[Table]) -> Iterable[RenderableType]:
    grid = Table.grid(padding=(0, _GAP, 0, 0))
    grid.add_row(*tables)
    yield grid
    yield Text()


def page(found: Reading) -> RenderableType:
    """The whole page, what matters most first, so that a low terminal shows that."""
    tables = (
        _flow(found),
        _time(found),
        _waiting(found),
        _tallies("holds", found.holds, "none yet"),
        _workers(found.workers),
        _tallies("dead letters", found.dead_letters, "none"),
        _lists(found),
    )
    return Group(_verdict(found), _versions(found), Text(), SideBySide(tables))


def _versions(found: Reading) -> Text:
    generations = ", ".join(map(str, found.generations)) or _UNKNOWN
    rulesets = ", ".join(found.rulesets) or _UNKNOWN
    return Text(f"lists of generation {generations}, rules {rulesets}", "dim")


def _verdict(found: Reading) -> Text:
    """One line: is anything not as it should be."""
    wrong = tuple(_complaints(found))
    return Text(f"LOOK: {'; '.join(wrong)}", "bold red") if wrong else Text("all is well", "bold green")


def _complaints(found: Reading) -> Iterable[str]:
    for worker in found.workers:
        if worker.state != "ready":
            yield f"{worker.address} is {worker.state}"
        if worker.stopped_partitions:
            yield f"{worker.address} has stopped {worker.stopped_partitions} partitions"
        if worker.brokers_down:
            yield f"{worker.address} has no connection to {worker.brokers_down} brokers"
    if not found.workers:
        yield "no worker answers"
    yield from (f"{address} is down" for address in found.silent)
    yield from (f"Kafka does not answer {address}: what waits is not known" for address in found.blind)
    if max(_screeners_seconds(found), default=0.0) > _WAITING_SECONDS:
        yield "parcels wait for more than a minute"
    if found.within_objective is not None and found.within_objective < OBJECTIVE_SHARE:
        yield "parcels are late"
    if any(waiting.members == 0 for reader, waiting in found.unread.items() if reader == "screener"):
        yield "the screener's group has no member"
    if len(found.generations) > 1 or len(found.rulesets) > 1:
        yield "workers decide with different lists or rules"
    yield from (
        f"{name} is older than a day" for name, one in found.lists.items() if one.age_seconds > _DAY_SECONDS
    )


def _screeners_seconds(found: Reading) -> Iterable[float]:
    """How long parcels wait, by the workers' own word and by that of `tidewaiter lag`."""
    said = (found.lag, *(waiting for reader, waiting in found.unread.items() if reader == "screener"))
    return (waiting.seconds for waiting in said if waiting.seconds is not None)


def _flow(found: Reading) -> Table:
    table = _table("flow", "", "a second")
    table.add_row("events", _number(found.events_per_second))
    for outcome, rate in sorted(found.decisions_per_second.items()):
        table.add_row(outcome, _number(rate))
    return table


def _time(found: Reading) -> Table:
    table = _table("time to the decision", "from", "p50", "p99")
    names = {"broker": "the broker", "event": "the event"}
    for since, latency in found.latency.items():
        table.add_row(names.get(since, since), _seconds(latency.p50), _seconds(latency.p99))
    share = found.within_objective
    within = _UNKNOWN if share is None else f"{share:.2%}"
    table.add_row(f"within {OBJECTIVE_SECONDS:g} s", within, f"(goal {OBJECTIVE_SHARE:.1%})")
    return table


def _waiting(found: Reading) -> Table:
    table = _table("waiting", "of", "records", "oldest", "members")
    table.add_row("the workers", *_row(found.lag))
    for reader, waiting in found.unread.items():
        table.add_row(reader, *_row(waiting))
    return table


def _row(waiting: Waiting) -> tuple[str, str, str]:
    seconds = _UNKNOWN if waiting.seconds is None else _seconds(waiting.seconds)
    return f"{waiting.records:,}", seconds, _UNKNOWN if waiting.members is None else str(waiting.members)


def _workers(workers: Iterable[Worker]) -> Table:
    table = _table("workers", "at", "state", "a second", "partitions", "breaker")
    for one in workers:
        is_well = one.state == "ready"
        state = Text(one.state, "green") if is_well else Text(one.state.upper(), "bold red")
        rest = (_number(one.decisions_per_second), str(one.partitions), one.breaker or _UNKNOWN)
        if one.state == "down":
            rest = (_UNKNOWN,) * 3
        table.add_row(one.address, state, *rest)
    return table


def _lists(found: Reading) -> Table:
    table = _table("lists", "list", "age", "entries")
    for name, one in found.lists.items():
        table.add_row(name, _age(one), f"{one.entries:,}")
    return table


def _age(one: Listed) -> Text:
    text = _seconds(one.age_seconds)
    return Text(f"{text} OLD", "bold red") if one.age_seconds > _DAY_SECONDS else Text(text)


def _tallies(title: str, tallies: Mapping[str, Tally], nothing: str) -> Table:
    table = _table(title, "", "a minute", "in all")
    for name, one in list(tallies.items())[:_MOST_ROWS]:
        table.add_row(name, _number(one.per_minute), f"{one.total:,}")
    if not tallies:
        table.add_row(nothing, "", "")
    if len(tallies) > _MOST_ROWS:
        table.add_row(f"and {len(tallies) - _MOST_ROWS} more", "", "")
    return table


def _table(title: str, first: str, *others: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column(first, header_style="dim", overflow="fold")
    for name in others:
        table.add_column(name, header_style="dim", justify="right", overflow="fold")
    return table


def _number(value: float | None) -> str:
    if value is None:
        return _UNKNOWN
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _seconds(seconds: float) -> str:
    """In the unit in which one thinks of it."""
    for unit, size in (("d", _DAY_SECONDS), ("h", 3600.0), ("min", 60.0), ("s", 1.0)):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds * 1000:.0f} ms"
