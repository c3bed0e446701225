"""docs/quality.md: what a ruleset catches of a simulated week, by typology, what it misses and why."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct

from tidewaiter.backtest.followed import Followed
from tidewaiter.backtest.shard import Account
from tidewaiter.backtest.truth import Label, by_labels
from tidewaiter.inspection.quality import CaseScore, Quality
from tidewaiter.rules.ruleset import Ruleset

_SHOWN_WHYS: Final = 4


class Measured(Struct, frozen=True):
    """What the page is made from. ``source`` says which lists were planted from, ``machine`` where it ran."""

    days: int
    parcels: int
    records: int
    seconds: float
    processes: int
    source: str
    machine: str
    day: str


def quality_page(account: Account, labels: Mapping[str, Label], ruleset: Ruleset, measured: Measured) -> str:
    """docs/quality.md."""
    found = by_labels(account.tallies[0], labels)
    sections = (
        _head(ruleset, measured),
        _families(found, labels),
        _cases(found, labels),
        _missed(found, account.followed, labels),
        _innocents(found, account, labels),
    )
    return "\n".join(sections)


def _head(ruleset: Ruleset, measured: Measured) -> str:
    rate = measured.records / measured.seconds
    rules = f"The ruleset `{ruleset.settings.name}` {ruleset.version}"
    size = f"{measured.parcels:,} parcels ({measured.records:,} records)"
    speed = f"{measured.seconds:.0f} s on {measured.processes} processes, {rate:,.0f} records/s"
    return f"""# What the rules catch

Made by `make quality`; do not edit. {rules} on a simulated week of {measured.days} days,
scaled to {size}, replayed by the deciding core, which does not see the labels.
Planted from {measured.source}.

{measured.day}, {measured.machine}: {speed}.

"Due" is what must be held: a crowd of parcels, of which only the last go too far, is due once.
"Caught" is held under a code that fits. Cases that need only score are not due. "Held" is what the
inspection is told of; parcels that their carriers took back are not among it.
"""


def _families(found: Quality, labels: Mapping[str, Label]) -> str:
    family = _family_by_case(labels)
    rows: dict[str, list[int]] = {}
    for case in found.cases:
        counts = rows.setdefault(family[case.case], [0, 0])
        counts[0] += case.due
        counts[1] += case.found
    lines = [
        f"| {name} | {due} | {caught} | {_percent(caught, due)} |"
        for name, (due, caught) in sorted(rows.items())
        if due
    ]
    total = f"| **all** | {found.due} | {found.found} | {_percent(found.found, found.due)} |"
    return _table("By family", ("family", "due", "caught", "share"), (*lines, total))


def _cases(found: Quality, labels: Mapping[str, Label]) -> str:
    family = _family_by_case(labels)
    lines = [
        f"| {case.case} | {family[case.case]} | {case.parcels} | {case.due} | {case.found} "
        f"| {_percent(case.found, case.due)} |"
        for case in sorted(found.cases, key=lambda one: (family[one.case], one.case))
        if not case.innocent
    ]
    columns = ("typology", "family", "parcels", "due", "caught", "share")
    return _table("By typology", columns, lines)


def _missed(found: Quality, followed: Mapping[str, Followed], labels: Mapping[str, Label]) -> str:
    lines = [
        f"| {case.case} | {len(case.missed)} | {_whys(case, followed, labels)} |"
        for case in found.cases
        if case.missed
    ]
    if not lines:
        return "## Missed\n\nNothing that was due.\n"
    return _table("Missed, and why", ("typology", "missed", "what was found instead"), lines)


def _whys(case: CaseScore, followed: Mapping[str, Followed], labels: Mapping[str, Label]) -> str:
    counts: dict[str, int] = {}
    for unit in case.missed:
        members = [key for key, label in labels.items() if (label.group or key) == unit]
        why = _why(max((followed.get(key, Followed()) for key in members), key=lambda one: one.score))
        counts[why] = counts.get(why, 0) + 1
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return "; ".join(f"{count} × {why}" for why, count in ranked[:_SHOWN_WHYS])


def _why(one: Followed) -> str:
    rules = ", ".join(one.rules)
    if one.codes:
        return f"held, but under {', '.join(one.codes)} ({rules})"
    return f"scored {one.score} ({rules})" if one.rules else "no rule fired"


def _innocents(found: Quality, account: Account, labels: Mapping[str, Label]) -> str:
    counts = [(case.case, len(case.wrongly_held), case.parcels) for case in found.cases if case.innocent]
    counts.append(("ordinary traffic", found.ordinary_held, found.ordinary))
    lines = [f"| {name} | {of} | {held} | {_share(held, of)} |" for name, held, of in counts]
    tally = account.tallies[0]
    ordinary = [one for key, one in tally.held.items() if key not in labels and key not in tally.cancelled]
    held = Counter(rule for one in ordinary for rule in one.rules)
    ranked = sorted(held.items(), key=lambda pair: (-pair[1], pair[0]))
    by_rule = ", ".join(f"{rule} {count}" for rule, count in ranked) or "none"
    drawn = sum(1 for one in ordinary if one.rules == ("R01",))
    rest = _share(found.ordinary_held - drawn, found.ordinary)
    note = (
        f"\nOrdinary parcels held, by rule: {by_rule}. Of them {drawn} were drawn at random (R01), "
        f"as they are meant to be; without those it is {rest}.\n"
    )
    return _table("Innocents held", ("typology", "parcels", "held", "share"), lines) + note


def _family_by_case(labels: Mapping[str, Label]) -> dict[str, str]:
    return {label.case: label.family for label in labels.values()}


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "–"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3%}" if whole else "–"


def _table(title: str, columns: Sequence[str], lines: Iterable[str]) -> str:
    head = f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}"
    return "\n".join((f"## {title}", "", head, *lines, ""))
