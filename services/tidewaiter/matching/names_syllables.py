"""Names in Han and Hangul as they are written in Latin letters: a family's first, by its own reading; what a
firm does by its meaning.
"""

import re
from functools import cache
from typing import Final

from tidewaiter.matching.names_vocabulary import compound_parts, family_readings, syllable_trades
from tidewaiter.matching.text import folded

_DOUBLE_SURNAMES = compound_parts("double")
_LONGEST = 4

# As North Korea writes names: McCune-Reischauer without its marks. South Korea's is what folding gives.
_INITIALS: Final = (
    "k", "kk", "n", "t", "tt", "r", "m", "p", "pp", "s", "ss", "", "j", "jj", "ch", "k", "t", "p", "h",
)  # fmt: skip
_VOWELS: Final = (
    "a", "ae", "ya", "yae", "o", "e", "yo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu",
    "u", "ui", "i",
)  # fmt: skip
_FINALS: Final = (
    "", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t",
    "ng", "t", "t", "k", "t", "p", "t",
)  # fmt: skip
# Beside these as South Korea writes them, and people there.
_REVISED_INITIALS: Final = ("g", "d", "b", "y")
_REVISED_VOWELS: Final = ("eo", "eu", "yeo", "oo", "ou", "eui")
_FIRST, _LAST = "\uac00", "\ud7a3"


# A firm's form or kind, without which a name is a person's or a place's.
_FIRM = re.compile("公司|集团|集團|会社|會社|회사|[厂廠]$|그룹")
_HAN = re.compile("[\u3400-\u9fff]")
_TOWNS = re.compile("(?<=[\u4e00-\u9fff]{2})[市省](?=[\u4e00-\u9fff]{2})")


def with_trades(text: str) -> str:
    """A firm's name with what it does, and a few places, in Latin letters; "" for any other name."""
    if not _FIRM.search(text):
        return ""
    return _trades().sub(lambda trade: f" {syllable_trades()[trade[0]]} ", _TOWNS.sub(" ", text))


@cache
def _trades() -> re.Pattern[str]:
    return re.compile("|".join(sorted(syllable_trades(), key=len, reverse=True)))


# Behind a name, how somebody is addressed, and on labels "receives": no part of it.
_ADDRESSED = re.compile(
    r"(?<=[\u3400-\u9fff\uac00-\ud7a3]{2})[ \u3000]*"
    r"(?:先生|女士|小姐|太太|夫人|同志|老师|老師|经理|經理|博士|教授|[亲親][启啟收]|收|님|씨|귀하|귀중|선생님?|様|殿)$"
)


def unaddressed(text: str) -> str:
    """``text``, a person's name in Han or Hangul, without how he is addressed behind it."""
    return _ADDRESSED.sub("", text.rstrip())


def is_in_full(text: str) -> bool:
    """Whether ``text`` is a person's name in Han or Hangul and nothing else: two or three characters in one
    word, a double surname and two, or words of two at most, a family's name and given ones.
    """
    parts = text.split()
    if not all(_FIRST <= each <= _LAST or _HAN.match(each) for part in parts for each in part):
        return False
    if len(parts) > 1:
        return max(map(len, parts)) < 3
    return len(text) in (2, 3) or (len(text) == _LONGEST and text[:2] in _DOUBLE_SURNAMES)


def family_first(run: str) -> str:
    """A run of Han or Hangul characters, apart, as "family given": the given name's are one word in Latin."""
    characters = run.split()
    if not 2 <= len(characters) <= _LONGEST or any(folded(each).count(" ") > 2 for each in characters):
        return folded(run)
    size = 2 if len(characters) > 2 and "".join(characters[:2]) in _DOUBLE_SURNAMES else 1
    family, given = "".join(characters[:size]), "".join(characters[size:])
    return f"{family_readings().get(family) or _one_word(family)} {_one_word(given)}"


def _one_word(characters: str) -> str:
    return folded(characters).replace(" ", "")


def apart(text: str) -> str:
    """A person's name in Han or Hangul with each syllable of the given name a word, as it is written out of
    China, and in North Korea; "" for any other text. Of two words the one of one syllable is the family's.
    """
    parts = text.split()
    characters = "".join(parts)
    is_hangul = all(_FIRST <= each <= _LAST for each in characters)
    if not 2 <= len(characters) <= _LONGEST or not (is_hangul or all(map(_HAN.match, characters))):
        return ""
    if len(parts) == 2 and len(parts[0]) > len(parts[1]):
        characters = parts[1] + parts[0]
    size = 2 if len(characters) > 2 and characters[:2] in _DOUBLE_SURNAMES and not is_hangul else 1
    family = characters[:size]
    read = _syllable if is_hangul else _one_word
    return " ".join([family_readings().get(family) or read(family), *map(read, characters[size:])])


@cache
def _syllable(character: str) -> str:
    initial, rest = divmod(ord(character) - ord(_FIRST), len(_VOWELS) * len(_FINALS))
    vowel, final = divmod(rest, len(_FINALS))
    return _INITIALS[initial] + _VOWELS[vowel] + _FINALS[final]


@cache
def korean() -> frozenset[str]:
    """The syllables of Korean, as North and South write them in Latin letters."""
    initials = {*_INITIALS, *_REVISED_INITIALS}
    vowels = {*_VOWELS, *_REVISED_VOWELS}
    return frozenset(
        initial + vowel + final for initial in initials for vowel in vowels for final in {*_FINALS}
    )
