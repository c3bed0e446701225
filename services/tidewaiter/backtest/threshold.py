"""Which value of a limit makes a rule hold about so many parcels a day, tried out on facts of history."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

from msgspec import Struct

from tidewaiter.rules.catalogue import attribute
from tidewaiter.rules.cel.unknown import UNKNOWN
from tidewaiter.rules.compiled import CompiledRule, Fired, compile_rule, evaluation
from tidewaiter.rules.errors import Place, RuleError
from tidewaiter.rules.facts import ParcelFacts
from tidewaiter.rules.facts.row import Subject
from tidewaiter.rules.policy import Policy
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.screener.deciding import Decided

_LIMIT = re.compile(r"\blimits\.(\w+)")
_STEPS = 60
_DIGITS = 3
_GREATEST_OVER_NOW = 1000.0

Values = tuple[object, ...]
Seen = tuple[date, Values]
"""The day of a decision, and the values of the facts that the rule reads, in the order of its ``reads``."""


class Watch:
    """Takes down the facts that one rule reads."""

    def __init__(self, rule: CompiledRule, ruleset: Ruleset, policy: Policy) -> None:
        self._names = [attribute(name) for name in rule.reads]
        self._terms, self._policy = ruleset.word_lists, policy

    def values(self, one: Decided) -> Values | None:
        """The values on one decision; None where a source was out."""
        parcel = one.parcel
        event = parcel.event
        law = self._policy.on(parcel.law_date, parcel.made_in, event.channel, parcel.entry_type)
        facts = ParcelFacts(Subject(parcel, one.evidence, law, self._terms))
        values = tuple(getattr(facts, name) for name in self._names)
        return None if any(value is UNKNOWN for value in values) else values


class Trial(Struct, frozen=True):
    """What one value of the limit comes to: parcels a day, on average and on the fullest day."""

    limit: float
    mean: float
    most: int


class Suggestion(Struct, frozen=True):
    """The value now and the one suggested: of all that stay within the target, that which stops the most."""

    rule: str
    limit: str
    holds: bool
    now: Trial
    suggested: Trial
    is_within: bool


class TrialRule:
    """A rule of a ruleset whose limit can be set to any value, over the facts that a history had."""

    def __init__(self, ruleset: Ruleset, rule: CompiledRule, limit: str, seen: Mapping[str, Sequence[Seen]]):
        self._ruleset, self._rule, self.limit, self._seen = ruleset, rule, limit, seen
        self._is_whole = isinstance(self.now, int)

    @property
    def now(self) -> float:
        """The limit's value in the ruleset."""
        value = self._ruleset.settings.constants[f"limits.{self.limit}"]
        assert not isinstance(value, tuple)
        return value

    @property
    def holds(self) -> bool:
        """Whether the rule itself holds; one that only scores is counted where it fires."""
        return self._rule.rule.action.holds or self._rule.holding is not None

    def trial(self, value: float, days: Sequence[date]) -> Trial:
        """The parcels that the rule would stop, each on the first day on which it does.

        ``days`` are those on which parcels were first told of; one may be stopped on a day without any.
        """
        counts = Counter(self._days(self._rounded(value)))
        most = max(counts.values(), default=0)
        return Trial(self._rounded(value), counts.total() / max(1, len(days)), most)

    def _rounded(self, value: float) -> float:
        return round(value) if self._is_whole else float(f"{value:.{_DIGITS}g}")

    def _days(self, value: float) -> list[date]:
        vocabulary = self._ruleset.vocabulary
        constants = {**vocabulary.constants, f"limits.{self.limit}": value}
        vocabulary = replace(vocabulary, constants=constants)
        evaluate = evaluation((compile_rule(self._rule.rule, vocabulary),), vocabulary)
        names = [attribute(name) for name in self._rule.reads]

        def stops(values: Values) -> bool:
            answers = evaluate(SimpleNamespace(**dict(zip(names, values, strict=True))))
            return any(isinstance(one, Fired) and (one.holds or not self.holds) for one in answers)

        remembered: dict[str, bool] = {}
        found = []
        for decisions in self._seen.values():
            for day, values in decisions:
                said = repr(values)
                if said not in remembered:
                    remembered[said] = stops(values)
                if remembered[said]:
                    found.append(day)
                    break
        return found


def limit_of(ruleset: Ruleset, rule_id: str, named: str) -> tuple[CompiledRule, str]:
    """The rule and the limit to be moved: the one named, else the only one that decides whether it holds.

    Raises RuleError that says what there is.
    """
    rule = ruleset.rule(rule_id)
    if rule is None:
        known = ", ".join(one.rule.id for one in ruleset.rules)
        raise RuleError(f"no such rule; there are {known}", Place(rule_id))
    holding = _limits(rule.holding.source) if rule.holding else []
    limits = holding or _limits(rule.program.source)
    every = list(dict.fromkeys((*holding, *_limits(rule.program.source))))
    if named and named not in every:
        raise RuleError(f"reads no limits.{named}; it reads {', '.join(every) or 'no limit'}", Place(rule_id))
    if not named and len(limits) != 1:
        raise RuleError(
            f"reads {', '.join(limits) or 'no limit'}; expected one, or its name with --limit", Place(rule_id)
        )
    return rule, named or limits[0]


def suggestion(trials: TrialRule, days: Sequence[date], target: float, rule_id: str) -> Suggestion:
    """The value whose mean of parcels a day is the greatest within the target.

    A limit moves a rule one way only, so that halving finds it. Where no value stays within the target, the
    one that stops the fewest is given.
    """
    least, greatest = 0.0, max(1.0, abs(trials.now)) * _GREATEST_OVER_NOW
    is_rising = trials.trial(greatest, days).mean > trials.trial(least, days).mean
    strict, loose = (least, greatest) if is_rising else (greatest, least)
    if trials.trial(loose, days).mean <= target:
        strict = loose
    for _ in range(_STEPS):
        if trials.trial(strict, days).limit == trials.trial((strict + loose) / 2, days).limit:
            break
        middle = (strict + loose) / 2
        strict, loose = (middle, loose) if trials.trial(middle, days).mean <= target else (strict, middle)
    now = trials.trial(trials.now, days)
    found = _nearest(trials, days, now, trials.trial(strict, days))
    return Suggestion(rule_id, trials.limit, trials.holds, now, found, found.mean <= target)


def _nearest(trials: TrialRule, days: Sequence[date], now: Trial, found: Trial) -> Trial:
    """Of all values that stop as many as the one found, that nearest to the value now."""
    if found.mean == now.mean:
        return now
    near, far = now.limit, found
    for _ in range(_STEPS):
        middle = trials.trial((near + far.limit) / 2, days)
        if middle.limit in (near, far.limit):
            break
        near, far = (near, middle) if middle.mean == found.mean else (middle.limit, far)
    return far


def _limits(expression: str) -> list[str]:
    return list(dict.fromkeys(_LIMIT.findall(expression)))
