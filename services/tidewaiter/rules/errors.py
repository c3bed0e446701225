"""What is wrong with a bundle: the file, the place in it, and what was expected there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file of a bundle; line and column count from 1, zero means the whole file."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part)


class RuleError(ValueError):
    """A bundle, rule, word list or policy that cannot be used.

    ``text`` is the offending line and ``caret`` the column in it (from 1), where there is one to show.
    """

    def __init__(self, message: str, place: Place, text: str = "", caret: int = 0) -> None:
        super().__init__(f"{place}: {message}")
        self.message = message
        self.file, self.line, self.column = place.file, place.line, place.column
        self.text = text
        self.caret = caret

    def shown(self) -> str:
        """The message, with the offending text below it and a caret under the place."""
        if not self.text:
            return str(self)
        return f"{self}\n  {self.text}\n  {' ' * (self.caret - 1)}^"
