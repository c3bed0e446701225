"""What each rule costs: the time of one rule alone on the facts of parcels as they came, facts included."""

import time
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from tidewaiter.backtest.bench import Bench, lists_in_force
from tidewaiter.domain.evidence import Evidence, WindowTotals
from tidewaiter.domain.features import USUAL
from tidewaiter.domain.history import EMPTY
from tidewaiter.domain.parcel import Parcel
from tidewaiter.rules.compiled import evaluation
from tidewaiter.rules.facts import ParcelFacts
from tidewaiter.rules.facts.row import Subject
from tidewaiter.screener.case import Case
from tidewaiter.screener.evidence import party_hits
from tidewaiter.screener.reading import read
from tidewaiter.stream.record import Record

_SAMPLE = 500
_ROUNDS = 3
ALL_RULES = "all rules"


class RuleCost(Struct, frozen=True):
    """Microseconds of processor time a parcel: the least of three rounds over up to 500 parcels, less what a
    parcel without any rule takes."""

    rule: str
    microseconds: float


def costs(records: Iterable[Record], bench: Bench) -> tuple[RuleCost, ...]:
    """The cost of each rule of the first ruleset, the dearest first, and before them of all together.

    A rule alone works out all facts that it asks for, so that the sum is more than what all cost together.
    """
    rules = bench.rulesets[0]
    sample = _sample(records, bench)
    none = _timed(sample, bench, lambda *_: None)

    def cost(name: str, run: Callable[..., object]) -> RuleCost:
        return RuleCost(name, round(max(0.0, _timed(sample, bench, run) - none), 2))

    vocabulary = rules.ruleset.vocabulary
    single = []
    for one in rules.ruleset.rules:
        alone = evaluation((one,), vocabulary)
        single.append(cost(one.rule.id, lambda facts, _, run=alone: run(facts)))
    together = cost(ALL_RULES, rules.ruleset.evaluate)
    return (together, *sorted(single, key=lambda one: -one.microseconds))


def _sample(records: Iterable[Record], bench: Bench) -> list[tuple[Parcel, Evidence]]:
    """The first declarations of a history with their name hits; every window holds the parcel alone."""
    found: list[tuple[Parcel, Evidence]] = []
    for record in records:
        case = read(record)
        if case.is_declaration:
            found.append(_gathered(case, bench))
        if len(found) == _SAMPLE:
            break
    return found


def _gathered(case: Case, bench: Bench) -> tuple[Parcel, Evidence]:
    parcel = case.parcel(case.folded_into(EMPTY))
    hits = party_hits(parcel.event, bench.names)
    generation = lists_in_force().generation
    return parcel, Evidence(hits, windows=WindowTotals(), generation=generation, habits=USUAL)


def _timed(sample: Sequence[tuple[Parcel, Evidence]], bench: Bench, run: Callable[..., object]) -> float:
    """Microseconds a parcel of a run over the sample, making the facts included."""
    rounds = [_round(sample, bench, run) for _ in range(_ROUNDS)]
    return min(rounds) / max(1, len(sample)) * 1e6


def _round(sample: Sequence[tuple[Parcel, Evidence]], bench: Bench, run: Callable[..., object]) -> float:
    terms = bench.rulesets[0].ruleset.word_lists
    laws = [
        bench.policy.on(parcel.law_date, parcel.made_in, parcel.event.channel, parcel.entry_type)
        for parcel, _ in sample
    ]
    started = time.thread_time()
    for (parcel, evidence), law in zip(sample, laws, strict=True):
        subject = Subject(parcel, evidence, law, terms)
        run(ParcelFacts(subject), subject.law_date)
    return time.thread_time() - started
