"""The vocabulary of addresses, and the cut of an address line into its words."""

import re
from collections.abc import Mapping
from typing import Final

from tidewaiter.matching.text import folded, words
from tidewaiter.matching.vocabulary import vocabulary_lines

_TOKEN: Final = re.compile(r"#|[a-z0-9]+(?:[-/][a-z0-9]+)*")
_ABBREVIATION: Final = re.compile(r"\b([a-z])\.(?=[a-z]\b|\s|$)")
_DIGIT_THEN_HAN: Final = re.compile(r"(?<=[0-9])(?=(?:hao|shi|dong|zhuang|zuo|lou|ceng)\b)")
_BIG_ROAD: Final = re.compile(r"\bda dao\b")


def _lines(name: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split()) for line in vocabulary_lines(name))


def _forms(*kinds: str) -> Mapping[str, str]:
    """Every written form of the given kinds of word, with the short form that stands for it."""
    rows = [row for row in _lines("address_words.txt") if row[0] in kinds]
    return {form: short for _, short, *others in rows for form in (short, *others)}


TYPES: Final = _forms("type")
UNITS: Final = _forms("unit")
NUMBER_SIGNS: Final = frozenset(_forms("number"))
NOISE: Final = frozenset(_forms("noise"))
DIVISIONS: Final = frozenset(_forms("division"))
PLAIN_FORMS: Final = _forms("type", "direction", "ordinal", "place")
SHORT_TYPES: Final = frozenset(TYPES.values())
DIRECTIONS: Final = frozenset(_forms("direction").values())
US_STATES: Final = {" ".join(words(" ".join(name))): code for code, *name in _lines("us_states.txt")}
US_STATE_CODES: Final = frozenset(US_STATES.values())


def address_tokens(segment: str) -> list[str]:
    """The words of one comma-free part of an address, folded: "P.O. Box #4-B" → po, box, #, 4-b."""
    text = folded(segment)
    if "." in text:
        text = _ABBREVIATION.sub(r"\1", text)
    if " da dao" in text:
        text = _BIG_ROAD.sub("dadao", text)
    if not segment.isascii() or text[-3:] == "hao":
        text = _DIGIT_THEN_HAN.sub(" ", text)
    return _TOKEN.findall(text.replace("'", ""))
