"""Measures the rules: one predicate and a whole ruleset a parcel, beside two other implementations.

All in one run, in processor time of one core, so that the ratios hold on any machine, also a busy one; each
figure is the median of several rounds. Run by ``make bench-rules``.
"""

import argparse
import json
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from time import thread_time
from types import SimpleNamespace
from typing import Any

import cel as rust_cel
import celpy
import msgspec
from celpy.adapter import json_to_cel
from celpy.celtypes import StringType

from tidewaiter.resources import policy_directory, rulesets_directory
from tidewaiter.rules.catalogue import attribute
from tidewaiter.rules.cel.check import Declarations
from tidewaiter.rules.cel.program import program
from tidewaiter.rules.cel.types import DOUBLE, STRING
from tidewaiter.rules.cel.unknown import UNKNOWN
from tidewaiter.rules.facts import CATALOGUE, ORDINARY
from tidewaiter.rules.ordinary import ordinary_facts
from tidewaiter.rules.policy import Policy
from tidewaiter.rules.ruleset import Ruleset

ROUNDS = 7
PREDICATE = "country == 'CN' && value_usd > 100.0 && port in ['2095', '2704', '4701']"
VALUES: dict[str, Any] = {"country": "CN", "value_usd": 150.5, "port": "4701"}
TYPES = {"country": STRING, "value_usd": DOUBLE, "port": STRING}
DAY = date(2026, 11, 24)


def microseconds(call: Callable[[], object], times: int) -> float:
    """The median of several rounds, each of so many calls, in microseconds a call."""
    return median(_round(call, times) for _ in range(ROUNDS))


def _round(call: Callable[[], object], times: int) -> float:
    start = thread_time()
    for _ in range(times):
        call()
    return (thread_time() - start) / times * 1e6


def three_terms() -> dict[str, float]:
    """One predicate of three terms, all of them true, in each implementation."""
    made = program(PREDICATE, Declarations(TYPES)).fast
    facts = SimpleNamespace(**VALUES)
    rust = rust_cel.compile(PREDICATE)
    environment = celpy.Environment()
    interpreted = environment.program(environment.compile(PREDICATE))
    context: Any = json_to_cel(VALUES)
    return {
        "compiled to Python": microseconds(lambda: made(facts), 200_000),
        "Rust interpreter": microseconds(lambda: rust.execute(VALUES), 20_000),
        "cel-python": microseconds(lambda: interpreted.evaluate(context), 300),
    }


def whole_ruleset(ruleset: Ruleset) -> dict[str, float]:
    """All rules on an ordinary parcel: on facts that are there, and on facts still to be worked out."""
    facts = known_facts(ruleset)
    windows = {attribute(name): UNKNOWN for name in CATALOGUE.unsure}
    without = SimpleNamespace(**{**vars(facts), **windows})
    return {
        "facts at hand": microseconds(lambda: ruleset.evaluate(facts, DAY), 10_000),
        "every source away": microseconds(lambda: ruleset.evaluate(without, DAY), 2_000),
        "facts worked out from the event": microseconds(
            lambda: ruleset.evaluate(ordinary_facts({}, ruleset), DAY), 1_000
        ),
        "  of which making the event": microseconds(lambda: ordinary_facts({}, ruleset), 1_000),
    }


def elsewhere(ruleset: Ruleset) -> dict[str, float]:
    """The same rules on the same facts in the other implementations, each told of the parcel anew."""
    texts = [one.rule.when.text() for one in ruleset.rules]
    facts = nested({**ruleset.vocabulary.constants, **ruleset.vocabulary.ordinary(ORDINARY)})
    rust = [rust_cel.compile(text) for text in texts]
    environment = celpy.Environment()
    functions: dict[str, Any] = {"upperAscii": lambda text: StringType(text.upper())}
    interpreted = [environment.program(environment.compile(text), functions=functions) for text in texts]

    def in_rust() -> list[Any]:
        context = rust_cel.Context(facts, {"upperAscii": str.upper})
        return [one.execute(context) for one in rust]

    def in_python() -> list[Any]:
        context: Any = json_to_cel(facts)
        return [one.evaluate(context) for one in interpreted]

    assert not any(in_rust()), "no rule fires on the ordinary parcel"
    assert not any(in_python()), "no rule fires on the ordinary parcel"
    return {
        "the same in the Rust interpreter": microseconds(in_rust, 100),
        "the same in cel-python": microseconds(in_python, 3),
    }


def nested(facts: dict[str, Any]) -> dict[str, Any]:
    """Facts by their dotted names as maps in maps, of what JSON has."""
    found: dict[str, Any] = {}
    for name, value in facts.items():
        *path, last = name.split(".")
        at = found
        for part in path:
            at = at.setdefault(part, {})
        at[last] = msgspec.to_builtins(value)
    return found


def known_facts(ruleset: Ruleset) -> SimpleNamespace:
    """The facts of an ordinary parcel, as plain attributes."""
    ordinary = ruleset.vocabulary.ordinary(ORDINARY)
    return SimpleNamespace(**{attribute(name): value for name, value in ordinary.items()})


def dearest(ruleset: Ruleset, count: int) -> dict[str, float]:
    """The rules that cost most on an ordinary parcel."""
    facts = known_facts(ruleset)
    costs = {one.rule.id: microseconds(partial(one.program.fast, facts), 3_000) for one in ruleset.rules}
    return dict(sorted(costs.items(), key=lambda item: -item[1])[:count])


def words_and_law(ruleset: Ruleset) -> dict[str, float]:
    policy = Policy.load(policy_directory() / "us-low-value.yaml")
    text = "Women's knitted cotton sweater, blue, size M\nphone case with strap, silicone"
    return {
        f"word lists on {len(text)} characters": microseconds(
            lambda: ruleset.word_lists.searched(text), 5_000
        ),
        "  the same text again": microseconds(lambda: ruleset.word_lists.found(text), 50_000),
        "policy on a day": microseconds(lambda: policy.on(DAY, "CN", "EXPRESS", "11"), 200_000),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=Path, default=rulesets_directory() / "default")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    ruleset = Ruleset.load(given.rules)
    measured = {
        "a predicate of three terms": three_terms(),
        f"{len(ruleset.rules)} rules of {ruleset.settings.name} {ruleset.version}": whole_ruleset(ruleset)
        | elsewhere(ruleset),
        "the dearest rules": dearest(ruleset, 5),
        "beside them": words_and_law(ruleset),
    }
    if given.json:
        print(json.dumps(measured))
        return
    for title, figures in measured.items():
        print(title)
        for name, figure in figures.items():
            print(f"  {name:<40} {figure:9.3f} µs")


if __name__ == "__main__":
    main()
