"""A backtest as a terminal shows it."""

from collections.abc import Callable, Iterable, Sequence

from rich.console import Console
from rich.table import Table

from tidewaiter.backtest.report import Report, Series, Side
from tidewaiter.backtest.tally import Held
from tidewaiter.cli.terminal import add_row, harmless

_SHOWN_EXAMPLES = 5
_SHOWN_NAMES = 10


def show(out: Console, report: Report) -> None:
    """Everything of the report, in tables."""
    _head(out, report)
    _days(out, report)
    views: tuple[tuple[str, Callable[[Side], Sequence[Series]]], ...] = (
        ("rule", lambda side: side.by_rule),
        ("port", lambda side: side.by_port),
        ("carrier", lambda side: side.by_carrier),
    )
    for name, of in views:
        out.print(_places(name, of(report.candidate), of(report.against) if report.against else None))
    _truths(out, report)
    _changes(out, "newly held", report.new)
    _changes(out, "no longer held", report.gone)
    if report.costs:
        out.print(_table("cost of a rule alone", ("rule", "µs a parcel"), _costs(report)))


def _head(out: Console, report: Report) -> None:
    parcels = sum(report.parcels)
    out.print(f"{report.records:,} records, {parcels:,} parcels, {len(report.days)} days")
    for name, side in report.sides:
        share = side.total / parcels if parcels else 0.0
        out.print(f"{name} {side.name} {side.version}: {side.total:,} parcels held ({share:.3%})")


def _days(out: Console, report: Report) -> None:
    against = report.against.held if report.against else None
    rows = [
        (
            str(day),
            f"{report.parcels[n]:,}",
            f"{report.candidate.held[n]:,}",
            f"{against[n]:,}" if against else "",
        )
        for n, day in enumerate(report.days)
    ]
    out.print(_table("a day", ("day", "parcels", "held", "held against"), rows))
    for over in report.over:
        out.print(
            f"{over.day} {over.port or 'all ports'}: {over.held:,} held, {over.capacity:,} can be examined"
        )


def _places(name: str, candidate: Sequence[Series], against: Sequence[Series] | None) -> Table:
    before = {one.name: one.total for one in against or ()}
    now = {one.name: one.total for one in candidate}
    names = sorted({*before, *now}, key=lambda one: (-max(now.get(one, 0), before.get(one, 0)), one))
    shown = names[: None if name == "rule" else _SHOWN_NAMES]
    rows = [
        (one, f"{now.get(one, 0):,}", f"{before.get(one, 0):,}" if against is not None else "")
        for one in shown
    ]
    if len(names) > len(shown):
        rows.append((f"and {len(names) - len(shown)} more", "", ""))
    return _table(f"held by {name}", (name, "held", "held against"), rows)


def _truths(out: Console, report: Report) -> None:
    rows = [
        (name, source, _share(found.precision), _share(found.recall), f"{found.found} of {found.due}")
        for name, side in report.sides
        for source, found in side.truths
    ]
    if rows:
        out.print(_table("against the truth", ("ruleset", "by", "precision", "recall", "found"), rows))


def _changes(out: Console, title: str, parcels: Sequence[Held]) -> None:
    if not parcels:
        return
    out.print(f"{len(parcels):,} parcels {title}, for example:")
    for one in parcels[:_SHOWN_EXAMPLES]:
        out.print(harmless(f"  {one.key} {', '.join(one.rules)}: {one.excerpt.goods}"))


def _costs(report: Report) -> list[tuple[str, str]]:
    return [(cost.rule, f"{cost.microseconds:.2f}") for cost in report.costs]


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    table = Table(title=title, title_justify="left")
    for place, column in enumerate(columns):
        table.add_column(column, justify="right" if place else "left")
    for row in rows:
        add_row(table, row)
    return table
