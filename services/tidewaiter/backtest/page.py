"""The report as one page that needs nothing beside itself: no script, no network."""

from collections.abc import Callable, Iterable, Sequence
from html import escape

from tidewaiter.backtest.charts import Bar, by_day, by_name
from tidewaiter.backtest.report import ALL_PORTS, Report, Series, Side, examples
from tidewaiter.backtest.tally import Held
from tidewaiter.backtest.truth import Precision

_MOST_FLIPS = 1000
_STYLE = """
:root{color-scheme:light dark;--c:#1f6feb;--a:#b8860b;--line:#8884;--over:#c62828}
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2.2rem}
table{border-collapse:collapse;width:100%}th,td{padding:.25rem .5rem;border-bottom:1px solid var(--line)}
th{text-align:left}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
svg{width:100%;min-width:34rem;height:auto;font-size:11px}svg text{fill:currentColor}
.wide{overflow-x:auto}h1,p,summary,td{overflow-wrap:anywhere}
.candidate{fill:var(--c)}.against{fill:var(--a)}.grid{stroke:var(--line)}
.capacity{stroke:var(--over);stroke-width:1.5;stroke-dasharray:6 4}
.key span{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em}
details{margin:.3rem 0}summary{cursor:pointer}.over{color:var(--over)}code{font-size:.92em}
""".replace("\n", "")


def page(report: Report) -> str:
    """The page. The same report gives the same bytes."""
    sections = (
        _summary(report),
        _days(report),
        _changes(report),
        _places("rule", report, lambda side: side.by_rule),
        _places("port", report, lambda side: side.by_port),
        _places("carrier", report, lambda side: side.by_carrier),
        _rules(report),
        _truth(report),
        _held_examples(report),
        _costs(report),
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{_title(report)}</title>'
        '<meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{_STYLE}</style></head>'
        f"<body><h1>{_title(report)}</h1>{''.join(sections)}</body></html>\n"
    )


def _title(report: Report) -> str:
    against = f" against {report.against.version}" if report.against else ""
    return escape(f"Backtest of {report.candidate.name} {report.candidate.version}{against}")


def _summary(report: Report) -> str:
    days = f"{report.days[0]} to {report.days[-1]}" if report.days else "no day"
    lines = [
        f"{report.records:,} records, {sum(report.parcels):,} parcels, {days}; "
        f"{report.unreadable:,} records without a readable parcel.",
        f"Candidate: {_share(report.candidate, report)}.",
    ]
    if report.against:
        lines.append(f"Against: {_share(report.against, report)}.")
        lines.append(f"{len(report.new):,} parcels newly held, {len(report.gone):,} no longer held.")
    key = '<p class="key"><span style="background:var(--c)"></span>candidate'
    if report.against:
        key += '<span style="background:var(--a)"></span>against'
    return "".join(f"<p>{escape(line)}</p>" for line in lines) + key + "</p>"


def _share(side: Side, report: Report) -> str:
    parcels = sum(report.parcels)
    share = f" ({side.total / parcels:.3%})" if parcels else ""
    return f"{side.total:,} parcels held{share}, version {side.version}"


def _days(report: Report) -> str:
    against = report.against.held if report.against else [None] * len(report.days)
    bars = [
        Bar(day.strftime("%m-%d"), held, other)
        for day, held, other in zip(report.days, report.candidate.held, against, strict=True)
    ]
    plot = _wide(by_day(bars, report.capacity.get(ALL_PORTS), "parcels held a day"))
    rows = [
        (one.port or "all ports", str(one.day), f"{one.held:,}", f"{one.capacity:,}") for one in report.over
    ]
    over = (
        f'<p class="over">On these days more is held than can be examined:</p>'
        f"{_table(('port', 'day'), ('held', 'capacity'), rows)}"
        if rows
        else ""
    )
    return f"<h2>Held a day</h2>{plot}{over}"


def _places(name: str, report: Report, of: Callable[[Side], Sequence[Series]]) -> str:
    candidate = {one.name: one for one in of(report.candidate)}
    against = {one.name: one for one in of(report.against)} if report.against else None
    names = list(dict.fromkeys((*candidate, *(against or ()))))
    bars = [
        Bar(
            _named(one, name, report),
            _total(candidate, one),
            None if against is None else _total(against, one),
        )
        for one in names
    ]
    rows = [(one, *(f"{n:,}" for n in candidate[one].held)) for one in candidate]
    days = [day.strftime("%m-%d") for day in report.days]
    table = _table((name,), days, rows)
    more = f"<details><summary>the candidate's by day</summary>{table}</details>" if rows else ""
    return f"<h2>Held by {name}</h2>{_wide(by_name(bars, f'parcels held by {name}'))}{more}"


def _named(one: str, name: str, report: Report) -> str:
    most = report.capacity.get(one) if name == "port" else None
    return one if most is None else f"{one} (can do {most:,} a day)"


def _total(series: dict[str, Series], name: str) -> int:
    return series[name].total if name in series else 0


def _changes(report: Report) -> str:
    if report.against is None:
        return ""
    parts = ["<h2>What changes</h2>"]
    for title, parcels in (("newly held", report.new), ("no longer held", report.gone)):
        parts.append(f"<h3>{len(parcels):,} parcels {title}</h3>")
        parts += [_examples(rule, found, "") for rule, found in examples(parcels)]
        listed = ", ".join(escape(one.key) for one in parcels[:_MOST_FLIPS])
        more = f" and {len(parcels) - _MOST_FLIPS:,} more" if len(parcels) > _MOST_FLIPS else ""
        if parcels:
            parts.append(f"<details><summary>all of them</summary><p>{listed}{more}</p></details>")
    return "".join(parts)


def _held_examples(report: Report) -> str:
    titles = {line.rule: line.title for line in report.candidate.rules}
    found = "".join(_examples(rule, some, titles.get(rule, "")) for rule, some in report.examples)
    return f"<h2>Parcels that the candidate holds, for example</h2>{found}" if found else ""


def _examples(rule: str, parcels: Sequence[Held], title: str) -> str:
    body = "".join(_parcel(one) for one in parcels)
    return f"<details><summary><b>{escape(rule)}</b> {escape(title)}</summary>{body}</details>"


def _parcel(one: Held) -> str:
    said = one.excerpt
    facts = (
        f"{one.day}, {said.channel}, port {one.port}, from {said.origin or '?'} "
        f"(shipper in {said.shipper_country or '?'}) to {said.destination or '?'}, "
        f"declared {said.value_usd or '?'} USD"
    )
    rows = [(rule, title, seen) for rule, title, seen in one.findings]
    return (
        f"<details><summary><code>{escape(one.key)}</code> {escape(said.goods)}</summary>"
        f"<p>{escape(facts)}. Held for {escape(', '.join(one.codes))}.</p>"
        f"{_table(('rule', 'title', 'seen'), (), rows)}</details>"
    )


def _rules(report: Report) -> str:
    rows = [
        (line.rule, line.title, line.mode, f"{line.found:,}", f"{line.held:,}", f"{line.shadow:,}")
        for line in report.candidate.rules
    ]
    columns = ("found in decisions", "parcels held", "would hold (shadow)")
    return f"<h2>The candidate's rules</h2>{_table(('rule', 'title', 'mode'), columns, rows)}"


def _truth(report: Report) -> str:
    rows = [(name, source, *_shares(found)) for name, side in report.sides for source, found in side.truths]
    if not rows:
        return ""
    columns = ("held, truth known", "right", "precision", "due", "found", "recall")
    note = "<p>Examinations tell only of parcels that were examined: earlier rules and chance chose them.</p>"
    return f"<h2>Precision and recall</h2>{_table(('ruleset', 'by'), columns, rows)}{note}"


def _shares(found: Precision) -> tuple[str, ...]:
    counts = (f"{found.known_held:,}", f"{found.right:,}", _percent(found.precision))
    return (*counts, f"{found.due:,}", f"{found.found:,}", _percent(found.recall))


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _costs(report: Report) -> str:
    if not report.costs:
        return ""
    rows = [(cost.rule, f"{cost.microseconds:.2f}") for cost in report.costs]
    note = "<p>Of one rule alone, with all facts that it asks for; measured on this machine.</p>"
    return f"<h2>Cost</h2>{note}{_table(('rule',), ('µs a parcel',), rows)}"


def _table(texts: Sequence[str], numbers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(one)}</th>" for one in texts)
    head += "".join(f'<th class="n">{escape(one)}</th>' for one in numbers)
    body = "".join(f"<tr>{_cells(row, len(texts))}</tr>" for row in rows)
    return _wide(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")


def _wide(content: str) -> str:
    """What may be wider than the window: it is moved beneath it, and the page is not."""
    return f'<div class="wide">{content}</div>'


def _cells(row: Sequence[str], texts: int) -> str:
    words = "".join(f"<td>{escape(one)}</td>" for one in row[:texts])
    return words + "".join(f'<td class="n">{escape(one)}</td>' for one in row[texts:])
