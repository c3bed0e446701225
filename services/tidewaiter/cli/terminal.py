"""The terminal that people read: what carriers, lists and analysts wrote stands there as they wrote it."""

from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table


def terminal(**options: Any) -> Console:
    """A console to which text is text: in a carrier's name ``[/b]`` is no markup and ``:us:`` no flag.

    As markup they would be swallowed, or end the command. ``options`` are rich's own.
    """
    return Console(markup=False, emoji=False, **options)


def add_row(table: Table, cells: Iterable[str]) -> None:
    """A row of what others wrote, with nothing in it that a terminal would obey."""
    table.add_row(*map(harmless, cells))


def harmless(text: str) -> str:
    """``text`` with control characters written out, line ends and tabs apart: ESC begins commands."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in "\n\t" else _written(sign) for sign in text)


def _written(sign: str) -> str:
    return sign.encode("unicode_escape").decode() if ord(sign) < 0xA0 or not sign.isspace() else sign
