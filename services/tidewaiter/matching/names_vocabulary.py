"""What is known of single words in names: forms of companies, generic words, titles, numbers, nicknames,
variants.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Literal, TypeAlias

from tidewaiter.matching.vocabulary import vocabulary_lines

Role = Literal[
    "word",
    "common",
    "syllable",
    "generic",
    "place",
    "form",
    "glued",
    "title",
    "particle",
    "kinship",
    "number",
    "initial",
]

# What a word's presence weighs beside an ordinary rare one. A form ("Ltd") says almost nothing; a generic
# word says what a firm does; a name that millions bear says less than one that hundreds do.
WEIGHTS: Mapping[Role, float] = {
    "word": 1.0, "common": 0.7, "syllable": 0.55, "generic": 0.5, "place": 0.5, "number": 1.0,
    "initial": 0.4, "kinship": 0.1, "form": 0.04, "glued": 1.0, "title": 0.05, "particle": 0.05,
}  # fmt: skip


def _groups(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in vocabulary_lines(name):
        sign, _, members = line.partition(":")
        yield sign.strip(), tuple(member.strip() for member in members.split(",") if member.strip())


def _kin_of(groups: Iterable[tuple[str, ...]]) -> dict[str, frozenset[str]]:
    kin: dict[str, set[str]] = {}
    for group in groups:
        for word in group:
            kin.setdefault(word, set()).update(group)
    return {word: frozenset(others - {word}) for word, others in kin.items()}


@cache
def nicknames() -> Mapping[str, frozenset[str]]:
    """A word to the words that may stand for it: of given names, and of trades that are shortened."""
    given = (tuple(line.split()) for line in vocabulary_lines("nicknames.txt"))
    return _kin_of((*given, *((short, word) for short, words in _short_words() for word in words)))


def _short_words() -> Iterator[tuple[str, tuple[str, ...]]]:
    return _lines("short_words.txt")


@cache
def transliterations() -> Mapping[str, frozenset[str]]:
    """A word to its other romanisations."""
    return _kin_of(tuple(line.split()) for line in vocabulary_lines("transliterations.txt"))


@cache
def small_signs() -> Mapping[str, str]:
    """An Arabic article, or a word of kinship, to the first spelling of it: el to al, ben and ibn to bin."""
    groups = (members for sign, members in _lines("particles.txt") if sign in ("article", "kinship"))
    return {member: group[0] for group in groups for member in group}


@cache
def fathers() -> Mapping[str, str]:
    """A given name without its last vowels, as fathers' names have it, to its first spelling."""
    groups = [line.split() for line in vocabulary_lines("fathers.txt")]
    return {member: group[0] for group in groups for member in group}


@cache
def small_syllables() -> frozenset[str]:
    """Particles and other small words that are syllables of Chinese and Korean names, too."""
    return _small("syllable")


@cache
def small_families() -> frozenset[str]:
    """Those of them that are families in China or Vietnam."""
    return _small("family")


def _small(kind: str) -> frozenset[str]:
    return frozenset(each for sign, members in _lines("particles.txt") if sign == kind for each in members)


@cache
def pinyin() -> frozenset[str]:
    """The syllables of Mandarin."""
    return frozenset(
        initial.removeprefix("-") + final for final, initials in _lines("pinyin.txt") for initial in initials
    )


@cache
def family_readings() -> Mapping[str, str]:
    """Han and Hangul of a family's name to its reading, where folding gives another."""
    return {name: reading for reading, names in _lines("family_readings.txt") for name in names}


@cache
def syllable_trades() -> Mapping[str, str]:
    """Han and Hangul of what firms do to the word of it in Latin letters."""
    return {trade: word for word, trades in _lines("syllable_trades.txt") for trade in trades}


def _lines(name: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in vocabulary_lines(name):
        sign, _, members = line.partition(":")
        yield sign, tuple(members.split())


@cache
def abjad_words() -> Mapping[str, str]:
    """A word of an abjad, letter by letter, to the word in full."""
    lines = (line.partition(":") for line in vocabulary_lines("abjad_words.txt"))
    return {letters: word.strip() for letters, _, word in lines}


# Words, and the sign that they stand for.
Phrase: TypeAlias = tuple[tuple[str, ...], str]


def _phrases(name: str) -> Mapping[str, tuple[Phrase, ...]]:
    """First word of a phrase to the phrases that begin so, longest first."""
    starts: dict[str, list[Phrase]] = {}
    for sign, members in _groups(name):
        for member in members:
            phrase = tuple(member.split())
            starts.setdefault(phrase[0], []).append((phrase, sign))
    return {start: tuple(sorted(found, key=lambda form: -len(form[0]))) for start, found in starts.items()}


@cache
def form_phrases() -> Mapping[str, tuple[Phrase, ...]]:
    """First word of a legal form to the forms that begin so, longest first."""
    return _phrases("legal_forms.txt")


@cache
def place_phrases() -> Mapping[str, tuple[Phrase, ...]]:
    """First word of a place of several to the places that begin so, longest first."""
    return _phrases("place_phrases.txt")


def compound_parts(sign: str) -> frozenset[str]:
    """The parts that names are built with under ``sign`` in compound_parts.txt."""
    lines = (line.partition(":") for line in vocabulary_lines("compound_parts.txt"))
    return frozenset(part for start, _, parts in lines if start == sign for part in parts.split())


@cache
def numbers() -> Mapping[str, str]:
    """A number's word or Roman figure to its figures."""
    return {word: figure for figure, members in _groups("numbers.txt") for word in members}


@cache
def generic_signs() -> Mapping[str, str]:
    """A generic word of any language to the sign of its meaning."""
    signs = {member: sign for sign, members in _groups("generic_words.txt") for member in members}
    return {short: signs[words[0]] for short, words in _short_words()} | signs


@cache
def roles() -> Mapping[str, Role]:
    """Every known word's role; a word that is not here is an ordinary, rare one."""
    known: dict[str, Role] = {}
    for line in vocabulary_lines("common_names.txt"):
        known.update(dict.fromkeys(line.partition(":")[2].split(), "common"))
    known.update(dict.fromkeys(generic_signs(), "generic"))
    for line in vocabulary_lines("places.txt"):
        known.update(dict.fromkeys(line.split(), "place"))
    parts: dict[str, Role] = {
        "particle": "particle", "article": "particle", "kinship": "kinship", "title": "title"
    }  # fmt: skip
    for sign, members in _lines("particles.txt"):
        if sign in parts:
            known.update(dict.fromkeys(members, parts[sign]))
    known.update(dict.fromkeys(numbers(), "number"))
    return known
