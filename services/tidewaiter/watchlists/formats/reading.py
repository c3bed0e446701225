"""What reading a list file gives: its entries, and an account of what could not be read."""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from tidewaiter.domain.watchlist import Entry

# Of 14,641 rows of a real SDN file none is unreadable: 2 % is a broken file, not a list with blemishes.
MAX_UNREAD_SHARE: Final = 0.02
# The Consolidated Screening List, the largest, has 17 MB.
MAX_BYTES: Final = 256 * 1024 * 1024
_MAX_SHOWN: Final = 80


class ListRefused(ValueError):
    """A list that must not come into force. Its text is one line: file, what was found, what was expected."""


class Problem(Struct, frozen=True):
    """A line that could not be read, or not wholly. ``lines`` is how many lines of the file it takes up;
    0 where the record is in force, and only a part of it nobody is found by."""

    file: str
    line: int
    reason: str
    lines: int = 1


class Reading(Struct, frozen=True):
    """The entries of one source, in the order of its file.

    ``rows`` counts the records of all files, readable or not; ``counts`` says how many entries, aliases,
    addresses… were found and how many alias and address rows named an entry that is not in the list
    ("aliases_without_entry": files of different days). ``sha256`` is that of all files, in order.
    """

    source: str
    entries: tuple[Entry, ...]
    rows: int
    counts: dict[str, int]
    problems: tuple[Problem, ...] = ()
    sha256: str = ""
    files: tuple[str, ...] = ()


class ListText(Struct, frozen=True):
    """A list file's text, and where it came from. ``name`` is the file's name, for messages."""

    name: str
    text: str
    sha256: str

    @property
    def head(self) -> str:
        """The first line that says something."""
        return next((line for line in self.text[:65_536].splitlines() if line.strip(" \x1a")), "")


class Row(Struct, frozen=True):
    """A record of a delimited file, its first line's number (1 is the first), and how many lines it takes."""

    line: int
    cells: tuple[str, ...]
    lines: int = 1


def text_of(path: Path) -> ListText:
    """The file's text: UTF-8 or UTF-16 by its mark, else UTF-8 if it is that, else Windows-1252 or Latin-1.

    Raises ListRefused if it cannot be read, is empty or larger than MAX_BYTES.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ListRefused(f"{path.name}: {size} bytes, expected at most {MAX_BYTES}")
        raw = path.read_bytes()
    except OSError as error:
        raise ListRefused(f"{path}: cannot be read: {error.strerror}") from error
    text = _decoded(raw)
    if not text.strip(" \r\n\t\x00\x1a"):
        raise ListRefused(f"{path.name}: empty, expected a list")
    return ListText(path.name, text, hashlib.sha256(raw).hexdigest())


def _decoded(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace")
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1")


def delimited_rows(source: ListText, *, delimiter: str = ",") -> Iterator[Row | Problem]:
    """The records of a CSV or TSV file, end-of-file marks (Ctrl-Z) and empty lines left out."""
    reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=delimiter, skipinitialspace=True)
    before = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Problem(source.name, before + 1, str(error), max(1, reader.line_num - before))
            before = reader.line_num
            continue
        spanned, first, before = reader.line_num - before, before + 1, reader.line_num
        if "".join(cells).strip(" \x1a"):
            yield Row(first, tuple(map(str.strip, cells)), max(1, spanned))


def whole_rows(
    source: ListText, widths: Iterable[int], delimiter: str = ","
) -> tuple[list[Row], list[Problem]]:
    """The records that have one of ``widths`` columns, and the others as problems.

    Raises ListRefused when the last record is broken: the file was cut.
    """
    expected, rows, problems = tuple(widths), [], []
    last: Row | Problem | None = None
    for last in delimited_rows(source, delimiter=delimiter):
        if isinstance(last, Problem):
            problems.append(last)
        elif len(last.cells) in expected:
            rows.append(last)
        else:
            wanted = " or ".join(map(str, expected))
            reason = f"{len(last.cells)} columns, expected {wanted}: {','.join(last.cells)[:_MAX_SHOWN]!r}"
            problems.append(Problem(source.name, last.line, reason, last.lines))
    _refuse_cut(source, last, problems)
    return rows, problems


def _refuse_cut(source: ListText, last: Row | Problem | None, problems: Sequence[Problem]) -> None:
    if last is None:
        return
    end = source.text.rstrip("\x1a\x00 \t")
    is_broken = last in problems or any(problem.line == last.line for problem in problems[-1:])
    is_open = "\n".join(end.split("\n")[last.line - 1 :]).count('"') % 2 == 1
    if is_open or (is_broken and not end.endswith("\n")):
        raise ListRefused(
            f"{source.name}: ends in the middle of a record (line {last.line}), expected a whole file"
        )


def refuse_unreadable(reading: Reading) -> Reading:
    """``reading`` itself, or ListRefused when it has no entry or too much of it could not be read."""
    names = ", ".join(reading.files)
    unread = sum(problem.lines for problem in reading.problems)
    if unread > 1 and unread > MAX_UNREAD_SHARE * reading.rows:
        first = reading.problems[0]
        raise ListRefused(
            f"{names}: {unread} of {reading.rows} lines cannot be read, expected at most"
            f" {MAX_UNREAD_SHARE:.0%}; first {first.file} line {first.line}: {first.reason}"
        )
    if not reading.entries:
        raise ListRefused(f"{names}: no entry, expected at least one")
    return reading


def reading_of(
    text: ListText, source: str, entries: Iterable[Entry], rows: int, problems: Iterable[Problem]
) -> Reading:
    """The reading of one file. Raises ListRefused as ``refuse_unreadable`` does."""
    found = tuple(entries)
    files = (text.name,)
    return refuse_unreadable(
        Reading(source, found, rows, counts_of(found), tuple(problems), text.sha256, files)
    )


def number_of(*parts: str) -> str:
    """A number for an entry that its list does not number: the same as long as these parts are."""
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=8).hexdigest()


def digest_of(texts: Sequence[ListText]) -> str:
    """One checksum for all files of a reading."""
    if len(texts) == 1:
        return texts[0].sha256
    return hashlib.sha256("\n".join(text.sha256 for text in texts).encode()).hexdigest()


def counts_of(entries: Sequence[Entry]) -> dict[str, int]:
    """How much the entries hold, by kind of fact."""
    return {
        "entries": len(entries),
        "aliases": sum(len(entry.names) - 1 for entry in entries),
        "addresses": sum(len(entry.addresses) for entry in entries),
        "identifiers": sum(len(entry.identifiers) for entry in entries),
    }
