"""Names that a full field of a carrier's cut off: which word may be a part only, and of what."""

import re
from functools import lru_cache

from tidewaiter.matching.names_forms import single_forms
from tidewaiter.matching.names_letters import FIELD_LENGTHS
from tidewaiter.matching.names_likeness import EXACT_ROLES
from tidewaiter.matching.names_word import Word
from tidewaiter.matching.names_words import Name

# Letters with which the beginning of a word tells by itself.
LEAST_BEGINNING = 5
_LAST = re.compile("[a-z]+$")


def cut_word(name: Name) -> int:
    """The place of the word that may be cut off, where ``name`` fills a field to its end; else -1.

    A name that ends with a whole form is whole.
    """
    if len(name.text) not in FIELD_LENGTHS or not name.text.isascii():
        return -1
    last = _LAST.search(name.text.lower())
    places = [at for at, word in enumerate(name.words) if last and word.text.endswith(last[0])]
    return places[-1] if places and name.words[places[-1]].role != "form" else -1


def is_begun(word: Word, other: Word) -> bool:
    """Whether ``word`` may be the beginning of ``other``."""
    return other.role not in EXACT_ROLES and len(word.text) > 1 and other.text.startswith(word.text)


@lru_cache(maxsize=4096)
def tells_nothing(word: Word) -> bool:
    """Whether ``word`` is one letter, of any word, or may be the beginning of a legal form of one word."""
    return len(word.text) == 1 or any(form.startswith(word.text) for form in single_forms())
