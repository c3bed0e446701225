"""The word lists of matching, one text file each: "#" begins a comment line."""

from importlib.resources import files


def vocabulary_lines(name: str) -> tuple[str, ...]:
    """The lines of ``name`` in this folder, without comments and empty lines."""
    text = (files("tidewaiter.matching.vocabulary") / name).read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))
