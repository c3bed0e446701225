"""Colombian addresses in one form: a street, the street that it crosses, and the metres from there."""

import re
from typing import Final

# The wide avenues of Bogota are numbered in one row with the other streets: AK 7 is Carrera 7.
_KINDS: Final = (
    ("cra", r"ak|av(?:enida)?[ .]*(?:cra|carrera|kra?|cr)|car+era|cra|kra?|cr"),
    ("calle", r"ac|av(?:enida)?[ .]*(?:calle|cll?)|calle|cll?"),
    ("ave", r"avenida|avda?|ave?"),
    ("tv", r"tran?s?versal|transv?|trs?v|tv"),
    ("dg", r"diagonal|diag|dg"),
    ("via", r"via"),
)
_SIDES: Final = {"norte": "n", "sur": "s", "este": "e", "oriente": "e", "oeste": "w", "occidente": "w"}
_SIDE: Final = "|".join(_SIDES)
# A letter or two that belong to a number, which the words that part numbers do not: "8 B", not "8 No. 6".
_LETTERS: Final = rf"(?: ?(?!(?:no|nr|km|of|lc|pi|bg|ap|cs|ca|mz)\b)[a-z]{{1,2}}(?![a-z])|[a-z](?={_SIDE}))"
_LINE: Final = rf"[0-9]{{1,3}}{_LETTERS}?(?: ?bis\b)?{_LETTERS}?(?: ?(?:{_SIDE})\b)?"
_MARK: Final = r"[ ,.]*(?:(?:numero|num|nro|no|nr)\b[ .:,]*|# ?)?"
_PLATE: Final = rf"(?P<cross>{_LINE})(?: ?- ?| )(?P<metres>[a-z]?[0-9]{{1,3}}[a-z]?)\b(?:/[0-9]{{1,3}}\b)?"
_KIND: Final = "|".join(f"(?P<{kind}>{forms})" for kind, forms in _KINDS)
_DOOR: Final = re.compile(rf"\b(?:{_KIND})[ .]*(?P<line>{_LINE}){_MARK}{_PLATE}(?: ?(?P<side>{_SIDE})\b)?")
# "Avenida Boyaca No. 68 - 24"
_NUMBER: Final = re.compile(rf"\b(?:numero|num|nro|no|nr)\b[ .:]*{_PLATE}")
_LAST_SIDE: Final = re.compile(rf"(?:{_SIDE})$")
_ZEROS: Final = re.compile(r"(?<![0-9])0+(?=[0-9])")
_SPACES: Final = re.compile(r" {2,}")


def plain_grid(text: str) -> str:
    """Folded ``text`` with its first door in one form: "cra. 43 b # 80 - 09 sur" → "cra 43b no 80-9s".

    As it is where it names none. Work is bounded: nothing in a door repeats more than three times.
    """
    text = _SPACES.sub(" ", text)
    door = _DOOR.search(text)
    if door:
        kind = next(kind for kind, _ in _KINDS if door[kind])
        plain = f"{kind} {_line(door['line'])} no {_plate(door)}{_SIDES.get(door['side'], '')}"
    else:
        door = _NUMBER.search(text)
        plain = f"no {_plate(door)}" if door else ""
    return f"{text[: door.start()]} {plain} {text[door.end() :]}" if door else text


def _plate(door: re.Match[str]) -> str:
    return f"{_line(door['cross'])}-{_ZEROS.sub('', door['metres'])}"


def _line(text: str) -> str:
    """A numbered street in one word: "18 norte" → "18n", "7d bis" → "7dbis"."""
    joined = _ZEROS.sub("", text.replace(" ", ""))
    return _LAST_SIDE.sub(lambda side: _SIDES[side[0]], joined)
