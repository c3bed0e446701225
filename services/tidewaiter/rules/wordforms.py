"""The forms under which a phrase of a word list is searched for in a text that was read as words."""

from collections.abc import Iterator
from itertools import combinations, combinations_with_replacement, pairwise
from typing import Final

from tidewaiter.matching.text import words

_LONG_ENOUGH_FOR_PLURAL: Final = 4
_INNOCENT_PLURAL: Final = 3
_SIBILANTS: Final = ("s", "x", "z", "ch", "sh")
# Shorter ones are within words of every language.
_SHORTEST_STEM: Final = 7
# "szolam" is a voice in Hungarian.
SHORTEST_ENDING: Final = 6
# "fe nt an yl": a phrase of 15 letters has 469 such forms, one of 24 would have 2,047.
_MOST_PARTS: Final = 4
_LONGEST_STEM: Final = 16
# "mdma100mg"; three letters with a digit are any model's number.
_SHORTEST_RUN: Final = 4
_SHORTEST_DOUBLED: Final = 6
_MOST_DOUBLED: Final = 2
_VOWELS: Final = "aeiouy"
_VOWELS_UNDER_SIGNS: Final = "aeiou"
_FEWEST_LEFT: Final = 5  # "ccn" is no cocaine
# Written by ear, each way round: "diamorfine", "kokaine", "zylazine".
_SOUND_ALIKE: Final = (("ph", "f"), ("c", "k"), ("z", "s"), ("x", "z"), ("th", "t"))
# Names of drugs are one name everywhere, spelled by each language's rules: "fenobarbital", "buprenorfina",
# "Oxycodon", and "oksikodon" as Cyrillic is read. Shorter ones are words: "catina" is a name.
_SHORTEST_ABROAD: Final = 8
_ROMANCE: Final = (("ph", "f"), ("th", "t"), ("y", "i"), ("chl", "cl"), ("nb", "mb"))
_SLAVIC: Final = (
    ("ph", "f"),
    ("th", "t"),
    ("y", "i"),
    ("chl", "hl"),
    ("x", "ks"),
    ("ce", "tse"),
    ("ci", "tsi"),
    ("c", "k"),
)
_ENDINGS_ABROAD: Final = {
    "ine": ("ina", "in"),
    "one": ("ona", "on"),
    "ate": ("ato", "at"),
    "ide": ("ida", "ido", "id"),
    "lin": ("line", "lina"),
}
_LOOKS_LIKE: Final = {"i": "l", "l": "i", "m": "rn", "w": "vv"}
# What sellers write a name onto, before it and behind it: "buyheroin", "1kgheroin", "heroinpowder".
_DIGITS: Final = "0123456789"
_AMOUNTS_BEFORE: Final = (
    *_DIGITS,
    *(f"{digit}{unit}" for digit in _DIGITS for unit in "gx"),
    *("gr", "kg", "mg"),
)
_GLUED_BEFORE: Final = ("buy", "pure", "cheap", "real", "raw", "white", "best")
_GLUED_BEHIND: Final = (
    *("powder", "pill", "tablet", "crystal", "hcl", "base", "rock", "bulk", "liquid", "oil", "vape", "gum"),
    *("pulver", "poeder", "kristall", "kristalle", "tablette", "tabletten", "pille", "pillen"),
    *("sale", "shop", "store", "online", "forsale", "supply", "blotter", "uncut"),
)


def innocent_forms(phrase: str) -> Iterator[str]:
    """As ``whole_forms``; short words have a plural, too: "kits" and "cups" take back what "kit" does, while
    the plural of "CAS" would be "cases"."""
    return whole_forms(phrase, _INNOCENT_PLURAL)


def whole_forms(phrase: str, long_enough: int = _LONG_ENOUGH_FOR_PLURAL) -> Iterator[str]:
    """The phrase as whole words between spaces, and its plural."""
    found = words(phrase)
    if not found:
        return
    yield f" {' '.join(found)} "
    last = found[-1]
    if last.isalpha() and len(last) >= long_enough:
        plural = f"{last}es" if last.endswith(_SIBILANTS) else f"{last}s"
        yield f" {' '.join((*found[:-1], plural))} "


def stem_forms(phrase: str) -> Iterator[str]:
    """The phrase within longer words, and as words that it was cut into.

    None for phrases with digits, of fewer than 7 letters or of more than 16.
    """
    stem = _stem(phrase)
    if not stem:
        return
    yield stem
    for cuts in range(1, _MOST_PARTS):
        yield from _parted(stem, cuts)


def halved_forms(phrase: str) -> Iterator[str]:
    """The phrase as one word of 7 to 16 letters that was cut in two: "trama dol"."""
    return _parted(_stem(phrase), 1)


def _parted(word: str, cuts: int) -> Iterator[str]:
    for cut in combinations(range(1, len(word)), cuts):
        yield f" {' '.join(word[start:end] for start, end in pairwise((0, *cut, len(word))))} "


def ending_forms(phrase: str) -> Iterator[str]:
    """The phrase as the end of a longer word, and its plural: "azolam" in "deschloroalprazolams".

    None for what is not one word of 6 letters or more.
    """
    found = words(phrase)
    if len(found) == 1 and found[0].isalpha() and len(found[0]) >= SHORTEST_ENDING:
        yield f"{found[0]} "
        yield f"{found[0]}s "


def short_forms(phrase: str) -> Iterator[str]:
    """The phrase as one word in which a letter but the first was left out, or is under a sign ("f*ntanyl").

    Of names alone: "cocaina" would be short for "cocina", a kitchen.
    """
    stem = _stem(phrase)
    yield from (f" {stem[:place]}{stem[place + 1 :]} " for place in range(1, len(stem)))


def vowelless_forms(phrase: str) -> Iterator[str]:
    """The phrase as one word of 7 to 16 letters without two or more of its vowels, which may be under signs
    ("f*nt*nyl"), but with 5 letters at least."""
    stem = _stem(phrase)
    vowels = [place for place in range(1, len(stem)) if stem[place] in _VOWELS_UNDER_SIGNS]
    for count in range(2, min(len(vowels), len(stem) - _FEWEST_LEFT) + 1):
        for out in combinations(vowels, count):
            yield f" {''.join(sign for place, sign in enumerate(stem) if place not in out)} "


def sounded_forms(phrase: str) -> Iterator[str]:
    """The phrase with a slip of who writes by ear or in haste: another vowel ("fentenyl"), a letter that
    sounds alike, two letters the other way round ("psuedo"), or n for m at its end.

    Of one word of 7 to 16 letters. A form that is a word itself is an innocent phrase of the list.
    """
    word = _stem(phrase)
    if len(words(phrase)) == 1 and word:
        yield from (f" {form} " for form in dict.fromkeys(_sounded(word)) if form != word)


def _sounded(word: str) -> Iterator[str]:
    for place, sign in enumerate(word):
        if sign in _VOWELS:
            yield from (f"{word[:place]}{vowel}{word[place + 1 :]}" for vowel in _VOWELS)
        yield f"{word[:place]}{word[place : place + 2][::-1]}{word[place + 2 :]}"
    for one, other in (*_SOUND_ALIKE, *((other, one) for one, other in _SOUND_ALIKE)):
        for place in range(len(word)):
            if word.startswith(one, place):
                yield f"{word[:place]}{other}{word[place + len(one) :]}"
    if word.endswith("m"):
        yield f"{word[:-1]}n"


def abroad_forms(phrase: str) -> Iterator[str]:
    """The name of a drug, of one word of 8 letters or more, as it is spelled in other languages."""
    word = "".join(words(phrase))
    if len(words(phrase)) == 1 and word.isalpha() and len(word) >= _SHORTEST_ABROAD:
        yield from (f" {form} " for form in dict.fromkeys(_abroad(word)) if form != word)


def _abroad(word: str) -> Iterator[str]:
    for spelling in ((), _ROMANCE, _SLAVIC):
        told = word
        for one, other in spelling:
            told = told.replace(one, other)
        if spelling is _ROMANCE and told.startswith("st"):
            told = f"e{told}"
        yield told
        yield from (f"{told[:-3]}{end}" for end in _ENDINGS_ABROAD.get(told[-3:], ()))


def disguised_forms(phrase: str) -> Iterator[str]:
    """A phrase run into an amount, and one of more words written as one; one of one word run into a seller's
    word, too, and, of 6 letters or more, with letters doubled ("herooinn"), with one that looks like another
    ("cocalne"), or backwards."""
    found = words(phrase)
    if len("".join(found)) < _SHORTEST_RUN:
        return
    told, first, last = " ".join(found), found[0], found[-1]
    if last[-1].isalpha():
        yield from (f" {told}{digit}" for digit in _DIGITS)
    if len(found) > 1 and len("".join(found)) >= _SHORTEST_DOUBLED:
        yield f" {''.join(found)} "
    if len(found) == 1 and first.isalpha():
        yield from _forms_of_word(first)


def _forms_of_word(word: str) -> Iterator[str]:
    yield from (f"{before}{word} " for before in (*_AMOUNTS_BEFORE, *_GLUED_BEFORE))
    yield from (f" {word}{behind}" for behind in _GLUED_BEHIND)
    if _SHORTEST_DOUBLED <= len(word) <= _LONGEST_STEM:
        yield f" {word[::-1]} "
        yield from _misread_forms(word)
        for count in range(1, _MOST_DOUBLED + 1):
            for places in combinations_with_replacement(range(len(word)), count):
                yield f" {''.join(sign * (1 + places.count(at)) for at, sign in enumerate(word))} "


def _misread_forms(word: str) -> Iterator[str]:
    for at, sign in enumerate(word):
        if sign in _LOOKS_LIKE:
            yield f" {word[:at]}{_LOOKS_LIKE[sign]}{word[at + 1 :]} "


def run_form(phrase: str) -> str:
    """The phrase as it is within letters that stand one by one; "" where it is too short for that."""
    run = "".join(words(phrase))
    return run if len(run) >= _SHORTEST_RUN and not run.isdigit() else ""


def _stem(phrase: str) -> str:
    stem = "".join(words(phrase))
    return stem if _SHORTEST_STEM <= len(stem) <= _LONGEST_STEM and stem.isalpha() else ""
