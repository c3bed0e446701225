"""Listed names that have words of a party's written as one, or one of them as two."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeAlias

from msgspec import Struct

from tidewaiter.matching.index_alias import Alias, form_runs, heard_runs, joinable, runs
from tidewaiter.matching.index_postings import Parted, Postings, Reach
from tidewaiter.matching.names_likeness import are_joinable, joint_frame, respelt
from tidewaiter.matching.names_word import Word
from tidewaiter.matching.names_words import Name

# The words that are written as one on either side, by the number of the name.
Found: TypeAlias = dict[int, list[tuple[str, ...]]]


class Joints(Struct, frozen=True):
    """The names of an index, by the words in them that may be written as one."""

    postings: Postings
    aliases: Mapping[int, Alias]

    def found(self, party: Name, reaches: Sequence[Reach]) -> Found:
        """Names with words of the party's written as one, or one written as several: the words.

        Where these are written otherwise, too, the words of both.
        """
        joined, postings, framed = self.postings.joined, self.postings.all, self.postings.framed
        found: Found = {}
        words = joinable(party)
        for one, other in pairwise(words):
            joint = one.text + other.text
            if joint in postings or joint in joined:
                self._note(found, joint, (one.text, other.text))
            frame = joint_frame(one, other)
            if frame in framed and are_joinable(one, other):
                self._note_respelt(found, one, other, framed[frame])
        if len(words) == 3:
            texts = (words[0].text, words[1].text, words[2].text)
            joint = "".join(texts)
            if joint in postings or joint in joined:
                self._note(found, joint, texts)
        for pair in form_runs(party) if len(words) < len(party.words) else ():
            for number in postings.get("".join(pair), ()):
                found.setdefault(number, []).append(pair)
        for word in party.words:
            for number in joined.get(word.text, ()):
                if word.tells or self._is_held(number, reaches):
                    found.setdefault(number, []).append((word.text,))
        for reach in reaches:
            for number, parts in reach.parted:
                found.setdefault(number, []).append(parts)
        return found

    def parted(self, word: Word) -> Iterator[Parted]:
        """Names that have the word in two and otherwise."""
        for number in self.postings.heard.get(word.frame, ()):
            one, other = heard_runs(self.aliases[number].words)[word.frame]
            if respelt(one, other, word):
                yield number, (word.text, one.text, other.text)

    def _note(self, found: Found, joint: str, run: tuple[str, ...]) -> None:
        for number in (*self.postings.all.get(joint, ()), *self._parted_otherwise(joint, run)):
            found.setdefault(number, []).append(run)

    def _note_respelt(self, found: Found, one: Word, other: Word, framed: Sequence[Word]) -> None:
        for word in framed:
            if respelt(one, other, word):
                for number in self.postings.all[word.text]:
                    found.setdefault(number, []).append((one.text, other.text, word.text))

    def _is_held(self, number: int, reaches: Sequence[Reach]) -> bool:
        """Whether the name holds any of the words."""
        texts = self.aliases[number].weighed.texts
        return any(not reach.texts.isdisjoint(texts) for reach in reaches)

    def _parted_otherwise(self, joint: str, run: tuple[str, ...]) -> Sequence[int]:
        """The names that hold ``joint`` in parts, unless all of them hold the very words of the party: one
        that counts finds them without.
        """
        numbers = self.postings.joined.get(joint, ())
        if numbers and joint not in self.postings.parted:
            alias = self.aliases[numbers[0]]
            if any(text in alias.weighed.texts for text in run) and run in runs(alias.words):
                return ()
        return numbers
