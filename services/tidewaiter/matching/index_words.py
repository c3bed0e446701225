"""Finds, for a word of a party's name, the words of the listed names that it may be taken for."""

from collections.abc import Collection, Iterable, Iterator

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from tidewaiter.matching.names_likeness import (
    EXACT_ROLES,
    abjad_key,
    letters_key,
    letters_likeness,
    likeness,
    most_heard_apart,
)
from tidewaiter.matching.names_vocabulary import nicknames, transliterations
from tidewaiter.matching.names_words import Word


class WordIndex:
    """The distinct words of the listed names, found by spelling (within one edit of the frame), sound and
    vocabulary.

    Exact with respect to ``likeness``, but that Latin words are not looked for in Arabic or Hebrew ones,
    since the lists give every such name in Latin too: every word that it calls like is found, because two
    words within one edit of their frames have a frame in common once one letter is left out of each.
    """

    def __init__(self, words: Iterable[Word]) -> None:
        self._by_text: dict[str, list[Word]] = {}
        self._by_frame: dict[str, list[str]] = {}
        self._by_sound: dict[str, list[Word]] = {}
        self._by_abjad: dict[str, list[Word]] = {}
        self._by_letters: dict[str, list[Word]] = {}
        self._by_deletion: dict[str, list[str]] = {}
        for word in words:
            self._add(word)

    def _add(self, word: Word) -> None:
        self._by_text.setdefault(word.text, []).append(word)
        self._by_letters.setdefault(letters_key(word.text), []).append(word)
        if word.role not in EXACT_ROLES:
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

    def like(self, word: Word) -> set[str]:
        """The texts of the indexed words like ``word``, its own included if it is indexed."""
        found = {other.text for other in self._by_vocabulary(word) if likeness(word, other).similarity}
        if word.role not in EXACT_ROLES:
            near = self._near(word)
            found.update([other.text for other in near if letters_likeness(word, other).similarity])
        return found

    def _by_vocabulary(self, word: Word) -> Iterator[Word]:
        texts = [word.text, "abdul" + word.text, "al" + word.text, word.text.removeprefix("abdul")]
        texts.append(word.text.removeprefix("al"))
        for text in (*texts, *transliterations().get(word.text, ()), *nicknames().get(word.text, ())):
            yield from self._by_text.get(text, ())
        if word.abjad:
            yield from self._by_abjad.get(abjad_key(word), ())

    def _near(self, word: Word) -> Iterator[Word]:
        """Words whose letters may be enough like: the distances are bounded in C before any is weighed."""
        yield from self._by_sound.get(word.sound, ())
        yield from self._by_letters.get(letters_key(word.text), ())
        length = len(word.text)
        if length < 4:
            return
        frames = {frame for key in deletions(word.frame) for frame in self._by_deletion.get(key, ())}
        near = _within(word.frame, frames, 1)
        sounds = [sound for frame, _, _ in near for sound in self._by_frame[frame]]
        for sound, apart, _ in _within(word.sound, sounds, most_heard_apart(length + 2)):
            for other in self._by_sound[sound]:
                # A neighbour of three letters is another name.
                if apart and len(other.text) > 3 and apart <= most_heard_apart(max(length, len(other.text))):
                    yield other


def _within(text: str, others: Collection[str], edits: int) -> list[tuple[str, int, int]]:
    """Those of ``others`` within so many edits of ``text``: (it, edits, place)."""
    return extract(text, others, scorer=OSA.distance, score_cutoff=edits, limit=None, processor=None)


def deletions(frame: str) -> tuple[str, ...]:
    """``frame`` and what is left of it without any one letter."""
    return (frame, *{frame[:at] + frame[at + 1 :] for at in range(len(frame))})
