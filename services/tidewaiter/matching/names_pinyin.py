"""Chinese names in pinyin, where a letter more or less is another syllable, and that somebody else's name;
and families, there and in Vietnam, whose names are small words elsewhere.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from tidewaiter.matching.names_vocabulary import pinyin, small_families

# What is taken for one another by ear in the South of China, and so by who writes it down.
_BY_EAR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))

# Given names in one word; shorter ones are Italian and Spanish words, too: luna, pina.
_LEAST_GIVEN = 5
# Between family and given name in Vietnam.
_VIETNAMESE = frozenset({"van", "thi"})


@lru_cache(maxsize=16_384)
def in_pinyin(text: str) -> bool:
    """Whether a word may be one or two syllables of Mandarin."""
    return _word().fullmatch(text) is not None


def sound_alike(one: str, other: str) -> bool:
    """Whether two words in pinyin are one name to an ear that does not tell zh from z, or ng from n."""
    return _by_ear(one) == _by_ear(other)


def families(texts: Sequence[str]) -> frozenset[str]:
    """The small words at the ends of a name that are its family's: An Xiaoming, Le Thi Huong."""
    is_chinese = len(texts) == 2 and any(len(text) >= _LEAST_GIVEN and in_pinyin(text) for text in texts)
    return small_families() & {texts[0], texts[-1]} if is_chinese or _VIETNAMESE & {*texts} else frozenset()


@cache
def _word() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(sorted(pinyin(), key=len, reverse=True))}){{1,2}}")


def _by_ear(text: str) -> str:
    for told, heard in _BY_EAR:
        text = text.replace(told, heard)
    return text
