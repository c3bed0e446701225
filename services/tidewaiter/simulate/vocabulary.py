"""The simulator's word lists and tables, read from ``simulate/words``."""

from functools import cache
from importlib import resources


@cache
def lines(name: str) -> tuple[str, ...]:
    """The lines of ``words/<name>.txt`` in their order, without comments and empty ones."""
    text = resources.files("tidewaiter.simulate.words").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


@cache
def words(name: str) -> tuple[str, ...]:
    """All words of a list that is separated by white space."""
    return tuple(" ".join(lines(name)).split())


@cache
def phrases(name: str) -> tuple[str, ...]:
    """All phrases of a list that is separated by semicolons and line ends."""
    return tuple(phrase.strip() for line in lines(name) for phrase in line.split(";"))


@cache
def parts(name: str) -> tuple[tuple[str, ...], ...]:
    """The word groups of a list whose groups are divided by a bar."""
    return tuple(tuple(group.split()) for group in " ".join(lines(name)).split("|"))


@cache
def table(name: str) -> tuple[tuple[str, ...], ...]:
    """The rows of a table whose cells are divided by bars."""
    return tuple(tuple(line.split("|")) for line in lines(name))
