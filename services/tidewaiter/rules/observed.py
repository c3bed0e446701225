"""What rules did on a stretch of traffic, and what is doubtful in that: never, always, nothing new."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from tidewaiter.domain.evidence import Evidence
from tidewaiter.domain.finding import Finding
from tidewaiter.domain.parcel import Parcel
from tidewaiter.domain.party import Role
from tidewaiter.rules.compiled import CompiledRule
from tidewaiter.rules.facts.row import Law
from tidewaiter.rules.findings import ScreeningRules
from tidewaiter.rules.ruleset import Ruleset

# A rule that fired fewer times than this may have met another one by chance.
_ENOUGH: Final = 20


@dataclass
class Traffic:
    """How often each set of rules fired together, on how many decisions, on which entry dates."""

    decisions: int = 0
    together: Counter[tuple[str, ...]] = field(default_factory=Counter)
    days: set[date] = field(default_factory=set)

    def note(self, findings: tuple[Finding, ...], on: date) -> None:
        """Count one decision. A rule that could not be answered did not fire."""
        self.decisions += 1
        self.days.add(on)
        if findings:
            self.together[tuple(one.rule_id for one in findings if not one.is_unavailable)] += 1

    @property
    def fired(self) -> Counter[str]:
        """How often each rule fired."""
        counted: Counter[str] = Counter()
        for rules, count in self.together.items():
            counted.update(dict.fromkeys(rules, count))
        return counted

    def always_with(self, rule_id: str) -> frozenset[str]:
        """The other rules that fired every time this one did; none when it never fired."""
        sets = [frozenset(rules) for rules in self.together if rule_id in rules]
        return frozenset.intersection(*sets) - {rule_id} if sets else frozenset()


class ObservedRules(ScreeningRules):
    """A ruleset that takes down what it found."""

    def __init__(self, ruleset: Ruleset, person: Role = "consignee") -> None:
        super().__init__(ruleset, person=person)
        self.traffic = Traffic()

    def findings(self, parcel: Parcel, evidence: Evidence, ruling: Law) -> tuple[Finding, ...]:
        """As ``ScreeningRules``."""
        found = super().findings(parcel, evidence, ruling)
        self.traffic.note(found, parcel.entry_date)
        return found


def doubts_from(ruleset: Ruleset, traffic: Traffic) -> tuple[str, ...]:
    """One line a doubt, with its place, of the rules that were in force on the days of the traffic."""
    rules = _in_force(ruleset, traffic)
    fired = traffic.fired
    return (*_constant(rules, fired, traffic.decisions), *_shadowed(rules, fired, traffic))


def silent(ruleset: Ruleset, traffic: Traffic) -> tuple[str, ...]:
    """The rules in force that never fired there, though a case of theirs says that they can.

    The traffic lacks what they look for, or they are too narrow: that an analyst has to judge.
    """
    fired = traffic.fired
    rules = (one for one in _in_force(ruleset, traffic) if not fired[one.rule.id])
    return tuple(one.rule.id for one in rules if _can_fire(one))


def _in_force(ruleset: Ruleset, traffic: Traffic) -> list[CompiledRule]:
    return [one for one in ruleset.rules if any(map(one.rule.is_effective, traffic.days))]


def _can_fire(rule: CompiledRule) -> bool:
    return any(case.fires == "true" for case in rule.rule.cases)


def _constant(rules: list[CompiledRule], fired: Counter[str], decisions: int) -> Iterator[str]:
    for rule in rules:
        count = fired[rule.rule.id]
        if count == 0 and not _can_fire(rule):
            yield rule.doubt(f"never true: fired on none of {decisions} decisions and in no case of its own")
        if count and count == decisions:
            yield rule.doubt(f"never false: fired on every one of {decisions} decisions")


def _shadowed(rules: list[CompiledRule], fired: Counter[str], traffic: Traffic) -> Iterator[str]:
    """Holds that another rule's hold contained every time; of two that only came together, the later."""
    known = {one.rule.id: one for one in rules}
    for rule in rules:
        count = fired[rule.rule.id]
        if count < _ENOUGH:
            continue
        for other_id in sorted(traffic.always_with(rule.rule.id)):
            other = known[other_id]
            is_later = fired[other_id] > count or rules.index(other) < rules.index(rule)
            if is_later and _contains(other, rule):
                yield rule.doubt(f"adds nothing: {other_id} held for the same code all {count} times")


def _contains(other: CompiledRule, rule: CompiledRule) -> bool:
    """Whether a hold of ``other`` is all that a hold of ``rule`` is."""
    one, two = rule.rule, other.rule
    is_same_kind = one.action.holds and two.action.holds and one.mode == two.mode
    is_weaker = one.action.severity <= two.action.severity
    is_as_strict = one.action.removable_by in (two.action.removable_by, "DATA")
    return is_same_kind and one.action.code == two.action.code and is_weaker and is_as_strict
