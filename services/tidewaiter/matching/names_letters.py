"""A name as it is meant: the letters apart in a firm's name are one word, T.E.G. Ltd is TEG Ltd."""

import re

from msgspec import Struct

from tidewaiter.matching.names_forms import single_forms, tells_a_firm
from tidewaiter.matching.names_vocabulary import WEIGHTS, compound_parts, form_phrases, roles

_TOKEN = re.compile("[a-z]+|[0-9]+")
# With points between (or as A/S), or with spaces; a run with spaces ends where one with points begins:
# "A B C S.A.".
_APART = re.compile(r"\b[a-z](?:[./][a-z])+\b|\b[a-z]\b\.?(?: [a-z]\b(?![./][a-z])\.?)+")
_FIRST = compound_parts("first")

_CARE_OF = re.compile(r"(?<=\w)\W+(?:c/o|attn|attention)\b")
_NOUGHT = re.compile("(?<=[a-z])0(?=[a-z])|(?<=[a-z]{4})0\\b|\\b0(?=[a-z]{4})")
_ONE = re.compile("(?<=[a-z])1(?=[a-z])")
_VOWELS = frozenset("aeiouy")
# A phone behind a name, as on waybills from China: nine digits, since eight are a Canadian firm's name.
_NUMBER_BEHIND = re.compile(
    r"(?:\b(?:tel|mob|mobile|phone|ph|cell)\b[^a-z0-9]*[0-9](?:[ ()-]{0,2}[0-9]){5,17}"
    r"|(?<![0-9])[0-9](?:[ ()-]{0,2}[0-9]){8,17}"
    # A carrier's reference: with a stroke, called so, or behind a form. "Trust 2004-1" is a series.
    r"|(?:#|\bref\b)[^a-z0-9]{0,3}[0-9][0-9/-]{3,}|(?<![^ ])[0-9]{3,}/[0-9]+"
    r"|(?:(?<= ltd)|(?<= limited)|(?<= llc)|(?<= inc)|(?<= gmbh))[^a-z0-9]{1,3}[0-9]{3,}[0-9/-]*)[ )]*$"
)
# Forms that no word ends, or begins, with: a space is lost.
_GLUED = re.compile(
    r"(?<=[a-z]{3})((?:co)?ltd|ltda|limited|company|corporation|llc|llp|gmbh|srl|[cop]?jsc|plc|pvt|kft)\b"
    r"|\b(llc|ooo|[cop]?jsc|gmbh)(?=[a-z]{3})"
)

# Characters of a name in Cargo-IMP, CAMIR and parcel carriers' labels (35), X12 (60), and others' files.
FIELD_LENGTHS = frozenset({30, 35, 40, 50, 60})


def with_form_completed(folded: str) -> str:
    """``folded``, the whole of a form behind it of which two words or more are begun: joint stock comp.

    A form that is whole stays: of "limited liability" there is a longer one.
    """
    tokens = _TOKEN.findall(folded)[-5:] if folded[-1:].isalpha() else []
    for at in range(len(tokens) - 1):
        begun = " ".join(tokens[at:])
        forms = [" ".join(phrase) for phrase, _ in form_phrases().get(tokens[at], ())]
        if begun in forms or begun.replace(" ", "") in single_forms():
            break
        longer = next((form for form in forms if form.startswith(begun)), "")
        if longer:
            return folded + longer[len(begun) :]
    return folded


def without_number_behind(folded: str) -> str:
    """``folded`` without the phone or reference of a carrier's that ends it."""
    return _NUMBER_BEHIND.sub("", folded)


def with_forms_parted(token: str) -> str:
    """A word, with the form apart that is written with it: soranltd -> soran ltd."""
    return _GLUED.sub(r" \1\2 ", token)


def as_meant(folded: str) -> str:
    """``folded`` without whom it is in care of, and with the digits between letters that stand for one.

    A 1 behind a vowel is an l, behind a consonant an i: Sa1man, Kar1mov.
    """
    care = _CARE_OF.search(folded)
    named = _NOUGHT.sub("o", folded[: care.start()] if care else folded)
    return _ONE.sub(lambda one: "l" if named[one.start() - 1] in _VOWELS else "i", named)


# A servant's name in one word: Abdelkader, Abdoulaziz; with the article's l as the letter that follows it,
# Abderrahmane, or without, Abdirahman.
_SERVANT_OF = re.compile(r"^abd(?:ou|[aeiou])(?:l(?=[a-z]{3})|([rsnzdt])(?=\1)|(?=r[aou]c?h))")


# "Of the faith", as French and Arabic, Persian and Turkish, write it behind a word: Noureddine, Nur al-Din.
_OF_FAITH = re.compile("(?<=[a-z]{2})(?:[aeou]dd(?:ine?|een)|[aeu]ld(?:in|een))$")


def of_faith(word: str) -> str:
    """A word that ends in "of the faith" with one spelling of it: noureddine and nouraldin as nouruddin."""
    return _OF_FAITH.sub("uddin", word)


def servant_of(word: str) -> str:
    """A word with the servant's name that begins it in one spelling, abdul; Cabdiraxmaan is Somali for it."""
    if word[0] == "c":
        word = word[1:].replace("x", "h")
    return _SERVANT_OF.sub("abdul", word)


class _Beside(Struct, frozen=True):
    """What a name's words say that are no letters: who it is, or what a firm does; firm if there are none."""

    is_named: bool
    is_firm: bool


def joined_letters(folded: str) -> str:
    """``folded`` with the letters of forms and of firms' names written as words; people keep their initials.

    Letters are a firm's where all else of the name says what the firm is, "A.B. Trading", or where they are
    three or more; "J. R. Smith Ltd" is called after J. R. Smith.
    """
    words = _TOKEN.findall(_APART.sub(" ", folded))
    beside = _Beside(any(map(_is_named, words)), not words or any(map(tells_a_firm, words)))
    return _APART.sub(lambda run: _read(run, beside), folded)


def _read(run: re.Match[str], beside: _Beside) -> str:
    letters = "".join(_TOKEN.findall(run.group()))
    form = _form_behind(letters) if " " in run.group() else ""
    if form:
        return f"{letters[: -len(form)]} {form} "
    if run.start() == 0 and beside.is_firm and beside.is_named and letters in single_forms():
        # By its sign, which is a form wherever it stands: S.A. Velmora Trading.
        return form_phrases()[letters][-1][1] + " "
    if _is_form(letters, run, beside) or roles().get(letters) == "place" or run.group() == "m/s":
        return letters + " "
    is_word = beside.is_firm and (len(letters) > 2 or not beside.is_named)
    return letters + " " if is_word else run.group()


def _form_behind(letters: str) -> str:
    """A form of three letters or more that follows two or more of another word: T E G L L C."""
    tails = (letters[-size:] for size in (4, 3) if len(letters) > size + 1)
    return next((tail for tail in tails if tail in single_forms()), "")


def _is_form(letters: str, run: re.Match[str], beside: _Beside) -> bool:
    if letters not in single_forms():
        return False
    if run.start() == 0:
        # Two letters before a name are somebody's initials, S. A. Petrov, but for P.T. and A.O.
        return beside.is_named and (len(letters) > 2 or letters in _FIRST)
    return len(letters) > 2 or not any(
        _is_named(word.group()) for word in _TOKEN.finditer(run.string, run.end())
    )


def _is_named(token: str) -> bool:
    """Whether a word tells who it is, and not what."""
    role = roles().get(token)
    return (
        len(token) > 1
        and token not in single_forms()
        and (role is None or WEIGHTS[role] > WEIGHTS["generic"])
    )
