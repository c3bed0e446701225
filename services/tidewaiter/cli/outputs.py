"""Files that a command writes: whole or not at all, never over what it reads, nor over one another."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from tidewaiter.cli.failing import refusals, refuse


def is_stdout(path: Path) -> bool:
    """Whether "-" was given: standard output."""
    return str(path) == "-"


@contextmanager
def whole_files(paths: Mapping[str, Path]) -> Iterator[Mapping[str, BinaryIO]]:
    """The files to write to, by their names, put in place when all was written; "-" is standard output.

    Where the block is left otherwise, or the disk is full, each path is as it was. Raises OSError.
    """
    files: dict[str, BinaryIO] = {}
    beside = {name: path for name, path in paths.items() if not is_stdout(path)}
    with ExitStack() as at_the_end:
        for name, path in paths.items():
            files[name] = partial_of(path).open("wb") if name in beside else sys.stdout.buffer
            at_the_end.callback(_left, files[name], beside.get(name))
        yield files
        for name, file in files.items():
            file.close() if name in beside else file.flush()
        for path in beside.values():
            partial_of(path).replace(_followed(path))


def _left(file: BinaryIO, path: Path | None) -> None:
    with suppress(OSError):
        file.flush() if path is None else file.close()
    if path is not None:
        partial_of(path).unlink(missing_ok=True)


def partial_of(path: Path) -> Path:
    """The file beside an output that is written until all was."""
    there = _followed(path)
    return there.with_name(there.name + ".partial")


def refuse_overwriting(read: Iterable[tuple[str, Path]], written: Iterable[tuple[str, Path]]) -> None:
    """Exit 2 where a file to be written is one that is read or written under another option, or cannot be.
    Standard output is none: whoever can write there leaves it out.

    Both as the option's name and its path; an option may stand there with several paths. All files of a
    folder that is read are read: a report among a bundle's files would be a part of the bundle. A file that
    its user may not write stays, though its folder would let another take its place.
    """
    taken = {_followed(path): option for option, path in read}
    folders = [(path, option) for path, option in taken.items() if path.is_dir()]
    for option, path in written:
        for folder, of in folders:
            if _followed(path).is_relative_to(folder):
                refuse(f"{option}: found {path}, expected a file outside of {of} {folder}")
        of = taken.setdefault(_followed(path), option)
        if of != option:
            refuse(f"{option}: found {path}, expected another file than that of {of}")
        with refusals(OSError):
            if is_stdout(path) or path.is_dir() or not path.parent.is_dir():
                refuse(f"{option}: found {path}, expected a file to write, in a folder that is there")
            _try(_followed(path))


def _try(path: Path) -> None:
    """Raises OSError where it cannot be written. What it holds stays; one that was not there is not left."""
    is_there = path.exists()
    if is_there and not path.is_file():
        return  # a pipe would wait for its reader
    path.open("ab").close()
    if not is_there:
        path.unlink()


def _followed(path: Path) -> Path:
    """Where it leads; of links in a circle, for which ``Path.resolve`` raises RuntimeError, the first."""
    return Path(os.path.realpath(path))
