"""Country names, as lists and carriers write them, to ISO 3166-1 alpha-2."""

from functools import lru_cache
from typing import Final

from tidewaiter.matching.text import words
from tidewaiter.matching.vocabulary import vocabulary_lines


def _plain(name: str) -> str:
    return " ".join(words(name))


def _table() -> dict[str, str]:
    codes: dict[str, str] = {}
    for line in vocabulary_lines("countries.txt"):
        alpha2, alpha3, names = line.split("\t")
        codes.update({_plain(name): alpha2 for name in (alpha2, alpha3, *names.split("|"))})
    return codes


_CODES: Final = _table()


# Codes that are written for those of ISO 3166: the United Kingdom's own, and the European Union's for Greece.
_ALIASES: Final = {"UK": "GB", "EL": "GR"}


def iso(code: str) -> str:
    """The code of ISO 3166 for one that a carrier or a list wrote, in capitals; others as they are."""
    return _ALIASES.get(code.upper(), code.upper())


@lru_cache(maxsize=4096)
def code(name: str) -> str:
    """ISO alpha-2 of a country's name, alpha-2 or alpha-3 code, in any case; "" when it is none of these."""
    return _CODES.get(_plain(name), "")
