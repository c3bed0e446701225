"""Rules made ready to run: each a program, and all rules in force on a day one Python function."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec import Struct

from tidewaiter.rules.catalogue import Catalogue, attribute
from tidewaiter.rules.cel import syntax
from tidewaiter.rules.cel.check import Checked, Declarations
from tidewaiter.rules.cel.emit import Module
from tidewaiter.rules.cel.emit_fast import FALLBACK, FastEmitter
from tidewaiter.rules.cel.emit_lost import LostEmitter
from tidewaiter.rules.cel.errors import CelError, nearest
from tidewaiter.rules.cel.program import Fault, Program, compiled, defined, predicate
from tidewaiter.rules.cel.types import CelType
from tidewaiter.rules.cel.unknown import UNKNOWN
from tidewaiter.rules.rule import Rule
from tidewaiter.rules.yamlfile import Entry

# Facts of this name, whatever stands before it, are maps with the word lists of the bundle as keys.
_TERMS = ".terms"


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A rule with its programs; ``reads`` are the facts that either asks for."""

    rule: Rule
    checked: Checked
    program: Program
    holding: Program | None
    reads: tuple[str, ...]

    def seen(self, facts: Any) -> tuple[tuple[str, object], ...]:
        """The facts that the rule reads, with their values."""
        return tuple((name, getattr(facts, attribute(name))) for name in self.reads)

    def doubt(self, text: str) -> str:
        """A doubt about the rule as one line with its place."""
        return f"{self.rule.when.place}: rule {self.rule.id}: {text}"


class Fired(Struct, frozen=True):
    """A rule that fired. ``holds`` also where ``holds_when`` could not be answered: it fails closed."""

    compiled: CompiledRule
    holds: bool

    @property
    def rule(self) -> Rule:
        return self.compiled.rule


class Unavailable(Struct, frozen=True):
    """A rule that could not be answered: the facts that it misses, or the error that it ran into."""

    compiled: CompiledRule
    missing: tuple[str, ...]
    fault: str = ""

    @property
    def rule(self) -> Rule:
        return self.compiled.rule


Answer = Fired | Unavailable
Evaluation = Callable[[Any], list[Answer]]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the rules of one bundle may refer to."""

    catalogue: Catalogue
    constants: Mapping[str, object]
    types: Mapping[str, CelType]
    word_lists: tuple[str, ...]

    def ordinary(self, facts: Mapping[str, object]) -> dict[str, object]:
        """The facts of an ordinary parcel as this bundle's word lists see it: none of them finds anything."""
        nothing = dict.fromkeys(self.word_lists, ())
        return {name: {**nothing} if name.endswith(_TERMS) else value for name, value in facts.items()}

    @property
    def declared(self) -> Declarations:
        records = {name: record.types for name, record in self.catalogue.records.items()}
        return Declarations({**self.catalogue.types, **self.types}, self.constants, records)


def compile_rule(rule: Rule, vocabulary: Vocabulary) -> CompiledRule:
    """The rule, ready to run. Raises RuleError with the place of what is wrong in its expressions."""
    checked, program = _compile(rule.when, vocabulary)
    holding = _compile(rule.holds_when, vocabulary)[1] if rule.holds_when is not None else None
    reads = dict.fromkeys((*program.reads, *(holding.reads if holding else ())))
    return CompiledRule(rule, checked, program, holding, tuple(reads))


def _compile(entry: Entry, vocabulary: Vocabulary) -> tuple[Checked, Program]:
    declared = vocabulary.declared
    try:
        checked = predicate(entry.text(), declared)
        _known_lists(checked, vocabulary.word_lists)
        return checked, compiled(checked, declared, vocabulary.catalogue.unsure)
    except CelError as error:
        raise entry.expression_error(error) from None


def _known_lists(checked: Checked, known: tuple[str, ...]) -> None:
    """Raises where a rule asks for a word list that the bundle does not have."""
    for node, _ in syntax.walk(checked.root):
        name = _list_name(node, checked)
        if name is not None and name not in known:
            raise CelError(f"unknown word list {name!r}", checked.source, node.offset, nearest(name, known))


def _list_name(node: syntax.Node, checked: Checked) -> str | None:
    if isinstance(node, syntax.Select) and checked.names.get(node.operand, "").endswith(_TERMS):
        return node.field
    if isinstance(node, syntax.Call) and node.function in ("_[_]", "@in"):
        container, key = node.arguments if node.function == "_[_]" else node.arguments[::-1]
        if checked.names.get(container, "").endswith(_TERMS) and isinstance(key, syntax.Literal):
            return str(key.value)
    return None


def evaluation(
    rules: Iterable[CompiledRule], vocabulary: Vocabulary, lost: frozenset[str] = frozenset()
) -> Evaluation:
    """One function that answers all rules: those that fired and those that could not be answered, in order.

    A rule whose plain Python raises is taken up again by ``late``, in CEL's exact terms. ``lost`` are facts
    that are UNKNOWN of every parcel that this function is for: the answers are the same, and come sooner.
    """
    module = Module()
    module.names |= {"FALLBACK": FALLBACK, "late": _late, "fired": _fired}
    lines = ["def evaluate(f):", "    out = []"]
    for rule in rules:
        lines += _statements(rule, vocabulary, module, lost)
    evaluate: Evaluation = defined("\n".join((*lines, "    return out", "")), module)
    return evaluate


def _statements(
    rule: CompiledRule, vocabulary: Vocabulary, module: Module, lost: frozenset[str]
) -> tuple[str, ...]:
    name = module.constant(rule)
    result = (
        module.constant(Fired(rule, rule.rule.action.holds)) if rule.holding is None else f"fired({name}, f)"
    )
    condition, otherwise = _condition(rule, vocabulary, module, lost)
    return (
        "    try:",
        f"        if {condition}:",
        f"            out.append({result})",
        *otherwise,
        "    except FALLBACK:",
        f"        late({name}, f, out)",
    )


def _condition(
    rule: CompiledRule, vocabulary: Vocabulary, module: Module, lost: frozenset[str]
) -> tuple[str, tuple[str, ...]]:
    """What makes a rule fire, and the lines for when lost facts leave it without an answer."""
    arguments = rule.checked, vocabulary.declared, vocabulary.catalogue.unsure, module
    missing = tuple(name for name in rule.program.reads if name in lost)
    sides = LostEmitter(lost, *arguments).sides(rule.checked.root) if missing else None
    if sides is None:
        return FastEmitter(*arguments).condition(rule.checked.root), ()
    answer = module.constant(Unavailable(rule, missing))
    return sides.true, (f"        elif not {sides.false}:", f"            out.append({answer})")


def _fired(rule: CompiledRule, facts: Any) -> Fired:
    holding = rule.holding
    return Fired(rule, rule.rule.action.holds if holding is None else holding.outcome(facts) is not False)


def _late(rule: CompiledRule, facts: Any, out: list[Answer]) -> None:
    outcome = rule.program.exact_outcome(facts)
    if outcome is True:
        out.append(_fired(rule, facts))
    elif isinstance(outcome, Fault):
        out.append(Unavailable(rule, (), outcome.reason))
    elif outcome is not False:
        out.append(Unavailable(rule, _missing(rule, facts)))


def _missing(rule: CompiledRule, facts: Any) -> tuple[str, ...]:
    return tuple(name for name in rule.program.reads if getattr(facts, attribute(name)) is UNKNOWN)
