"""Reading list files: what a file is shows in its content, never in its name."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tidewaiter.watchlists.formats.csl import is_csl, read_csl
from tidewaiter.watchlists.formats.extracts import is_dpl, is_uflpa, read_dpl, read_uflpa
from tidewaiter.watchlists.formats.ofac import read_sets, width_of
from tidewaiter.watchlists.formats.own import is_own, read_own
from tidewaiter.watchlists.formats.reading import ListRefused, ListText, Problem, Reading, text_of
from tidewaiter.watchlists.formats.un import is_un, read_un

__all__ = ["ListRefused", "Problem", "Reading", "read", "read_all", "refuse_twice"]

_SINGLE_FILES: Final[tuple[tuple[Callable[[str], bool], Callable[[ListText], Reading]], ...]] = (
    (is_un, read_un),
    (is_csl, read_csl),
    (is_dpl, read_dpl),
    (is_uflpa, read_uflpa),
    (is_own, read_own),
)


def read_all(paths: Sequence[Path]) -> tuple[Reading, ...]:
    """Every list in the given files and folders, the files of an OFAC set brought together.

    Blocks while it reads. Raises ListRefused, whose text is one line, for a file that is empty, cut, of no
    known format, or unreadable past ``MAX_UNREAD_SHARE``; and when two files are the same list.
    """
    texts = [text_of(path) for given in paths for path in _files(given)]
    ofac = [text for text in texts if width_of(text.head)]
    readings = [
        *(read_sets(ofac) if ofac else ()),
        *(_read_single(text) for text in texts if text not in ofac),
    ]
    return refuse_twice(readings)


def refuse_twice(readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """The readings. Raises ListRefused when two are the same list."""
    sources = [reading.source for reading in readings]
    twice = next((source for source in sources if sources.count(source) > 1), None)
    if twice:
        names = ", ".join(name for reading in readings if reading.source == twice for name in reading.files)
        raise ListRefused(f"{names}: list {twice} twice, expected it once")
    return tuple(readings)


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = sorted(child for child in path.iterdir() if child.is_file() and not child.name.startswith("."))
    if not found:
        raise ListRefused(f"{path}: no file, expected a list's files")
    return found


def _read_single(text: ListText) -> Reading:
    for is_format, read_format in _SINGLE_FILES:
        if is_format(text.head):
            return read_format(text)
    raise ListRefused(
        f"{text.name}: begins {text.head[:60]!r}, expected an OFAC set, CSL, BIS DPL, UN or UFLPA file,"
        " or your own with a name column"
    )
