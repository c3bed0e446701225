"""How like two words of names are, and by which relation: spelling, sound, nickname, another romanisation."""

from functools import lru_cache
from typing import TypeAlias

from msgspec import Struct
from rapidfuzz.distance import OSA

from tidewaiter.domain.hit import TokenRelation
from tidewaiter.matching.names_abjad import abjad_parts, abjad_readings, are_long_vowels_heard
from tidewaiter.matching.names_fathers import are_of_one_father
from tidewaiter.matching.names_sound import is_syllable
from tidewaiter.matching.names_vocabulary import generic_signs, nicknames, transliterations
from tidewaiter.matching.names_word import Word, word

# Shares of the three views of a word in its distance: as written, as heard, and its consonants. An edit of
# a vowel counts in two of them, a respelling of one sound ("ph" for "f") in one, so each costs what it tells.
_WRITTEN, _HEARD, _FRAMED = 0.2, 0.4, 0.4

# One slip in a word of five letters is 0.8; two in six with a vowel among them, 0.73. Below it, two words
# differ.
LEAST_LIKENESS = 0.72
# Two names that are both common are two names, Maria and Mario, unless they differ in no more than a vowel
# of many.
KNOWN_NAMES_LIKENESS = 0.89
NICKNAME_LIKENESS = 0.9
VARIANT_LIKENESS = 0.95
# Abdul Hanif, "servant of the Forgiving", is called Hanif.
SERVANT_LIKENESS = 0.85
ABJAD_LIKENESS = 0.88
TRANSPOSED_LIKENESS = 0.75
ARTICLE_LIKENESS = 0.96


class Likeness(Struct, frozen=True):
    """``similarity`` in 0..1, 0 for different words, and what makes them like."""

    similarity: float
    relation: TokenRelation


# Consonants, and what is between them.
_Parts: TypeAlias = tuple[str, tuple[str, ...]]

UNLIKE = Likeness(0.0, "spelling")
_SAME = Likeness(1.0, "exact")
_SAME_FORM = Likeness(1.0, "form")
_SAME_FATHER = Likeness(VARIANT_LIKENESS, "transliteration")


def likeness(one: Word, other: Word) -> Likeness:
    """How like two words are; symmetric. Numbers and forms are never like another that is not equal."""
    if one.text == other.text:
        return _SAME_FORM if one.role == "form" else _SAME
    if one.role in EXACT_ROLES or other.role in EXACT_ROLES:
        return UNLIKE
    return _likeness_of_others(one, other)


@lru_cache(maxsize=131_072)
def _likeness_of_others(one: Word, other: Word) -> Likeness:
    return _by_vocabulary(one, other) or _by_father(one, other) or letters_likeness(one, other)


EXACT_ROLES = frozenset({"number", "form", "particle", "initial", "kinship", "title"})
# What is no part of a word that is joined and respelt.
_UNJOINED = frozenset({"number", "form", "initial", "title", "generic", "place", "glued"})
_UNJOINED_BEHIND = _UNJOINED | {"particle", "kinship"}
_SYLLABIC = frozenset({"syllable", "particle", "kinship"})
# Fewer letters are too many words' once they may be others.
LEAST_JOINED = 6
RESPELT_LIKENESS = 0.9


def _by_vocabulary(one: Word, other: Word) -> Likeness | None:
    if other.text in transliterations().get(one.text, ()):
        return Likeness(VARIANT_LIKENESS, "transliteration")
    if other.text in nicknames().get(one.text, ()):
        return Likeness(NICKNAME_LIKENESS, "nickname")
    if one.text.removeprefix("abdul") == other.text or other.text.removeprefix("abdul") == one.text:
        return Likeness(SERVANT_LIKENESS, "joined")
    if one.text == "al" + other.text or other.text == "al" + one.text:
        return Likeness(ARTICLE_LIKENESS, "joined")
    return None


def _by_father(one: Word, other: Word) -> Likeness | None:
    """Fathers' names: one in another spelling, or another one, however alike (Mikhailavich, Mikalaevich)."""
    is_same = are_of_one_father(one.text, other.text)
    return _SAME_FATHER if is_same else None if is_same is None else UNLIKE


def letters_likeness(one: Word, other: Word) -> Likeness:
    """How like two words are by their letters alone; neither may be of an exact role."""
    if one.abjad != other.abjad:
        return _without_vowels(one, other)
    heard = OSA.distance(one.sound, other.sound)
    framed = OSA.distance(one.frame, other.frame, score_cutoff=1)
    similarity = spelling_similarity(one, other, heard, framed) if framed < 2 else 0.0
    if not similarity:
        return _slipped(one, other)
    return Likeness(similarity, "spelling" if heard else "phonetic")


def spelling_similarity(one: Word, other: Word, heard: int, framed: int) -> float:
    """How like two words are whose sounds are ``heard`` edits apart and their frames ``framed``, 0 or 1; 0
    for different words.
    """
    shorter, length = len(one.text), len(other.text)
    if shorter > length:
        shorter, length = length, shorter
    if heard > length // 3:  # most_heard_apart, spared a million calls
        return 0.0
    written = OSA.distance(one.text, other.text)
    similarity = 1 - (_HEARD * heard + _FRAMED * framed + _WRITTEN * written) / length
    if heard:
        is_like = similarity >= LEAST_LIKENESS and _is_enough(similarity, one, other)
    else:
        is_like = shorter > 2 or similarity >= LEAST_LIKENESS
    return round(similarity, 4) if is_like else 0.0


def _is_enough(similarity: float, one: Word, other: Word) -> bool:
    """Whether words that sound otherwise are like at all."""
    if similarity < _least(one, other):
        return False
    # Of three letters or fewer every neighbour is another name: Kim, Kam, Kin.
    if len(one.text) < 4 or len(other.text) < 4 or _are_short_syllables(one, other):
        return False
    return one.role != other.role or not _are_two_known_words(one, other)


def _slipped(one: Word, other: Word) -> Likeness:
    """One slip, which may change the sound of a word wholly: trevino, trevio; zaytsev, zaytgsev."""
    if abs(len(one.text) - len(other.text)) > 1 or OSA.distance(one.text, other.text, score_cutoff=1) > 1:
        return UNLIKE
    if letters_key(one.text) == letters_key(other.text):
        return _transposed(one, other)
    # One letter is one slip, however many it changes in the sound: "hsein" for husein.
    heard = min(OSA.distance(one.sound, other.sound), 1)
    length = max(len(one.text), len(other.text))
    similarity = round(1 - (_WRITTEN + _HEARD * heard + _FRAMED * 2) / length, 4)
    return Likeness(similarity, "spelling") if _is_enough(similarity, one, other) else UNLIKE


def _transposed(one: Word, other: Word) -> Likeness:
    """The commonest slip of the keyboard: taha, taah."""
    if len(one.text) < 3 or (is_syllable(one.text) and is_syllable(other.text)):
        return UNLIKE
    return Likeness(max(TRANSPOSED_LIKENESS, round(1 - 1 / len(one.text), 4)), "spelling")


def joint_frame(one: Word, other: Word) -> str:
    """The frame of two words written as one."""
    start, end = one.frame, other.frame
    return start + end[1:] if start[-1:] == end[:1] else start + end


def are_joinable(one: Word, other: Word) -> bool:
    """Whether two words may be written as one and otherwise, Abu Talebi and Aboutalebi.

    Where both are syllables, other letters are another name.
    """
    if one.abjad or len(one.text) + len(other.text) < LEAST_JOINED or other.role in _UNJOINED_BEHIND:
        return False
    return one.role not in _UNJOINED and not (other.role == "syllable" and one.role in _SYLLABIC)


def respelt(one: Word, other: Word, single: Word) -> float:
    """How like ``single`` is to two words written as one and otherwise; 0 where it is not."""
    if len(single.text) < LEAST_JOINED or single.frame != joint_frame(one, other):
        return 0.0
    if not are_joinable(one, other):
        return 0.0
    similarity = letters_likeness(word(one.text + other.text), single).similarity
    return similarity if similarity >= RESPELT_LIKENESS else 0.0


def halves(text: str, length: int) -> tuple[str, str]:
    """The beginning and the end of ``text``: in a word of ``length`` letters that is one slip away, one of
    the two is the same.
    """
    half = length // 2
    return f"{length}{text[:half]}", f"{text[-half:]}{length}"


def letters_key(text: str) -> str:
    """A word's letters in order: the same for words that differ by letters changing places."""
    return "".join(sorted(text))


def most_heard_apart(length: int) -> int:
    """How many letters of a sound may differ, for words of ``length`` letters: one in three."""
    return length // 3


def _are_short_syllables(one: Word, other: Word) -> bool:
    return len(one.text) + len(other.text) < 10 and is_syllable(one.text) and is_syllable(other.text)


def _least(one: Word, other: Word) -> float:
    return KNOWN_NAMES_LIKENESS if one.role == other.role == "common" and not one.abjad else LEAST_LIKENESS


def _are_two_known_words(one: Word, other: Word) -> bool:
    """Whether two words of one role are two meanings, however close their letters: Iran, Iraq; gas, gaz."""
    if one.role == "generic":
        return max(len(one.text), len(other.text)) < 8 and not _share_meaning(one, other)
    return one.role == "place"


def _share_meaning(one: Word, other: Word) -> bool:
    signs = generic_signs()
    return signs[one.text] == signs[other.text]


def _without_vowels(one: Word, other: Word) -> Likeness:
    """A word of an abjad (Arabic, Hebrew) beside a Latin one: the same consonants, and the long vowels
    heard.
    """
    abjad, latin = (one, other) if one.abjad else (other, one)
    written = tuple(map(_abjad_parts, abjad_readings(abjad.text, is_latin=False)))
    heard = tuple(map(_abjad_parts, abjad_readings(latin.text, is_latin=True)))
    if not any(_is_heard(mine, theirs) for mine in written for theirs in heard):
        return UNLIKE
    return Likeness(ABJAD_LIKENESS, "transliteration")


def _is_heard(written: _Parts, heard: _Parts) -> bool:
    """Whether they are one word, of letters enough: of one consonant, two long vowels beside it."""
    tells = len(written[0]) > 1 or len("".join(written[1])) > 1
    return tells and written[0] == heard[0] and are_long_vowels_heard(written[1], heard[1])


@lru_cache(maxsize=65_536)
def _abjad_parts(text: str) -> _Parts:
    return abjad_parts(text)


def abjad_keys(word: Word) -> tuple[str, ...]:
    """A word's consonants as an abjad writes them, of each reading: words that are like across scripts share
    one.
    """
    return tuple([_abjad_parts(reading)[0] for reading in abjad_readings(word.text, not word.abjad)])
