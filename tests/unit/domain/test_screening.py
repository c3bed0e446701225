"""Deciding: holds add up, standing holds stay, and what could not be checked is never released."""

from collections.abc import Sequence
from datetime import date, timedelta

from msgspec import Struct, structs

from tests.unit.domain.test_history import START, action, event, folded
from tidewaiter.domain.decision import Decision
from tidewaiter.domain.evidence import Evidence
from tidewaiter.domain.finding import Finding
from tidewaiter.domain.hold import Hold, RemovableBy
from tidewaiter.domain.parcel import Parcel, Trigger, parcel_of
from tidewaiter.domain.screening import screen


class Ruling(Struct, frozen=True):
    rows: tuple[str, ...] = ("US-NOW",)


class Policy(Struct, frozen=True):
    version: str = "p1"

    def on(self, entry_date: date, origin: str, channel: str, entry_type: str) -> Ruling:
        return Ruling()


class Band(Struct, frozen=True):
    name: str
    holds: bool
    severity: int = 2
    removable_by: RemovableBy = "OFFICER"


class Rules(Struct, frozen=True):
    answers: tuple[Finding, ...] = ()
    version: str = "r1"

    def findings(self, parcel: Parcel, evidence: Evidence, ruling: Ruling) -> tuple[Finding, ...]:
        return self.answers

    def band(self, score: int) -> Band:
        return Band("high", True) if score >= 70 else Band("low", False)


def parcel(**changes: object) -> Parcel:
    history = folded([event(1)])
    plain = parcel_of(history, Trigger("e1", "d1", 1, START), event(1))
    return structs.replace(plain, **changes)


def decide(*findings: Finding, evidence: Evidence | None = None, **changes: object) -> Decision:
    return screen(parcel(**changes), evidence or Evidence(), Rules(findings), Policy())


def codes(holds: Sequence[Hold]) -> list[str]:
    return [hold.code for hold in holds]


HELD = Finding("W01", "listed", "WL-NARC", holds=True, severity=4, basis=("W01:sdn/1",))


def test_a_parcel_without_findings_is_released() -> None:
    decision = decide()
    assert (decision.outcome, decision.disposition, decision.holds) == ("RELEASE", "1C", ())


def test_an_enforced_finding_holds_and_a_shadow_one_does_not() -> None:
    assert codes(decide(HELD).holds) == ["WL-NARC"]
    shadow = structs.replace(HELD, mode="shadow")
    decision = decide(shadow)
    assert (decision.outcome, decision.findings) == ("RELEASE", (shadow,))


def test_scores_add_up_and_hold_above_the_band_under_the_heaviest_code() -> None:
    some = (Finding("A01", "", "ADR-CMRA", weight=30), Finding("S01", "", "SHP-NEW", weight=45))
    decision = decide(*some)
    assert (decision.score, decision.score_band, codes(decision.holds)) == (75, "high", ["SHP-NEW"])
    assert decision.holds[0].rule_ids == ("A01", "S01")
    assert decide(some[0]).outcome == "RELEASE"


def test_the_gravest_disposition_wins() -> None:
    doc = Finding("D01", "", "DOC-DESC", holds=True)
    assert decide(doc).disposition == "RFI"
    assert decide(doc, HELD).disposition == "1A"


def test_a_standing_hold_stays_until_its_basis_is_set_aside() -> None:
    standing = (Hold("WL-NARC", ("W01",), 4, "OFFICER", START, ("W01:sdn/1",)),)
    assert codes(decide(standing=standing).holds) == ["WL-NARC"]
    assert decide(HELD, standing=standing, cleared=frozenset({"W01:sdn/1"})).outcome == "RELEASE"


def test_an_expired_hold_is_not_open() -> None:
    ended = Hold("MAN-OFF", ("R03",), 3, "OFFICER", START, ("R03:a",), START - timedelta(hours=1))
    assert decide(standing=(ended,)).outcome == "RELEASE"


def test_what_an_officer_ordered_or_found_holds_even_if_no_rule_says_so() -> None:
    until = START + timedelta(hours=1)
    order = action("a1", action_type="MANUAL_HOLD", expires_at=until)
    found = action("a2", action_type="EXAM_RESULT", outcome="SEIZED")
    decision = decide(actions=(order, found))
    assert [(hold.code, hold.basis) for hold in decision.holds] == [("MAN-OFF", ("R03:a1", "R03:a2"))]
    assert decide(actions=(order,), trigger=Trigger("e2", "d2", 2, until)).outcome == "RELEASE"
    assert decide(actions=(found,), cleared=frozenset({"R03:a2"})).outcome == "RELEASE"
    assert decide(actions=(action("a3", hold_code="ALL"),)).outcome == "RELEASE"


def test_a_source_that_did_not_answer_holds_even_if_no_rule_says_so() -> None:
    decision = decide(evidence=Evidence(unavailable=frozenset({"windows"})))
    assert (decision.outcome, codes(decision.holds)) == ("HOLD", ["SYS-STALE"])
    assert decision.is_degraded
    assert decision.degraded_components == ("windows",)


def test_a_parcel_with_more_behind_is_held_and_not_degraded_under_an_id_of_its_own() -> None:
    decision = decide(has_more_behind=True)
    assert [(hold.code, hold.basis) for hold in decision.holds] == [("SYS-STALE", ("R02:behind",))]
    assert (decision.disposition, decision.is_degraded) == ("SYS", False)
    assert decision.decision_id != decide().decision_id


def test_a_rule_that_could_not_be_answered_holds() -> None:
    decision = decide(structs.replace(HELD, is_unavailable=True, holds=False))
    assert codes(decision.holds) == ["SYS-STALE"]


def test_a_rule_without_answer_that_was_set_aside_for_one_content_holds_another() -> None:
    unanswered = structs.replace(HELD, is_unavailable=True, holds=False)
    event = parcel().event
    other = structs.replace(event, description_raw=f"{event.description_raw} and more")
    cleared = frozenset(decide(unanswered).holds[0].basis)
    assert decide(unanswered, cleared=cleared).outcome == "RELEASE"
    assert decide(unanswered, cleared=cleared, event=other).outcome == "HOLD"


def test_decision_id_follows_from_parcel_message_knowledge_and_versions() -> None:
    first = decide()
    assert decide(HELD).decision_id == first.decision_id
    assert decide(trigger=Trigger("e2", "d2", 1, START)).decision_id != first.decision_id
    other_rules = screen(parcel(), Evidence(), Rules(version="r2"), Policy())
    other_lists = screen(parcel(), Evidence(generation=2), Rules(), Policy())
    degraded = decide(evidence=Evidence(unavailable=frozenset({"windows"})))
    ids = {d.decision_id for d in (first, other_rules, other_lists, degraded)}
    assert len(ids) == 4


def test_rule_that_lacks_only_habits_holds_nothing_and_is_shown() -> None:
    tolerated = Finding("S02", "surge", "SHP-VEL", is_unavailable=True, is_tolerated=True)
    decision = decide(tolerated)
    assert (decision.outcome, decision.findings) == ("RELEASE", (tolerated,))


def test_rule_that_lacks_only_habits_spares_no_parcel_what_others_lack() -> None:
    tolerated = Finding("S02", "surge", "SHP-VEL", is_unavailable=True, is_tolerated=True)
    decision = decide(tolerated, Finding("A03", "phone", "ADR-PHONE", is_unavailable=True))
    assert [hold.basis for hold in decision.holds] == [("R02:A03:1271cf25",)]


def test_decision_on_other_habits_has_another_id() -> None:
    usual = decide()
    surging = Finding("S02", "surge", "SHP-VEL", weight=20, is_on_habits=True)
    assert decide(surging).decision_id != usual.decision_id
    unanswered = structs.replace(surging, weight=0, is_unavailable=True, is_tolerated=True)
    assert decide(unanswered).decision_id == usual.decision_id
