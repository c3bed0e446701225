"""A name in Arabic or Hebrew, which write consonants and long vowels, beside one in Latin letters."""

import re
from collections.abc import Sequence
from functools import cache

from tidewaiter.matching.names_vocabulary import abjad_words
from tidewaiter.matching.text import visible

# Told apart: dh, which is a Persian z, too, from d; h from the letters that it makes others, as in Zahra; an
# a at a word's end; what is there an a or, in Egypt and Persia, an i; and a Hebrew b, which is a v, too.
_TOLD_APART = str.maketrans(
    {
        "ض": "ظ",
        "ه": "هه",
        "ہ": "هه",
        "ۀ": "هه",
        "ح": "حح",
        "ة": "ا",
        "ۃ": "ا",
        "ى": "e",
        "ה": "הה",
        "ח": "חח",
        "ב": "v",
    }
)
_DOUBLED = re.compile(r"(.)\1+")
_DH, _TH = re.compile("dh(?!h)"), re.compile("th(?!h)")
_H_APART = re.compile("(?<=[zd])h|ch")


def told_apart(text: str) -> str:
    """``text`` in which letters differ that come out alike in Latin ones."""
    return visible(text).translate(_TOLD_APART)


def in_full(tokens: Sequence[str]) -> list[str]:
    """``tokens`` without the article that is written with a word, and words of few letters in full."""
    return [abjad_words().get(part, part) for token in tokens for part in _without_article(token)]


@cache
def words_in_full() -> frozenset[str]:
    """The words that are spelled as in Latin letters."""
    return frozenset(("al", *abjad_words().values()))


def _without_article(token: str) -> tuple[str, ...]:
    """Arabic's article, which is written with its word: alzbydy -> al, zbydy; bdalkrym -> bd, al, krym."""
    if token in abjad_words():
        return (token,)
    if token.startswith("bdal") and len(token) > 5:
        return ("bd", "al", token[4:])
    if token.endswith("aldyn") and len(token) > 6:
        return (token.removesuffix("aldyn"), "al", "dyn")
    if token.endswith("allhh"):
        return (token.removesuffix("allhh") + "llhh",)
    return ("al", token[2:]) if token.startswith("al") and len(token) > 4 else (token,)


# Consonants as an abjad's letters are romanised: emphatic and plain, k and q, p and b are written alike.
_ABJAD_RESPELLED: tuple[tuple[str, str], ...] = (
    ("sch", "s"), ("dj", "j"), ("dzh", "j"), ("zh", "j"), ("ch", "s"), ("sh", "s"), ("kh", "k"), ("gh", "k"),
    ("ph", "f"), ("th", "t"), ("dh", "d"), ("ck", "k"), ("tz", "s"), ("ts", "s"), ("ce", "se"), ("ci", "si"),
    ("x", "ks"),
)  # fmt: skip
_ABJAD_CLASSES = str.maketrans("pqgcv", "bkkkw")
_GLIDES_AND_VOWELS = "aeiouwy"


def abjad_parts(word: str) -> tuple[str, tuple[str, ...]]:
    """``word`` (folded) as its consonants, and the vowels and glides before, between and behind them,
    with a silent h at its end.
    """
    word = word.replace("hh", "H")  # told_apart
    for written, heard in _ABJAD_RESPELLED:
        word = word.replace(written, heard)
    word = word.replace("H", "h").replace("-", "")
    word = _DOUBLED.sub(r"\1", word.translate(_ABJAD_CLASSES))
    consonants = [""]
    gaps = [""]
    for at, letter in enumerate(word, 1):
        if letter in _GLIDES_AND_VOWELS or (letter == "h" and at == len(word)):
            gaps[-1] += letter
        elif letter != consonants[-1] or gaps[-1]:
            consonants.append(letter)
            gaps.append("")
    return "".join(consonants), tuple(gaps)


_LONG_VOWELS = {"a": "aeo", "w": "ouw", "y": "iey", "e": "aeiy", "i": "i", "o": "o", "u": "u"}


def are_long_vowels_heard(written: tuple[str, ...], heard: tuple[str, ...]) -> bool:
    """Whether each long vowel that an abjad writes is a Latin word's in the same place; and each w or v, a y
    at the beginning and a vowel at the end (but a French e) are written.

    An alef that begins a word is any vowel's: Ibrahim, Usama.
    """
    if heard[-1].strip("h") not in ("", "e") and not written[-1]:
        return False
    if heard[0][:1] == "y" and "y" not in written[0]:
        return False
    first = written[0].removeprefix("a" if heard[0] else "")
    return all(
        ("w" in vowels or "w" not in gap)
        and all(vowel == "h" or any(letter in gap for letter in _LONG_VOWELS[vowel]) for vowel in vowels)
        for vowels, gap in zip((first, *written[1:]), heard, strict=True)
    )


def abjad_readings(word: str, is_latin: bool) -> tuple[str, ...]:
    """A word, and how else it may be heard: an abjad's dh as z or th, Kadhim and Kazem, its th as s, its ts
    as two letters, its v as b, its aldin as din; a Latin dh or zh as two letters, Azhar, a ch as h, Rachel.
    """
    if is_latin:
        apart = _H_APART.sub("hh", word) if "h" in word else word
        return (word,) if apart == word else (word, apart)
    readings = {word, word.replace("aldin", "din")}
    if "dh" in word:
        readings |= {_DH.sub(heard, reading) for reading in readings for heard in ("z", "th")}
    if "th" in word:
        readings |= {_TH.sub("s", reading) for reading in readings}
    if "v" in word:
        readings |= {reading.replace("v", "b") for reading in readings}
    if "ts" in word:
        readings.add(word.replace("ts", "t-s"))
    return tuple(sorted(readings))
