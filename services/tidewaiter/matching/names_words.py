"""A name taken apart into words that can be compared: forms and titles known, prefixes joined, numbers
read.
"""

import re
from functools import cache, lru_cache
from string import ascii_lowercase

from msgspec import Struct

from tidewaiter.domain.watchlist import EntryKind
from tidewaiter.matching import text as texts
from tidewaiter.matching.names_abjad import in_full, told_apart
from tidewaiter.matching.names_compounds import COMPOUNDING, joined
from tidewaiter.matching.names_forms import (
    form_at,
    gathered,
    place_at,
    respelt,
    single_forms,
    with_joint_stock,
)
from tidewaiter.matching.names_letters import (
    FIELD_LENGTHS,
    as_meant,
    joined_letters,
    with_form_completed,
    with_forms_parted,
    without_number_behind,
)
from tidewaiter.matching.names_pinyin import families
from tidewaiter.matching.names_syllables import apart, family_first, is_in_full, unaddressed, with_trades
from tidewaiter.matching.names_vocabulary import (
    compound_parts,
    form_phrases,
    numbers,
    place_phrases,
    small_syllables,
)
from tidewaiter.matching.names_word import Word, heard_word, plain_word, word

# No listed name has more than 27 words; past this a name is not compared further, so that the time is
# bounded.
MAX_WORDS = 32
# No listed name has more than six; each more has to be laid beside the words of thousands of names.
MAX_INITIALS = 8

_CAMEL = re.compile(r"(?<=[a-z]{3})(?=[A-Z][a-zA-Z])")
_TOKEN = re.compile(r"[a-z]+|[0-9]+")
_NOT_BETWEEN_NUMBERS = re.compile("(?<![0-9]) | (?![0-9])")
_ABJAD = re.compile("[\u0590-\u06ff\u0750-\u077f\u08a0-\u08ff]")
_FRONT = compound_parts("front")
_PEOPLES = frozenset({"common", "syllable", "initial"})
_BESIDE_SYLLABLES = frozenset({"syllable", "initial", "title"})
_REPEATED = frozenset({"number", "syllable", "initial"})
_COMPANY_ROLES = frozenset({"form", "generic", "glued"})
_UNPOINTED = str.maketrans("", "", ".'`")
_PUNCTUATION = str.maketrans({"'": "", "`": "", "&": " and "})
# Of what does not stand for itself: letters apart, digits for letters, and in whose care a parcel is.
_SIGNS_APART = frozenset((*ascii_lowercase, "0", "1", "attn", "attention"))
_PUNCTUATED = frozenset("'`&")
_NUMBER_ENDS = frozenset("0123456789) ")
_TENS = frozenset(str(tens) for tens in range(20, 100, 10))


class Name(Struct, frozen=True, gc=False):
    """A name in comparable words, in order; ``syllables`` are its Han, Hangul or Kana characters.

    ``otherwise`` are its words if what stands first is a form and no initials, where that cannot be told; or
    those of a name in Han or Hangul with the given name as one; or a firm's with those that are said twice.
    ``letters`` are all of it without blanks, ``turned`` the same with the surname first, where a comma tells
    it; numbers stay apart. ``in_full`` is a person's name in Han or Hangul that nothing is left out of.
    """

    text: str
    words: tuple[Word, ...]
    is_company: bool
    syllables: str = ""
    otherwise: tuple[Word, ...] = ()
    letters: str = ""
    turned: str = ""
    in_full: bool = False

    def readings(self) -> tuple["Name", ...]:
        """The name as it is read, and as it may be read otherwise: S.A. Kestrina is a person or a firm."""
        if not self.otherwise:
            return (self,)
        company = not self.syllables or self.is_company
        other = Name(
            self.text, self.otherwise, company, self.syllables, (), self.letters, self.turned, self.in_full
        )
        return (self, other)


@lru_cache(maxsize=4096)
def name_of(text: str) -> Name:
    """``text`` taken apart. Never raises; a name without a letter or digit has no words."""
    if not text.isascii():
        return _foreign_name(text)
    plain = _CAMEL.sub(" ", text) if " " not in text and not text.isupper() else text
    return _assembled(text, texts.folded(plain), abjad=False)


def _foreign_name(text: str) -> Name:
    text = text[: texts.MAX_CHARACTERS]
    characters = texts.syllables(text)
    if not characters:
        plain = texts.plain(told_apart(text))
        if " " not in plain:
            plain = _CAMEL.sub(" ", plain)
        return _assembled(text, texts.folded(plain), abjad=bool(_ABJAD.search(plain)))
    if firm := with_trades(text):
        return _assembled(text, texts.folded(texts.plain(firm)), abjad=False, characters=characters)
    return _syllabic_name(text, unaddressed(text))


def _syllabic_name(text: str, named: str) -> Name:
    """``text``, which has Han, Hangul or Kana and is no firm's: the name in it is ``named``."""
    spaced = " ".join(family_first(part) for part in texts.plain(named).replace(" ", " ").split("   "))
    characters, in_full = texts.syllables(named), is_in_full(named)
    # A syllable of one letter (Korean "i") is a name there, no initial.
    found = _assembled(text, spaced, abjad=False, characters=characters)
    other = apart(named)
    if not other or other == spaced:
        words, otherwise = found.words, found.otherwise
    else:
        words, otherwise = _assembled(text, other, abjad=False).words, found.words
    return Name(text, words, found.is_company, characters, otherwise, found.letters, found.turned, in_full)


def _assembled(text: str, folded: str, abjad: bool, characters: str = "") -> Name:
    otherwise: tuple[Word, ...] = ()
    turned = ""
    tokens = folded.split()
    letters = "".join(tokens)
    if not letters.isalpha() or len(tokens) > MAX_WORDS:
        folded, turned = _unpunctuated(text, folded)
        tokens = _TOKEN.findall(folded)[:MAX_WORDS]
        letters = _letters(tokens)
    if abjad:
        tokens = in_full(tokens)
    if _telling_tokens().isdisjoint(tokens):
        found = tuple([word(token, abjad) for token in tokens])
    else:
        if len(text) in FIELD_LENGTHS and text.isascii():
            folded = with_form_completed(folded)
            tokens = _TOKEN.findall(folded)[:MAX_WORDS]
        if abjad or characters or _SIGNS_APART.isdisjoint(tokens):
            tokens = gathered(tokens)
        else:
            tokens = _with_letters_joined(as_meant(folded))
        found = _with_compounds(tokens, abjad)
        otherwise = _with_form_first(found)
    if found and not found[0].tells and not any(each.tells for each in found):
        found = _called_so(found)
    elif not small_syllables().isdisjoint(tokens):
        found = _of_syllables(found)
    roles = [each.role for each in found]
    if roles.count("initial") > MAX_INITIALS:
        found = _with_fewer_initials(found)
    is_company = not _COMPANY_ROLES.isdisjoint(roles)
    parted = " ".join(map(with_forms_parted, tokens)) if is_company and "glued" in roles else ""
    if parted and parted != " ".join(tokens):  # else it is of two words, as "Abdul TD", and asked for ever
        return _assembled(text, parted, abjad, characters)
    once = _said_once(found) if is_company else found
    if len(once) < len(found):
        otherwise = otherwise or found
    return Name(text, once, is_company, characters, otherwise, letters, turned if turned != letters else "")


def _unpunctuated(text: str, folded: str) -> tuple[str, str]:
    """A folded name without a reference behind it and signs within, its given names first; and all letters
    in the order of the text, where that is another.
    """
    turned = ""
    if folded[-1:] in _NUMBER_ENDS:
        folded = without_number_behind(folded)
    if "," in folded:
        turned = _letters(_TOKEN.findall(folded)[:MAX_WORDS])
        folded = _given_first(with_form_completed(folded) if len(text) in FIELD_LENGTHS else folded)
    return folded if _PUNCTUATED.isdisjoint(folded) else folded.translate(_PUNCTUATION), turned


def _said_once(found: tuple[Word, ...]) -> tuple[Word, ...]:
    """A firm's words, none twice in a row: Velmora Velmora LLC. Numbers and syllables are: Ping Ping."""
    before = ("", *[each.text for each in found])
    return tuple([w for b, w in zip(before, found, strict=False) if w.text != b or w.role in _REPEATED])


def _with_fewer_initials(found: tuple[Word, ...]) -> tuple[Word, ...]:
    places = [at for at, each in enumerate(found) if each.role == "initial"]
    late = frozenset(places[MAX_INITIALS:])
    return tuple([each for at, each in enumerate(found) if at not in late])


def _letters(tokens: list[str]) -> str:
    letters = "".join(tokens)
    return letters if letters.isalpha() else _NOT_BETWEEN_NUMBERS.sub("", " ".join(tokens))


def _with_letters_joined(meant: str) -> list[str]:
    tokens = _TOKEN.findall(meant)[:MAX_WORDS]
    together = gathered(tokens)
    return _TOKEN.findall(joined_letters(meant if together is tokens else " ".join(together)))[:MAX_WORDS]


def _with_form_first(found: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words, where the first of them may be a form, as S.A. and AB in front of a firm's name; else none.

    Beside a known name of people it is none: S. A. Petrov.
    """
    size = 2 if [each.role for each in found[:2]] == ["initial", "initial"] else 1
    first, rest = "".join([each.text for each in found[:size]]), found[size:]
    roles = {each.role for each in rest}
    if first not in _FRONT or "word" not in roles or not _PEOPLES.isdisjoint(roles):
        return ()
    return (plain_word(form_phrases()[first][-1][1], "form"), *rest)


def _called_so(found: tuple[Word, ...]) -> tuple[Word, ...]:
    """Words of a name that has none that tells: its titles, else its particles, are what it is: The Doctor,
    Van Le.

    Beside initials particles are left: AT&T is read as "at and t".
    """
    roles = {each.role for each in found}
    named = {"title", "kinship"} & roles or ({"particle"} if "initial" not in roles else set())
    return tuple([heard_word(each.text, "word") if each.role in named else each for each in found])


def _of_syllables(found: tuple[Word, ...]) -> tuple[Word, ...]:
    """Words of a name that are syllables but for particles, which are syllables then, too: Pak Chun Il; else
    with its family's as one.
    """
    small = small_syllables()
    if any(each.role not in _BESIDE_SYLLABLES and each.text not in small for each in found):
        small = families([each.text for each in found])
    return tuple([heard_word(each.text, "syllable") if each.text in small else each for each in found])


def _with_compounds(tokens: list[str], abjad: bool) -> tuple[Word, ...]:
    """The words, where some of them are parts of a word, of a legal form or of a number."""
    if len(tokens) > 1 and not COMPOUNDING.isdisjoint(tokens):
        tokens = joined(tokens, abjad)
    found = _with_forms(tokens, abjad)
    return found if _number_words().isdisjoint(tokens) else _whole_numbers(found)


@cache
def _telling_tokens() -> frozenset[str]:
    """Words that may be parts of something: few names have one, so the others are spared three questions."""
    return (
        COMPOUNDING | _number_words() | frozenset(form_phrases()) | frozenset(place_phrases()) | _SIGNS_APART
    )


@cache
def _number_words() -> frozenset[str]:
    return frozenset(numbers())


def _given_first(folded: str) -> str:
    """ "Surname, Given" turned about, unless a legal form follows the comma, or ends what does."""
    family, _, given = folded.partition(",")
    tokens = _TOKEN.findall(given.translate(_UNPOINTED))
    is_form = not tokens or tokens[-1] in form_phrases() or tokens[0] in single_forms()
    return folded if is_form else f"{given} {family}"


def _with_forms(tokens: list[str], abjad: bool) -> tuple[Word, ...]:
    """The words, each legal form and each place of several words folded to one."""
    tokens = with_joint_stock([respelt(token) for token in tokens])
    found: list[Word] = []
    at = 0
    while at < len(tokens):
        length, sign = form_at(tokens, at)
        if sign:
            found.append(plain_word(sign, "form"))
        else:
            length, sign = place_at(tokens, at)
            found.append(word(sign or tokens[at], abjad))
        at += length or 1
    return tuple(found)


def _whole_numbers(found: tuple[Word, ...]) -> tuple[Word, ...]:
    """Tens and units said apart are one number: forty four -> 44."""
    joined: list[Word] = []
    for each in found:
        before = joined[-1] if joined else None
        if before and before.role == each.role == "number" and len(each.text) == 1 and before.text in _TENS:
            joined[-1] = word(str(int(before.text) + int(each.text)))
        else:
            joined.append(each)
    return tuple(joined)


def compares_as_company(name: Name, kind: EntryKind) -> bool:
    """Whether to compare by the rules of companies: as the kind says, else as the words do."""
    return kind == "organization" if kind in ("organization", "person") else name.is_company
