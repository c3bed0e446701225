"""The value that a literal of the text denotes: numbers, strings and bytes with their escapes."""

import re
from math import isinf
from typing import Final

from tidewaiter.rules.cel.types import BYTES, DOUBLE, INT, STRING, UINT, CelType
from tidewaiter.rules.cel.values import UInt

_SIMPLE = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "`": "`", "?": "?",
}  # fmt: skip
_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\'\"`?])|x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})"
    r"|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.|\n|\Z))",
    re.DOTALL,
)


# Python writes and reads whole numbers of 4,300 digits at most; those of 64 bits have 20.
_MOST_DIGITS: Final = 400
_SHOWN: Final = 20


def number(kind: str, text: str) -> tuple[CelType, object]:
    """The type and value of an INT, UINT or DOUBLE token. Raises ValueError for one that is far too large."""
    if kind == "DOUBLE":
        if isinf(value := float(text)):
            raise ValueError(f"{text[:_SHOWN]} does not fit into double")
        return DOUBLE, value
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"{text[:_SHOWN]}… does not fit into 64 bits")
    digits = text.rstrip("uU") if kind == "UINT" else text
    value = int(digits, 16) if digits.startswith("0x") else int(digits)
    return (UINT, UInt(value)) if kind == "UINT" else (INT, value)


def takes_sign(kind: CelType, value: object) -> bool:
    """Whether a minus before this literal is part of it: -9223372036854775808 fits, its opposite does not."""
    return kind == DOUBLE or (kind == INT and isinstance(value, int) and value >= 0)


def string(text: str) -> tuple[CelType, object]:
    """The type and value of a STRING token with its prefix and quotes. Raises ValueError."""
    body, is_raw = _body(text)
    return STRING, body if is_raw else _ESCAPE.sub(_unescaped, body)


def byte_string(text: str) -> tuple[CelType, object]:
    """The type and value of a BYTES token: escapes up to \\xff are bytes, other text is UTF-8."""
    body, is_raw = _body(text)
    if is_raw:
        return BYTES, body.encode()
    value, end = bytearray(), 0
    for found in _ESCAPE.finditer(body):
        value += body[end : found.start()].encode() + _unescaped_byte(found)
        end = found.end()
    return BYTES, bytes(value + body[end:].encode())


def _body(text: str) -> tuple[str, bool]:
    quotes = text.lstrip("rRbB")
    is_raw = "r" in text[: len(text) - len(quotes)].lower()
    width = 3 if quotes[:3] in ("'''", '"""') else 1
    return quotes[width:-width], is_raw


def _unescaped(found: re.Match[str]) -> str:
    simple, *codes, octal, bad = found.groups()
    if simple is not None:
        return _SIMPLE[simple]
    if bad is not None:
        raise ValueError(f"unknown escape \\{bad}")
    code = int(octal, 8) if octal else int(next(code for code in codes if code), 16)
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise ValueError(f"{found.group()} is not a Unicode character")
    return chr(code)


def _unescaped_byte(found: re.Match[str]) -> bytes:
    if found.group(4) or found.group(5):
        raise ValueError(f"{found.group()} is not allowed in bytes")
    character = _unescaped(found)
    return bytes((ord(character),))
