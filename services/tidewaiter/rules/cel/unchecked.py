"""Names without types: what an expression means when it is evaluated unchecked, all of it ``dyn``."""

from collections.abc import Iterator

from tidewaiter.rules.cel import syntax
from tidewaiter.rules.cel.check import Checked, Declarations
from tidewaiter.rules.cel.errors import CelError
from tidewaiter.rules.cel.functions import DENOTATIONS, STANDARD
from tidewaiter.rules.cel.syntax import Node
from tidewaiter.rules.cel.types import DYN


def resolved(root: Node, source: str, declared: Declarations) -> Checked:
    """The tree with its names resolved; what cannot be resolved is an error only when it is evaluated."""
    names: dict[Node, str] = {}
    _resolve(root, frozenset(), declared, names)
    for node, _ in syntax.walk(root):
        if isinstance(node, syntax.MessageNode):
            raise CelError(f"there is no message type {node.name!r}", source, node.offset)
    return Checked(root, source, {node: DYN for node, _ in syntax.walk(root)}, names, dict(_unfit(root)))


def _unfit(root: Node) -> Iterator[tuple[Node, str]]:
    """Calls of functions that take no such number of arguments, under a name that no function has."""
    for node, _ in syntax.walk(root):
        if isinstance(node, syntax.Call) and node.function in STANDARD:
            count = len(node.children())
            if all(len(one.parameters) != count for one in STANDARD[node.function]):
                yield node, f"{node.function}/{count}"


def _resolve(node: Node, local: frozenset[str], declared: Declarations, names: dict[Node, str]) -> None:
    if isinstance(node, (syntax.Ident, syntax.Select)) and _names(node, local, declared, names):
        return
    if isinstance(node, syntax.Macro):
        _resolve(node.range, local, declared, names)
        for inner in node.children()[1:]:
            _resolve(inner, local | {node.variable}, declared, names)
        return
    for child in node.children():
        _resolve(child, local, declared, names)


def _names(node: Node, local: frozenset[str], declared: Declarations, names: dict[Node, str]) -> bool:
    """Notes the declared name that ``node`` is, if it is one and no macro's variable hides it."""
    first = syntax.first(node)
    name = syntax.dotted(node)
    if first is None or name is None or (first.name in local and not first.absolute):
        return False
    for candidate in declared.candidates(name, first.absolute):
        if candidate in declared.variables or candidate in DENOTATIONS:
            names[node] = candidate
            return True
    return False
