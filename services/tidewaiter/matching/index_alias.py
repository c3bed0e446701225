"""A listed name taken apart for the index: what it is found by, and what bounds its score unscored."""

from collections.abc import Iterator
from itertools import accumulate, pairwise

from msgspec import Struct

from tidewaiter.domain.watchlist import Entry, EntryName
from tidewaiter.matching.names_words import Name, Word, compares_as_company, name_of
from tidewaiter.matching.scoring import initials

_LOOSE_ROLES = frozenset({"form", "title"})


class Alias(Struct, frozen=True, gc=False):
    """One name of an entry.

    ``texts`` are the words it is found by, ``lightest`` the least weight of none, one, two … of them;
    ``initials`` its initials, ``letters`` the first letters of all words; ``weight`` what its words
    and initials weigh, ``slight`` what forms, titles and particles do.
    """

    entry: Entry
    name: EntryName
    words: Name
    texts: tuple[str, ...]
    lightest: tuple[float, ...]
    initials: str
    letters: str
    weight: float
    slight: float
    company: bool

    @property
    def core(self) -> int:
        """How many words it is found by."""
        return len(self.texts)


def aliases_of(entry: Entry) -> Iterator[Alias]:
    """The names of ``entry`` that have a word."""
    for name in entry.names:
        words = name_of(name.text)
        if words.words:
            yield _alias(entry, name, words)


def _alias(entry: Entry, name: EntryName, words: Name) -> Alias:
    core = telling_words(words)
    return Alias(
        entry,
        name,
        words,
        texts=tuple([word.text for word in core]),
        lightest=(0.0, *accumulate(sorted([eased(word) for word in core]))),
        initials=initials(words),
        letters=letters(words),
        weight=counting_weight(words),
        slight=slight_weight(words),
        company=compares_as_company(words, entry.kind),
    )


def telling_words(name: Name) -> list[Word]:
    """The words that names are found by: those that count, without initials."""
    return [word for word in name.words if word.tells]


def letters(name: Name) -> str:
    """The first letters of the words, initials among them."""
    return "".join([word.text[0] for word in name.words])


def counting_weight(name: Name) -> float:
    """The weight of the words that names are found by, and of initials."""
    return sum([word.weight for word in name.words if word.counts])


def slight_weight(name: Name) -> float:
    """The weight of forms, titles and particles."""
    return sum([word.weight for word in name.words if not word.counts])


def eased(word: Word) -> float:
    """The least that a word may weigh where it is left over: a place beside a firm's name counts half."""
    return word.weight / 2 if word.role == "place" else word.weight


def joints(name: Name) -> list[tuple[str, tuple[Word, ...]]]:
    """Neighbouring words, and all of a short name, written as one word: it, and those."""
    words = [word for word in name.words if word.role not in _LOOSE_ROLES]
    joined: list[tuple[str, tuple[Word, ...]]] = [
        (one.text + other.text, (one, other)) for one, other in pairwise(words)
    ]
    if len(words) == 3:
        joined.append(("".join([word.text for word in words]), tuple(words)))
    return joined


def form_joints(name: Name) -> list[tuple[str, tuple[Word, ...]]]:
    """A form or title and the word beside it, written as one: it, and those."""
    return [
        (one.text + other.text, (one, other))
        for one, other in pairwise(name.words)
        if (one.role in _LOOSE_ROLES) != (other.role in _LOOSE_ROLES)
    ]
