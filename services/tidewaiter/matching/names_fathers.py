"""A father's name behind a given one, as Russian, Ukrainian and Belarusian write it in Latin letters."""

import re
from functools import lru_cache

from tidewaiter.matching.names_vocabulary import fathers

_FATHERED = re.compile("(?:[aeo][uvw](?:(?P<son>[iy](?:t?ch|tsch|tj))|na)|ivna)$")
_ENDS = frozenset({"ch", "tj", "na"})
_LEAST_LETTERS = 3


def of_father(word: str) -> str:
    """A father's name with one ending, and where it is written in many ways one name: Uladzimiravich and
    Volodymyrovych as vladimirovich; "" for another word.
    """
    return _of_father(word)[0] if word[-2:] in _ENDS else ""


def are_of_one_father(one: str, other: str) -> bool | None:
    """Whether two words are the same father's name; None where only their letters tell, since one of them is
    none, or none of the commonest: it may be misspelt.
    """
    if one[-2:] not in _ENDS or other[-2:] not in _ENDS:
        return None
    (mine, is_known), (theirs, is_theirs_known) = _of_father(one), _of_father(other)
    if mine and mine == theirs:
        return True
    return False if is_known and is_theirs_known else None


@lru_cache(maxsize=16_384)
def _of_father(word: str) -> tuple[str, bool]:
    """The name, and whether it is one of those whose spellings are known."""
    found = _FATHERED.search(word)
    father = word[: found.start()].rstrip("aeiouyj") if found else ""
    if found is None or len(father) < _LEAST_LETTERS:
        return "", False
    known = fathers().get(father)
    return (known or father) + ("ovich" if found["son"] else "ovna"), known is not None
