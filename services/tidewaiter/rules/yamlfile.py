"""YAML read so that every complaint can name the file, the line, the field, what was found and expected."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

import yaml
from yaml.constructor import SafeConstructor

from tidewaiter.rules.cel.errors import CelError, nearest
from tidewaiter.rules.errors import Place, RuleError

MAX_CHARACTERS = 2_000_000
# The deepest of the files shipped has 10 levels; at some hundred a reader in Python runs out of its stack.
MAX_LEVELS: Final = 32
# A number of 64 bits has 20 digits; YAML's 1:30:00 of a million parts takes minutes to work out.
_LONGEST_NUMBER: Final = 40

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBERS: Final = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Entry:
    """A value in a YAML file, with its place and the name of the field that holds it."""

    node: yaml.Node
    file: str
    name: str
    lines: tuple[str, ...]

    @property
    def place(self) -> Place:
        return _at(self.file, self.node.start_mark)

    def error(self, message: str) -> RuleError:
        return RuleError(message, self.place)

    def expected(self, what: str) -> RuleError:
        found = " ".join(str(self.value()).split())
        shown = found if len(found) <= 60 else f"{found[:57]}..."
        return self.error(f"{self.name}: found {shown!r}, expected {what}")

    def value(self) -> object:
        """The plain value, nested ones included."""
        try:
            return SafeConstructor().construct_document(self.node)
        except (yaml.YAMLError, ValueError) as error:
            raise self.error(f"{self.name}: {' '.join(str(error).split())}") from None

    def fields(self, required: Iterable[str], optional: Iterable[str] = ()) -> Mapping[str, "Entry"]:
        """The entries of a mapping that has all required keys, and none besides but optional ones."""
        known = (*required, *optional)
        found = self.entries()
        for name, entry in found.items():
            if name not in known:
                hint = nearest(name, known) or f"known are {', '.join(known)}"
                raise entry.error(f"unknown field {name!r}; {hint}")
        missing = [name for name in required if name not in found]
        if missing:
            raise self.error(f"{self.name}: the field {missing[0]!r} is missing")
        return found

    def entries(self) -> dict[str, "Entry"]:
        """The entries of a mapping with keys of text."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.expected("a mapping of fields")
        found: dict[str, Entry] = {}
        for key, value in self.node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise Entry(key, self.file, "key", self.lines).expected("a name")
            name = str(key.value)
            entry = Entry(value, self.file, name, self.lines)
            if name in found:
                raise entry.error(f"the field {name!r} is there twice")
            found[name] = entry
        return found

    def items(self) -> Sequence["Entry"]:
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.expected("a list")
        return [Entry(node, self.file, self.name, self.lines) for node in self.node.value]

    def text(self, most: int = MAX_CHARACTERS) -> str:
        found = self.value()
        if not isinstance(found, str) or not found.strip():
            raise self.expected("text (quote it, if it looks like a number, a date or yes/no)")
        if len(found) > most:
            raise self.error(f"{self.name}: {len(found)} characters, expected at most {most}")
        return found

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.items())

    def integer(self, least: int, most: int) -> int:
        found = self.value()
        if type(found) is not int or not least <= found <= most:
            raise self.expected(f"a whole number from {least} to {most}")
        return found

    def flag(self) -> bool:
        found = self.value()
        if not isinstance(found, bool):
            raise self.expected("true or false")
        return found

    def date(self) -> date:
        found = self.value()
        if type(found) is not date:
            raise self.expected("a date like 2026-01-31")
        return found

    def choice(self, known: Sequence[_T]) -> _T:
        found = self.value()
        for one in known:
            if found == one and type(found) is type(one):
                return one
        raise self.expected(f"one of {', '.join(map(str, known))}")

    def expression_error(self, error: CelError) -> RuleError:
        """An error in an expression that stands here, at its place in the file."""
        return RuleError(_message(error), self._place_in(error), error.text, error.column)

    def _place_in(self, error: CelError) -> Place:
        start, style = self.node.start_mark, getattr(self.node, "style", None)
        if style in ("|", ">"):
            return Place(self.file, *_in_block(self.node, self.lines, error))
        column = error.column + (1 if style in ("'", '"') else 0)
        is_first = error.line == 1
        return Place(self.file, start.line + error.line, column + (start.column if is_first else 0))


def read(text: str, file: str) -> Entry:
    """The root of a YAML file. Raises RuleError if it is none, empty, too large or deep, or has aliases."""
    if len(text) > MAX_CHARACTERS:
        raise RuleError(f"{len(text)} characters, more than {MAX_CHARACTERS}", Place(file))
    try:
        _refuse_aliases_and_depth(yaml.parse(text, Loader=_Loader), file)
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(error, file) from None
    except yaml.YAMLError as error:
        raise RuleError(f"not YAML: {' '.join(str(error).split())}", Place(file)) from None
    if root is None:
        raise RuleError("the file is empty", Place(file))
    _refuse_long_numbers(root, file)
    return Entry(root, file, file, tuple(text.split("\n")))


def _refuse_aliases_and_depth(events: Iterable[yaml.Event], file: str) -> None:
    """Before anything is made of them: nodes of nodes are walked by recursion."""
    levels = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            raise RuleError("aliases (*name) are not allowed", _at(file, event.start_mark))
        levels += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if levels > MAX_LEVELS:
            raise RuleError(f"nested deeper than {MAX_LEVELS} levels", _at(file, event.start_mark))


def _refuse_long_numbers(root: yaml.Node, file: str) -> None:
    for node in _nodes(root):
        is_number = isinstance(node, yaml.ScalarNode) and node.tag in _NUMBERS
        if is_number and len(node.value) > _LONGEST_NUMBER:
            found = f"a number of {len(node.value)} characters"
            raise RuleError(f"found {found}, expected at most {_LONGEST_NUMBER}", _at(file, node.start_mark))


def _nodes(root: yaml.Node) -> Iterator[yaml.Node]:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, yaml.SequenceNode):
            waiting.extend(node.value)
        elif isinstance(node, yaml.MappingNode):
            waiting.extend(side for pair in node.value for side in pair)


def _not_yaml(error: yaml.MarkedYAMLError, file: str) -> RuleError:
    mark = error.problem_mark or error.context_mark
    return RuleError(f"not YAML: {error.problem or error.context}", _at(file, mark))


def _at(file: str, mark: Any) -> Place:
    """The place of a mark of either reader, Python's or C's; of the file where there is none."""
    return Place(file, mark.line + 1, mark.column + 1) if mark else Place(file)


def _message(error: CelError) -> str:
    return f"{error.message}; {error.hint}" if error.hint else error.message


def _in_block(node: yaml.Node, text: Sequence[str], error: CelError) -> tuple[int, int]:
    """Line and column in the file of an error in a block of text (``|`` or ``>``)."""
    lines = text[node.start_mark.line + 1 : node.end_mark.line + 1]
    left = error.column - 1
    skipped = error.line - 1 if getattr(node, "style", "") == "|" else 0
    for number, line in enumerate(lines[skipped:], node.start_mark.line + 2 + skipped):
        content = line.strip()
        if left <= len(content):
            return number, left + len(line) - len(line.lstrip()) + 1
        left -= len(content) + 1
    return node.start_mark.line + 1, 0
