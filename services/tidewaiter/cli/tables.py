"""Tables that people hand over: CSV files with a header, whatever parts their columns."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Final

from tidewaiter.cli.failing import in_words

_DELIMITERS: Final = ",;\t|"


class TableRefused(ValueError):
    """A file that cannot be read as the table that is asked for. Its text is one line."""


def delimiter(header: str) -> str:
    """What parts the columns of a table with this first line: the likeliest, a comma where there is none."""
    return max(_DELIMITERS, key=header.count)


def plain(column: str) -> str:
    """A column's name as it is compared: small letters, without blanks around it."""
    return column.strip().lower()


def is_blank(cells: Sequence[str]) -> bool:
    """Whether a row says nothing: a line of delimiters at the end of what a spreadsheet has saved."""
    return not any(map(str.strip, cells))


def table_rows(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> list[dict[str, str]]:
    """The rows of a CSV file in UTF-8 whose header has each of ``columns`` once, in whatever case. They have
    these names and those of ``optional`` as they are asked for. Raises TableRefused.
    """
    with table_text(path) as text:
        return _rows(path, text, columns, optional)


@contextmanager
def table_text(path: Path) -> Iterator[str]:
    """The text of a CSV file, for a block that reads it. Raises TableRefused where either cannot be done."""
    try:
        yield path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise TableRefused(in_words(error)) from None
    except (UnicodeDecodeError, csv.Error) as unreadable:
        raise TableRefused(f"{path}: {unreadable}, expected a CSV file in UTF-8") from None


def _rows(path: Path, text: str, columns: Sequence[str], optional: Sequence[str]) -> list[dict[str, str]]:
    parts = delimiter(text.partition("\n")[0])
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=parts)
    header = list(reader.fieldnames or ())
    reader.fieldnames = header = _as_asked(header, (*columns, *optional))
    unfit = next((column for column in columns if header.count(column) != 1), None)
    if unfit is not None:
        raise TableRefused(
            f"{path}: columns {', '.join(header) or 'none'}; expected {unfit} among them, once"
        )
    rows, start, last = [], reader.line_num, 0
    for row in reader:
        if any(row.get(None) or ()):  # what stands behind the last column
            raise TableRefused(
                f"{path}: line {reader.line_num}: more than {len(header)} columns, expected them"
            )
        cells = {key: value or "" for key, value in row.items() if isinstance(key, str)}
        if not is_blank(tuple(cells.values())):
            rows.append(cells)
        last, start = start, reader.line_num
    refuse_open(path, text, last)
    return rows


def _as_asked(header: Sequence[str], asked: Sequence[str]) -> list[str]:
    """The header with the names that are asked for, where it has them but for case and blanks."""
    names = {plain(name): name for name in asked if name not in header}
    return [names.get(plain(column), column) for column in header]


def refuse_open(path: Path, text: str, lines: int) -> None:
    """Raises TableRefused where what stands behind so many ``lines`` of a CSV file, its last row, begins a
    quotation that nothing ends: it would hide all rows to the end of the file."""
    if sum(line.count('"') for line in islice(io.StringIO(text, newline=""), lines, None)) % 2 == 1:
        raise TableRefused(f"{path}: line {lines + 1}: a quotation that does not end, expected a whole file")
