"""Legal forms among a name's tokens: which words are one, and where they stand as one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from rapidfuzz.distance import OSA
from rapidfuzz.process import extractOne

from tidewaiter.matching.names_sound import is_syllable
from tidewaiter.matching.names_vocabulary import (
    Phrase,
    compound_parts,
    form_phrases,
    generic_signs,
    place_phrases,
    roles,
)

_DOUBTFUL = compound_parts("doubtful")
_LATE = compound_parts("late")
_FIRST = compound_parts("first")
_SURNAMES = compound_parts("surname")
_WITHIN = compound_parts("within")

# Words of forms that a slip does not hide. Beside shorter ones stand names: sharika, a company, and Sharifa;
# otkrytoe, open, and the bank Otkrytie.
_LEAST_RESPELT = 9
_RESPELT = frozenset({"limited", "company", "limitada"})


@cache
def _form_words() -> frozenset[str]:
    phrases = (phrase for found in form_phrases().values() for phrase, _ in found)
    return frozenset(word for phrase in phrases for word in phrase)


@cache
def _respelt_words(start: str) -> tuple[str, ...]:
    """The words of forms that are known in spite of a slip, and begin with the letter ``start``."""
    return tuple(sorted(word for word in _long_words() if word[0] == start))


@cache
def _long_words() -> frozenset[str]:
    return _RESPELT | {word for word in _form_words() if len(word) >= _LEAST_RESPELT}


@cache
def _beheaded_words() -> Mapping[str, str]:
    """The same words under what is left without their first letter: imited, ompany."""
    return {word[1:]: word for word in _long_words()}


@lru_cache(maxsize=4096)
def respelt(text: str) -> str:
    """``text``, or the word of a legal form that it is but for one letter, or two of twelve: ogranichenoy."""
    if len(text) < len("limted") or text in _form_words() or text in roles():
        return text
    if text in _beheaded_words():
        return _beheaded_words()[text]
    edits = 2 if len(text) > 11 else 1
    found = extractOne(text, _respelt_words(text[0]), scorer=OSA.distance, score_cutoff=edits, processor=None)
    return found[0] if found else text


def with_joint_stock(tokens: list[str]) -> list[str]:
    """``tokens`` with a slip in "joint" or "stock" mended, beside the other: alone, each is a word as any."""
    if ("joint" in tokens) == ("stock" in tokens):
        return tokens
    known, lacking, away = ("joint", "stock", 1) if "joint" in tokens else ("stock", "joint", -1)
    at = tokens.index(known) + away
    if not 0 <= at < len(tokens) or OSA.distance(tokens[at], lacking, score_cutoff=1) > 1:
        return tokens
    return [*tokens[:at], lacking, *tokens[at + 1 :]]


def misspelt_form(text: str) -> str:
    """The sign of the form of one word that ``text`` misspells, else ""."""
    word = respelt(text)
    return form_phrases()[word][-1][1] if word != text and word in single_forms() else ""


@cache
def _long_forms() -> Mapping[str, tuple[Phrase, ...]]:
    """Forms of three words or more, or of two that are none by themselves, under the longest word of each."""
    under: dict[str, list[Phrase]] = {}
    for phrase, sign in (form for found in form_phrases().values() for form in found):
        # Of two short words, gong si, each is a name.
        if len(phrase) > 2 or (single_forms().isdisjoint(phrase) and min(map(len, phrase)) > 3):
            key = max(phrase, key=lambda word: (word not in single_forms(), len(word)))
            under.setdefault(key, []).append((phrase, sign))
    return {key: tuple(found) for key, found in under.items()}


def gathered(tokens: list[str]) -> list[str]:
    """``tokens`` with the words of a long form that stand apart taken together, as its sign in front: Stock
    Kredo Joint Company, C.V. de S.A. Kestrina.
    """
    if _long_forms().keys().isdisjoint(tokens):
        return tokens
    forms = [form for token in set(tokens) for form in _long_forms().get(token, ())]
    spaced, count = f" {' '.join(tokens)} ", Counter(tokens)
    if any(f" {' '.join(phrase)} " in spaced for phrase, _ in forms):
        return tokens
    held = [form for form in forms if len(form[0]) < len(tokens) and Counter(form[0]) <= count]
    phrase, sign = max(held, key=lambda form: (len(form[0]), form), default=((), ""))
    return [sign, *(count - Counter(phrase)).elements()] if sign else tokens


def form_at(tokens: Sequence[str], at: int) -> tuple[int, str]:
    """How many tokens from ``at`` are a legal form, and the sign of it; 0 and "" where none stands."""
    for phrase, sign in form_phrases().get(tokens[at], ()):
        if tuple(tokens[at : at + len(phrase)]) == phrase and _stands_as_form(phrase, at, tokens):
            return len(phrase), sign
    return 0, ""


def place_at(tokens: Sequence[str], at: int) -> tuple[int, str]:
    """How many tokens from ``at`` are a place of several words, or a short form of one, and its one word."""
    for phrase, sign in place_phrases().get(tokens[at], ()):
        if tuple(tokens[at : at + len(phrase)]) == phrase and len(phrase) < len(tokens):
            return len(phrase), sign
    return 0, ""


def _stands_as_form(phrase: tuple[str, ...], at: int, tokens: Sequence[str]) -> bool:
    if len(phrase) == len(tokens):
        return False
    if len(phrase) > 1 or phrase[0] not in _DOUBTFUL | _LATE:
        return True
    others = (*tokens[:at], *tokens[at + 1 :])
    if all(map(is_syllable, others)) and (phrase[0] in _FIRST or _is_within(at, tokens)):
        return False
    if at == 0:
        return phrase[0] in _FIRST
    is_behind = at >= len(tokens) - 2
    if is_behind and phrase[0] not in _SURNAMES:
        return True
    return (is_behind or phrase[0] in _WITHIN) and any(map(tells_a_firm, others))


def _is_within(at: int, tokens: Sequence[str]) -> bool:
    """Whether a syllable of a name stands there, beside others and not behind them: Paek Se Bong."""
    return len(tokens) > 2 and at < len(tokens) - 1 and is_syllable(tokens[at])


@cache
def single_forms() -> frozenset[str]:
    """The legal forms of one word."""
    return frozenset(start for start, found in form_phrases().items() if len(found[-1][0]) == 1)


def tells_a_firm(token: str) -> bool:
    """Whether only a firm's name has this word: a legal form that is nothing else, or what a firm does."""
    return token in generic_signs() or (token in single_forms() and token not in _DOUBTFUL)
