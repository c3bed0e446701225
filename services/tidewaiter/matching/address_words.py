"""The vocabulary of addresses, and the cut of an address line into words whose role is known."""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from tidewaiter.matching.text import folded, words
from tidewaiter.matching.vocabulary import vocabulary_lines

# "2-Chamberlain Road" is house 2; "18-20", "4-b" and the quarters of Korea and Japan are one number.
_PLAIN_TOKEN: Final = re.compile(r"#|(?<![a-z0-9])no(?=[0-9])|[a-z0-9]++(?:/[a-z0-9]++)*+")
_TOKEN: Final = re.compile(
    r"#|(?<![a-z0-9])no(?=-?[0-9])|[0-9]++(?=-[a-z]{4})(?!-(?:dong|chome|myeon)\b)|[a-z0-9]+(?:[-/][a-z0-9]+)*"
)
_ABBREVIATION: Final = re.compile(r"\b([a-z])\.(?=[a-z]\b|\s|$)")
_DIGIT_THEN_HAN: Final = re.compile(r"(?<=[0-9])(?=(?:hao|shi|dong|zhuang|zuo|lou|ceng)\b)")
_KILOMETRES: Final = re.compile(r"\bkm[. ]{0,2}([0-9]{1,3})\.([0-9])")
# Syllables that were written in Han have two blanks between them.
_BIG_ROAD: Final = re.compile(r"\bda {1,2}(dao|jie)\b")
_NUMBERED_HOUSE: Final = re.compile(r"(?<=[0-9] hao) {1,2}lou\b")
_ORDINAL: Final = re.compile(r"([0-9]+)(?:st|nd|rd|th)")
# "6-ya Krasnoarmeyskaya", "2-i Volkonskii".
_SLAVIC_ORDINAL: Final = re.compile(r"([0-9]+)(?:-?(?:st|nd|rd|th)|-(?:a?ya|[iyo]?[iy]|oe|go))")
_FLOOR: Final = re.compile(r"([0-9]+)/f")
_CHINESE_FLOOR: Final = re.compile(r"([0-9]+)/?f")
_JOINED_UNIT: Final = re.compile(r"(unit|apt|ste|suite|rm|room|fl|bldg|flat)([0-9]+[a-z]?)")
_KNOWN_MOST: Final = 50_000
_FAMILIES: Final = ("latin", "slavic", "turkish", "chinese")

_Row = tuple[str, ...]


class AddressWord(NamedTuple):
    """A word of an address.

    ``plain`` is its short form, in parts if it was hyphenated; ``unit`` the prefix of the inner part that it
    announces ("u" stands for no prefix), or ""; ``numeral`` what it counts as for a unit's number, or "";
    ``joined_unit`` the inner part that it is by itself ("apt4b"), or "". After a mark ("no") the house's
    number follows, after a word that is beside ("near") or a corner ("corner of") another place. One without
    a role beyond its type, digits, or less than two letters is bare.
    """

    text: str
    plain: tuple[str, ...]
    is_bare: bool
    unit: str
    numeral: str
    joined_unit: str
    is_number: bool
    has_digit: bool
    ends_in_digit: bool
    is_type: bool
    is_direction: bool
    is_postfix: bool
    is_skipped: bool
    is_mark: bool
    is_beside: bool
    is_corner: bool


NO_WORD: Final = AddressWord("", (), False, "", "", "", *[False] * 10)


def _lines(name: str) -> tuple[_Row, ...]:
    return tuple(tuple(line.split()) for line in vocabulary_lines(name))


def _forms(rows: Iterable[_Row], *kinds: str) -> dict[str, str]:
    """Every written form of the given kinds of word, with the short form that stands for it."""
    return {form: row[1] for row in rows if row[0] in kinds for form in row[1:]}


def _units(rows: Iterable[_Row]) -> dict[str, str]:
    """The words of units; their short forms are prefixes of ours ("b5-302"), which nobody writes."""
    return {form: row[1] for row in rows if row[0] == "unit" for form in row[2:]}


_PLAIN: Final = ("type", "direction", "ordinal", "place", "house")
_COMMON: Final = _lines("address_words.txt")
_OF_FAMILY: Final[Mapping[str, tuple[_Row, ...]]] = {
    family: _lines(f"address_words_{family}.txt") for family in _FAMILIES
}
_ALL: Final = (*_COMMON, *(row for rows in _OF_FAMILY.values() for row in rows))
DIVISIONS: Final = frozenset(_forms(_ALL, "division"))
PLAIN_FORMS: Final = _forms(_COMMON, "type", "direction", "ordinal", "place")
CITY_FORMS: Final = {**_forms(_COMMON, "direction", "place"), "saint": "st"}
SHORT_TYPES: Final = frozenset(_forms(_ALL, "type").values())
DIRECTIONS: Final = frozenset(_forms(_COMMON, "direction").values())
QUARTERS: Final = frozenset(_forms(_ALL, "quarter"))
GENERAL: Final = frozenset(_forms(_COMMON, "general"))
HOUSES: Final = frozenset(_forms(_ALL, "house").values())
US_STATES: Final = {" ".join(words(" ".join(name))): code for code, *name in _lines("us_states.txt")}
US_STATE_CODES: Final = frozenset(US_STATES.values())


class AddressWords(dict[str, AddressWord]):
    """Token → word in one way of writing addresses, worked out when first met: street words come again and
    again, and cost 0.05 us then.

    ``family`` is "" for most countries; "latin" puts the kind of street before its name, "slavic" anywhere.
    """

    def __init__(self, family: str = "") -> None:
        super().__init__()
        self.family = family
        self._ordinal = _SLAVIC_ORDINAL if family == "slavic" else _ORDINAL
        own = _OF_FAMILY.get(family, ())
        plain = {form for row in own if row[0] == "word" for form in row[1:]}
        rows = (*_COMMON, *own)
        self._plain_forms = _without(plain, _forms(_COMMON, *_PLAIN)) | _forms(own, *_PLAIN)
        self._units = _without(plain, _units(_COMMON)) | _units(own)
        self._skipped = frozenset({*_forms(rows, "number"), *_forms(rows, "noise"), "#"})
        self._marks = frozenset({*_forms(rows, "number"), "#"})
        self._beside = frozenset(_forms(rows, "beside"))
        self._corners = frozenset(_forms(rows, "corner"))
        # Units that follow their number: "5th floor", "302 shi". Others do too seldom: "1112 Flat Rock Road".
        self._postfixes = frozenset(_forms(rows, "postfix")) - {"x"}
        # Words of boxes, mail centers, forwarders: only an address with one is searched for their phrases.
        self.telling = frozenset(_forms(rows, "telling"))

    def __missing__(self, token: str) -> AddressWord:
        if len(self) >= _KNOWN_MOST:
            self.clear()
        word = self[token] = self._word(token)
        return word

    def _word(self, token: str) -> AddressWord:
        ordinal = self._ordinal.fullmatch(token)
        plain = self._plain_forms.get(token)
        has_digit = any(map(str.isdigit, token))
        return AddressWord(
            text=token,
            plain=(plain,) if plain else self._parts(token, ordinal),
            is_bare=not (has_digit or len(token) == 1 or self._has_role(token)),
            unit=self._unit(token),
            numeral=ordinal[1] if ordinal else token if _counts(token) else "",
            joined_unit=self._joined_unit(token),
            is_number=token[0].isdigit() and not ordinal,
            has_digit=has_digit,
            ends_in_digit=token[-1].isdigit(),
            is_type=plain in SHORT_TYPES,
            is_direction=plain in DIRECTIONS,
            is_postfix=token in self._postfixes,
            is_skipped=token in self._skipped,
            is_mark=token in self._marks,
            is_beside=token in self._beside,
            is_corner=token in self._corners,
        )

    def _parts(self, token: str, ordinal: re.Match[str] | None) -> tuple[str, ...]:
        return (ordinal[1],) if ordinal else tuple(map(self._plain, filter(None, re.split("[-/]", token))))

    def _has_role(self, token: str) -> bool:
        return bool(self._unit(token)) or token in self._skipped | self._beside | self._corners | {"bis"}

    def _plain(self, part: str) -> str:
        ordinal = self._ordinal.fullmatch(part)
        return ordinal[1] if ordinal else self._plain_forms.get(part, part)

    def _unit(self, token: str) -> str:
        """The prefix of a word for a unit, or of several with a stroke: "flat/rm", "et/pom/kom"."""
        found = [self._units.get(part, "") for part in token.split("/")]
        return found[-1] if all(found) else ""

    def _joined_unit(self, token: str) -> str:
        floor = (_CHINESE_FLOOR if self.family == "chinese" else _FLOOR).fullmatch(token)
        if floor:
            return f"f{floor[1]}"
        match = _JOINED_UNIT.fullmatch(token)
        return unit_text(self._units.get(match[1], "u"), match[2]) if match else ""


def _without(plain: Iterable[str], forms: Mapping[str, str]) -> dict[str, str]:
    return {form: short for form, short in forms.items() if form not in plain}


def _counts(token: str) -> bool:
    """Whether a token may be a unit's number: digits first, or one letter."""
    return token[0].isdigit() or (len(token) == 1 and token != "#")


_ORDINARY: Final = AddressWords()
_OF_COUNTRY: Final[Mapping[str, AddressWords]] = {
    country: known
    for known in map(AddressWords, _FAMILIES)
    for row in _OF_FAMILY[known.family]
    if row[0] == "countries"
    for country in row[1:]
}


def words_of(country: str) -> AddressWords:
    """The words of a country's addresses, by its ISO code in capitals."""
    return _OF_COUNTRY.get(country, _ORDINARY)


def address_tokens(segment: str) -> list[str]:
    """One comma-free part of an address, folded and cut: "P.O. Box #4-B" → po, box, #, 4-b."""
    text = folded(segment)
    if "." in text:
        if "km" in text:
            text = _KILOMETRES.sub(r"km \1p\2", text)
        text = _ABBREVIATION.sub(r"\1", text)
    if " da " in text:
        text = _BIG_ROAD.sub(r"da\1", text)
    if not segment.isascii() or text[-3:] == "hao":
        text = _DIGIT_THEN_HAN.sub(" ", text)
    if " lou" in text:
        text = _NUMBERED_HOUSE.sub("lou", text)
    if "'" in text:
        text = text.replace("'", "")
    return (_TOKEN if "-" in text else _PLAIN_TOKEN).findall(text)


def unit_text(prefix: str, numeral: str) -> str:
    """A unit in short form: "5" for an apartment, "b5" for a building, "f5" for a floor."""
    return numeral if prefix == "u" else prefix + numeral
