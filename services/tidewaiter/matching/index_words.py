"""Finds, for a word of a party's name, the words of the listed names that it may be taken for."""

from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA

from tidewaiter.matching.names_likeness import (
    EXACT_ROLES,
    abjad_key,
    letters_likeness,
    likeness,
    most_heard_apart,
)
from tidewaiter.matching.names_vocabulary import nicknames, transliterations
from tidewaiter.matching.names_words import Word


class WordIndex:
    """The distinct words of the listed names, found by spelling (within one edit of the frame), sound and
    vocabulary.

    Exact with respect to ``likeness``: every word that it calls like is found, because two words within
    one edit of their frames have a frame in common once one letter is left out of each.
    """

    def __init__(self, words: Iterable[Word]) -> None:
        self._by_text: dict[str, list[Word]] = {}
        self._by_frame: dict[str, list[str]] = {}
        self._by_sound: dict[str, list[Word]] = {}
        self._by_abjad: dict[str, list[Word]] = {}
        self._abjads: dict[str, list[Word]] = {}
        self._by_deletion: dict[str, list[str]] = {}
        for word in words:
            self._add(word)

    def _add(self, word: Word) -> None:
        self._by_text.setdefault(word.text, []).append(word)
        if word.abjad:
            self._abjads.setdefault(abjad_key(word), []).append(word)
        elif word.role not in EXACT_ROLES:
            self._by_abjad.setdefault(abjad_key(word), []).append(word)
        same = self._by_sound.setdefault(word.sound, [])
        same.append(word)
        if len(same) == 1:
            self._add_sound(word)

    def _add_sound(self, word: Word) -> None:
        sounds = self._by_frame.setdefault(word.frame, [])
        sounds.append(word.sound)
        if len(sounds) == 1:
            for key in deletions(word.frame):
                self._by_deletion.setdefault(key, []).append(word.frame)

    def like(self, word: Word) -> tuple[Word, ...]:
        """The indexed words like ``word``, itself included if it is indexed, in the order of indexing."""
        found = {other: None for other in self._by_vocabulary(word) if likeness(word, other).similarity}
        if word.role not in EXACT_ROLES:
            found.update(
                (other, None) for other in self._near(word) if letters_likeness(word, other).similarity
            )
        return tuple(found)

    def _by_vocabulary(self, word: Word) -> Iterator[Word]:
        texts = [word.text, "abdul" + word.text, "al" + word.text, word.text.removeprefix("abdul")]
        texts.append(word.text.removeprefix("al"))
        for text in (*texts, *transliterations().get(word.text, ()), *nicknames().get(word.text, ())):
            yield from self._by_text.get(text, ())
        yield from (self._by_abjad if word.abjad else self._abjads).get(abjad_key(word), ())

    def _near(self, word: Word) -> Iterator[Word]:
        yield from self._by_sound.get(word.sound, ())
        if len(word.text) < 4:
            return
        limit = most_heard_apart(len(word.text) + 2)
        distance, sound, framed = OSA.distance, word.sound, word.frame
        for frame in {frame for key in deletions(framed) for frame in self._by_deletion.get(key, ())}:
            if distance(frame, framed, score_cutoff=1) <= 1:
                for other in self._by_frame[frame]:
                    if distance(other, sound, score_cutoff=limit) <= limit and other != sound:
                        yield from self._by_sound[other]


def deletions(frame: str) -> tuple[str, ...]:
    """``frame`` and what is left of it without any one letter."""
    return (frame, *{frame[:at] + frame[at + 1 :] for at in range(len(frame))})
