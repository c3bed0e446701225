"""The syntax tree of an expression, macros already expanded into comprehensions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as Choice

from tidewaiter.rules.cel.types import CelType

MacroKind = Choice["exists", "all", "exists_one", "filter", "map"]
LogicKind = Choice["&&", "||"]


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A place in the text: nodes are compared by identity, since types are noted per occurrence."""

    offset: int

    def children(self) -> tuple["Node", ...]:
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class Literal(Node):
    """A constant of the text. Integers beyond 64 bits are kept, and refused by the checker."""

    type: CelType
    value: object


@dataclass(frozen=True, slots=True, eq=False)
class Ident(Node):
    """A name; with ``absolute`` it was written with a leading dot."""

    name: str
    absolute: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Select(Node):
    """``operand.field``, or ``has(operand.field)`` when ``presence`` is set."""

    operand: Node
    field: str
    presence: bool = False
    quoted: bool = False

    def children(self) -> tuple[Node, ...]:
        return (self.operand,)


@dataclass(frozen=True, slots=True, eq=False)
class Call(Node):
    """``function(arguments)`` or ``target.function(arguments)``; operators have names like ``_+_``."""

    function: str
    target: Node | None
    arguments: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        return self.arguments if self.target is None else (self.target, *self.arguments)


@dataclass(frozen=True, slots=True, eq=False)
class Logic(Node):
    """A chain of ``&&`` or of ``||``, in the order of the text."""

    kind: LogicKind
    operands: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        return self.operands


@dataclass(frozen=True, slots=True, eq=False)
class Conditional(Node):
    """``condition ? yes : no``."""

    condition: Node
    yes: Node
    no: Node

    def children(self) -> tuple[Node, ...]:
        return (self.condition, self.yes, self.no)


@dataclass(frozen=True, slots=True, eq=False)
class ListNode(Node):
    elements: tuple[Node, ...]

    def children(self) -> tuple[Node, ...]:
        return self.elements


@dataclass(frozen=True, slots=True, eq=False)
class MapNode(Node):
    entries: tuple[tuple[Node, Node], ...]

    def children(self) -> tuple[Node, ...]:
        return tuple(side for entry in self.entries for side in entry)


@dataclass(frozen=True, slots=True, eq=False)
class MessageNode(Node):
    """``pkg.Type{field: value}``: it parses, but messages are outside this subset."""

    name: str
    entries: tuple[tuple[str, Node], ...]

    def children(self) -> tuple[Node, ...]:
        return tuple(value for _, value in self.entries)


@dataclass(frozen=True, slots=True, eq=False)
class Macro(Node):
    """``range.kind(variable, [predicate,] body)``; ``body`` is the predicate of all but ``map``."""

    kind: MacroKind
    range: Node
    variable: str
    body: Node
    condition: Node | None = None

    def children(self) -> tuple[Node, ...]:
        inner = (self.body,) if self.condition is None else (self.condition, self.body)
        return (self.range, *inner)


def walk(root: Node) -> Iterator[tuple[Node, int]]:
    """Every node with its depth (the root has 1), without recursion."""
    waiting = [(root, 1)]
    while waiting:
        node, depth = waiting.pop()
        yield node, depth
        waiting.extend((child, depth + 1) for child in node.children())


def macros(root: Node) -> Iterator[tuple[Macro, int]]:
    """Every macro with how deep it stands in the bodies of others (the outermost has 1)."""
    waiting: list[tuple[Node, int]] = [(root, 0)]
    while waiting:
        node, depth = waiting.pop()
        inner = node.children()
        if isinstance(node, Macro):
            yield node, depth + 1
            waiting.append((node.range, depth))
            inner, depth = inner[1:], depth + 1
        waiting.extend((child, depth) for child in inner)


def dotted(node: Node) -> str | None:
    """The qualified name that a chain of selections spells (``a.b.c``), or None."""
    parts: list[str] = []
    while isinstance(node, Select) and not node.quoted and not node.presence:
        parts.append(node.field)
        node = node.operand
    if not isinstance(node, Ident):
        return None
    return ".".join((node.name, *reversed(parts)))


def first(node: Node) -> Ident | None:
    """The name that a chain of selections begins with, or None."""
    while isinstance(node, Select):
        node = node.operand
    return node if isinstance(node, Ident) else None
