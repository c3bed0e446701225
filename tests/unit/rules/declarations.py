"""The ordinary parcel of the rules, with changes: what tests about facts and declarations are made of."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from tests.rules import shipped_ruleset
from tidewaiter.domain.evidence import Evidence
from tidewaiter.domain.finding import Finding
from tidewaiter.domain.parcel import Parcel, Trigger
from tidewaiter.rules.facts.row import Law, Subject
from tidewaiter.rules.findings import ScreeningRules
from tidewaiter.rules.ordinary import ORDINARY_EVIDENCE, OrdinaryLaw, ordinary_event

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LAW = OrdinaryLaw()


@cache
def default_rules() -> ScreeningRules:
    return ScreeningRules(shipped_ruleset())


def parcel(**changes: Any) -> Parcel:
    """The ordinary parcel, its event changed."""
    event = ordinary_event(changes)
    return Parcel(event.key, "DECLARED", event, Trigger(event.event_id, "d1", event.message_seq, NOW))


def subject(evidence: Evidence = ORDINARY_EVIDENCE, law: Law = LAW, **changes: Any) -> Subject:
    return Subject(parcel(**changes), evidence, law, shipped_ruleset().word_lists)


def findings(one: Parcel, evidence: Evidence = ORDINARY_EVIDENCE, law: Law = LAW) -> dict[str, Finding]:
    """What the default rules find, by rule."""
    return {finding.rule_id: finding for finding in default_rules().findings(one, evidence, law)}


def limit(usd: int) -> OrdinaryLaw:
    """The ordinary law with another limit of one person's day."""
    return OrdinaryLaw(threshold_usd=Decimal(usd))
