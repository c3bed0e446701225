"""Files that a command writes: never over what it reads, nor over one another; told of before the work."""

from collections.abc import Iterable
from pathlib import Path

from tidewaiter.cli.failing import refusals, refuse


def refuse_overwriting(read: Iterable[tuple[str, Path]], written: Iterable[tuple[str, Path]]) -> None:
    """Exit 2 where a file to be written is one that is read or written under another option, or cannot be.

    Both as the option's name and its path; an option may stand there with several paths.
    """
    taken = {path.resolve(): option for option, path in read}
    for option, path in written:
        of = taken.setdefault(path.resolve(), option)
        if of != option:
            refuse(f"{option}: found {path}, expected another file than that of {of}")
        with refusals(OSError):
            if path.is_dir() or not path.parent.is_dir():
                refuse(f"{option}: found {path}, expected a file to write, in a folder that is there")
