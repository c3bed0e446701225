"""The terms of word lists, and what is said of each."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a list and the phrases under which it is found."""

    name: str
    phrases: tuple[str, ...]
    cas: tuple[str, ...] = ()
    hs: tuple[str, ...] = ()
    note: str = ""
    signs: tuple[str, ...] = ()  # Chinese, Japanese or Korean names, found in these very signs alone
    is_stem: bool = False
    is_ending: bool = False  # found at the end of longer words, too: a kind of drugs whose names end alike
    effective_from: date | None = None
    effective_to: date | None = None

    def is_effective(self, on: date) -> bool:
        begun = self.effective_from is None or self.effective_from <= on
        return begun and (self.effective_to is None or on < self.effective_to)


@dataclass(frozen=True, slots=True)
class WordList:
    """A list of terms, and the innocent phrases that contain them."""

    name: str
    title: str
    source: str
    terms: tuple[Term, ...]
    innocents: tuple[str, ...] = ()
    innocents_like: str = ""  # the list whose phrases around "{term}" hold for this one, too
    is_disguised: bool = False  # its terms are written in disguise, too
    is_ordinary: bool = (
        False  # its terms are goods of any weight, and one beside an innocent phrase tells nothing
    )
    is_abroad: bool = False  # its terms are names of drugs, and spelled as other languages spell them, too
