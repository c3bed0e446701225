"""Finds, for a word of a party's name, the words of the listed names that it may be taken for."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TypeAlias, TypeVar

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from tidewaiter.matching.names_fathers import of_father
from tidewaiter.matching.names_likeness import (
    EXACT_ROLES,
    abjad_keys,
    halves,
    letters_key,
    most_heard_apart,
    spelling_similarity,
)
from tidewaiter.matching.names_vocabulary import nicknames, transliterations
from tidewaiter.matching.names_word import Word

T = TypeVar("T")
# Most keys have one: a tuple of it takes half the room of a list.
Under: TypeAlias = dict[str, list[T] | tuple[T]]

# Of shorter words that a slip makes sound wholly otherwise none is like.
_LEAST_SLIPPED = 4
# Before what a short word's sound is sought under, to tell it from a frame.
_SHORT = "~"


class WordIndex:
    """The distinct words of the listed names, found by spelling (within one edit of the frame), sound and
    vocabulary.

    Every word that ``likeness`` calls like is found, because two words within one edit of their frames have a
    frame in common once one letter is left out of each; some words of the same sound or letters are found
    that it does not. Latin words are not looked for in Arabic or Hebrew ones, since the lists give every such
    name in Latin too.
    """

    def __init__(self, words: Iterable[Word]) -> None:
        self._by_text: Under[Word] = {}
        self._by_sound: Under[Word] = {}
        self._by_abjad: Under[Word] = {}
        self._by_letters: Under[Word] = {}
        self._by_half: Under[str] = {}
        self._by_father: Under[str] = {}
        for word in words:
            self._add(word)
        # By how many letters a sound may differ; and the sounds under their keys, ascending by that, so that
        # those of longer words are one slice.
        self._spread: dict[str, int] = {}
        self._by_deletion: Under[str] = {}
        for most, sound, frame in sorted(map(_spread, self._by_sound.values())):
            self._spread[sound] = most
            alone = (sound,)
            for key in _keys(most, sound, frame):
                _put(self._by_deletion, key, alone)

    def with_words(self, words: Iterable[Word]) -> "WordIndex":
        """This one with those of ``words`` that it lacks.

        It is left as it is, and shares what they do not touch.
        """
        lacking = dict.fromkeys([each for each in words if each not in self._by_text.get(each.text, ())])
        new, more = WordIndex(()), WordIndex(lacking)
        new._by_text = _together(self._by_text, more._by_text)
        new._by_sound = _together(self._by_sound, more._by_sound)
        new._by_abjad = _together(self._by_abjad, more._by_abjad)
        new._by_letters = _together(self._by_letters, more._by_letters)
        new._by_half = _together(self._by_half, more._by_half)
        new._by_father = _together(self._by_father, more._by_father)
        spread = [_spread(new._by_sound[sound]) for sound in more._by_sound]
        new._spread = self._spread | {sound: most for most, sound, _ in spread}
        new._by_deletion = dict(self._by_deletion)
        for most, sound, frame in spread:
            for key in _keys(most, sound, frame):
                sounds = {*new._by_deletion.get(key, ()), sound}
                ascending = sorted(sounds, key=new._spread.__getitem__)
                new._by_deletion[key] = ascending if len(ascending) > 1 else (sound,)
        return new

    def _add(self, word: Word) -> None:
        alone, text = (word,), (word.text,)
        _put(self._by_text, word.text, alone)
        _put(self._by_letters, letters_key(word.text), alone)
        _put(self._by_sound, word.sound, alone)
        if word.role not in EXACT_ROLES:
            for key in abjad_keys(word):
                _put(self._by_abjad, key, alone)
            if father := of_father(word.text):
                _put(self._by_father, father, text)
            if len(word.text) >= _LEAST_SLIPPED:
                for half in halves(word.text, len(word.text)):
                    _put(self._by_half, half, text)

    def like(self, word: Word) -> frozenset[str]:
        """The texts of the indexed words like ``word``, its own included if it is indexed."""
        text = word.text
        found = {text} if text in self._by_text else set()
        if word.role not in EXACT_ROLES:
            found.update([each for each in _kin(text) if each in self._by_text])
            found.update(self._by_father.get(of_father(text), ()))
            found.update([other.text for other in self._by_sound.get(word.sound, ())])
            if word.abjad:
                found.update(
                    [other.text for key in abjad_keys(word) for other in self._by_abjad.get(key, ())]
                )
            for other in self._by_letters.get(letters_key(text), ()):
                if other.text != text and OSA.distance(text, other.text) == 1:
                    found.add(other.text)
            if len(text) > 3:
                found.update(self._spelt_like(word))
                found.update(self._slipped(text))
        return frozenset(found)

    def _spelt_like(self, word: Word) -> list[str]:
        """Words of another sound that is near: the distances are bounded in C before any is weighed."""
        most = most_heard_apart(len(word.text))
        near, of_longer = self._near(word, most)
        heard = _within(word.sound, near, most)
        if of_longer:
            # Of a longer word one letter more may differ.
            heard |= _within(word.sound, of_longer, most + 1)
        heard.pop(word.sound, None)
        return [
            other.text
            for sound, edits in heard.items()
            for other in self._by_sound[sound]
            if other.abjad == word.abjad and _are_alike(word, other, edits)
        ]

    def _near(self, word: Word, most: int) -> tuple[list[str], list[str]]:
        """The sounds that may be within ``most`` edits, and those of longer words."""
        near: list[str] = []
        of_longer: list[str] = []
        if most < 2:
            for key in deletions(word.sound):
                near += self._by_deletion.get(_SHORT + key, ())
        for key in deletions(word.frame):
            sounds = self._by_deletion.get(key)
            if sounds is not None:
                start = bisect_right(sounds, most, key=self._spread.__getitem__)
                of_longer += sounds[start:]
                if most > 1:
                    near += sounds[:start]
        return near, of_longer

    def _slipped(self, text: str) -> Iterable[str]:
        """Words that one letter more, less or other makes of ``text``."""
        near: list[str] = []
        for length in (len(text) - 1, len(text), len(text) + 1):
            for half in halves(text, length):
                near += self._by_half.get(half, ())
        return _within(text, near, 1)


def _put(under: Under[T], key: str, alone: tuple[T]) -> None:
    """``alone`` is what to put, in the one tuple that is kept under every key where nothing else is."""
    alike = under.get(key)
    if alike is None:
        under[key] = alone
    elif isinstance(alike, list):
        alike.extend(alone)
    else:
        under[key] = [*alike, *alone]


def _together(some: Under[T], more: Under[T]) -> Under[T]:
    return some | {key: [*some[key], *values] if key in some else values for key, values in more.items()}


def _spread(same: Sequence[Word]) -> tuple[int, str, str]:
    """By how many letters the sound of these words may differ, the sound, and its frame."""
    return most_heard_apart(max([len(word.text) for word in same])), same[0].sound, same[0].frame


def _keys(most: int, sound: str, frame: str) -> tuple[str, ...]:
    """What a sound is sought under: its frame, and this without a letter; and for short words, which have so
    few frames that 300 other sounds are near, the same of the sound itself.
    """
    keys = deletions(frame)
    return keys if most > 1 else (*keys, *[_SHORT + key for key in deletions(sound)])


def _are_alike(word: Word, other: Word, heard: int) -> bool:
    if word.frame == other.frame:
        return spelling_similarity(word, other, heard, 0) > 0
    # Half of them are not alike even if their frames are one edit apart, which is asked last.
    return spelling_similarity(word, other, heard, 1) > 0 and OSA.distance(word.frame, other.frame) < 2


def _kin(text: str) -> tuple[str, ...]:
    """Words that may stand for ``text`` by what is known of names, not by their letters."""
    bare = (text.removeprefix("abdul"), text.removeprefix("al"))
    return (
        "abdul" + text, "al" + text, *bare,
        *transliterations().get(text, ()), *nicknames().get(text, ()),
    )  # fmt: skip


def _within(text: str, others: Sequence[str], edits: int) -> dict[str, int]:
    """Those of ``others`` within so many edits of ``text``, and how many they are away."""
    near = extract(text, others, scorer=OSA.distance, score_cutoff=edits, limit=None, processor=None)
    return {other: away for other, away, _ in near}


def deletions(frame: str) -> tuple[str, ...]:
    """``frame`` and what is left of it without any one letter."""
    return (frame, *{frame[:at] + frame[at + 1 :] for at in range(len(frame))})
