"""What a text of goods may stand for: its readings, in each of which word lists are searched for."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final

from tidewaiter.matching.text import (
    MAX_CHARACTERS,
    MOST_LETTERS,
    MOST_READ,
    decoded,
    folded_whole,
    marked_up,
    unposed,
)

_MOST_READINGS: Final = 8  # what is decoded, parted where words run on or read in Latin letters doubles them
_MOST_AROUND: Final = 128  # letters: the longest phrase has 53
_REMEMBERED_LONG: Final = 4  # texts of up to a megabyte, which are asked for a few times an event
_NO_LETTERS: Final = re.compile(r"[\W_]+")
# Ends of clauses that folding takes for blanks, letters that flags are written with, and signs of money and
# trade that folding writes as letters behind a word: "heroin™" as "herointm".
_SIGNS_READ: Final = str.maketrans(
    {"、": ", ", "。": ". ", "€": "e", "¥": "y", "¢": "c", **dict.fromkeys("™℠®©ªº", "*")}
    | {chr(0x1F1E6 + place): chr(ord("a") + place) for place in range(26)}
)
# Stars and snowflakes, but not the letters in circles and boxes among them.
_ORNAMENT: Final = re.compile("[\u2190-\u245f\u2500-\u2bff\U0001f000-\U0001f0ff\U0001f200-\U0001faff]")
# "BuyHeroinNow", "Xanax2mg": where a word or an amount begins within another.
_RUN_ON: Final = re.compile(r"[A-Z](?<=[a-z].)[a-z]|\d(?<=[^\W\d_]{2}.)[\d.,]*[^\W\d_]")


def readings(text: str) -> Sequence[str]:
    """The text as a browser shows it, and of what else it may stand for the lines that are others there.

    One, nearly always; eight of a text that hides words in every way.
    """
    shown = marked_up(text)
    told = [shown, *_otherwise(shown, decoded(shown))]
    if _RUN_ON.search(shown):
        told += [part for one in told for part in _otherwise(one, _RUN_ON.sub(r" \g<0>", one))]
    if all(map(str.isascii, told)):
        return told
    told = [_ORNAMENT.sub("*", one.translate(_SIGNS_READ)) for one in told]
    return told + [part for one in told for part in _otherwise(one, unposed(one))]


def _otherwise(text: str, reading: str) -> Iterator[str]:
    """The lines of another reading of ``text`` that are others there, with as many around as a phrase may go
    on over, however little stands in each; all of it where lines were joined or parted."""
    if reading == text:
        return
    told, lines = text.split("\n"), reading.split("\n")
    if len(told) != len(lines):
        yield reading
        return
    placed = list(zip(range(len(lines)), told, lines, strict=True))
    near = {*_from_others(placed), *_from_others(reversed(placed))}
    yield "\n".join([line for at, _, line in placed if at in near])


def _from_others(placed: Iterable[tuple[int, str, str]]) -> Iterator[int]:
    """The places of the lines that are not as they were, and of what comes behind each."""
    left = 0
    for at, told, line in placed:
        if line != told:
            left = _MOST_AROUND
        elif left > 0:
            left -= len(_NO_LETTERS.sub("", line))
        else:
            continue
        yield at


def searchable(text: str) -> str:
    """The beginning of ``text`` that is searched to its end: all, nearly always.

    Its readings together are at most MOST_READ letters: a search for what those hide takes 2 us a letter.
    """
    return text if len(text) * MOST_LETTERS * _MOST_READINGS <= MOST_READ else _beginning(text)


@lru_cache(_REMEMBERED_LONG)
def _beginning(text: str) -> str:
    """At least half of what could be searched, found by doubling: of a megabyte no more is read than that."""
    size = min(len(text), MOST_READ // _MOST_READINGS)
    while size and not _is_searchable(text[:size]):
        size //= 2
    while size < len(text) and _is_searchable(text[: 2 * size]):
        size *= 2
    return text[:size]


def _is_searchable(text: str) -> bool:
    left = MOST_READ
    for reading in readings(text):
        for start in range(0, len(reading), MAX_CHARACTERS):
            left -= len(folded_whole(reading[start : start + MAX_CHARACTERS]))
            if left < 0:
                return False
    return True
