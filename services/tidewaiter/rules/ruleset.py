"""Rule bundles: a directory of YAML that an analyst writes, compiled once into one Python function.

A bundle is a directory::

    ruleset.yaml            name, title, limits, sets, score bands
    <family>.yaml           the rules of one family (watchlist, narcotics, ...)
    wordlists/<name>.yaml   the word lists, see ``rules.wordlistfile``

``ruleset.yaml``::

    name: default
    title: The rules in force at every port
    limits:                     # numbers that rules refer to as limits.NAME
      many_names_week: 8
    sets:                       # lists of strings that rules refer to as sets.NAME
      drug_headings: ["293333", "293334"]
    bands:                      # by rising "from"; the score of a parcel is the sum of the weights that fired
      - {name: low, from: 0}
      - {name: watch, from: 40}
      - {name: high, from: 70, holds: true, severity: 3, removable_by: OFFICER}

``<family>.yaml``::

    family: narcotics
    rules:
      - id: N03
        title: Declared HS in a drug or precursor heading
        rationale: Fentanyl and its precursors have headings of their own; no low-value parcel declares them
        source: domain.md S12; HTS 2025-04 2933.33-2933.37
        when: items.exists(i, i.hts6 in sets.drug_headings)
        action: {hold: NAR-HS, severity: 4, removable_by: OFFICER, disposition: "1A"}
        mode: enforce                       # or shadow: evaluated and reported, never holds
        effective: {from: 2026-01-01}       # "from" inclusive, "to" exclusive; both optional
        cases:
          - {name: ANPP heading, fires: true, facts: {items: [{hts6: "293336"}]}}
          - {name: cotton shirt, fires: false, facts: {items: [{hts6: "610910"}]}}

``when`` is a CEL expression of type bool over the facts catalogue (``tidewaiter rules facts``).
``action`` is either of

* ``{hold: CODE, severity: 1..5, removable_by: DATA|OFFICER|DEA, disposition: CODE}``
* ``{score: CODE, weight: 1..100}``; with ``holds_when: EXPRESSION`` (and severity, removable_by,
  disposition) it also holds under CODE when that is true on top of ``when``.

``disposition`` is optional: what a hold comes to is its code's family's (``domain.decision``), and another is
refused.

A case starts from the facts of an ordinary parcel and changes those named under ``facts`` (dotted
names; a map inside a list may give only some keys), sets those under ``unknown: [name, ...]`` to
unavailable, and says in ``fires`` what must come out: ``true``, ``false`` or ``unknown``. ``holds``
(optional) says whether ``holds_when`` must be true; ``on`` (optional) is the entry date, else the first
day of the rule, else 2026-11-24. With
``parcel: {...}`` in place of ``facts`` the overrides are those of an ordinary parcel event, and the
facts are worked out from it as on the stream.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tidewaiter.rules.bundle import MAIN, WORD_LISTS, Bundle
from tidewaiter.rules.catalogue import Catalogue
from tidewaiter.rules.compiled import Answer, CompiledRule, Evaluation, Vocabulary, compile_rule, evaluation
from tidewaiter.rules.errors import Place, RuleError
from tidewaiter.rules.facts import CATALOGUE
from tidewaiter.rules.rule import Rule, read_rule
from tidewaiter.rules.settings import RulesetSettings, read_settings
from tidewaiter.rules.wordlistfile import read_word_list
from tidewaiter.rules.wordlists import WordLists
from tidewaiter.rules.yamlfile import read


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A compiled bundle. Immutable; ``version`` is the hash of its content."""

    version: str
    bundle: Bundle
    settings: RulesetSettings
    rules: tuple[CompiledRule, ...]
    word_lists: WordLists
    vocabulary: Vocabulary
    _changes: tuple[date, ...] = field(repr=False)
    _evaluations: tuple[Evaluation, ...] = field(repr=False)

    @classmethod
    def load(cls, directory: Path, catalogue: Catalogue = CATALOGUE) -> "Ruleset":
        """The ruleset of a directory. Raises RuleError with file, line and column."""
        return cls.of(Bundle.of_directory(directory), catalogue)

    @classmethod
    def from_bytes(
        cls, content: bytes, catalogue: Catalogue = CATALOGUE, earlier: "Ruleset | None" = None
    ) -> "Ruleset":
        """The ruleset that ``bundle.to_bytes()`` of another one made. Raises RuleError."""
        return cls.of(Bundle.from_bytes(content), catalogue, earlier)

    @classmethod
    def of(
        cls, bundle: Bundle, catalogue: Catalogue = CATALOGUE, earlier: "Ruleset | None" = None
    ) -> "Ruleset":
        """The compiled bundle. Raises RuleError.

        Where the ``earlier`` one has the same word lists they are shared: they are most of the work, and one
        step of it, 0.05 s, holds the interpreter.
        """
        settings = read_settings(bundle.files[MAIN], MAIN)
        is_known = earlier is not None and earlier.bundle.word_lists == bundle.word_lists
        word_lists = earlier.word_lists if earlier and is_known else _word_lists(bundle)
        vocabulary = Vocabulary(catalogue, settings.constants, settings.types, tuple(word_lists.lists))
        rules = tuple(compile_rule(rule, vocabulary) for rule in _rules(bundle))
        changes = _changes(rules)
        evaluations = _evaluations(rules, vocabulary, changes)
        return cls(bundle.version, bundle, settings, rules, word_lists, vocabulary, changes, evaluations)

    def evaluate(self, facts: Any, on: date) -> list[Answer]:
        """The rules in force on a day that fired or could not be answered, in the order of the bundle."""
        return self._evaluations[bisect_right(self._changes, on)](facts)

    def evaluate_without(self, lost: frozenset[str]) -> Callable[[Any, date], list[Answer]]:
        """``evaluate`` for parcels of which these facts are UNKNOWN: the same answers, sooner. Compiles."""
        evaluations = _evaluations(self.rules, self.vocabulary, self._changes, lost)
        return lambda facts, on: evaluations[bisect_right(self._changes, on)](facts)

    def rule(self, rule_id: str) -> CompiledRule | None:
        return next((one for one in self.rules if one.rule.id == rule_id), None)


def _evaluations(
    rules: Iterable[CompiledRule],
    vocabulary: Vocabulary,
    changes: Iterable[date],
    lost: frozenset[str] = frozenset(),
) -> tuple[Evaluation, ...]:
    """One for each stretch of days on which the same rules are in force."""
    known = tuple(rules)
    return tuple(
        evaluation((one for one in known if one.rule.is_effective(day)), vocabulary, lost)
        for day in (date.min, *changes)
    )


def _rules(bundle: Bundle) -> tuple[Rule, ...]:
    found: list[Rule] = []
    for file, text in bundle.families.items():
        fields = read(text, file).fields(("family", "rules"))
        family = fields["family"].text()
        if file != f"{family}.yaml":
            raise fields["family"].error(f"family: found {family!r}, expected the name of the file")
        found += (read_rule(entry, family) for entry in fields["rules"].items())
    _unique(found)
    return tuple(found)


def _unique(rules: Iterable[Rule]) -> None:
    first: dict[str, Rule] = {}
    for rule in rules:
        if rule.id in first:
            raise rule.entry.error(f"id: {rule.id!r} is there twice, first at {first[rule.id].entry.place}")
        first[rule.id] = rule


def _word_lists(bundle: Bundle) -> WordLists:
    lists = [read_word_list(text, file) for file, text in bundle.word_lists.items()]
    for one, file in zip(lists, bundle.word_lists, strict=True):
        if file != f"{WORD_LISTS}{one.name}.yaml":
            raise RuleError(f"name: found {one.name!r}, expected the name of the file", Place(file))
        if one.innocents_like and one.innocents_like not in {other.name for other in lists}:
            raise RuleError(f"innocents_like: no list {one.innocents_like!r}", Place(file))
    return WordLists(lists)


def _changes(rules: Iterable[CompiledRule]) -> tuple[date, ...]:
    """The days on which a rule begins or ends."""
    days = {day for one in rules for day in (one.rule.effective_from, one.rule.effective_to) if day}
    return tuple(sorted(days))
