"""Messages in a file, one a line."""

from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator


def numbered_lines(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Each line with its number from 1, without its end; the mark with which some editors begin is no part.

    Kept, it would make the first message one that cannot be read.
    """
    for number, line in enumerate(lines, 1):
        value = line.removeprefix(BOM_UTF8) if number == 1 else line
        yield number, value.rstrip(b"\r\n")
