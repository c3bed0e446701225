"""A rule in shadow is evaluated on live traffic and counted, holds nothing, and is promoted by publishing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from msgspec import structs

from tests.rules import shipped_ruleset
from tests.unit.screener.desk import KEY, WANTED, Answers, Desk, event, in_force
from tidewaiter.rules.bundle import Bundle
from tidewaiter.rules.findings import ScreeningRules
from tidewaiter.rules.publishing import Publication, WorkerRules, publish
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.rules.testing import own_cases
from tidewaiter.screener.in_force import InForce, Wanted
from tidewaiter.screener.watching import Watch
from tidewaiter.stream.observer import BatchReport
from tidewaiter.telemetry.metrics import Metrics
from tidewaiter.wire.contract import Contract
from tidewaiter.wire.malformed import Malformed
from tidewaiter.wire.topics import SHADOW_FINDINGS

FAMILY = """family: trial
rules:
  - id: X01
    title: Sweaters
    rationale: A trial
    source: this test
    when: items.exists(i, i.hts4 == "6110")
    action: {hold: TRL-XX, severity: 2, removable_by: OFFICER}
    mode: shadow
    cases: [{name: ordinary, fires: true}]
  - id: X02
    title: Sweaters, weighed
    rationale: A trial
    source: this test
    when: items.exists(i, i.hts4 == "6110")
    action: {score: TRL-YY, weight: 100}
    mode: shadow
    cases: [{name: ordinary, fires: true}]
"""


@dataclass
class Shelf:
    """Published rulesets in memory."""

    bundles: dict[str, bytes] = field(default_factory=dict)
    publications: list[Publication] = field(default_factory=list)

    def current(self) -> str | None:
        return self.publications[-1].version if self.publications else None

    def bundle(self, version: str) -> bytes | None:
        return self.bundles.get(version)

    def publish(self, bundle: bytes, publication: Publication) -> None:
        self.bundles[publication.version] = bundle
        self.publications.append(publication)

    def history(self) -> tuple[Publication, ...]:
        return tuple(self.publications)

    def workers(self) -> Mapping[str, WorkerRules]:
        return {}

    def load(self, wanted: Wanted) -> InForce:
        """What decides under the version that is wanted."""
        rules = ScreeningRules(
            Ruleset.from_bytes(self.bundles[wanted.rules_version], earlier=shipped_ruleset())
        )
        return structs.replace(in_force(wanted), ruleset=rules)


def trial(mode: str, family: str = FAMILY) -> Ruleset:
    """The ruleset shipped with two rules more."""
    files = {**shipped_ruleset().bundle.files, "trial.yaml": family.replace("mode: shadow", f"mode: {mode}")}
    return Ruleset.of(Bundle(files), earlier=shipped_ruleset())


def put(shelf: Shelf, mode: str, family: str = FAMILY) -> str:
    ruleset = trial(mode, family)
    publication = Publication(ruleset.version, "a trial", "an analyst", datetime(2026, 11, 24, tzinfo=UTC))
    assert publish(shelf, ruleset, own_cases(ruleset), publication)
    return ruleset.version


def desk_under(shelf: Shelf, version: str) -> Desk:
    desk = Desk(shelf.load, first=shelf.load(WANTED._replace(rules_version=version)))
    desk.source.rules_version = version
    return desk


def hits(desk: Desk, rule: str, mode: str) -> float | None:
    """What the metrics say of a rule once the batch is committed."""
    watch = Watch(Metrics())
    for decision in desk.notes.decisions:
        watch.decided(desk.event(event()), decision, 0)
    watch.committed(BatchReport(1, 1, 0, 0, 0.0, 0.0, 0.0))
    return watch.metrics.registry.get_sample_value("tidewaiter_rule_hits_total", {"rule": rule, "mode": mode})


def told_in_shadow(answers: Answers) -> list[dict[str, Any]]:
    """What is told of rules in shadow, each by the published schema."""
    contract = Contract[dict[str, Any]]("shadow-findings.v1", dict)
    found = [contract.read(one.value or b"") for one in answers.of(SHADOW_FINDINGS)]
    assert not any(isinstance(one, Malformed) for one in found), found
    return found  # type: ignore[return-value]


def held_by(answers: Answers) -> set[str]:
    return {rule for order in answers.orders for hold in order["holds"] for rule in hold["rule_ids"]}


def test_rules_in_shadow_neither_hold_nor_score_and_are_counted() -> None:
    shelf = Shelf()
    desk = desk_under(shelf, put(shelf, "shadow"))
    answers = desk.events(event())
    assert (answers.outcome, answers.orders) == ("RELEASE", [])
    assert desk.notes.decisions[0].score == 0
    assert (hits(desk, "X01", "shadow"), hits(desk, "X02", "shadow")) == (1, 1)
    assert hits(desk, "X01", "enforce") is None


def test_what_rules_in_shadow_found_is_told_apart_from_the_decision_of_which_it_was_no_part() -> None:
    shelf = Shelf()
    desk = desk_under(shelf, put(shelf, "shadow"))
    answers = desk.events(event())
    (told,) = told_in_shadow(answers)
    (decision,) = answers.decisions
    for name in ("decision_id", "event_id", "hawb", "message_seq", "supersedes", "decision", "decided_at"):
        assert told[name] == decision[name], name
    assert told["rules_version"] == desk.source.rules_version
    assert [
        (one["rule_id"], one["hold_code"], one["holds"], one["weight"], one["severity"])
        for one in told["findings"]
    ] == [("X01", "TRL-XX", True, 0, 2), ("X02", "TRL-YY", False, 100, 1)]
    assert [seen["field"] for seen in told["findings"][0]["evidence"]] == ["items"]
    (record,) = answers.of(SHADOW_FINDINGS)
    assert (record.key, dict(record.headers)["ce_type"]) == (KEY.encode(), b"tidewaiter.shadow-findings.v1")
    assert told_in_shadow(desk.events(event())) == [told], "a message that comes again is told of alike"


def test_nothing_is_told_of_rules_in_shadow_that_do_not_fire_or_cannot_be_answered() -> None:
    shelf = Shelf()
    desk = desk_under(shelf, put(shelf, "shadow"))
    books = [{"description": "Printed books", "hts10": "4901990092"}]
    assert told_in_shadow(desk.events(event(items=books))) == []
    asking = FAMILY.replace('items.exists(i, i.hts4 == "6110")', "windows.person_day_usd >= 0.0")
    desk = desk_under(shelf, put(shelf, "shadow", asking))
    desk.source.reason = "Redis: no answer"
    assert told_in_shadow(desk.answers(desk.event(event()), waited=2.5)) == []


def test_rules_in_shadow_are_in_no_holds_of_an_order_that_others_place() -> None:
    shelf = Shelf()
    desk = desk_under(shelf, put(shelf, "shadow"))
    answers = desk.events(event(items=[{"description": "Gifts", "hts10": "6110202079"}]))
    assert answers.outcome == "HOLD"
    assert held_by(answers)
    assert not held_by(answers) & {"X01", "X02"}
    assert not {reason["rule_id"] for reason in answers.orders[0]["reasons"]} & {"X01", "X02"}
    assert told_in_shadow(answers)[0]["decision"] == "HOLD"
    assert hits(desk, "X01", "shadow") == 1


def test_publishing_a_bundle_in_which_they_are_enforced_promotes_them_at_the_next_batch() -> None:
    shelf = Shelf()
    desk = desk_under(shelf, put(shelf, "shadow"))
    desk.source.rules_version = put(shelf, "enforce")
    assert desk.events(event()).outcome == "RELEASE", "the batch that learns of it is decided as it began"
    answers = desk.events(event(hawb="770000000009", event_id="later"))
    assert answers.outcome == "HOLD"
    assert held_by(answers) == {"X01", "X02"}
    assert hits(desk, "X01", "enforce") == 1
