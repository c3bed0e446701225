"""An expression made ready to run: parsed, checked, and compiled to two Python functions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tidewaiter.rules.cel import syntax
from tidewaiter.rules.cel.check import Checked, Declarations, check
from tidewaiter.rules.cel.clock import duration_of, timestamp_of
from tidewaiter.rules.cel.emit import Emitter, Module
from tidewaiter.rules.cel.emit_fast import FALLBACK, FastEmitter
from tidewaiter.rules.cel.errors import CelError, EvaluationError
from tidewaiter.rules.cel.parse import Limits, parse
from tidewaiter.rules.cel.runtime import truth
from tidewaiter.rules.cel.text import searcher
from tidewaiter.rules.cel.types import BOOL, DYN, STRING, CelType
from tidewaiter.rules.cel.unknown import UNKNOWN, Unknown, UnknownFact

Evaluated = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """An evaluation that came to an error, with CEL's reason."""

    reason: str


Outcome = bool | Unknown | Fault


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled expression. ``reads`` are the variables that it may ask for, in order of appearance.

    ``fast`` gives the value or raises one of FALLBACK; ``exact`` gives it by CEL's rules or raises
    EvaluationError or UnknownFact.
    """

    source: str
    type: CelType
    reads: tuple[str, ...]
    fast: Evaluated
    exact: Evaluated

    def value(self, facts: Any) -> Any:
        """The value for these facts. Raises EvaluationError or UnknownFact."""
        try:
            return self.fast(facts)
        except FALLBACK:
            return self.exact(facts)

    def outcome(self, facts: Any) -> Outcome:
        """The value of a predicate: true, false, UNKNOWN, or why it could not be had."""
        return _outcome(self.value, facts)

    def exact_outcome(self, facts: Any) -> Outcome:
        """As ``outcome``, for a caller whose fast code has raised already."""
        return _outcome(self.exact, facts)


def _outcome(evaluate: Evaluated, facts: Any) -> Outcome:
    try:
        return truth(evaluate(facts))
    except UnknownFact:
        return UNKNOWN
    except EvaluationError as error:
        return Fault(str(error))


def compiled(checked: Checked, declared: Declarations, unsure: frozenset[str] = frozenset()) -> Program:
    """The program of a checked expression; ``unsure`` are the variables that may be UNKNOWN."""
    exact, fast = Emitter(checked, declared, unsure), FastEmitter(checked, declared, unsure)
    functions = [function(emitter.source(), emitter.module) for emitter in (fast, exact)]
    return Program(checked.source, checked.type, tuple(exact.reads), *functions)


def program(
    source: str,
    declared: Declarations = Declarations(),  # noqa: B008 - frozen
    unsure: frozenset[str] = frozenset(),
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Program:
    """Parses, checks and compiles. Raises CelError."""
    return compiled(check(parse(source, limits), source, declared), declared, unsure)


def predicate(source: str, declared: Declarations) -> Checked:
    """A checked expression of type bool whose constant patterns, times and spans are well formed."""
    checked = check(parse(source), source, declared)
    if checked.type not in (BOOL, DYN):
        raise CelError(f"a rule needs a bool, and this is a {checked.type}", source, checked.root.offset)
    for node, _ in syntax.walk(checked.root):
        _well_formed(node, source)
    return checked


def function(source: str, module: Module) -> Evaluated:
    """``source`` as a function of the facts."""
    return defined(f"def evaluate(f):\n    return {source}\n", module)


def defined(text: str, module: Module) -> Evaluated:
    """The function ``evaluate`` that ``text`` defines, with the names of ``module`` and few builtins."""
    names = {**module.names, "__builtins__": _BUILTINS}
    exec(compile(text, "<rule>", "exec"), names)
    # Held by its own names, it would never be freed in a process that does not collect what it loaded.
    found: Evaluated = names.pop("evaluate")
    return found


_BUILTINS = {one.__name__: one for one in (any, all, len, tuple, getattr)}
_TRIALS: dict[str, Callable[[str], object]] = {
    "timestamp": timestamp_of,
    "duration": duration_of,
    "matches": searcher,
}


def _well_formed(node: syntax.Node, source: str) -> None:
    """Raises where a call with only literal arguments can only fail: a bad pattern, time or span."""
    if not isinstance(node, syntax.Call) or node.function not in _TRIALS:
        return
    last = node.arguments[-1] if node.arguments else None
    if not isinstance(last, syntax.Literal) or last.type != STRING:
        return
    try:
        _TRIALS[node.function](str(last.value))
    except EvaluationError as error:
        raise CelError(str(error), source, last.offset) from None
