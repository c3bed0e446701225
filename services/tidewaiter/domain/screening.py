"""Deciding: a pure function of the parcel, what was looked up about it, the rules and the law."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from hashlib import blake2b
from typing import Final, Protocol, TypeVar

from msgspec import structs

from tidewaiter.domain.decision import Decision, Versions, decision_id, disposition_of
from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.evidence import Evidence
from tidewaiter.domain.finding import Finding
from tidewaiter.domain.hold import BEHIND, Hold, RemovableBy, combined, in_force, without_basis
from tidewaiter.domain.parcel import Parcel

_RULES_SHOWN: Final = 200  # signs: a basis has 300 (hold-orders.v1)


class Ruling(Protocol):
    """What the law says of a parcel on its entry date; ``rows`` are the policy rows that say it."""

    @property
    def rows(self) -> tuple[str, ...]: ...


R_co = TypeVar("R_co", bound=Ruling, covariant=True)
R_contra = TypeVar("R_contra", bound=Ruling, contravariant=True)
R = TypeVar("R", bound=Ruling)


class Policy(Protocol[R_co]):
    @property
    def version(self) -> str: ...

    def on(self, law_date: date, origin: str, channel: str, entry_type: str) -> R_co: ...


class Band(Protocol):
    """A band of scores; a parcel whose score falls in one that ``holds`` is stopped."""

    @property
    def name(self) -> str: ...
    @property
    def holds(self) -> bool: ...
    @property
    def severity(self) -> int: ...
    @property
    def removable_by(self) -> RemovableBy: ...


class Ruleset(Protocol[R_contra]):
    @property
    def version(self) -> str: ...

    def findings(self, parcel: Parcel, evidence: Evidence, ruling: R_contra) -> tuple[Finding, ...]: ...

    def band(self, score: int) -> Band: ...


def screen(parcel: Parcel, evidence: Evidence, ruleset: Ruleset[R], policy: Policy[R]) -> Decision:
    """Decide one parcel. Pure: the same arguments give the same decision, on any day, any number of times."""
    event = parcel.event
    ruling = policy.on(parcel.law_date, parcel.made_in, event.channel, parcel.entry_type)
    findings = with_exceptions(ruleset.findings(parcel, evidence, ruling), evidence.excepted_rules)
    answered = [f for f in findings if not f.is_unavailable]
    enforced = [f for f in answered if f.mode == "enforce"]
    score = sum([f.weight for f in enforced])
    band = ruleset.band(score)
    at = parcel.trigger.time
    degraded = unanswered(evidence)
    known = f"{parcel.key}{parcel.fingerprint}{_on_habits(answered)}"
    unchecked = _unchecked_hold(parcel, findings, degraded)
    new = (*placed(enforced, at), *_band_hold(parcel, enforced, band), *_ordered_hold(parcel, at), *unchecked)
    holds = open_holds(parcel, new)
    versions = Versions(ruleset.version, policy.version, evidence.generation, evidence.list_versions)
    disposition = disposition_of(holds)
    return Decision(
        decision_id=decision_id(known, parcel.trigger.digest, versions, degraded),
        event_id=parcel.trigger.id,
        carrier=event.source_carrier,
        hawb=event.hawb,
        message_seq=parcel.trigger.seq,
        supersedes=parcel.supersedes,
        outcome="HOLD" if holds else "RELEASE",
        disposition=disposition,
        holds=holds,
        score=score,
        score_band=band.name,
        findings=findings,
        policy_rows=ruling.rows,
        versions=versions,
        degraded_components=degraded,
        event_time=parcel.trigger.time,
        port=event.first_us_port,
        is_control_sample=any(hold.family == "RND" for hold in holds),
        hits=evidence.hits,
        identifiers=evidence.identifiers,
    )


def unanswered(evidence: Evidence) -> tuple[str, ...]:
    """The sources without an answer; a list older than its allowed age is none (reliability.md, I3)."""
    sources = {*evidence.unavailable, "lists"} if evidence.stale_lists else evidence.unavailable
    return tuple(sorted(sources)) if sources else ()


def _on_habits(answered: Iterable[Finding]) -> str:
    """The rules that fired on habits, which change under the same versions: the same message, sent again when
    others fire, must not get another answer under the same decision_id.
    """
    rules = sorted([f.rule_id for f in answered if f.is_on_habits])
    return f"|habits:{','.join(rules)}" if rules else ""


def with_exceptions(findings: tuple[Finding, ...], excepted: Mapping[str, str]) -> tuple[Finding, ...]:
    """The findings, of which those that the parcel is excepted from neither hold nor score.

    A rule that could not be answered is no finding against the party: it stays, and fails closed.
    """
    if not excepted:
        return findings
    return tuple(
        structs.replace(f, holds=False, weight=0, excepted=excepted[f.rule_id])
        if f.rule_id in excepted and not f.is_unavailable
        else f
        for f in findings
    )


def placed(enforced: Iterable[Finding], at: datetime) -> tuple[Hold, ...]:
    """The holds that findings in force place, one a code."""
    return combined(
        [
            Hold(f.code, (f.rule_id,), f.severity, f.removable_by, at, f.basis or (f.rule_id,))
            for f in enforced
            if f.holds
        ]
    )


def open_holds(parcel: Parcel, new: Iterable[Hold]) -> tuple[Hold, ...]:
    """New and standing holds as one set, less what has expired and what an officer has set aside."""
    both = (*new, *parcel.standing, *parcel.unread)
    if not both:
        return ()
    holds = in_force(combined(both), parcel.trigger.no_later_than_now)
    left = (without_basis(hold, parcel.cleared) for hold in holds)
    since, ends = _open_since(parcel), _ends_of_orders(parcel)
    return tuple(
        structs.replace(
            hold,
            placed_at=since.get(hold.code, hold.placed_at),
            expires_at=_end(hold, ends) if ends else hold.expires_at,
        )
        for hold in left
        if hold is not None
    )


def _open_since(parcel: Parcel) -> Mapping[str, datetime]:
    """Since when holds are open, by code: a message that finds one open does not place it anew, and its
    parcel has waited since. What stands, and what nobody could read, tell by themselves since when.
    """
    telling = {hold.code for hold in (*parcel.standing, *parcel.unread)}
    return {hold.code: hold.placed_at for hold in parcel.open if hold.code not in telling}


def _ends_of_orders(parcel: Parcel) -> Mapping[str, datetime]:
    """When the officers' orders in force end, by what a hold of them rests on; none of those without end."""
    if not parcel.actions:
        return {}
    at = parcel.trigger.no_later_than_now
    orders = [one for one in parcel.actions if one.keeps_the_parcel_at(at)]
    endless = {one.action_id for one in orders if one.is_a_find or one.expires_at is None}
    ends: dict[str, datetime] = {}
    for one in orders:
        if one.expires_at is not None and one.action_id not in endless:  # two may have one id
            basis = f"R03:{one.action_id}"
            ends[basis] = max(ends.get(basis, one.expires_at), one.expires_at)
    return ends


def _end(hold: Hold, ends: Mapping[str, datetime]) -> datetime | None:
    """When a hold ends by itself: with the last of the orders, where it rests on nothing else."""
    return max(map(ends.__getitem__, hold.basis)) if ends.keys() >= set(hold.basis) else hold.expires_at


def _ordered_hold(parcel: Parcel, at: datetime) -> tuple[Hold, ...]:
    """What an officer ordered or found holds whatever the ruleset says of it: no other one forgets it."""
    basis = tuple(f"R03:{action}" for action in parcel.orders_in_force)
    return (Hold("MAN-OFF", ("R03",), 4, "OFFICER", at, basis),) if basis else ()


def _unchecked_hold(
    parcel: Parcel, findings: Iterable[Finding], sources: tuple[str, ...]
) -> tuple[Hold, ...]:
    """A check that could not run is a finding, never a pass: held whatever the ruleset says of it.

    It rests on what was out, so that data (the same parcel screened again) may remove it; for a rule without
    answer also on who and what was declared, as a score does. Tolerated are rules that only score, on habits
    that nobody has learned lately: learning lags, and its lag stops no parcel.

    So is a parcel of which a later message waits in the lane, until that is answered: it is not degraded for
    it, or it would go into the lane once more.
    """
    rules = sorted(
        [f.rule_id for f in findings if f.is_unavailable and f.mode == "enforce" and not f.is_tolerated]
    )
    behind = (BEHIND,) if parcel.has_more_behind else ()
    if not (sources or rules or behind):
        return ()
    content = _content(parcel.event, ()) if rules else ""
    basis = (*[f"R02:{name}" for name in sources], *[f"R02:{rule}:{content}" for rule in rules], *behind)
    return (Hold("SYS-STALE", ("R02",), 2, "DATA", parcel.trigger.time, basis),)


def _band_hold(parcel: Parcel, enforced: Iterable[Finding], band: Band) -> tuple[Hold, ...]:
    """The hold of a score that is too high, under the code of the heaviest rule that added to it.

    It rests on the rules and on who and what was declared: what an officer has set aside for one content may
    not free another that scores alike.
    """
    if not band.holds:
        return ()
    scoring = [f for f in enforced if f.weight]
    heaviest = min(scoring, key=lambda f: (-f.weight, f.rule_id))
    rules = tuple(sorted(f.rule_id for f in scoring))
    basis = (f"score:{'+'.join(rules)[:_RULES_SHOWN]}:{_content(parcel.event, rules)}",)
    return (Hold(heaviest.code, rules, band.severity, band.removable_by, parcel.trigger.time, basis),)


def _content(event: ParcelEvent, rules: Iterable[str]) -> str:
    """8 hex digits of the rules, the parties' names and the descriptions of the goods."""
    names = [f"{role} {party.name.casefold()}" for role, party in event.parties()]
    goods = [item.description.casefold() for item in event.items]
    told = "\n".join((*rules, *names, event.description_raw.casefold(), *goods))
    return blake2b(told.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
