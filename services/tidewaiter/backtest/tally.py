"""What one ruleset made of a history: parcels by day, those held and why, how often each rule fired."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from msgspec import Struct

from tidewaiter.domain.decision import Decision
from tidewaiter.domain.finding import Finding
from tidewaiter.domain.parcel import Parcel
from tidewaiter.screener.deciding import Decided

_GOODS_SIGNS = 160


class Excerpt(Struct, frozen=True):
    """What an analyst sees of a parcel: the goods and where they go, no name and no address."""

    goods: str
    value_usd: str
    origin: str
    shipper_country: str
    destination: str
    channel: str
    seq: int


class Held(Struct, frozen=True):
    """A parcel that was held. ``day`` and ``findings`` are of the first decision that held it; ``codes`` and
    ``rules`` of all of them. ``findings`` has rule, title and the values seen."""

    key: str
    day: date
    port: str
    carrier: str
    codes: tuple[str, ...]
    rules: tuple[str, ...]
    findings: tuple[tuple[str, str, str], ...]
    excerpt: Excerpt

    def joined(self, later: "Held") -> "Held":
        """The same parcel with the codes and rules of a later decision."""
        codes, rules = {*self.codes, *later.codes}, {*self.rules, *later.rules}
        return Held(
            self.key,
            self.day,
            self.port,
            self.carrier,
            tuple(sorted(codes)),
            tuple(sorted(rules)),
            self.findings,
            self.excerpt,
        )


@dataclass
class Tally:
    """The account of one ruleset over some parcels. ``shadow`` counts what rules in shadow would hold.

    A parcel is held when the inspection is told of it: one that its carrier has taken back is not, though it
    may not fly. ``cancelled`` are those that were taken back when they were decided last.
    """

    decisions: int = 0
    parcels: Counter[date] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    shadow: Counter[str] = field(default_factory=Counter)
    held: dict[str, Held] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)

    def add(self, one: Decided, day: date, *, is_first: bool) -> None:
        """Count one decision of that day; ``is_first`` is the first one on its parcel."""
        parcel, decision = one.parcel, one.decision
        self.decisions += 1
        if is_first:
            self.parcels[day] += 1
        if parcel.status == "CANCELLED":
            self.cancelled.add(parcel.key)
        else:
            self.cancelled.discard(parcel.key)
        for finding in decision.findings:
            self._found(finding)
        if one.order == "OPEN" and decision.holds:
            held = _held(parcel, decision, day)
            known = self.held.get(held.key)
            self.held[held.key] = known.joined(held) if known else held

    def _found(self, finding: Finding) -> None:
        self.fired[finding.rule_id] += 1
        if finding.mode == "shadow" and finding.holds:
            self.shadow[finding.rule_id] += 1

    def merge(self, other: "Tally") -> None:
        """Add the account of other parcels."""
        self.decisions += other.decisions
        self.parcels.update(other.parcels)
        self.fired.update(other.fired)
        self.shadow.update(other.shadow)
        self.held.update(other.held)
        self.cancelled.update(other.cancelled)


def _held(parcel: Parcel, decision: Decision, day: date) -> Held:
    rules = {rule for hold in decision.holds for rule in hold.rule_ids}
    return Held(
        parcel.key,
        day,
        decision.port or "none",
        decision.carrier,
        tuple(sorted(hold.code for hold in decision.holds)),
        tuple(sorted(rules)),
        tuple(_shown(decision.findings)),
        _excerpt(parcel),
    )


def _shown(findings: Iterable[Finding]) -> Iterable[tuple[str, str, str]]:
    for finding in findings:
        seen = "; ".join(f"{one.fact} = {one.value}" for one in finding.seen)
        yield finding.rule_id, finding.title, seen


def _excerpt(parcel: Parcel) -> Excerpt:
    event = parcel.event
    goods = event.description_raw or " / ".join(item.description for item in event.items)
    value = event.in_usd
    consignee = event.consignee
    return Excerpt(
        goods[:_GOODS_SIGNS],
        "" if value is None else str(value),
        parcel.origin,
        event.shipper.country if event.shipper else "",
        f"{consignee.region} {consignee.country}".strip() if consignee else "",
        event.channel,
        parcel.trigger.seq,
    )
