"""What is doubtful in a bundle that loads: rules that say nothing, settings nobody uses, missing cases."""

from collections.abc import Iterator, Mapping
from datetime import date
from types import SimpleNamespace

from tidewaiter.domain.decision import disposition_of_code
from tidewaiter.domain.officers import ANSWERED_BY_EXAM
from tidewaiter.matching.identifiers import is_cas
from tidewaiter.rules.catalogue import attribute
from tidewaiter.rules.compiled import CompiledRule
from tidewaiter.rules.facts.habits import ON_HABITS
from tidewaiter.rules.innocents import ANY_TERM, LIST_OF_TERMS
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.rules.terms import Term, WordList
from tidewaiter.rules.testing import uncovered

_BRACES = frozenset("{}")


def lint(ruleset: Ruleset, ordinary: Mapping[str, object], today: date) -> tuple[str, ...]:
    """One line a doubt, with its place; on a parcel with the ``ordinary`` facts no rule should fire, and one
    that ended before ``today`` is in force no more.
    """
    return (
        *_constant(ruleset),
        *_over(ruleset, today),
        *_never_found(ruleset),
        *_stuck(ruleset),
        *_shadowed(ruleset),
        *_ordinary(ruleset, ordinary),
        *_holding_on_habits(ruleset),
        *_unused(ruleset),
        *(f"rule {rule_id}: no case that fires and one that does not" for rule_id in uncovered(ruleset)),
    )


def _constant(ruleset: Ruleset) -> Iterator[str]:
    for rule in ruleset.rules:
        if not rule.program.reads:
            outcome = rule.program.outcome(SimpleNamespace())
            yield rule.doubt(f"reads no fact, so it is always {str(outcome).lower()}")


def _over(ruleset: Ruleset, today: date) -> Iterator[str]:
    for rule in ruleset.rules:
        end = rule.rule.effective_to
        if end is not None and end <= today:
            yield rule.doubt(f"is in force no more: it ended on {end}")


def _stuck(ruleset: Ruleset) -> Iterator[str]:
    """Codes under which an examination is asked for whose result does not free the parcel."""
    for rule in ruleset.rules:
        family = rule.rule.action.code.partition("-")[0]
        if disposition_of_code(rule.rule.action.code) == "1A" and family not in ANSWERED_BY_EXAM:
            known = ", ".join(sorted(ANSWERED_BY_EXAM))
            yield rule.doubt(f"holds as {family}, which no examination frees; one frees {known}")


def _never_found(ruleset: Ruleset) -> Iterator[str]:
    """What stands in a word list and no text can meet."""
    for name, words in ruleset.word_lists.lists.items():
        doubts = [f"term {term.name!r}: {doubt}" for term in words.terms for doubt in _doubts_of(term)]
        yield from (f"wordlists/{name}.yaml: {doubt}" for doubt in (*doubts, *_unreadable_phrases(words)))


def _doubts_of(term: Term) -> Iterator[str]:
    first, end = term.effective_from, term.effective_to
    if first is not None and end is not None and end <= first:
        yield f"is never in force: it ends on {end}, and begins on {first}"
    yield from (f"cas {one!r} is no CAS number by its check digit" for one in term.cas if not is_cas(one))


def _unreadable_phrases(words: WordList) -> Iterator[str]:
    for phrase in words.innocents:
        if _BRACES & set(phrase.replace(ANY_TERM, "").replace(LIST_OF_TERMS, "")):
            yield f"innocent {phrase!r}: expected {ANY_TERM} or {LIST_OF_TERMS} in braces"


def _shadowed(ruleset: Ruleset) -> Iterator[str]:
    """Rules that ask the same and do the same: the later one adds nothing."""
    seen: dict[tuple[str, str], str] = {}
    for rule in ruleset.rules:
        key = (" ".join(rule.program.source.split()), rule.rule.action.code)
        if key in seen:
            yield rule.doubt(f"asks the same as {seen[key]}, for the same code")
        seen.setdefault(key, rule.rule.id)


def _ordinary(ruleset: Ruleset, ordinary: Mapping[str, object]) -> Iterator[str]:
    base = ruleset.vocabulary.ordinary(ordinary)
    facts = SimpleNamespace(**{attribute(name): value for name, value in base.items()})
    for rule in ruleset.rules:
        outcome = rule.program.outcome(facts)
        if outcome is not False:
            yield rule.doubt(f"comes out {outcome} on an ordinary parcel")


def _holding_on_habits(ruleset: Ruleset) -> Iterator[str]:
    """Habits are learned beside the stream: who may hold on them holds every parcel while nobody learns."""
    for rule in ruleset.rules:
        can_hold = rule.rule.action.holds or rule.holding is not None
        if can_hold and not ON_HABITS.isdisjoint(rule.reads):
            yield rule.doubt("holds on what insight learns, and so every parcel while insight is out")


def _unused(ruleset: Ruleset) -> Iterator[str]:
    used = {name for rule in ruleset.rules for name in rule.checked.names.values()}
    used |= {name for rule in ruleset.rules if rule.holding for name in _names_of(rule)}
    yield from (
        f"ruleset.yaml: {name} is used by no rule" for name in ruleset.settings.constants if name not in used
    )
    asked = {
        text
        for rule in ruleset.rules
        for text in _words(f"{rule.program.source} {rule.rule.action.holds_when}")
    }
    for name in ruleset.word_lists.lists:
        if not any(name in text.split(".") for text in asked):
            yield f"wordlists/{name}.yaml: no rule asks for it"


def _names_of(rule: CompiledRule) -> Iterator[str]:
    text = rule.rule.action.holds_when
    yield from (word for word in _words(text) if word.startswith(("limits.", "sets.")))


def _words(text: str) -> list[str]:
    return "".join(sign if sign.isalnum() or sign in "._" else " " for sign in text).split()
