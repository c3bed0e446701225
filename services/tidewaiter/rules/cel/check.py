"""Type-checks an expression against declared names, and notes what each name and node is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import assert_never

from tidewaiter.rules.cel import syntax
from tidewaiter.rules.cel.errors import CelError, nearest
from tidewaiter.rules.cel.functions import DENOTATIONS, STANDARD, Overload
from tidewaiter.rules.cel.syntax import Node
from tidewaiter.rules.cel.types import BOOL, DYN, INT, UINT, CelType, list_of, map_of
from tidewaiter.rules.cel.unify import Unifier
from tidewaiter.rules.cel.values import INT_MAX, INT_MIN, UINT_MAX


@dataclass(frozen=True, slots=True)
class Declarations:
    """The names that an expression may use.

    ``variables`` by dotted name; ``constants`` are variables whose value is known at compilation;
    ``records`` gives the fields of each type that is not CEL's own. ``container`` is the namespace in
    which names are looked up first, from the innermost out.
    """

    variables: Mapping[str, CelType] = field(default_factory=dict)
    constants: Mapping[str, object] = field(default_factory=dict)
    records: Mapping[str, Mapping[str, CelType]] = field(default_factory=dict)
    functions: Mapping[str, tuple[Overload, ...]] = field(default_factory=lambda: STANDARD)
    container: str = ""

    def candidates(self, name: str, is_absolute: bool) -> tuple[str, ...]:
        """The full names that ``name`` may stand for, most specific first."""
        scopes = [] if is_absolute or not self.container else self.container.split(".")
        return tuple(".".join((*scopes[:depth], name)) for depth in range(len(scopes), -1, -1))


@dataclass(frozen=True, slots=True)
class Checked:
    """A tree with its meaning: the type of each node, the declared name that a node stands for.

    ``names`` has an entry for each identifier or selection chain that is a declared variable or a
    type denotation; ``functions`` for each call of a qualified function (``pkg.f(x)``).
    """

    root: Node
    source: str
    types: Mapping[Node, CelType]
    names: Mapping[Node, str]
    functions: Mapping[Node, str]

    @property
    def type(self) -> CelType:
        return self.types[self.root]


def check(root: Node, source: str, declared: Declarations) -> Checked:
    """The checked tree. Raises CelError on unknown names and on types that do not fit."""
    checker = _Checker(source, declared)
    checker.type_of(root, {})
    types = {node: checker.unifier.settled(kind) for node, kind in checker.types.items()}
    return Checked(root, source, types, checker.names, checker.functions)


class _Checker:
    def __init__(self, source: str, declared: Declarations) -> None:
        self.source = source
        self.declared = declared
        self.unifier = Unifier()
        self.types: dict[Node, CelType] = {}
        self.names: dict[Node, str] = {}
        self.functions: dict[Node, str] = {}

    def type_of(self, node: Node, local: Mapping[str, CelType]) -> CelType:
        self.types[node] = found = self._type(node, local)
        return found

    def _type(self, node: Node, local: Mapping[str, CelType]) -> CelType:
        match node:
            case syntax.Literal():
                return self._literal(node)
            case syntax.Ident():
                return self._ident(node, local)
            case syntax.Select():
                return self._select(node, local)
            case syntax.Call():
                return self._call(node, local)
            case syntax.Logic():
                return self._logic(node, local)
            case syntax.Conditional():
                return self._apply(node, "_?_:_", node.children(), local)
            case syntax.ListNode():
                return list_of(self._joined(node.elements, local))
            case syntax.MapNode():
                return self._map(node, local)
            case syntax.Macro():
                return self._macro(node, local)
            case syntax.MessageNode():
                raise self._error(node, f"there is no message type {node.name!r}")
            case _:
                assert_never(node)  # type: ignore[arg-type]

    def _error(self, node: Node, message: str, hint: str = "") -> CelError:
        return CelError(message, self.source, node.offset, hint)

    def _literal(self, node: syntax.Literal) -> CelType:
        bounds = {INT: (INT_MIN, INT_MAX), UINT: (0, UINT_MAX)}.get(node.type)
        if bounds and isinstance(node.value, int) and not bounds[0] <= node.value <= bounds[1]:
            raise self._error(node, f"{node.value} does not fit into {node.type}")
        return node.type

    def _ident(self, node: syntax.Ident, local: Mapping[str, CelType]) -> CelType:
        if not node.absolute and node.name in local:
            return local[node.name]
        found = self._declared(node, node.name, node.absolute)
        if found is None:
            hint = nearest(node.name, (*local, *self.declared.variables, *DENOTATIONS))
            raise self._error(node, f"unknown name {node.name!r}", hint)
        return found

    def _declared(self, node: Node, name: str, is_absolute: bool) -> CelType | None:
        for candidate in self.declared.candidates(name, is_absolute):
            known = self.declared.variables.get(candidate) or DENOTATIONS.get(candidate)
            if known is not None:
                self.names[node] = candidate
                return known
        return None

    def _select(self, node: syntax.Select, local: Mapping[str, CelType]) -> CelType:
        named = self._qualified(node, local)
        if named is not None:
            return BOOL if node.presence else named
        self._known_prefix(node, local)
        found = self._field(node, self.unifier.resolved(self.type_of(node.operand, local)))
        return BOOL if node.presence else found

    def _field(self, node: syntax.Select, operand: CelType) -> CelType:
        if operand.is_parameter:
            self.unifier.fits((DYN,), (operand,))
        if operand.is_parameter or operand == DYN:
            return DYN
        if operand.name == "map":
            return operand.parameters[1]
        fields = self.declared.records.get(operand.name)
        if fields is None:
            raise self._error(node, f"{operand} has no fields, so no {node.field!r}")
        if node.field not in fields:
            raise self._error(node, f"{operand} has no field {node.field!r}", nearest(node.field, fields))
        return fields[node.field]

    def _qualified(self, node: syntax.Select, local: Mapping[str, CelType]) -> CelType | None:
        """The type of the declared variable that the whole chain names, the longest name first."""
        plain = syntax.Select(node.offset, node.operand, node.field, quoted=node.quoted)
        name, first = syntax.dotted(plain), syntax.first(node)
        if name is None or first is None or (first.name in local and not first.absolute):
            return None
        return self._declared(node, name, first.absolute)

    def _known_prefix(self, node: syntax.Select, local: Mapping[str, CelType]) -> None:
        """Complains of the whole chain when its first name means nothing by itself."""
        first = syntax.first(node)
        name = syntax.dotted(syntax.Select(node.offset, node.operand, node.field))
        if name is None or first is None or first.name in local:
            return
        parts = name.split(".")
        prefixes = (".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
        if not any(self._is_declared(prefix, first.absolute) for prefix in prefixes):
            hint = nearest(name, self.declared.variables)
            raise self._error(first, f"unknown name {name!r}", hint)

    def _is_declared(self, name: str, is_absolute: bool) -> bool:
        known = (self.declared.variables, DENOTATIONS)
        return any(one in names for one in self.declared.candidates(name, is_absolute) for names in known)

    def _call(self, node: syntax.Call, local: Mapping[str, CelType]) -> CelType:
        if node.target is None:
            return self._apply(node, self._function(node.function), node.arguments, local)
        qualifier = syntax.dotted(node.target)
        qualified = self._function(f"{qualifier}.{node.function}")
        if qualifier is not None and qualified in self.declared.functions:
            self.functions[node] = qualified
            return self._apply(node, qualified, node.arguments, local)
        return self._apply(node, node.function, (node.target, *node.arguments), local)

    def _function(self, name: str) -> str:
        candidates = self.declared.candidates(name, is_absolute=False)
        return next((one for one in candidates if one in self.declared.functions), name)

    def _apply(
        self, node: Node, function: str, arguments: tuple[Node, ...], local: Mapping[str, CelType]
    ) -> CelType:
        overloads = self.declared.functions.get(function)
        if overloads is None:
            raise self._error(node, f"unknown function {function!r}", nearest(function, self._callable()))
        given = tuple(self.type_of(argument, local) for argument in arguments)
        is_method = isinstance(node, syntax.Call) and node.target is not None and node not in self.functions
        fitting = [one for one in overloads if one.is_method == is_method]
        result = self._result(fitting, given)
        if result is None:
            raise self._error(node, self._misfit(function, given))
        return result

    def _result(self, overloads: list[Overload], given: tuple[CelType, ...]) -> CelType | None:
        """The result type of the overloads that fit: that type if they agree, else ``dyn``."""
        results: list[CelType] = []
        for overload in overloads:
            names: dict[str, CelType] = {}
            wanted = tuple(self.unifier.instance(kind, names) for kind in overload.parameters)
            if self.unifier.fits(given, wanted):
                results.append(self.unifier.instance(overload.result, names))
        if not results:
            return None
        first = self.unifier.resolved(results[0])
        agreed = all(self.unifier.resolved(other) == first for other in results[1:])
        return results[0] if agreed else DYN

    def _callable(self) -> list[str]:
        return [name for name in self.declared.functions if name[:1].isalpha()]

    def _misfit(self, function: str, given: tuple[CelType, ...]) -> str:
        kinds = ", ".join(str(self.unifier.settled(kind)) for kind in given)
        if function == "_?_:_":
            return f"'?:' needs a bool and two values of one type, not ({kinds})"
        return f"{function.strip('_@')!r} does not apply to ({kinds})"

    def _logic(self, node: syntax.Logic, local: Mapping[str, CelType]) -> CelType:
        for operand in node.operands:
            self._boolean(operand, local, node.kind)
        return BOOL

    def _boolean(self, node: Node, local: Mapping[str, CelType], what: str) -> None:
        found = self.type_of(node, local)
        if not self.unifier.fits((found,), (BOOL,)):
            raise self._error(node, f"{what!r} needs a bool here, not {self.unifier.settled(found)}")

    def _joined(self, nodes: tuple[Node, ...], local: Mapping[str, CelType]) -> CelType:
        kinds = [self.type_of(node, local) for node in nodes]
        if not kinds:
            return self.unifier.fresh()
        joined = kinds[0]
        for kind in kinds[1:]:
            joined = self.unifier.joined(joined, kind)
        return joined

    def _map(self, node: syntax.MapNode, local: Mapping[str, CelType]) -> CelType:
        keys = self._joined(tuple(key for key, _ in node.entries), local)
        return map_of(keys, self._joined(tuple(value for _, value in node.entries), local))

    def _macro(self, node: syntax.Macro, local: Mapping[str, CelType]) -> CelType:
        element = self._element(node, self.type_of(node.range, local))
        inner = {**local, node.variable: element}
        if node.condition is not None:
            self._boolean(node.condition, inner, node.kind)
        if node.kind == "map":
            return list_of(self.type_of(node.body, inner))
        self._boolean(node.body, inner, node.kind)
        return list_of(element) if node.kind == "filter" else BOOL

    def _element(self, node: syntax.Macro, ranged: CelType) -> CelType:
        known = self.unifier.resolved(ranged)
        if known.is_parameter:
            self.unifier.fits((DYN,), (known,))
        if known == DYN or known.is_parameter:
            return DYN
        if known.name not in ("list", "map"):
            raise self._error(node, f"{node.kind}() ranges over a list or a map, not {known}")
        return known.parameters[0]
