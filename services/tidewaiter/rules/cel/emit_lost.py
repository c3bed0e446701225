"""Writes a checked predicate as plain Python for the time while some facts are known to be UNKNOWN.

A source that is away is away for a whole batch, so which facts are lost is known before a parcel is asked.
Then an expression that reads one has no value, and what is left of ``&&`` and ``||`` can be written down
(Kleene's logic, which CEL's is); raising and catching UNKNOWN instead took 12 us a rule.
"""

from typing import Any, Final, NamedTuple

from tidewaiter.rules.cel import syntax
from tidewaiter.rules.cel.emit_fast import FastEmitter
from tidewaiter.rules.cel.syntax import Node
from tidewaiter.rules.cel.types import BOOL

_NEVER: Final = "False"


class Sides(NamedTuple):
    """Python that is true where an expression is true, and Python that is true where it is false.

    Where neither is, the expression is UNKNOWN. Either may raise one of FALLBACK, as all fast code may.
    """

    true: str
    false: str


class LostEmitter(FastEmitter):
    """As FastEmitter; ``lost`` are the variables that are UNKNOWN."""

    def __init__(self, lost: frozenset[str], *arguments: Any) -> None:
        super().__init__(*arguments)
        self._lost = lost

    def sides(self, node: Node) -> Sides | None:
        """Both sides of a predicate; None where a lost fact stands in a macro, a condition or no bool."""
        if not self._reads_lost(node):
            written = self.condition(node)
            return Sides(written, f"(not {written})")
        if isinstance(node, syntax.Logic):
            return self._logic_sides(node)
        if isinstance(node, syntax.Call) and node.function == "!_":
            inner = self.sides(node.arguments[0])
            return None if inner is None else Sides(inner.false, inner.true)
        return Sides(_NEVER, _NEVER) if self._is_strict(node) else None

    def _logic_sides(self, node: syntax.Logic) -> Sides | None:
        known = [sides for sides in map(self.sides, node.operands) if sides is not None]
        if len(known) < len(node.operands):
            return None
        true, false = [one.true for one in known], [one.false for one in known]
        if node.kind == "&&":
            return Sides(_all_of(true), _any_of(false))
        return Sides(_any_of(true), _all_of(false))

    def _reads_lost(self, node: Node) -> bool:
        return any(self.checked.names.get(one, "") in self._lost for one, _ in syntax.walk(node))

    def _is_strict(self, node: Node) -> bool:
        """Whether the node has no value as soon as one of its parts has none."""
        parts = [one for one, _ in syntax.walk(node)]
        is_plain = not any(isinstance(one, (syntax.Logic, syntax.Conditional, syntax.Macro)) for one in parts)
        return is_plain and self.kind(node) == BOOL


def _all_of(written: list[str]) -> str:
    return _NEVER if _NEVER in written else f"({' and '.join(written)})"


def _any_of(written: list[str]) -> str:
    possible = [one for one in written if one != _NEVER]
    return f"({' or '.join(possible)})" if possible else _NEVER
