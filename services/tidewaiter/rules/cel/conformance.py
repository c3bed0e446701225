"""Runs the conformance tests of the language (google/cel-spec, tests/simple/testdata/*.textproto)."""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass, fields, replace
from types import SimpleNamespace
from typing import Any, Final, Literal

from tidewaiter.rules.cel import syntax
from tidewaiter.rules.cel.check import Checked, Declarations, check
from tidewaiter.rules.cel.conformance_values import (
    PROTOBUF,
    OutsideSubsetError,
    overloads_from,
    same,
    type_from,
    value_from,
)
from tidewaiter.rules.cel.errors import CelError, EvaluationError
from tidewaiter.rules.cel.functions import DENOTATIONS, STANDARD
from tidewaiter.rules.cel.parse import Limits, parse
from tidewaiter.rules.cel.program import compiled
from tidewaiter.rules.cel.syntax import Node
from tidewaiter.rules.cel.textproto import Message, TextprotoError, read_textproto
from tidewaiter.rules.cel.types import DYN
from tidewaiter.rules.cel.unchecked import resolved
from tidewaiter.rules.cel.unknown import UNKNOWN, UnknownFact

Kind = Literal["passed", "failed", "out_of_subset"]

# The tests go to the sizes that the specification asks every implementation for.
_LIMITS: Final = Limits(characters=100_000, depth=150, nodes=10_000, macros=32)
_OPTIONAL_SYNTAX: Final = re.compile(r"\.\s*\?|[\[{,]\s*\?")
_BINDING_MACRO: Final = re.compile(r"\bcel\s*\.\s*@?(?:bind|block|iterVar|accuVar)\b")
_NAMESPACES: Final = {
    "base64": "encoders", "cel": "bindings", "math": "math", "net": "network", "optional": "optional values",
    "proto": "proto", "sets": "sets", "strings": "strings", "lists": "lists", "regex": "regex",
}  # fmt: skip
_STRINGS: Final = """
charAt format indexOf join lastIndexOf quote replace reverse split substring trim
"""
_NETWORK: Final = """
ip cidr isIP isCIDR containsIP containsCIDR family isCanonical isUnspecified isLoopback isGlobalUnicast
isLinkLocalUnicast isLinkLocalMulticast masked prefixLength
"""
_OPTIONAL: Final = """
hasValue value orValue or optMap optFlatMap first last
"""
_TWO_VARIABLES: Final = """
transformList transformMap transformMapEntry
"""
_LISTS: Final = """
distinct flatten range slice sort sortBy
"""
_FUNCTIONS: Final = {
    name: extension
    for names, extension in (
        (_STRINGS, "strings"),
        (_NETWORK, "network"),
        (_OPTIONAL, "optional values"),
        (_TWO_VARIABLES, "two-variable comprehensions"),
        (_LISTS, "lists"),
    )
    for name in names.split()
}
_NO_VALUE: Final = {"unknown", "error"}
_ONE_VARIABLE: Final = ("all", "exists", "exists_one", "existsOne")


@dataclass(frozen=True, slots=True)
class Result:
    """One test: its name in its sections, the expression, and why it failed or is out of the subset."""

    name: str
    expr: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """The results of one file."""

    file: str
    passed: tuple[Result, ...]
    failed: tuple[Result, ...]
    outside: tuple[Result, ...]

    def results(self) -> Iterator[tuple[Kind, Result]]:
        yield from (("passed", one) for one in self.passed)
        yield from (("failed", one) for one in self.failed)
        yield from (("out_of_subset", one) for one in self.outside)


class _Failed(Exception):
    """What came out otherwise than the test says."""


def run_suite(text: str, file: str) -> Suite:
    """Runs every test of a file. Raises TextprotoError if it is none; a suite with a name may be empty."""
    read = read_textproto(text)
    results = [(_run(test), name, test.text("expr")) for name, test in _tests(read, "")]
    if not results and not read.text("name"):
        raise TextprotoError("found no test, expected a test file of google/cel-spec")
    by_kind: dict[str, list[Result]] = {"passed": [], "failed": [], "out_of_subset": []}
    for (kind, reason), name, expr in results:
        by_kind[kind].append(Result(name, expr, reason))
    return Suite(file, *(tuple(by_kind[kind]) for kind in ("passed", "failed", "out_of_subset")))


def _tests(message: Message, path: str) -> Iterator[tuple[str, Message]]:
    for section in message.all("section"):
        name = f"{path}{section.text('name')}/"
        yield from ((name + test.text("name"), test) for test in section.all("test"))
        yield from _tests(section, name)


def _run(test: Message) -> tuple[Kind, str]:
    try:
        _check_one(test)
    except OutsideSubsetError as outside:
        return "out_of_subset", str(outside)
    except _Failed as failed:
        return "failed", str(failed)
    return "passed", ""


def _check_one(test: Message) -> None:
    source = test.text("expr")
    declared = _declared(test)
    try:
        tree = _parsed(source)
        tree = _without_macros(tree) if test.flag("disable_macros") else tree
        _inside(tree, declared)
        checked = _checked(test, tree, source, declared)
    except CelError as error:
        if "eval_error" not in test:
            raise _Failed(f"refused: {error}") from None
        return
    _expect_type(test, checked)
    if not test.flag("check_only"):
        _expect_value(test, checked, declared)


def _parsed(source: str) -> Node:
    try:
        return parse(source, _LIMITS)
    except CelError:
        if _OPTIONAL_SYNTAX.search(source):
            raise OutsideSubsetError("needs an extension: optional values") from None
        if _BINDING_MACRO.search(source):
            raise OutsideSubsetError("needs an extension: bindings") from None
        raise


def _without_macros(node: Any) -> Any:
    """The tree with each macro as the call that it is written as."""
    if isinstance(node, tuple):
        return tuple(map(_without_macros, node))
    if not isinstance(node, Node) or isinstance(node, syntax.Literal):
        return node
    inner = {one.name: _without_macros(getattr(node, one.name)) for one in fields(node)}
    plain = replace(node, **inner)
    if isinstance(plain, syntax.Macro):
        variable = syntax.Ident(plain.offset, plain.variable)
        given = (variable, *((plain.condition,) if plain.condition else ()), plain.body)
        return syntax.Call(plain.offset, plain.kind, plain.range, given)
    if isinstance(plain, syntax.Select) and plain.presence:
        return syntax.Call(plain.offset, "has", None, (replace(plain, presence=False),))
    return plain


def _checked(test: Message, tree: Node, source: str, declared: Declarations) -> Checked:
    if test.flag("disable_check"):
        return resolved(tree, source, declared)
    return check(tree, source, declared)


def _declared(test: Message) -> Declarations:
    idents = {one.text("name"): one.message("ident") for one in test.all("type_env") if "ident" in one}
    functions = {
        one.text("name"): one.message("function") for one in test.all("type_env") if "function" in one
    }
    variables = {one.text("key"): DYN for one in test.all("bindings")}
    variables |= {name: type_from(ident.message("type")) for name, ident in idents.items()}
    overloads = {name: overloads_from(function) for name, function in functions.items()}
    return Declarations(variables, functions={**STANDARD, **overloads}, container=test.text("container"))


def _expect_type(test: Message, checked: Checked) -> None:
    expected = test.message("typed_result")
    if "deduced_type" in expected and (wanted := type_from(expected.message("deduced_type"))) != checked.type:
        raise _Failed(f"expected type {wanted}, found {checked.type}")


def _expect_value(test: Message, checked: Checked, declared: Declarations) -> None:
    is_error = "eval_error" in test or "any_eval_errors" in test
    is_unknown = "unknown" in test or "any_unknowns" in test
    bindings = dict.fromkeys(declared.variables, UNKNOWN) | dict(_bindings(test))
    facts = SimpleNamespace(**{name.replace(".", "__"): value for name, value in bindings.items()})
    unsure = frozenset(name for name, value in bindings.items() if value is UNKNOWN)
    try:
        found = compiled(checked, declared, unsure).value(facts)
    except SyntaxError:  # of 200 brackets in one another, which no rule may have
        raise _Failed("nested deeper than Python compiles") from None
    except UnknownFact:
        if not (is_error or is_unknown):
            raise _Failed(f"expected {_wanted(test)!r}, found a variable without a value") from None
        return
    except EvaluationError as error:
        if not is_error:
            raise _Failed(f"expected {_wanted(test)!r}, found the error {error}") from None
        return
    if is_error or is_unknown:
        raise _Failed(f"expected {'an error' if is_error else 'no value'}, found {found!r}")
    if not same(found, _wanted(test)):
        raise _Failed(f"expected {_wanted(test)!r}, found {found!r}")


def _bindings(test: Message) -> Iterator[tuple[str, Any]]:
    """What variables are bound to, and the constants among them. An error is no value either."""
    for one in test.all("type_env"):
        if "value" in (ident := one.message("ident")):
            yield one.text("name"), value_from(ident.message("value"))
    for one in test.all("bindings"):
        bound = one.message("value")
        has_value = not bound.fields.keys() & _NO_VALUE
        yield one.text("key"), value_from(bound.message("value")) if has_value else UNKNOWN


def _wanted(test: Message) -> Any:
    if "value" in test:
        return value_from(test.message("value"))
    if "typed_result" in test:
        return value_from(test.message("typed_result").message("result"))
    return True


def _inside(tree: Node, declared: Declarations) -> None:
    """Raises OutsideSubsetError for what needs messages or an extension of the language."""
    nodes = [node for node, _ in syntax.walk(tree)]
    known = {node.variable for node in nodes if isinstance(node, syntax.Macro)}
    denoted = {syntax.first(node) for node in nodes if syntax.dotted(node) in DENOTATIONS}
    for node in nodes:
        if isinstance(node, syntax.MessageNode):
            raise OutsideSubsetError(PROTOBUF)
        if isinstance(node, syntax.Call):
            _inside_call(node, {*declared.variables, *known}, declared.functions)
        if isinstance(node, syntax.Ident) and node.name not in known and node not in denoted:
            _inside_name(node, declared)


def _inside_call(node: syntax.Call, variables: Container[str], functions: Container[str]) -> None:
    qualifier = "" if node.target is None else (syntax.dotted(node.target) or "").split(".")[0]
    namespace = "" if qualifier in variables else _NAMESPACES.get(qualifier, "")
    if node.function in functions and not namespace:
        return
    extension = namespace or _FUNCTIONS.get(node.function)
    if node.target is not None and node.function in _ONE_VARIABLE and len(node.arguments) == 3:
        extension = "two-variable comprehensions"
    if extension:
        raise OutsideSubsetError(f"needs an extension: {extension}")
    if node.target is None and node.function[:1].isupper():
        raise OutsideSubsetError(PROTOBUF)


def _inside_name(node: syntax.Ident, declared: Declarations) -> None:
    """A capital letter begins the name of a message or an enum; so does the package of one."""
    heads = {name.split(".")[0] for name in (*declared.variables, *declared.functions)}
    is_proto = node.name[:1].isupper() or node.name in ("google", "cel")
    if is_proto and node.name not in heads:
        raise OutsideSubsetError(PROTOBUF)
