"""Writes a checked expression as Python source in which every operator goes by the exact run time."""

import keyword
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, assert_never

from tidewaiter.rules.cel import absorb, clock, conversions, runtime, syntax, text
from tidewaiter.rules.cel.check import Checked, Declarations
from tidewaiter.rules.cel.functions import DENOTATIONS
from tidewaiter.rules.cel.syntax import Node
from tidewaiter.rules.cel.types import CelType
from tidewaiter.rules.cel.unknown import UNKNOWN
from tidewaiter.rules.cel.values import TypeName

FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "_+_": runtime.add,
    "_-_": runtime.subtract,
    "_*_": runtime.multiply,
    "_/_": runtime.divide,
    "_%_": runtime.modulo,
    "-_": runtime.negative,
    "!_": runtime.negated,
    "_==_": runtime.equal,
    "_!=_": runtime.unequal,
    "_<_": runtime.less,
    "_<=_": runtime.at_most,
    "_>_": runtime.more,
    "_>=_": runtime.at_least,
    "_[_]": runtime.index,
    "@in": runtime.contained,
    "size": runtime.size,
    "contains": text.contains,
    "startsWith": text.starts_with,
    "endsWith": text.ends_with,
    "matches": text.matches,
    "lowerAscii": text.lower_ascii,
    "upperAscii": text.upper_ascii,
    "bool": conversions.to_bool,
    "bytes": conversions.to_bytes,
    "double": conversions.to_double,
    "duration": conversions.to_duration,
    "dyn": runtime.known,
    "int": conversions.to_int,
    "string": conversions.to_string,
    "timestamp": conversions.to_timestamp,
    "type": conversions.type_name,
    "uint": conversions.to_uint,
    **clock.GETTERS,
}

_NAMED = (
    absorb.every, absorb.some, absorb.exists, absorb.for_all, absorb.exists_one, absorb.filtered,
    absorb.mapped, runtime.known, runtime.truth, runtime.undeclared, runtime.select, runtime.has,
    runtime.given, runtime.make_map, runtime.elements, runtime.in_int,
)  # fmt: skip
_MACROS = {
    "exists": "exists", "all": "for_all", "exists_one": "exists_one", "filter": "filtered", "map": "mapped",
}  # fmt: skip


@dataclass
class Module:
    """The names that generated source refers to: the run time, and constants as they come up."""

    names: dict[str, Any] = field(
        default_factory=lambda: {"UNKNOWN": UNKNOWN} | {one.__name__: one for one in _NAMED}
    )

    def constant(self, value: Any) -> str:
        name = f"K{len(self.names)}"
        self.names[name] = value
        return name

    def function(self, name: str) -> str:
        """The Python name under which a function of the language is to be called."""
        alias = f"F{sorted(FUNCTIONS).index(name)}"
        self.names[alias] = FUNCTIONS[name]
        return alias


class Emitter:
    """Source of one expression. ``f`` is the facts; ``unsure`` are the variables that may be UNKNOWN."""

    def __init__(
        self, checked: Checked, declared: Declarations, unsure: frozenset[str], module: Module | None = None
    ) -> None:
        self.checked = checked
        self.declared = declared
        self.unsure = unsure
        self.module = module or Module()
        self.local: dict[str, str] = {}
        self.reads: dict[str, None] = {}
        self.depth = 0
        self._macros = 0

    def source(self) -> str:
        """The expression as Python; evaluating it gives the value or raises."""
        return self.value(self.checked.root)

    def kind(self, node: Node) -> CelType:
        return self.checked.types[node]

    def value(self, node: Node) -> str:
        """Python for the value of ``node``, never UNKNOWN."""
        match node:
            case syntax.Literal():
                return self.literal(node.value)
            case syntax.Ident():
                return self._ident(node)
            case syntax.Select():
                return self._named_select(node)
            case syntax.Call():
                return self.call(node)
            case syntax.Logic():
                return self.logic(node)
            case syntax.Conditional():
                return self.conditional(node)
            case syntax.ListNode():
                return self._tuple(self.value(element) for element in node.elements)
            case syntax.MapNode():
                return f"make_map({self._tuple(map(self._pair, node.entries))})"
            case syntax.Macro():
                return self.macro(node)
            case _:
                assert_never(node)  # type: ignore[arg-type]

    def literal(self, value: object) -> str:
        """A constant, in place where Python writes it the same, else by name."""
        is_plain = value is None or type(value) in (bool, int, str)
        if is_plain or (type(value) is float and math.isfinite(value)):
            written = repr(value)
            return f"({written})" if written.startswith("-") else written
        return self.module.constant(value)

    def _ident(self, node: syntax.Ident) -> str:
        if node in self.checked.names:
            return self._declared(self.checked.names[node])
        if node.name in self.local and not node.absolute:
            return self.local[node.name]
        return f"undeclared({node.name!r})"

    def _declared(self, name: str) -> str:
        if name in self.declared.constants:
            return self.literal(self.declared.constants[name])
        if name not in self.declared.variables and name in DENOTATIONS:
            return self.module.constant(TypeName(name))
        return self.variable(name)

    def variable(self, name: str) -> str:
        """The value of a declared variable; raises where it is UNKNOWN."""
        read = self.attribute(name)
        return f"known({read})" if name in self.unsure else read

    def attribute(self, name: str) -> str:
        """Reads the attribute of the facts that holds the variable, and notes that it is read."""
        self.reads[name] = None
        plain = name.replace(".", "__")
        return f"getattr(f, {plain!r})" if keyword.iskeyword(plain) else f"f.{plain}"

    def _named_select(self, node: syntax.Select) -> str:
        if node not in self.checked.names:
            return self.select(node)
        read = self._declared(self.checked.names[node])
        return f"given({read})" if node.presence else read

    def select(self, node: syntax.Select) -> str:
        function = "has" if node.presence else "select"
        return f"{function}({self.value(node.operand)}, {node.field!r})"

    def call(self, node: syntax.Call) -> str:
        name = self.checked.functions.get(node, node.function)
        arguments = node.arguments if node in self.checked.functions else node.children()
        if name not in FUNCTIONS:
            return f"undeclared({name!r})"
        return self.applied(name, arguments)

    def applied(self, name: str, arguments: tuple[Node, ...]) -> str:
        """A call of the exact run-time function."""
        return f"{self.module.function(name)}({', '.join(map(self.value, arguments))})"

    def logic(self, node: syntax.Logic) -> str:
        function = "every" if node.kind == "&&" else "some"
        return f"{function}({', '.join(f'lambda: {self._operand(operand)}' for operand in node.operands)})"

    def _operand(self, node: Node) -> str:
        """Python for an operand that is told to be UNKNOWN where that can be seen beforehand.

        What has neither logic nor macros in it needs all its facts. Raising and catching for each of them
        took 10 us a rule while a source was away.
        """
        nodes = [one for one, _ in syntax.walk(node)]
        names = {self.checked.names.get(one, "") for one in nodes} & self.unsure
        if not names or any(
            isinstance(one, (syntax.Logic, syntax.Conditional, syntax.Macro)) for one in nodes
        ):
            return self.value(node)
        tests = " or ".join(f"{self.attribute(name)} is UNKNOWN" for name in sorted(names))
        return f"(UNKNOWN if {tests} else {self.value(node)})"

    def conditional(self, node: syntax.Conditional) -> str:
        condition = f"truth({self.value(node.condition)})"
        return f"({self.value(node.yes)} if {condition} else {self.value(node.no)})"

    def macro(self, node: syntax.Macro) -> str:
        range_ = self.value(node.range)
        with Bound(self, node.variable) as name:
            inner = [f"lambda {name}: {self.value(node.body)}"]
            if node.condition is not None:
                inner.append(f"lambda {name}: {self.value(node.condition)}")
        return f"{_MACROS[node.kind]}({', '.join((range_, *inner))})"

    def _pair(self, entry: tuple[Node, Node]) -> str:
        return f"({self.value(entry[0])}, {self.value(entry[1])})"

    @staticmethod
    def _tuple(items: Any) -> str:
        return "(" + "".join(f"{item}, " for item in items) + ")"

    def bound_name(self) -> str:
        self._macros += 1
        return f"v{self._macros}"


class Bound:
    """A macro's variable, in scope while its body is written."""

    def __init__(self, emitter: Emitter, variable: str) -> None:
        self._emitter = emitter
        self._variable = variable
        self._outer = emitter.local

    def __enter__(self) -> str:
        name = self._emitter.bound_name()
        self._emitter.local = {**self._outer, self._variable: name}
        self._emitter.depth += 1
        return name

    def __exit__(self, *_raised: object) -> None:
        self._emitter.local = self._outer
        self._emitter.depth -= 1
