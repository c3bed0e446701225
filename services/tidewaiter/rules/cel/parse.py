"""From the text of an expression to its syntax tree, within limits that keep every rule cheap."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import cast

from lark import Lark, Token, Transformer, UnexpectedInput, v_args
from lark.exceptions import VisitError

from tidewaiter.rules.cel import literals, syntax
from tidewaiter.rules.cel.errors import CelError
from tidewaiter.rules.cel.grammar import GRAMMAR, RESERVED
from tidewaiter.rules.cel.syntax import Node
from tidewaiter.rules.cel.types import BOOL, NULL, CelType

_KEYWORDS: dict[str, tuple[CelType, object]] = {
    "TRUE": (BOOL, True),
    "FALSE": (BOOL, False),
    "NULL": (NULL, None),
}
# Words of the language itself, which not even a field may have for its name unquoted.
_OPERATING = ("true", "false", "null", "in")
_MACROS = {"exists": (2,), "all": (2,), "exists_one": (2,), "existsOne": (2,), "filter": (2,), "map": (2, 3)}
_OPERATORS = {"in": "@in"}
# How the language writes what other languages write so.
_WRITTEN = {
    "=": "equality is written ==",
    "and": "that is written &&",
    "or": "that is written ||",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """The largest expression that is accepted: characters of text, levels of nesting, nodes of the tree.

    A rule of the catalogue has 20 to 60 nodes and at most 10 levels; the compiled Python of a deeper
    tree would meet CPython's own limit of 200 nested parentheses. ``macros`` may be nested in one
    another so deep: two over a parcel of 999 items are a million steps, 0.1 s; three would stall the stream.
    """

    characters: int = 8_192
    depth: int = 60
    nodes: int = 1_500
    macros: int = 2


class _Misplaced(Exception):
    """What the grammar allows but the language does not, at an offset."""

    def __init__(self, offset: int, message: str) -> None:
        super().__init__(message)
        self.offset = offset


def parse(source: str, limits: Limits = Limits()) -> Node:
    """The syntax tree of ``source``. Raises CelError where it is not an expression or too large."""
    if len(source) > limits.characters:
        message = f"the expression has {len(source)} characters, more than {limits.characters}"
        raise CelError(message, source, limits.characters)
    try:
        root = cast(Node, _parser().parse(source))
    except UnexpectedInput as error:
        raise _unexpected(error, source) from None
    except _Misplaced as error:
        raise CelError(str(error), source, error.offset) from None
    except VisitError as error:
        raise _visited(error, source) from None
    _bounded(root, source, limits)
    return root


@cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", transformer=_Builder())


def _bounded(root: Node, source: str, limits: Limits) -> None:
    for count, (node, depth) in enumerate(syntax.walk(root), 1):
        if depth > limits.depth:
            raise CelError(f"nested deeper than {limits.depth} levels", source, node.offset)
        if count > limits.nodes:
            raise CelError(f"more than {limits.nodes} operations", source, node.offset)
    for node, depth in syntax.macros(root):
        if depth > limits.macros:
            raise CelError(f"macros nested deeper than {limits.macros}", source, node.offset)


def _unexpected(error: UnexpectedInput, source: str) -> CelError:
    offset = error.pos_in_stream if error.pos_in_stream is not None else len(source)
    token = getattr(error, "token", None)
    if token is not None and token.type == "$END":
        return CelError("the expression ends too early", source, len(source.rstrip()))
    found = str(token) if token is not None else source[offset : offset + 1]
    if found in ("'", '"'):
        return CelError("this string is not closed", source, offset)
    return CelError(f"unexpected {found!r}", source, offset, _WRITTEN.get(found, ""))


def _visited(error: VisitError, source: str) -> CelError:
    if isinstance(error.orig_exc, _Misplaced):
        return CelError(str(error.orig_exc), source, error.orig_exc.offset)
    raise error.orig_exc


def _checked_name(token: Token) -> str:
    if token in RESERVED or token in _OPERATING:
        raise _Misplaced(_at(token), f"{str(token)!r} is a reserved word")
    return str(token)


def _at(token: Token) -> int:
    return token.start_pos or 0


def _field(token: Token) -> str:
    if token in _OPERATING:
        raise _Misplaced(_at(token), f"{str(token)!r} is a reserved word")
    return token[1:-1] if token.type == "QUOTED" else str(token)


@v_args(inline=True)
class _Builder(Transformer[Token, Node]):
    """Makes the nodes as the parser reduces, so that no depth of text can exhaust the stack."""

    def literal(self, token: Token) -> Node:
        try:
            kind, value = _literal(token)
        except (ValueError, OverflowError) as error:
            raise _Misplaced(_at(token), str(error)) from None
        return syntax.Literal(_at(token), kind, value)

    def ident(self, token: Token) -> Node:
        return syntax.Ident(_at(token), _checked_name(token))

    def rooted(self, token: Token) -> Node:
        return syntax.Ident(_at(token), _checked_name(token), absolute=True)

    def group(self, node: Node) -> Node:
        return node

    def exprs(self, *nodes: Node) -> tuple[Node, ...]:
        return nodes

    elements = entries = fields = exprs

    def entry(self, key: Node, value: Node) -> tuple[Node, Node]:
        return key, value

    def field(self, name: Token, value: Node) -> tuple[str, Node]:
        return _field(name), value

    def list(self, bracket: Token, elements: tuple[Node, ...] | None) -> Node:
        return syntax.ListNode(_at(bracket), elements or ())

    def map(self, brace: Token, entries: tuple[tuple[Node, Node], ...] | None) -> Node:
        return syntax.MapNode(_at(brace), entries or ())

    def message(self, name: Node, brace: Token, fields: tuple[tuple[str, Node], ...] | None) -> Node:
        qualified = syntax.dotted(name)
        if qualified is None:
            raise _Misplaced(_at(brace), "unexpected '{'")
        return syntax.MessageNode(name.offset, qualified, fields or ())

    def select(self, operand: Node, name: Token) -> Node:
        return syntax.Select(_at(name), operand, _field(name), quoted=name.type == "QUOTED")

    def index(self, operand: Node, bracket: Token, key: Node) -> Node:
        return syntax.Call(_at(bracket), "_[_]", None, (operand, key))

    def binary(self, left: Node, operator: Token, right: Node) -> Node:
        name = _OPERATORS.get(operator, f"_{operator}_")
        return syntax.Call(_at(operator), name, None, (left, right))

    def disjunction(self, *operands: Node) -> Node:
        return _logic("||", operands)

    def conjunction(self, *operands: Node) -> Node:
        return _logic("&&", operands)

    def conditional(self, condition: Node, yes: Node, no: Node) -> Node:
        return syntax.Conditional(condition.offset, condition, yes, no)

    def negation(self, *parts: Token | Node) -> Node:
        return _repeated("!_", parts)

    def minus(self, *parts: Token | Node) -> Node:
        *signs, operand = parts
        if isinstance(operand, syntax.Literal) and literals.takes_sign(operand.type, operand.value):
            negated = syntax.Literal(operand.offset, operand.type, -cast(int, operand.value))
            parts = (*signs[:-1], negated)
        return _repeated("-_", parts)

    def function(self, token: Token, arguments: tuple[Node, ...] | None) -> Node:
        name, given = _checked_name(token), arguments or ()
        if name == "has":
            return _has(token, given)
        return syntax.Call(_at(token), name, None, given)

    def method(self, target: Node, token: Token, arguments: tuple[Node, ...] | None) -> Node:
        given = arguments or ()
        if len(given) in _MACROS.get(token, ()):
            return _macro(token, target, given)
        return syntax.Call(_at(token), str(token), target, given)


def _literal(token: Token) -> tuple[CelType, object]:
    if token.type in _KEYWORDS:
        return _KEYWORDS[token.type]
    readers: dict[str, Callable[[str], tuple[CelType, object]]]
    readers = {"STRING": literals.string, "BYTES": literals.byte_string}
    return readers[token.type](token) if token.type in readers else literals.number(token.type, token)


def _logic(kind: syntax.LogicKind, operands: tuple[Node, ...]) -> Node:
    return syntax.Logic(operands[0].offset, kind, operands)


def _repeated(function: str, parts: tuple[Token | Node, ...]) -> Node:
    node = cast(Node, parts[-1])
    for sign in reversed(cast(tuple[Token, ...], parts[:-1])):
        node = syntax.Call(_at(sign), function, None, (node,))
    return node


def _has(token: Token, arguments: tuple[Node, ...]) -> Node:
    selection = arguments[0] if len(arguments) == 1 else None
    if not isinstance(selection, syntax.Select) or selection.presence:
        raise _Misplaced(_at(token), "has() takes one field selection, as in has(consignee.phone)")
    return syntax.Select(selection.offset, selection.operand, selection.field, True, selection.quoted)


def _macro(token: Token, target: Node, arguments: tuple[Node, ...]) -> Node:
    variable, *inner = arguments
    if not isinstance(variable, syntax.Ident) or variable.absolute:
        raise _Misplaced(variable.offset, f"the first argument of {token}() must be a simple name")
    kind = cast(syntax.MacroKind, {"existsOne": "exists_one"}.get(token, str(token)))
    condition = inner[0] if len(inner) == 2 else None
    return syntax.Macro(_at(token), kind, target, variable.name, inner[-1], condition)
