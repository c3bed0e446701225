"""What each rule costs: the time, or the calls, of one rule alone on parcels as they came, facts included."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct

from tidewaiter.backtest.bench import Bench, lists_in_force
from tidewaiter.domain.evidence import Evidence, WindowTotals
from tidewaiter.domain.features import USUAL
from tidewaiter.domain.history import EMPTY
from tidewaiter.domain.parcel import Parcel
from tidewaiter.rules.compiled import evaluation
from tidewaiter.rules.facts import ParcelFacts
from tidewaiter.rules.facts.row import Law, Subject
from tidewaiter.screener.case import Case
from tidewaiter.screener.evidence import party_hits
from tidewaiter.screener.reading import read
from tidewaiter.stream.record import Record

SAMPLE = 500
_ROUNDS = 3
ALL_RULES = "all rules"
_Run = Callable[..., object]
_Sample = Sequence[tuple[Parcel, Evidence]]


class RuleCost(Struct, frozen=True):
    """Microseconds of processor time a parcel: the least of three rounds over up to 500 parcels, less what a
    parcel without any rule takes."""

    rule: str
    microseconds: float


def costs(records: Iterable[Record], bench: Bench) -> tuple[RuleCost, ...]:
    """The cost of each rule of the first ruleset, the dearest first, and before them of all together.

    A rule alone works out all facts that it asks for, so that the sum is more than what all cost together.
    """
    sample = _sample(records, bench)
    none = _timed(sample, bench, _no_rule)
    together, *single = [
        RuleCost(name, round(max(0.0, _timed(sample, bench, run) - none), 2)) for name, run in _runs(bench)
    ]
    return (together, *sorted(single, key=lambda one: -one.microseconds))


def calls(records: Iterable[Record], bench: Bench) -> Mapping[str, float]:
    """The calls of functions a parcel, of Python and of C, that each rule of the first ruleset makes alone,
    and those of all together: the mean of up to 500 parcels, facts included, less what is called without any.

    Unlike time they are the same on every machine, whatever else it does; how long a call takes they do not
    tell: 0.2 to 0.9 us for the rules of the default ruleset.
    """
    sample = _sample(records, bench)
    _counted(sample, bench, bench.rulesets[0].ruleset.evaluate)  # what caches keep is made here
    none = _counted(sample, bench, _no_rule)
    return {name: round(_counted(sample, bench, run) - none, 1) for name, run in _runs(bench)}


def _no_rule(*_: object) -> None:
    return None


def _runs(bench: Bench) -> Iterator[tuple[str, _Run]]:
    """All rules together, and each alone; they take facts and a day."""
    ruleset = bench.rulesets[0].ruleset
    yield ALL_RULES, ruleset.evaluate
    for one in ruleset.rules:
        alone = evaluation((one,), ruleset.vocabulary)
        yield one.rule.id, lambda facts, _, run=alone: run(facts)


def _sample(records: Iterable[Record], bench: Bench) -> _Sample:
    """The first declarations of a history with their name hits; every window holds the parcel alone."""
    found: list[tuple[Parcel, Evidence]] = []
    for record in records:
        case = read(record)
        if case.is_declaration:
            found.append(_gathered(case, bench))
        if len(found) == SAMPLE:
            break
    return found


def _gathered(case: Case, bench: Bench) -> tuple[Parcel, Evidence]:
    parcel = case.parcel(case.folded_into(EMPTY))
    hits = party_hits(parcel.event, bench.names)
    generation = lists_in_force().generation
    return parcel, Evidence(hits, windows=WindowTotals(), generation=generation, habits=USUAL)


def _timed(sample: _Sample, bench: Bench, run: _Run) -> float:
    """Microseconds a parcel of a run over the sample, making the facts included."""
    rounds = [_round(sample, bench, run) for _ in range(_ROUNDS)]
    return min(rounds) / max(1, len(sample)) * 1e6


def _round(sample: _Sample, bench: Bench, run: _Run) -> float:
    subjects = _subjects(sample, bench)
    started = time.thread_time()
    for subject in subjects:
        run(ParcelFacts(subject), subject.law_date)
    return time.thread_time() - started


def _counted(sample: _Sample, bench: Bench, run: _Run) -> float:
    """Calls a parcel of a run over the sample, making the facts included."""
    subjects = _subjects(sample, bench)
    count = 0

    def note(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        for subject in subjects:
            run(ParcelFacts(subject), subject.law_date)
    finally:
        sys.setprofile(None)
    return count / max(1, len(sample))


def _subjects(sample: _Sample, bench: Bench) -> list[Subject]:
    """The sample as rules have not asked about it yet: a subject keeps what was worked out."""
    terms = bench.rulesets[0].ruleset.word_lists
    return [Subject(parcel, evidence, _law(parcel, bench), terms) for parcel, evidence in sample]


def _law(parcel: Parcel, bench: Bench) -> Law:
    return bench.policy.on(parcel.law_date, parcel.made_in, parcel.event.channel, parcel.entry_type)
