"""How a name's word sounds, in letters: one spelling for the many ways in which it is romanised."""

import re
from functools import lru_cache
from itertools import pairwise

# Longest first where one holds another; the order is the rule. Sources: the romanisation tables of Russian
# (BGN, GOST, German, French), Arabic (ALA-LC, French), Persian, Mandarin (pinyin, Wade-Giles) and Korean.
_RESPELLED: tuple[tuple[str, str], ...] = (
    ("shch", "s"), ("tsch", "C"), ("dsch", "j"), ("sch", "s"), ("tch", "C"), ("dzh", "j"), ("dj", "j"),
    ("dz", "z"), ("zh", "j"), ("cz", "C"), ("sz", "s"), ("ch", "C"), ("sh", "s"), ("hs", "s"), ("kh", "k"),
    ("gh", "g"), ("ph", "f"), ("th", "t"), ("dh", "d"), ("bh", "b"), ("rh", "r"), ("ck", "k"), ("ts", "s"),
    ("tz", "s"), ("qu", "k"), ("q", "k"), ("c", "k"), ("w", "v"),
    ("oo", "u"), ("ou", "u"), ("ee", "i"), ("ie", "i"), ("y", "i"),
)  # fmt: skip
_CLASSES = str.maketrans("bdgqvwzCeiouy", "ptkkffscaaaaa")
# As the French write w in Arabic and African names: Ouattara, Sahraoui. They end in "che" what ends in sh.
_GLIDE = re.compile("(?:^|(?<=a))ou(?=[aei])")
_VOWELS = frozenset("aeiou")


def sound(word: str) -> str:
    """``word`` (folded, of letters) in one spelling a sound: "Qaddafi" kadafi, "Tchaikovsky" Caikovski."""
    if "ou" in word:
        word = _GLIDE.sub("w", word)
    if word.endswith("che"):
        word = word[:-1]
    for written, heard in _RESPELLED:
        if written in word:
            word = word.replace(written, heard)
    if "x" in word:
        word = ("s" + word[1:] if word[0] == "x" else word).replace("x", "ks")
    return _squeezed(_without_silent_h(word) if "h" in word else word).replace("C", "c")


def frame(heard: str) -> str:
    """The consonants of a sound, voiced and unvoiced as one, with one "a" wherever vowels stand."""
    return _squeezed(heard.translate(_CLASSES))


def _squeezed(word: str) -> str:
    for before, letter in pairwise(word):
        if before == letter:
            break
    else:
        return word
    return "".join(letter for before, letter in zip(" " + word, word, strict=False) if before != letter)


def _without_silent_h(word: str) -> str:
    last = len(word) - 1
    return "".join(
        letter
        for at, letter in enumerate(word)
        if letter != "h" or at == 0 or (at < last and word[at - 1] in _VOWELS)
    )


# A syllable of Mandarin or Korean, as romanised.
_SYLLABLE = re.compile(
    "(?:zh|ch|sh|hs|ts|kk|tt|pp|ss|jj|[bpmfdtnlgkhjqxrzcsyw])?"
    "(?:[iuyw]?(?:a|ae|e|eo|eu|o|oe|oo|u|i)?)(?:n|ng|m|k|l|p|t|r|i|o|u|h)?"
)


@lru_cache(maxsize=65_536)
def is_syllable(text: str) -> bool:
    """Whether a word may be one syllable of a Chinese or Korean name: the neighbour of one is another's
    name.
    """
    return len(text) < 7 and _SYLLABLE.fullmatch(text) is not None
