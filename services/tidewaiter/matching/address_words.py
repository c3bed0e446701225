"""The vocabulary of addresses, and the cut of an address line into words whose role is known."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from tidewaiter.matching.text import folded, words
from tidewaiter.matching.vocabulary import vocabulary_lines

_TOKEN: Final = re.compile(r"#|[a-z0-9]+(?:[-/][a-z0-9]+)*")
_ABBREVIATION: Final = re.compile(r"\b([a-z])\.(?=[a-z]\b|\s|$)")
_DIGIT_THEN_HAN: Final = re.compile(r"(?<=[0-9])(?=(?:hao|shi|dong|zhuang|zuo|lou|ceng)\b)")
_BIG_ROAD: Final = re.compile(r"\bda dao\b")
_ORDINAL: Final = re.compile(r"([0-9]+)(?:st|nd|rd|th)")
_KNOWN_MOST: Final = 50_000


def _lines(name: str) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(line.split()) for line in vocabulary_lines(name))


def _forms(*kinds: str) -> Mapping[str, str]:
    """Every written form of the given kinds of word, with the short form that stands for it."""
    rows = [row for row in _lines("address_words.txt") if row[0] in kinds]
    return {form: short for _, short, *others in rows for form in (short, *others)}


TYPES: Final = _forms("type")
# The short forms of units are prefixes of ours ("b5-302"), not words that anybody writes.
UNITS: Final = {form: short for form, short in _forms("unit").items() if len(form) > 1 or form == "#"}
_JOINED_UNIT: Final = re.compile(r"(unit|apt|ste|suite|rm|room|fl|bldg|flat|no)([0-9]+[a-z]?)")
DIVISIONS: Final = frozenset(_forms("division"))
PLAIN_FORMS: Final = _forms("type", "direction", "ordinal", "place")
CITY_FORMS: Final = {**_forms("direction", "place"), "saint": "st"}
SHORT_TYPES: Final = frozenset(TYPES.values())
DIRECTIONS: Final = frozenset(_forms("direction").values())
US_STATES: Final = {" ".join(words(" ".join(name))): code for code, *name in _lines("us_states.txt")}
US_STATE_CODES: Final = frozenset(US_STATES.values())
_SKIPPED: Final = frozenset({*_forms("number"), *_forms("noise"), "#"})
# Units that follow their number: "5th floor", "302 shi". Others do too seldom: "1112 Flat Rock Road".
_POSTFIXES: Final = frozenset(_forms("postfix")) - {"x"}
# Words of boxes, mail centers and forwarders: only an address with one is searched for their phrases.
_TELLING: Final = frozenset(_forms("telling"))


class AddressWord(NamedTuple):
    """A word of an address.

    ``plain`` is its short form, in parts if it was hyphenated; ``unit`` the prefix of the inner part that it
    announces ("u" stands for no prefix), or ""; ``numeral`` what it counts as for a unit's number, or "";
    ``joined_unit`` the inner part that it is by itself ("apt4b"), or "".
    """

    text: str
    plain: tuple[str, ...]
    unit: str
    numeral: str
    joined_unit: str
    is_number: bool
    ends_in_digit: bool
    is_type: bool
    is_direction: bool
    is_postfix: bool
    is_skipped: bool
    is_telling: bool


NO_WORD: Final = AddressWord("", (), "", "", "", False, False, False, False, False, False, False)


class _Words(dict[str, AddressWord]):
    """Token → word, worked out when first met: street words come again and again, and cost 0.05 us then."""

    def __missing__(self, token: str) -> AddressWord:
        if len(self) >= _KNOWN_MOST:
            self.clear()
        word = self[token] = _word(token)
        return word


_WORDS: Final = _Words()


def address_words(segment: str) -> list[AddressWord]:
    """The words of one comma-free part of an address, folded: "P.O. Box #4-B" → po, box, #, 4-b."""
    known = _WORDS
    return [known[token] for token in address_tokens(segment)]


def address_tokens(segment: str) -> list[str]:
    """The same as bare text."""
    text = folded(segment)
    if "." in text:
        text = _ABBREVIATION.sub(r"\1", text)
    if " da dao" in text:
        text = _BIG_ROAD.sub("dadao", text)
    if not segment.isascii() or text[-3:] == "hao":
        text = _DIGIT_THEN_HAN.sub(" ", text)
    if "'" in text:
        text = text.replace("'", "")
    return _TOKEN.findall(text)


def _word(token: str) -> AddressWord:
    ordinal = _ORDINAL.fullmatch(token)
    unit = UNITS.get(token, "")
    return AddressWord(
        text=token,
        plain=tuple(map(_plain, filter(None, token.replace("/", "-").split("-")))),
        unit=unit,
        numeral=ordinal[1]
        if ordinal
        else token
        if token[0].isdigit() or (len(token) == 1 and token != "#")
        else "",
        joined_unit=_joined_unit(token),
        is_number=token[0].isdigit() and not ordinal,
        ends_in_digit=token[-1].isdigit(),
        is_type=PLAIN_FORMS.get(token) in SHORT_TYPES,
        is_direction=PLAIN_FORMS.get(token) in DIRECTIONS,
        is_postfix=token in _POSTFIXES,
        is_skipped=token in _SKIPPED,
        is_telling=token in _TELLING,
    )


def _joined_unit(token: str) -> str:
    match = _JOINED_UNIT.fullmatch(token)
    return unit_text(UNITS.get(match[1], "u"), match[2]) if match else ""


def unit_text(prefix: str, numeral: str) -> str:
    """A unit in short form: "5" for an apartment, "b5" for a building, "f5" for a floor."""
    return numeral if prefix == "u" else prefix + numeral


def _plain(part: str) -> str:
    ordinal = _ORDINAL.fullmatch(part)
    return ordinal[1] if ordinal else PLAIN_FORMS.get(part, part)
