"""What is wrong with an expression, and where: the errors of loading and those of evaluating."""

import difflib
from collections.abc import Iterable


class CelError(ValueError):
    """An expression that cannot be used: line and column (from 1), the text with a caret, a hint."""

    def __init__(self, message: str, source: str, offset: int, hint: str = "") -> None:
        before = source[:offset]
        self.message = message
        self.line = before.count("\n") + 1
        self.column = offset - (before.rfind("\n") + 1) + 1
        self.text = source.split("\n")[self.line - 1] if source else ""
        self.hint = hint
        super().__init__(self.described())

    def described(self) -> str:
        """The message on one line, with the place and the hint."""
        hint = f"; {self.hint}" if self.hint else ""
        return f"line {self.line}, column {self.column}: {self.message}{hint}"

    def shown(self) -> str:
        """The message with the offending line below it and a caret under the place."""
        return f"{self.described()}\n  {self.text}\n  {' ' * (self.column - 1)}^"


class EvaluationError(Exception):
    """An evaluation that CEL defines to be an error: overflow, division by zero, missing key, no overload."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint that names the known name closest in spelling, or an empty string."""
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else ""
