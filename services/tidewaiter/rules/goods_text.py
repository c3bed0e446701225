"""What a declaration says of its goods, as one text, and the CAS numbers in it."""

import re

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.matching import identifiers
from tidewaiter.matching.text import decoded, folded_whole, marked_up

# Databases fill them up with zeros.
_CAS = re.compile(r"(?:(?<![\d-])|(?<=\bcas-))0{0,8}([1-9]\d{1,6}-\d{2}-\d)(?![\d-])")
# Digit by digit: "30 - 20 - 5" is a size.
_SPACED_CAS = re.compile(r"(?<![\d-])(?<!\d )[1-9](?: \d){1,6} - \d \d - \d(?! ?[\d-])")
_UNDASHED_CAS = re.compile(
    r"(?<![a-z0-9])cas(?:[^a-z0-9]{1,3}(?:no|nr|num|number|rn|reg|registry))*[^a-z0-9]{0,3}"
    r"0{0,8}([1-9]\d{1,6})(\d{2})(\d)(?!-?\d)"
)
_CAS_HYPHENS = 2
_CAS_BEHIND = re.compile(r"(?<![\d-])0{0,8}([1-9]\d{1,6})(\d{2})(\d)[^a-z0-9]{1,3}cas(?![a-z0-9])")
_DOTTED_CAS = re.compile(r"(?<![a-z0-9])c[. ]{1,2}a[. ]{1,2}s(?![a-z])")


def goods_text(event: ParcelEvent) -> str:
    """All text about the goods as one, each part on a line of its own, and once."""
    items, whole = event.items, event.description_raw
    if len(items) == 1 and not (items[0].sku_url or items[0].cas):
        told = items[0].description
        return f"{whole}\n{told}" if whole and told and whole != told else whole or told
    parts = [whole]
    for item in items:
        parts += (item.description, item.sku_url, *map(_cas_told, item.cas))
    return "\n".join(dict.fromkeys(filter(None, parts)))


def _cas_told(number: str) -> str:
    """A declared CAS number, once more behind the word for it where it has no two hyphens to be known by."""
    digits = "" if number.count("-") == _CAS_HYPHENS else "".join(filter(str.isdigit, number))
    return f"{number} CAS {digits}" if digits else number


def cas_numbers(goods: str) -> tuple[str, ...]:
    """The CAS registry numbers with a right check digit in a text of goods, each once: with their hyphens, or
    without where the text says that they are CAS numbers."""
    text = marked_up(goods)
    plain = decoded(text)
    found = _cas_numbers(text)
    return found if plain == text else tuple(dict.fromkeys((*found, *_cas_numbers(plain))))


def _cas_numbers(goods: str) -> tuple[str, ...]:
    text = goods.lower() if goods.isascii() else folded_whole(goods)
    numbers: list[str] = []
    # Two digits between hyphens: a look for them costs a third of the search that it spares.
    if "-" in text and any(len(part) == 2 and part.isdigit() for part in text.split("-")[1:-1]):
        numbers += _CAS.findall(text)
    if " - " in text:
        numbers += [one.replace(" ", "") for one in _SPACED_CAS.findall(text)]
    if "c.a" in text or "c a" in text:
        text = _DOTTED_CAS.sub("cas", text)
    if "cas" in text:
        numbers += map("-".join, (*_UNDASHED_CAS.findall(text), *_CAS_BEHIND.findall(text)))
    return tuple(filter(identifiers.is_cas, dict.fromkeys(numbers)))
