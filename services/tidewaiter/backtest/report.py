"""What a backtest says: holds a day against what inspectors can do, what changes, whether it is better."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from msgspec import Struct

from tidewaiter.backtest.cost import RuleCost
from tidewaiter.backtest.shard import Account
from tidewaiter.backtest.tally import Held, Tally
from tidewaiter.backtest.truth import Label, Precision, by_labels, precision_by_exams, precision_by_labels
from tidewaiter.inspection.quality import CaseScore
from tidewaiter.rules.ruleset import Ruleset

_EXAMPLES_A_RULE = 3
ALL_PORTS = ""


class Series(Struct, frozen=True):
    """Held parcels of one rule, port or carrier: on each of the report's days, in their order."""

    name: str
    held: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(self.held)


class RuleLine(Struct, frozen=True):
    """One rule: decisions in which it was found, parcels that it held, and would hold were it no shadow."""

    rule: str
    title: str
    mode: str
    found: int
    held: int
    shadow: int


class Side(Struct, frozen=True):
    """What one ruleset made of the history. ``held`` is a number of parcels a day, in the days' order."""

    name: str
    version: str
    decisions: int
    held: tuple[int, ...]
    rules: tuple[RuleLine, ...]
    by_rule: tuple[Series, ...]
    by_port: tuple[Series, ...]
    by_carrier: tuple[Series, ...]
    labels: Precision | None = None
    exams: Precision | None = None
    cases: tuple[CaseScore, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.held)

    @property
    def truths(self) -> tuple[tuple[str, Precision], ...]:
        """What is known of its worth, by where it is known from."""
        found = (("labels", self.labels), ("examinations", self.exams))
        return tuple((source, one) for source, one in found if one is not None)


class Flip(Struct, frozen=True):
    """A parcel that one ruleset holds and the other does not."""

    parcel: Held
    is_new: bool


class Over(Struct, frozen=True):
    """A day on which more parcels are held than can be examined. An empty port stands for all together."""

    port: str
    day: date
    held: int
    capacity: int


class Report(Struct, frozen=True):
    """A backtest in numbers; the same inputs give the same report, but for costs, which are measured.

    ``examples`` are the first parcels that each rule of the candidate held.
    """

    records: int
    unreadable: int
    days: tuple[date, ...]
    parcels: tuple[int, ...]
    candidate: Side
    against: Side | None
    flips: tuple[Flip, ...]
    capacity: Mapping[str, int]
    over: tuple[Over, ...]
    examples: tuple[tuple[str, tuple[Held, ...]], ...]
    costs: tuple[RuleCost, ...] = ()

    @property
    def sides(self) -> tuple[tuple[str, Side], ...]:
        """The one or two rulesets, by their part in the comparison."""
        found = (("candidate", self.candidate), ("against", self.against))
        return tuple((name, side) for name, side in found if side is not None)

    @property
    def new(self) -> tuple[Held, ...]:
        return tuple(flip.parcel for flip in self.flips if flip.is_new)

    @property
    def gone(self) -> tuple[Held, ...]:
        return tuple(flip.parcel for flip in self.flips if not flip.is_new)


class Question(Struct, frozen=True):
    """What the report is asked beside the account: truths, and how many exams a day each port can do."""

    labels: Mapping[str, Label] | None = None
    capacity: Mapping[str, int] = {}
    costs: tuple[RuleCost, ...] = ()


def reported(account: Account, rulesets: Sequence[Ruleset], records: int, asked: Question) -> Report:
    """The report of a replay, whose first ruleset is the candidate."""
    tallies = account.tallies
    parcels = tallies[0].parcels
    days = tuple(sorted({*parcels, *(one.day for tally in tallies for one in tally.held.values())}))
    sides = [
        _side(tally, ruleset, days, account, asked) for tally, ruleset in zip(tallies, rulesets, strict=True)
    ]
    return Report(
        records=records,
        unreadable=account.unreadable,
        days=days,
        parcels=tuple(parcels[day] for day in days),
        candidate=sides[0],
        against=sides[1] if len(sides) > 1 else None,
        flips=_flips(tallies[0], tallies[1]) if len(tallies) > 1 else (),
        capacity=asked.capacity,
        over=tuple(_over(tallies[0].held.values(), days, asked.capacity)),
        examples=examples(sorted(tallies[0].held.values(), key=lambda one: (one.day, one.key))),
        costs=asked.costs,
    )


def examples(parcels: Iterable[Held]) -> tuple[tuple[str, tuple[Held, ...]], ...]:
    """For each rule the first parcels that it held, at most three; in the order of the rules."""
    by_rule: dict[str, list[Held]] = {}
    for parcel in parcels:
        for rule in parcel.rules:
            by_rule.setdefault(rule, []).append(parcel)
    return tuple((rule, tuple(found[:_EXAMPLES_A_RULE])) for rule, found in sorted(by_rule.items()))


def _side(tally: Tally, ruleset: Ruleset, days: Sequence[date], account: Account, asked: Question) -> Side:
    held = sorted(tally.held.values(), key=lambda one: one.key)
    on_day = Counter(one.day for one in held)
    labels = asked.labels
    return Side(
        name=ruleset.settings.name,
        version=ruleset.version,
        decisions=tally.decisions,
        held=tuple(on_day[day] for day in days),
        rules=_rules(tally, ruleset),
        by_rule=_series(held, days, lambda one: one.rules),
        by_port=_series(held, days, lambda one: (one.port,)),
        by_carrier=_series(held, days, lambda one: (one.carrier,)),
        labels=None if labels is None else precision_by_labels(tally, labels),
        exams=precision_by_exams(tally, account) if account.examined else None,
        cases=() if labels is None else by_labels(tally, labels).cases,
    )


def _rules(tally: Tally, ruleset: Ruleset) -> tuple[RuleLine, ...]:
    held = Counter(rule for one in tally.held.values() for rule in one.rules)
    return tuple(
        RuleLine(
            one.rule.id, one.rule.title, one.rule.mode, tally.fired[one.rule.id], held[one.rule.id],
            tally.shadow[one.rule.id],
        )
        for one in ruleset.rules
    )  # fmt: skip


def _series(
    held: Iterable[Held], days: Sequence[date], names: Callable[[Held], Iterable[str]]
) -> tuple[Series, ...]:
    """A series a name, the greatest first."""
    counts: dict[str, Counter[date]] = {}
    for one in held:
        for name in names(one):
            counts.setdefault(name, Counter())[one.day] += 1
    series = [Series(name, tuple(found[day] for day in days)) for name, found in counts.items()]
    return tuple(sorted(series, key=lambda one: (-one.total, one.name)))


def _flips(candidate: Tally, against: Tally) -> tuple[Flip, ...]:
    new = [Flip(one, True) for key, one in candidate.held.items() if key not in against.held]
    gone = [Flip(one, False) for key, one in against.held.items() if key not in candidate.held]
    return tuple(sorted((*new, *gone), key=lambda flip: (flip.parcel.day, flip.parcel.key)))


def _over(held: Iterable[Held], days: Sequence[date], capacity: Mapping[str, int]) -> Iterable[Over]:
    counts = Counter((place, one.day) for one in held for place in (ALL_PORTS, one.port))
    for port, most in sorted(capacity.items()):
        for day in days:
            if counts[port, day] > most:
                yield Over(port, day, counts[port, day], most)
