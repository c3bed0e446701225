"""What changes between two rulesets, in words that an analyst can put into a report."""

from collections.abc import Iterator, Mapping

from tidewaiter.rules.rule import Rule
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.rules.settings import Band
from tidewaiter.rules.terms import Term, WordList

_FIELDS = ("title", "rationale", "source", "mode", "effective_from", "effective_to")
_ACTION = ("code", "holds", "weight", "severity", "removable_by", "holds_when")


def difference(old: Ruleset, new: Ruleset) -> tuple[str, ...]:
    """One line a change, from the old ruleset to the new one; empty if they rule alike."""
    return (
        *_title(old, new),
        *_rules({one.rule.id: one.rule for one in old.rules}, {one.rule.id: one.rule for one in new.rules}),
        *_constants(old.settings.constants, new.settings.constants),
        *_bands(old, new),
        *_word_lists(old.word_lists.lists, new.word_lists.lists),
    )


def _title(old: Ruleset, new: Ruleset) -> Iterator[str]:
    was, becomes = (f"{one.settings.name}, {one.settings.title}" for one in (old, new))
    if was != becomes:
        yield f"title: {was}  →  {becomes}"


def _rules(old: Mapping[str, Rule], new: Mapping[str, Rule]) -> Iterator[str]:
    yield from (f"rule {rule_id} added: {new[rule_id].title}" for rule_id in new if rule_id not in old)
    yield from (f"rule {rule_id} removed: {old[rule_id].title}" for rule_id in old if rule_id not in new)
    for rule_id in new:
        if rule_id in old:
            yield from (f"rule {rule_id}: {change}" for change in _changes(old[rule_id], new[rule_id]))


def _changes(old: Rule, new: Rule) -> Iterator[str]:
    before, after = " ".join(old.when.text().split()), " ".join(new.when.text().split())
    if before != after:
        yield f"when: {before}  →  {after}"
    for names, one, other in ((_FIELDS, old, new), (_ACTION, old.action, new.action)):
        for name in names:
            was, becomes = getattr(one, name), getattr(other, name)
            if was != becomes:
                yield f"{name.replace('_', ' ')}: {_shown(was)}  →  {_shown(becomes)}"


def _constants(old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        was, becomes = old.get(name), new.get(name)
        if isinstance(was, tuple) and isinstance(becomes, tuple):
            yield from _members(name, set(was), set(becomes))
        elif was != becomes:
            yield f"{name}: {_shown(was)}  →  {_shown(becomes)}"


def _bands(old: Ruleset, new: Ruleset) -> Iterator[str]:
    if old.settings.bands != new.settings.bands:
        yield f"bands: {_band_texts(old)}  →  {_band_texts(new)}"


def _band_texts(ruleset: Ruleset) -> str:
    bands = ruleset.settings.bands
    return ", ".join(f"{band.name} from {band.start}{_held(band)}" for band in bands)


def _held(band: Band) -> str:
    return f" holds ({band.severity}, {band.removable_by})" if band.holds else ""


def _word_lists(old: Mapping[str, WordList], new: Mapping[str, WordList]) -> Iterator[str]:
    for name in sorted({*old, *new}):
        was, becomes = _phrases(old.get(name)), _phrases(new.get(name))
        yield from _members(f"word list {name}", was, becomes)


def _phrases(words: WordList | None) -> set[str]:
    if words is None:
        return set()
    found = {f"{term.name}: {said}" for term in words.terms for said in _said_of(term)}
    found |= {f"innocent: {phrase}" for phrase in words.innocents}
    like = f"innocents like {words.innocents_like}" if words.innocents_like else ""
    return found | _set({"disguised": words.is_disguised, "abroad": words.is_abroad, like: like})


def _said_of(term: Term) -> set[str]:
    """What a term is found by, and when."""
    first, end = term.effective_from, term.effective_to
    marks = {"stem": term.is_stem, "ending": term.is_ending, f"from {first}": first, f"to {end}": end}
    return {*term.phrases, *term.cas, *term.signs} | _set(marks)


def _set(marks: Mapping[str, object]) -> set[str]:
    return {mark for mark, is_set in marks.items() if is_set}


def _members(name: str, old: set[str], new: set[str]) -> Iterator[str]:
    for verb, members in (("gains", new - old), ("loses", old - new)):
        if members:
            yield f"{name} {verb} {', '.join(sorted(members))}"


def _shown(value: object) -> str:
    return "nothing" if value in (None, "", ()) else str(value)
