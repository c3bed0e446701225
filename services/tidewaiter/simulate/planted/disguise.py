"""How a listed name comes in a declaration: turned round, misspelt, or in another script or spelling."""

import re
from typing import Final

from tidewaiter.simulate.chance import Chance
from tidewaiter.simulate.vocabulary import parts, words

# As the BGN/PCGN system romanizes, read backwards; the longer signs first. Lists drop the soft sign, which is
# written again where it can be told.
_DIGRAPHS: Final = (
    ("shch", "щ"), ("zh", "ж"), ("kh", "х"), ("ts", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"), ("ya", "я"),
    ("yo", "ё"),
)  # fmt: skip
_LETTERS: Final = (
    ("a", "а"), ("b", "б"), ("v", "в"), ("w", "в"), ("g", "г"), ("d", "д"), ("e", "е"), ("z", "з"),
    ("i", "и"), ("y", "й"), ("k", "к"), ("c", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"),
    ("p", "п"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"), ("f", "ф"), ("x", "кс"), ("h", "х"),
)  # fmt: skip
_CONSONANT: Final = "bcdfghklmnprstvxz"
_SPELLINGS: Final = (
    # "Yuri", "Grigory", "Sergei", "Kostrubitsky" end as they sound.
    (re.compile(rf"(?<=[{_CONSONANT}])[iy]\b|i[iy]\b"), "ий"),
    (re.compile(r"ei\b"), "ей"),
    (re.compile(rf"(?<=[{_CONSONANT}])(?:ye|ie(?=v(?:ich|na)\b))"), "ье"),
    (re.compile(rf"(?<=[{_CONSONANT}])y(?![aouy])"), "ы"),
    (re.compile(r"ye"), "е"),
    (re.compile(r"l(?=sk(?:iy|y|aya|ий)|nik)"), "ль"),
    (re.compile(r"\bigor\b"), "игорь"),
)
_UKRAINIAN: Final = (("iy", "ій"), ("ie", "іє"), ("y", "и"), ("i", "і"), ("h", "г"))
_UKRAINIAN_PATRONYMIC: Final = re.compile(r"ovych\b|evych\b|ivna\b")
_SLAVIC_ENDINGS: Final = (
    "ov", "ev", "in", "ova", "eva", "ina", "enko", "chuk", "skiy", "sky", "skii", "skaya",
)  # fmt: skip
_CYRILLIC_COUNTRIES: Final = frozenset({"RU", "UA", "BY", "KZ", "KG", "UZ", "TJ", "MD", "BG", "AM", "GE"})
_CHINESE_COUNTRIES: Final = frozenset({"CN", "HK", "MO", "TW", "SG"})
_HANZI: Final = dict(zip(*parts("hanzi"), strict=True))
_NEAR: Final = {"a": "e", "e": "i", "i": "y", "o": "u", "u": "o", "y": "i", "s": "z", "c": "k", "v": "b"}
_FORMS: Final = (
    ("CO., LTD.", "Company Limited"), ("S.A. DE C.V.", "SA de CV"), ("LIMITED", "Ltd"), ("LLC", "L.L.C."),
)  # fmt: skip
_MIN_MISSPELT: Final = 6
_FORM_WORDS: Final = frozenset(words("form_words"))


def turned(name: str) -> str:
    """ "SURNAME, Given" as "Given Surname"; company names in mixed case."""
    last, comma, first = name.partition(", ")
    if not comma or any(form in name.upper() for form, _ in _FORMS):
        return name.title()
    return f"{first} {last.title()}"


def misspelt(name: str, chance: Chance) -> str:
    """The name turned, its longest telling word mistyped once: a sign doubled, lost, moved or another.

    A name without such a word of ``_MIN_MISSPELT`` signs stays as it is; a legal form at the end is
    written in its other way.
    """
    name = _other_form(turned(name))
    telling = [word for word in name.split() if word.isalpha() and word.lower() not in _FORM_WORDS]
    longest = max(telling, key=len, default="")
    return name.replace(longest, _with_error(longest, chance), 1) if len(longest) >= _MIN_MISSPELT else name


def _other_form(name: str) -> str:
    """A company's name with the legal form at its end written in the other way."""
    found = next(((form, other) for form, other in _FORMS if name.endswith(form.title())), None)
    return name if found is None else name.removesuffix(found[0].title()) + found[1]


def _with_error(word: str, chance: Chance) -> str:
    place = chance.between(1, len(word) - 2)
    before, sign, after = word[:place], word[place], word[place + 1 :]
    kind = chance.below(4)
    if kind == 0:
        return before + sign + sign + after
    if kind == 1:
        return before + after
    if kind == 2 and after[0] != sign:
        return before + after[0] + sign + after[1:]
    return before + _NEAR.get(sign, sign + sign) + after


def transliterated(name: str, country: str) -> str:
    """The name in its own script, Chinese or Cyrillic, if that is written in ``country``; else ""."""
    last, comma, first = name.lower().partition(", ")
    if comma and country in _CYRILLIC_COUNTRIES and last.endswith(_SLAVIC_ENDINGS):
        written = f"{_cyrillic(first)} {_cyrillic(last)}".title()
        return "" if any(sign.isascii() and sign.isalpha() for sign in written) else written
    if not comma or country not in _CHINESE_COUNTRIES:
        return ""
    syllables = [syllable for word in (last, *first.replace("-", " ").split()) for syllable in _cut(word)]
    if all(syllable in _HANZI for syllable in syllables):
        return "".join(_HANZI[syllable] for syllable in syllables)
    return ""


def _cut(word: str) -> tuple[str, ...]:
    """A word of pinyin as its two syllables, when both are known; else as it is."""
    halves = ((word[:place], word[place:]) for place in range(2, len(word) - 1))
    return next((pair for pair in halves if pair[0] in _HANZI and pair[1] in _HANZI), (word,))


def _cyrillic(text: str) -> str:
    """Russian letters for Latin ones, Ukrainian ones under a Ukrainian patronymic; what has none stays."""
    is_ukrainian = _UKRAINIAN_PATRONYMIC.search(text) is not None
    for spelling, letters in () if is_ukrainian else _SPELLINGS:
        text = spelling.sub(letters, text)
    for latin, letter in (*_DIGRAPHS, *(_UKRAINIAN if is_ukrainian else ()), *_LETTERS):
        text = text.replace(latin, letter)
    return text
