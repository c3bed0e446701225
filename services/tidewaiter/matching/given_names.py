"""Which word of a name is the given one, in one spelling: "Bob", "Jonathon", "Jonahtan"."""

from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Final

from rapidfuzz.distance import OSA

from tidewaiter.matching.names_sound import sound
from tidewaiter.matching.names_vocabulary import roles
from tidewaiter.matching.vocabulary import vocabulary_lines

# Shorter words are syllables of names elsewhere: "thi" is no Ty.
_HEARD: Final = 4
# The letters of a name from which on a slip is one: of shorter ones the neighbours are names (Mario, Mauro;
# Amelia, Adelia), but for two letters that have changed places.
_SWAPPED, _LOST_OR_MORE, _WRONG = 5, 6, 7
_SHARED, _FAMILIES = "+", "*"


@cache
def _names() -> Mapping[str, str]:
    """Every known spelling to the name that it means."""
    known: dict[str, str] = {}
    for line in vocabulary_lines("given_names.txt"):
        name, colon, meaning_it = line.partition(":")
        for word in f"{name} {meaning_it}".strip("+* ").split():
            known.setdefault(word, name if colon else word)
    return known


@cache
def _under(sign: str) -> frozenset[str]:
    lines = [line for line in vocabulary_lines("given_names.txt") if line[0] == sign]
    return frozenset(word for line in lines for word in line[1:].split())


@cache
def _by_sound() -> Mapping[str, str]:
    return {sound(word): name for word, name in reversed(list(_names().items())) if len(word) >= _HEARD}


@cache
def _by_rest() -> Mapping[str, frozenset[str]]:
    """What is left of a known spelling, a letter or none left out, to the spellings that leave it."""
    found: dict[str, set[str]] = {}
    for word in _names():
        for rest in _rests(word):
            found.setdefault(rest, set()).add(word)
    return {rest: frozenset(spellings) for rest, spellings in found.items()}


def _rests(word: str) -> Iterator[str]:
    if len(word) >= _SWAPPED:
        yield word
        yield from (word[:at] + word[at + 1 :] for at in range(len(word)))


def is_given_only(word: str) -> bool:
    """Whether a folded word is a given name, so spelt, and no family's: "jonatan", not "scott"."""
    return word in _names() and word not in _under(_FAMILIES)


def is_shared(name: str) -> bool:
    """Whether brothers or sisters may bear a given name alike, each with another behind: "jose", "mary"."""
    return name in _under(_SHARED)


@lru_cache(maxsize=65_536)
def given_name(word: str) -> str:
    """The given name that a folded word is or sounds like, "" for none that is known."""
    known = _names().get(word, "")
    return known or (_by_sound().get(sound(word), "") if len(word) >= _HEARD else "")


@lru_cache(maxsize=65_536)
def mended_given_name(word: str) -> str:
    """The one given name that a word with a slip of typing may be; "" where there is none, or several, or the
    word is a name of people as it stands ("roberts").

    A slip is a letter wrong, lost, too many, or changed with its neighbour, in a name that is long enough for
    it. Not the last letter, by which Robert and Roberta differ; and the first is right, or the second.
    """
    if word in roles():
        return ""
    near = {near for rest in _rests(word) for near in _by_rest().get(rest, ())}
    meant = {_names()[each] for each in near if _is_slip(word, each)}
    return meant.pop() if len(meant) == 1 else ""


def _is_slip(word: str, name: str) -> bool:
    if word[0] not in name[:2] or word[:-1] in (name, name[:-1]) or word == name[:-1]:
        return False
    if OSA.distance(word, name) != 1:
        return False
    if len(word) != len(name):
        return len(name) >= _LOST_OR_MORE
    return len(name) >= _WRONG or sorted(word) == sorted(name)
