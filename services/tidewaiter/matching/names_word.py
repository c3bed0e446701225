"""One word of a name, with what comparing it needs."""

from functools import lru_cache

from msgspec import Struct

from tidewaiter.matching.names_abjad import words_in_full
from tidewaiter.matching.names_forms import misspelt_form
from tidewaiter.matching.names_letters import of_faith, servant_of, with_forms_parted
from tidewaiter.matching.names_sound import frame, is_syllable, sound
from tidewaiter.matching.names_vocabulary import WEIGHTS, Role, numbers, roles, small_signs

MAX_LETTERS = 40
# Forms, titles and particles weigh no more.
MOST_SLIGHT = 0.1


class Word(Struct, frozen=True, gc=False):
    """One word of a name with what comparing needs; ``weight`` is its share of evidence (WEIGHTS)."""

    text: str
    role: Role
    weight: float
    sound: str
    frame: str
    abjad: bool = False
    # Whether it counts, and is more than an initial. Kept, since every word of every name is asked.
    tells: bool = False

    @property
    def counts(self) -> bool:
        """Whether its lack on both sides speaks against a match: not so for forms, titles and particles."""
        return self.weight > MOST_SLIGHT


@lru_cache(maxsize=131_072)
def word(text: str, abjad: bool = False) -> Word:
    """``text`` (folded, letters or digits only) as a Word. Cached: words of names repeat as Zipf says."""
    if text[0].isdigit():
        return plain_word(text.lstrip("0") or "0", "number")
    text = servant_of(text) if "abd" in text[:4] else text
    text = of_faith(text) if "d" in text[-5:-2] and not abjad else text
    if abjad and text in words_in_full():
        return word(text)
    role = None if abjad else roles().get(text)
    if role is None and len(text) <= MAX_LETTERS and with_forms_parted(text) != text:
        return plain_word(text, "glued")
    if role is None and (sign := misspelt_form(text)):
        return plain_word(sign, "form")
    role = role or ("initial" if len(text) == 1 and not abjad else "common" if abjad else "word")
    if role == "number":
        return plain_word(numbers()[text], role)
    text = small_signs().get(text, text)
    if role in ("word", "common") and is_syllable(text):
        role = "syllable"
    return heard_word(text, role, abjad)


def heard_word(text: str, role: Role, abjad: bool = False) -> Word:
    heard = sound(text[:MAX_LETTERS])
    tells = WEIGHTS[role] > MOST_SLIGHT and role != "initial"
    return Word(text[:MAX_LETTERS], role, WEIGHTS[role], heard, frame(heard), abjad, tells)


def plain_word(text: str, role: Role) -> Word:
    """A word that is only ever like itself."""
    return Word(text, role, WEIGHTS[role], text, text, tells=WEIGHTS[role] > MOST_SLIGHT)
