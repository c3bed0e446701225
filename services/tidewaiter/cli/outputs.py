"""Files that a command writes: never over what it reads, nor over one another."""

from collections.abc import Iterable
from pathlib import Path

from tidewaiter.cli.failing import refuse


def refuse_overwriting(read: Iterable[tuple[str, Path]], written: Iterable[tuple[str, Path]]) -> None:
    """Exit 2 where a file that is written is one that is read, or is written under another option.

    Both as the option's name and its path; an option may stand there with several paths.
    """
    taken = {path.resolve(): option for option, path in read}
    for option, path in written:
        of = taken.setdefault(path.resolve(), option)
        if of != option:
            refuse(f"{option}: found {path}, expected another file than that of {of}")
