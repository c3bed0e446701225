"""A bundle's own cases: examples of facts or of whole parcels, and what each rule must make of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace
from typing import Any, Final

from tidewaiter.rules.casefacts import CaseValues
from tidewaiter.rules.catalogue import attribute
from tidewaiter.rules.cel.errors import nearest
from tidewaiter.rules.cel.program import Outcome
from tidewaiter.rules.cel.unknown import UNKNOWN
from tidewaiter.rules.compiled import CompiledRule
from tidewaiter.rules.errors import RuleError
from tidewaiter.rules.facts import ORDINARY
from tidewaiter.rules.ordinary import ordinary_facts
from tidewaiter.rules.rule import Case
from tidewaiter.rules.ruleset import Ruleset

# The facts of the parcel that such overrides of an ordinary parcel event make, for the rules of a bundle.
FactsOf = Callable[[Mapping[str, object], Ruleset], Any]

_WRITTEN: Final = date(2026, 11, 24)


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that came out otherwise than it says; ``seen`` are the facts that the rule read."""

    rule_id: str
    case: str
    place: str
    expected: str
    found: str
    seen: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class CaseReport:
    """The outcome of a bundle's cases; ``uncovered`` are the rules without one that fires and one that does
    not."""

    passed: int
    failures: tuple[Failure, ...]
    uncovered: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return not self.failures


def own_cases(ruleset: Ruleset) -> CaseReport:
    """Runs every case, of facts and of whole parcels. Raises as ``run_cases``."""
    return run_cases(ruleset, ORDINARY)


def run_cases(
    ruleset: Ruleset, ordinary: Mapping[str, object], facts_of: FactsOf = ordinary_facts
) -> CaseReport:
    """Runs every case. ``ordinary`` are the facts of an ordinary parcel by dotted name.

    Raises RuleError where a case names an unknown fact or gives a value of the wrong type.
    """
    base = ruleset.vocabulary.ordinary(ordinary)
    outcomes = [_failure(rule, case, _facts(ruleset, case, base, facts_of)) for rule, case in _cases(ruleset)]
    failures = tuple(failure for failure in outcomes if failure)
    return CaseReport(len(outcomes) - len(failures), failures, uncovered(ruleset))


def uncovered(ruleset: Ruleset) -> tuple[str, ...]:
    """The rules without at least one case that fires and one that does not."""
    outcomes = {one.rule.id: {case.fires for case in one.rule.cases} for one in ruleset.rules}
    return tuple(rule_id for rule_id, seen in outcomes.items() if not {"true", "false"} <= seen)


def _cases(ruleset: Ruleset) -> Iterator[tuple[CompiledRule, Case]]:
    for rule in ruleset.rules:
        for case in rule.rule.cases:
            yield rule, case


def _facts(
    ruleset: Ruleset, case: Case, base: Mapping[str, object], facts_of: FactsOf
) -> SimpleNamespace | Any:
    if case.parcel is not None:
        return _facts_of(case, case.parcel, ruleset, facts_of)
    return SimpleNamespace(
        **{attribute(name): value for name, value in case_facts(ruleset, case, base).items()}
    )


def _facts_of(case: Case, parcel: Mapping[str, object], ruleset: Ruleset, facts_of: FactsOf) -> Any:
    try:
        return facts_of(parcel, ruleset)
    except RuleError as error:
        raise RuleError(f"{case.name!r}: {error.message}", case.place) from None


def case_facts(ruleset: Ruleset, case: Case, base: Mapping[str, object]) -> dict[str, object]:
    """The facts of a case by dotted name: those of an ordinary parcel with the changes made."""
    catalogue = ruleset.vocabulary.catalogue
    values = CaseValues(catalogue.records)
    facts = dict(base)
    for name, entry in case.facts.items():
        if name not in catalogue:
            raise entry.error(f"unknown fact {name!r}; {nearest(name, catalogue)}")
        facts[name] = values.value(entry, catalogue[name].type, base.get(name))
    for name in case.unknown:
        facts[name] = UNKNOWN
    return facts


def _failure(rule: CompiledRule, case: Case, facts: Any) -> Failure | None:
    day = case.on or rule.rule.effective_from or _WRITTEN
    outcome = rule.program.outcome(facts) if rule.rule.is_effective(day) else False
    found = _named(outcome)
    if found != case.fires:
        return _failed(rule, case, f"fires: {case.fires}", f"fires: {found}", facts)
    if case.holds is not None:
        can_hold = (
            rule.rule.action.holds if rule.holding is None else rule.holding.outcome(facts) is not False
        )
        holds = outcome is True and can_hold
        if holds != case.holds:
            return _failed(rule, case, f"holds: {case.holds}".lower(), f"holds: {holds}".lower(), facts)
    return None


def _failed(rule: CompiledRule, case: Case, expected: str, found: str, facts: Any) -> Failure:
    return Failure(rule.rule.id, case.name, str(case.place), expected, found, rule.seen(facts))


def _named(outcome: Outcome) -> str:
    if isinstance(outcome, bool):
        return str(outcome).lower()
    return "unknown" if outcome is UNKNOWN else f"error ({getattr(outcome, 'reason', '')})"
