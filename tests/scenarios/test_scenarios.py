"""The scenarios: what an analyst reads as parcel, history and lists, and the decision that must come."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.scenarios.stage import LISTS_LOADED, NOW, Stage, entry
from tidewaiter.domain.decision import Decision

FILES = sorted(Path(__file__).parent.glob("*.yaml"))
_NAMES = """
Abbott Bailey Calder Dawson Easton Falk Granger Holt Ingram Jarvis Kendall Lockhart Marlow Norwood Osgood
Pruitt Quarles Radley Sutton Thorne Underhill Vickers Wexler Yardley Zeller Ashby Birch Corwin Denby Ellery
"""
SURNAMES = _NAMES.split()


def scenarios() -> Iterator[Any]:
    for file in FILES:
        for scenario in yaml.safe_load(file.read_text(encoding="utf-8")):
            yield pytest.param(scenario, id=f"{file.stem}: {scenario['scenario']}")


@pytest.mark.parametrize("scenario", tuple(scenarios()))
def test_a_scenario_gives_the_decisions_that_it_says(scenario: Mapping[str, Any]) -> None:
    age = timedelta(hours=scenario.get("lists_age_hours", 2))
    lists = [entry(one) for one in scenario.get("lists", ())]
    stage = Stage(lists, LISTS_LOADED + timedelta(hours=2) - age, scenario.get("habits"))
    for number, step in enumerate(scenario["steps"], start=1):
        stage.source.reason = step.get("redis_fails_with", "")
        stage.clock.now = datetime.fromisoformat(step.get("at", NOW.isoformat()))
        for turn in range(step.get("times", 1)):
            decision = _sent(stage, step, turn)
        for claim, wanted in step.get("then", {}).items():
            assert (claim, _found(decision, claim, wanted)) == (claim, wanted), f"step {number}"


def test_every_scenario_claims_something() -> None:
    idle = [one.id for one in scenarios() if not any(step.get("then") for step in one.values[0]["steps"])]

    assert idle == []


def _sent(stage: Stage, step: Mapping[str, Any], turn: int) -> Decision:
    parcel = str(step.get("parcel", "A")) + (f"-{turn}" if "times" in step else "")
    if "officer" in step:
        return stage.action(parcel, step["officer"])
    changes: Mapping[str, Any] = _named(step.get("event") or {}, SURNAMES[turn % len(SURNAMES)])
    return stage.event(parcel, changes)


def _named(value: Any, surname: str) -> Any:
    """The value with "{surname}" replaced in every text of it."""
    if isinstance(value, str):
        return value.replace("{surname}", surname)
    if isinstance(value, Mapping):
        return {name: _named(one, surname) for name, one in value.items()}
    return [_named(one, surname) for one in value] if isinstance(value, list) else value


def _found(decision: Decision, claim: str, wanted: Any) -> Any:
    """What the decision has to say to a claim. Raises KeyError for a claim that nobody knows."""
    return _CLAIMS[claim](decision, wanted)


def _fired(decision: Decision) -> list[str]:
    return sorted(finding.rule_id for finding in decision.findings if not finding.is_unavailable)


_CLAIMS: Mapping[str, Callable[[Decision, Any], Any]] = {
    "decision": lambda decision, _: decision.outcome,
    "disposition": lambda decision, _: decision.disposition,
    "holds": lambda decision, _: [hold.code for hold in decision.holds],
    "rests_on": lambda decision, _: [b.partition("@")[0] for hold in decision.holds for b in hold.basis],
    "finds": lambda decision, _: _fired(decision),
    "unavailable": lambda decision, _: sorted(one.rule_id for one in decision.findings if one.is_unavailable),
    "fires": lambda decision, wanted: [rule for rule in wanted if rule in _fired(decision)],
    "score": lambda decision, _: decision.score,
    "band": lambda decision, _: decision.score_band,
    "degraded": lambda decision, _: decision.is_degraded,
    "law": lambda decision, wanted: [row for row in wanted if row in decision.policy_rows],
}
"""What a scenario may claim: everything found ("finds"), or that these are among it ("fires", "law")."""
