"""The rules as the deciding core asks for them: findings with the values seen and what a hold rests on."""

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Final

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.evidence import Evidence, IdentifierHit, PartyHit
from tidewaiter.domain.features import FeatureKind
from tidewaiter.domain.finding import Finding, Seen
from tidewaiter.domain.parcel import Parcel, law_date
from tidewaiter.domain.party import Role
from tidewaiter.matching.identity import identity_of, name_key
from tidewaiter.matching.text import words
from tidewaiter.rules.compiled import Answer, Fired, Unavailable
from tidewaiter.rules.facts import ParcelFacts, Wanted
from tidewaiter.rules.facts.habits import ON_HABITS, facts_of
from tidewaiter.rules.facts.looked_up import HITS, LISTED, hits_behind, listed_behind
from tidewaiter.rules.facts.row import Law, Subject
from tidewaiter.rules.goods_text import goods_text
from tidewaiter.rules.ordinary import ordinary_facts
from tidewaiter.rules.readings import searchable
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.rules.settings import Band
from tidewaiter.rules.shown import shown, shown_hit, shown_identifier
from tidewaiter.rules.wordlists import WordLists

# Counts that grow with other parcels: an officer who has set a hold aside has seen that there are many, and
# one more must not bring it back. A new find does.
_WINDOWS: Final = "windows."
_VOLATILE: Final = (_WINDOWS, "habits.", "evidence.", "control.")
_LASTING: Final = frozenset(("windows.positive_exams_90d",))
_PRESS_LISTS: Final = ("press_parts", "presses")
_SHOWN_ENTRIES: Final = 8

_Evaluate = Callable[[ParcelFacts, date], list[Answer]]


class ScreeningRules:
    """A ruleset over parcels. Immutable but for what it remembers; for one thread.

    One that is asked for the same parcels ``beside`` another with the same word lists takes facts from it:
    they do not depend on rules. ``person`` is whose parcels of one day are one person's by the policy.
    """

    def __init__(
        self, ruleset: Ruleset, beside: "ScreeningRules | None" = None, person: Role = "consignee"
    ) -> None:
        self.ruleset, self.person = ruleset, person
        self.version = ruleset.version
        self._reading: _Reading = beside._reading if beside else _Reading(ruleset.word_lists)
        self._evaluations: dict[frozenset[FeatureKind], _Evaluate] = {frozenset(): ruleset.evaluate}
        self._unanswered: dict[tuple[str, tuple[str, ...], bool], Finding] = {}
        # What the rules ask of an ordinary parcel they ask of nearly all.
        usual = ordinary_facts({}, ruleset)
        ruleset.evaluate(usual, date.max)
        self._wanted = usual.asked

    def findings(self, parcel: Parcel, evidence: Evidence, ruling: Law) -> tuple[Finding, ...]:
        """What the rules in force on the entry date find, in the order of the bundle."""
        subject, facts = self._reading.of(parcel, evidence, ruling, self._wanted)
        answers = self._evaluation(evidence.habits.unknown)(facts, subject.law_date)
        return tuple([self._finding(answer, facts, subject) for answer in answers]) if answers else ()

    def _evaluation(self, unknown: frozenset[FeatureKind]) -> _Evaluate:
        """What evaluates while these habits are unknown, compiled when they first are so: 50 ms, once."""
        known = self._evaluations.get(unknown)
        if known is None:
            known = self._evaluations[unknown] = self.ruleset.evaluate_without(facts_of(unknown))
        return known

    def _finding(self, answer: Answer, facts: ParcelFacts, subject: Subject) -> Finding:
        if isinstance(answer, Fired):
            return _fired(answer, facts, subject)
        is_learned = subject.evidence.habits.is_learned
        if answer.fault:
            return _unavailable(answer, is_learned)
        key = answer.rule.id, answer.missing, is_learned
        known = self._unanswered.get(key)
        if known is None:
            known = self._unanswered[key] = _unavailable(answer, is_learned)
        return known

    def band(self, score: int) -> Band:
        return self.ruleset.settings.band(score)

    def has_press_parts(self, event: ParcelEvent) -> bool:
        """Whether the goods text names parts of a tablet press, or a press: what the window of N06 counts."""
        terms = self._reading.terms.found(searchable(goods_text(event)), law_date(event))
        return any(terms.get(name) for name in _PRESS_LISTS)


class _Reading:
    """Reads the facts of parcels, and remembers those of the last one: a ruleset beside asks for it next."""

    def __init__(self, terms: WordLists) -> None:
        self.terms = terms
        self._last: tuple[Subject, ParcelFacts] | None = None

    def of(
        self, parcel: Parcel, evidence: Evidence, ruling: Law, wanted: Wanted
    ) -> tuple[Subject, ParcelFacts]:
        if self._last is not None and self._last[0].is_of(parcel, evidence, ruling):
            return self._last
        subject = Subject(parcel, evidence, ruling, self.terms)
        self._last = subject, ParcelFacts(subject, wanted)
        return self._last


def _unavailable(answer: Unavailable, is_learned: bool) -> Finding:
    rule, is_tolerated = answer.rule, _is_tolerated(answer)
    missing = tuple(Seen(name, "unavailable") for name in answer.missing)
    fault = (Seen("error", answer.fault),) if answer.fault else ()
    return Finding(
        rule.id,
        rule.title,
        rule.action.code,
        rule.mode,
        seen=(*missing, *fault),
        is_unavailable=True,
        is_tolerated=is_tolerated,
        is_unlearned=is_tolerated and not is_learned,
    )


def _fired(answer: Fired, facts: ParcelFacts, subject: Subject) -> Finding:
    rule = answer.rule
    action = rule.action
    values = answer.compiled.seen(facts)
    return Finding(
        rule_id=rule.id,
        title=rule.title,
        code=action.code,
        mode=rule.mode,
        holds=answer.holds,
        weight=action.weight,
        severity=action.severity,
        removable_by=action.removable_by,
        seen=tuple(one for name, value in values for one in _seen(name, value, subject)),
        basis=_basis(answer, values, subject),
        is_on_habits=not ON_HABITS.isdisjoint(answer.compiled.reads),
    )


def _is_tolerated(answer: Unavailable) -> bool:
    """Whether a rule only scores and lacks nothing but habits. One that can hold fails closed on them, too:
    no parcel is released that it would hold.
    """
    can_hold = answer.rule.action.holds or answer.compiled.holding is not None
    return not can_hold and bool(answer.missing) and ON_HABITS.issuperset(answer.missing)


def _seen(name: str, value: object, subject: Subject) -> tuple[Seen, ...]:
    """A fact as an officer reads it; of a count of list entries, the entries."""
    if name in HITS:
        hits = hits_behind(name, subject)[:_SHOWN_ENTRIES]
        return tuple(Seen(name, shown_hit(found, subject.party(found.role))) for found in hits)
    if name in LISTED:
        listed = listed_behind(name, subject)[:_SHOWN_ENTRIES]
        return tuple(Seen(name, shown_identifier(found)) for found in listed)
    return (Seen(name, shown(name, value)),)


def _basis(answer: Fired, values: tuple[tuple[str, object], ...], subject: Subject) -> tuple[str, ...]:
    """What an officer sets aside by removing a hold of this finding: list entries, orders, or the values."""
    rule_id = answer.rule.id
    entries = [entry for name, _ in values for entry in _entries(name, subject)]
    if any(name == "officer.manual_hold" for name, _ in values):
        entries += subject.parcel.orders_in_force
    if entries:
        return tuple(f"{rule_id}:{entry}" for entry in dict.fromkeys(entries))
    lasting = [
        f"{name}={value}" for name, value in values if name in _LASTING or not name.startswith(_VOLATILE)
    ]
    if any(name.startswith(_WINDOWS) for name, _ in values):
        lasting += _counted(subject)
    told = "\n".join(lasting)
    return (f"{rule_id}:{_hash(told)}",)


def _counted(subject: Subject) -> tuple[str, ...]:
    """Whose parcels the windows count: as many to another door or with another phone are another find."""
    who = identity_of(subject.consignee)
    return name_key(subject.shipper.name), who.name, *who.doors, who.phone, who.email


def _entries(name: str, subject: Subject) -> list[str]:
    """The entries behind a fact, each with the party that was taken for it and by what: who is set aside as
    another one in one role must not stand for whom the next message puts there, or in another role."""
    hits, listed = hits_behind(name, subject), listed_behind(name, subject)
    return [_entry_of_hit(found, subject) for found in hits] + [
        _entry_listed(found, subject) for found in listed
    ]


def _entry_of_hit(found: PartyHit, subject: Subject) -> str:
    hit = found.hit
    known_by = found.name or subject.party(found.role).name, *sorted(hit.corroborated)
    return f"{hit.list}/{hit.entry_id}@{found.role}:{_digest(*known_by)}"


def _entry_listed(found: IdentifierHit, subject: Subject) -> str:
    known_by = subject.party(found.role).name, found.kind
    return f"{found.list}/{found.entry_id}@{found.role}:{_digest(*known_by)}"


def _digest(name: str, *known_by: str) -> str:
    """Of all words of the name: initials and "Jr." tell father, son and cousin apart."""
    return _hash("\n".join((" ".join(sorted(words(name))), *known_by)))


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
