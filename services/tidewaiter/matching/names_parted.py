"""Names that are written as one: "X a/k/a Y", "X d/b/a Y", "X (a name in another script)", or beside it."""

import re
from typing import Final

from tidewaiter.matching.text import words

_LABEL: Final = (
    r"(?:[adfnt]\.? ?/ ?(?:[kb]\.? ?/ ?)?a\b\.?|[afn]\.? ?k\.? ?a\b\.?|d\.? ?b\.? ?a\b\.?"
    r"|(?:also|formerly|previously|now) known as\b|doing business as\b|trading as\b|formerly\b"
    r"|original script\b|former(?:ly)? name\b)[\s:,.]*"
)
_BETWEEN: Final = re.compile(rf"[\s,;]+{_LABEL}", re.IGNORECASE)
_AT_START: Final = re.compile(rf"\s*{_LABEL}", re.IGNORECASE)
_BRACKETED: Final = re.compile(r"[(\[（【]([^()\[\]（）【】]*)[)\]）】]?")
# A cheap look first, at each party's name.
_MAY_BE_SEVERAL: Final = re.compile(r"[(\[（【]|/a|aka|dba|fka|\.[kb]| as |formerly")
# From its first sign to its last. All but Han, Kana and Hangul by whole words: a letter of Greek or Cyrillic
# within a Latin word poses as Latin.
_OTHER_SCRIPT: Final = re.compile(
    "[\u3040-\u9fff\uac00-\ud7a3](?:[^A-Za-z]*[\u3040-\u9fff\uac00-\ud7a3])?"
    r"|(?<!\w)[\u0370-\u1cff\ufb1d-\ufefc](?:[^A-Za-z]*[\u0370-\u1cff\ufb1d-\ufefc])?(?!\w)"
)
_LEAST_WORDS: Final = 2
# As many as the 300 signs of a message's field have room for. Each is asked for: a text of 10,000 signs could
# hold 1,000.
_MOST_NAMES: Final = 25


def parted(text: str) -> tuple[str, ...]:
    """The names that ``text`` is made of, each once and without what stands in brackets beside it; () for
    nearly every name, which is one.

    "PEARL (A.K.A. NEI-CHIEN CHU) LI" → "PEARL LI", "NEI-CHIEN CHU". What is in brackets is a name of its own
    where it says so, or is of another script; what is left is one if it has two words. So are the two scripts
    of "张建国 Zhang Jianguo".
    """
    if not _MAY_BE_SEVERAL.search(text.lower()) and (text.isascii() or not _OTHER_SCRIPT.search(text)):
        return ()
    inner = [inside.strip() for inside in _BRACKETED.findall(text)]
    outer = " ".join(_BRACKETED.sub(" ", text).split()) if inner else text
    found = [*_BETWEEN.split(outer), *(_named(inside, outer) for inside in inner), *_by_script(outer)]
    names = dict.fromkeys(name for name in map(_bare, found) if name != text and _tells(name))
    return tuple(names)[:_MOST_NAMES]


def _named(inside: str, outer: str) -> str:
    """The name in brackets; "" where they hold none that stands by itself."""
    label = _AT_START.match(inside)
    if label:
        return inside[label.end() :]
    return inside if inside and inside.isascii() != outer.isascii() else ""


def _by_script(text: str) -> tuple[str, ...]:
    """What is Latin of it and what is not, where both are there."""
    latin = " ".join(_OTHER_SCRIPT.sub(" ", text).split())
    return (latin, *_OTHER_SCRIPT.findall(text)) if latin != text and _tells(latin) else ()


def _bare(name: str) -> str:
    return name.strip(" ,;:./-")


def _tells(name: str) -> bool:
    return len(words(name)) >= _LEAST_WORDS or not name.isascii()
