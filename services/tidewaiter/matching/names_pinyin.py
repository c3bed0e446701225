"""Chinese names in pinyin, where a letter more or less is another syllable, and that somebody else's name."""

import re
from functools import cache, lru_cache

from tidewaiter.matching.names_vocabulary import pinyin

# What is taken for one another by ear in the South of China, and so by who writes it down.
_BY_EAR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"))


@lru_cache(maxsize=16_384)
def in_pinyin(text: str) -> bool:
    """Whether a word may be one or two syllables of Mandarin."""
    return _word().fullmatch(text) is not None


def sound_alike(one: str, other: str) -> bool:
    """Whether two words in pinyin are one name to an ear that does not tell zh from z, or ng from n."""
    return _by_ear(one) == _by_ear(other)


@cache
def _word() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(sorted(pinyin(), key=len, reverse=True))}){{1,2}}")


def _by_ear(text: str) -> str:
    for told, heard in _BY_EAR:
        text = text.replace(told, heard)
    return text
