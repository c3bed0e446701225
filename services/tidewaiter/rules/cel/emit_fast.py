"""Writes a checked expression as the plain Python that is right whenever it does not raise.

Where the types are known, CEL's operators are Python's own: ``f.value > 100.0 and f.country in K1``.
What Python does otherwise than CEL raises on both sides (a missing key, an UNKNOWN, an overflow), and
the caller then takes the exact source (``emit``), which absorbs what CEL absorbs. So this source must
give CEL's answer or raise one of FALLBACK; it may never give another answer.
"""

from collections.abc import Callable
from typing import Any

from tidewaiter.rules.cel import syntax
from tidewaiter.rules.cel.emit import Bound, Emitter
from tidewaiter.rules.cel.errors import EvaluationError
from tidewaiter.rules.cel.syntax import Node
from tidewaiter.rules.cel.text import searcher
from tidewaiter.rules.cel.types import (
    BOOL,
    DOUBLE,
    DYN,
    INT,
    NUMERIC,
    SCALARS,
    STRING,
    UINT,
    CelType,
)
from tidewaiter.rules.cel.unknown import UnknownFact

FALLBACK = (UnknownFact, EvaluationError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError)

_RELATIONS = {"_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">="}
_PYTHON_KEYS = (STRING, INT, UINT)
_EXACT_DOUBLE = 2**53
_MOST_WRITTEN_OUT = 12


class FastEmitter(Emitter):
    """As Emitter, with Python's operators in place of calls wherever the types allow it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._doubtful: set[str] = set()

    def kind(self, node: Node) -> CelType:
        """The type, if it is sure.

        The checker lets ``dyn`` pass for any type, so ``[1] + dyn(x)`` is a list of int that may hold
        anything: whatever is not a scalar made by a function, and has a dyn in it, counts as dyn.
        """
        found = super().kind(node)
        if node in self.checked.names or isinstance(node, (syntax.Literal, syntax.Logic)):
            return found
        is_made = isinstance(node, (syntax.Call, syntax.Macro)) and found in SCALARS
        if is_made and getattr(node, "function", "") != "_[_]":
            return found
        return DYN if any(map(self._is_doubtful, (one for one, _ in syntax.walk(node)))) else found

    def _is_doubtful(self, node: Any) -> bool:
        is_name = isinstance(node, syntax.Ident) and node not in self.checked.names
        return self.checked.types.get(node) == DYN or (
            is_name and self.local.get(node.name) in self._doubtful
        )

    def raw(self, node: Node) -> str:
        """Python for ``node`` where UNKNOWN may pass, since the use made of it raises."""
        if self._leaks(node) and isinstance(node, (syntax.Ident, syntax.Select)):
            return self.attribute(self.checked.names[node])
        return self.value(node)

    def value(self, node: Node) -> str:
        if self._leaks(node) and isinstance(node, (syntax.Logic, syntax.Conditional)):
            return f"known({super().value(node)})"
        return super().value(node)

    def _leaks(self, node: Node) -> bool:
        """Whether the Python of ``node`` may yield UNKNOWN itself instead of raising."""
        if isinstance(node, (syntax.Ident, syntax.Select)):
            is_presence = isinstance(node, syntax.Select) and node.presence
            return self.checked.names.get(node) in self.unsure and not is_presence
        if isinstance(node, syntax.Logic):
            return self._leaks(node.operands[-1])
        if isinstance(node, syntax.Conditional):
            return self._leaks(node.yes) or self._leaks(node.no)
        return False

    def condition(self, node: Node) -> str:
        """Python whose truth is that of ``node``; an UNKNOWN raises when asked for it."""
        if self.kind(node) != BOOL:
            return f"truth({self.value(node)})"
        if isinstance(node, syntax.Logic):
            return self.logic(node)
        return self.raw(node)

    def logic(self, node: syntax.Logic) -> str:
        joined = " and " if node.kind == "&&" else " or "
        return f"({joined.join(map(self.condition, node.operands))})"

    def conditional(self, node: syntax.Conditional) -> str:
        return f"({self.raw(node.yes)} if {self.condition(node.condition)} else {self.raw(node.no)})"

    def macro(self, node: syntax.Macro) -> str:
        is_list = self.kind(node.range).name == "list"
        range_ = self.raw(node.range) if is_list else f"elements({self.value(node.range)})"
        with Bound(self, node.variable) as name:
            if not is_list:
                self._doubtful.add(name)
            return self._comprehension(node, name, range_)

    def _comprehension(self, node: syntax.Macro, name: str, range_: str) -> str:
        loop = f"for {name} in {range_}"
        if node.kind == "map":
            chosen = "" if node.condition is None else f" if {self.condition(node.condition)}"
            return self._listed(f"{self.value(node.body)} {loop}{chosen}")
        test = self.condition(node.body)
        if node.kind == "filter":
            return self._listed(f"{name} {loop} if {test}")
        if node.kind == "exists_one":
            return f"({self._listed(f'{name} {loop} if {test}')}.__len__() == 1)"
        return f"{'any' if node.kind == 'exists' else 'all'}({test} {loop})"

    def _listed(self, comprehension: str) -> str:
        """Python for all of a comprehension, in a tuple.

        In brackets it is faster by a third. CPython writes those out in place from 3.12 on, and then dies of
        a bad access on some twenty that are nested.
        """
        return f"tuple([{comprehension}])" if self.depth <= _MOST_WRITTEN_OUT else f"tuple({comprehension})"

    def select(self, node: syntax.Select) -> str:
        operand = self.kind(node.operand)
        if operand.name == "map" and operand.parameters[0] in (STRING, DYN):
            target = self.raw(node.operand)
            return f"({node.field!r} in {target})" if node.presence else f"{target}[{node.field!r}]"
        if operand.name in self.declared.records:
            read = f"{self.value(node.operand)}.{node.field}"
            return f"given({read})" if node.presence else f"known({read})"
        return super().select(node)

    def applied(self, name: str, arguments: tuple[Node, ...]) -> str:
        write = _WRITERS.get(name)
        written = None if write is None else write(self, *arguments)
        if written is None and name in _RELATIONS:
            written = self._relation(_RELATIONS[name], *arguments)
        return super().applied(name, arguments) if written is None else written

    def _relation(self, symbol: str, one: Node, other: Node) -> str | None:
        kinds = (self.kind(one), self.kind(other))
        is_alike = kinds[0] == kinds[1] and kinds[0] in SCALARS
        is_numeric = all(kind in NUMERIC for kind in kinds)
        if is_alike or (is_numeric and (self.is_small(one) or self.is_small(other))):
            return f"({self.raw(one)} {symbol} {self.raw(other)})"
        return None

    def is_small(self, node: Node) -> bool:
        """A constant that int and double hold alike, so that Python's exact comparison is CEL's."""
        value = node.value if isinstance(node, syntax.Literal) else self.constant(node)
        return isinstance(value, (int, float)) and abs(value) < _EXACT_DOUBLE

    def constant(self, node: Node) -> object:
        """The value of a declared constant, else None."""
        return self.declared.constants.get(self.checked.names.get(node, ""))

    def both(self, kind: CelType, *nodes: Node) -> bool:
        return all(self.kind(node) == kind for node in nodes)


def _arithmetic(symbol: str, *plain: CelType) -> Callable[[FastEmitter, Node, Node], str | None]:
    def write(emitter: FastEmitter, one: Node, other: Node) -> str | None:
        kind = emitter.kind(one)
        if kind != emitter.kind(other) or kind not in (INT, *plain):
            return None
        written = f"({emitter.raw(one)} {symbol} {emitter.raw(other)})"
        return f"in_int{written}" if kind == INT else written

    return write


def _division(emitter: FastEmitter, one: Node, other: Node) -> str | None:
    is_safe = isinstance(other, syntax.Literal) and bool(other.value)
    if is_safe and emitter.both(DOUBLE, one, other):
        return f"({emitter.raw(one)} / {emitter.raw(other)})"
    return None


def _minus(emitter: FastEmitter, operand: Node) -> str | None:
    if emitter.both(INT, operand):
        return f"in_int(-{emitter.raw(operand)})"
    return f"(-{emitter.raw(operand)})" if emitter.both(DOUBLE, operand) else None


def _not(emitter: FastEmitter, operand: Node) -> str:
    return f"(not {emitter.condition(operand)})"


def _method(name: str) -> Callable[[FastEmitter, Node, Node], str | None]:
    def write(emitter: FastEmitter, one: Node, other: Node) -> str | None:
        if emitter.both(STRING, one, other):
            return f"{emitter.raw(one)}.{name}({emitter.raw(other)})"
        return None

    return write


def _contains(emitter: FastEmitter, one: Node, other: Node) -> str | None:
    return f"({emitter.raw(other)} in {emitter.raw(one)})" if emitter.both(STRING, one, other) else None


def _matches(emitter: FastEmitter, one: Node, other: Node) -> str | None:
    if not isinstance(other, syntax.Literal) or not emitter.both(STRING, one, other):
        return None
    search = emitter.module.constant(searcher(str(other.value)))
    return f"({search}({emitter.raw(one)}) is not None)"


def _size(emitter: FastEmitter, operand: Node) -> str | None:
    kind = emitter.kind(operand)
    return f"len({emitter.raw(operand)})" if kind == STRING or kind.name in ("list", "map") else None


def _index(emitter: FastEmitter, one: Node, other: Node) -> str | None:
    kind = emitter.kind(one)
    is_position = isinstance(other, syntax.Literal) and other.type == INT and int(str(other.value)) >= 0
    is_key = kind.name == "map" and kind.parameters[0] == emitter.kind(other) in _PYTHON_KEYS
    if (kind.name == "list" and is_position) or is_key:
        return f"{emitter.raw(one)}[{emitter.raw(other)}]"
    return None


def _in(emitter: FastEmitter, one: Node, other: Node) -> str | None:
    element, container = emitter.kind(one), emitter.kind(other)
    if element not in _PYTHON_KEYS or container.parameters[:1] != (element,):
        return None
    constants = _constants(emitter, other)
    if constants is not None:
        return f"({emitter.raw(one)} in {emitter.module.constant(constants)})"
    return f"({emitter.value(one)} in {emitter.raw(other)})"


def _constants(emitter: FastEmitter, node: Node) -> frozenset[object] | None:
    """The elements of a list that is known at compilation, as a set."""
    if isinstance(node, syntax.ListNode) and all(isinstance(one, syntax.Literal) for one in node.elements):
        return frozenset(one.value for one in node.elements if isinstance(one, syntax.Literal))
    known = emitter.constant(node)
    return frozenset(known) if isinstance(known, tuple) else None


_WRITERS: dict[str, Callable[..., str | None]] = {
    "_+_": _arithmetic("+", DOUBLE, STRING),
    "_-_": _arithmetic("-", DOUBLE),
    "_*_": _arithmetic("*", DOUBLE),
    "_/_": _division,
    "-_": _minus,
    "!_": _not,
    "startsWith": _method("startswith"),
    "endsWith": _method("endswith"),
    "contains": _contains,
    "matches": _matches,
    "size": _size,
    "_[_]": _index,
    "@in": _in,
}
