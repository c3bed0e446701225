"""Reads protocol-buffer text (protobuf.dev/reference/protobuf/textformat-spec) without a schema."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

# The deepest published suite has 25 levels; a reader in Python runs out of its stack at some hundred.
_MOST_LEVELS: Final = 100


class TextprotoError(ValueError):
    """Text that is not a textproto; names the line."""


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string: bytes, which are UTF-8 where the field is a string."""

    content: bytes

    def __str__(self) -> str:
        try:
            return self.content.decode()
        except UnicodeDecodeError:
            raise TextprotoError(f"found {self.content[:40]!r}, expected text in UTF-8") from None


@dataclass(frozen=True, slots=True)
class Message:
    """A message: each field with its values in order. A word or number is kept as its text (str)."""

    fields: dict[str, list["Message | Text | str"]] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def all(self, name: str) -> tuple["Message", ...]:
        """The messages of a repeated field."""
        return tuple(value for value in self.fields.get(name, ()) if isinstance(value, Message))

    def message(self, name: str) -> "Message":
        """The message of a field; an empty one if it is not there."""
        found = self.all(name)
        return found[-1] if found else Message()

    def text(self, name: str) -> str:
        """The text of a field, quoted or not; empty if it is not there."""
        values = [value for value in self.fields.get(name, ()) if not isinstance(value, Message)]
        return str(values[-1]) if values else ""

    def content(self, name: str) -> bytes:
        """The bytes of a quoted field."""
        values = [value for value in self.fields.get(name, ()) if isinstance(value, Text)]
        return values[-1].content if values else b""

    def flag(self, name: str) -> bool:
        return self.text(name) in ("true", "True", "t", "1")


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


_TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)|(?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')"""
    r"""|(?P<word>-?\s*[A-Za-z0-9_.+][A-Za-z0-9_.+-]*)|(?P<sign>[][{}<>:;,/])""",
    re.DOTALL,
)
_ESCAPE = re.compile(
    rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL
)
_SIMPLE = dict(zip(b"abfnrtv\\'\"?", b"\a\b\f\n\r\t\v\\'\"?", strict=True))
_CLOSING = {"{": "}", "<": ">", "": ""}


def read_textproto(text: str) -> Message:
    """The message that a textproto file describes. Raises TextprotoError."""
    reader = _Reader(list(_tokens(text.removeprefix("\ufeff"))))
    return reader.message("")


def _tokens(text: str) -> Iterator[_Token]:
    position, line = 0, 1
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise TextprotoError(f"line {line}: unexpected {text[position]!r}")
        kind = found.lastgroup or ""
        if kind != "space":
            yield _Token(kind, found.group(), line)
        line += found.group().count("\n")
        position = found.end()
    yield _Token("end", "", line)


class _Reader:
    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0
        self._level = 0

    def message(self, opening: str) -> Message:
        """The fields up to what closes ``opening``, or to the end of the text."""
        closing, found = _CLOSING[opening], Message()
        while self._peek().text != closing or self._peek().kind in ("string", "word"):
            if self._peek().kind == "end":
                raise TextprotoError(f"line {self._peek().line}: {closing!r} is missing at the end")
            name = self._name()
            found.fields.setdefault(name, []).extend(self._values())
            self._skip(",;")
        self._take()
        return found

    def _name(self) -> str:
        token = self._take()
        if token.kind == "word":
            return token.text
        if token.text != "[":
            raise TextprotoError(f"line {token.line}: found {token.text!r}, expected a field")
        parts: list[str] = []
        while self._peek().text != "]":
            if self._peek().kind == "end":
                raise TextprotoError(f"line {token.line}: ']' is missing")
            parts.append(self._take().text)
        self._take()
        return f"[{''.join(parts)}]"

    def _values(self) -> list[Message | Text | str]:
        self._skip(":")
        if self._peek().text != "[" or self._peek().kind != "sign":
            return [self._value()]
        self._take()
        found: list[Message | Text | str] = []
        while self._peek().text != "]":
            found.append(self._value())
            self._skip(",")
        self._take()
        return found

    def _value(self) -> Message | Text | str:
        token = self._take()
        if token.kind == "word":
            return re.sub(r"\s", "", token.text)
        if token.kind == "sign" and token.text in ("{", "<"):
            return self._inner(token)
        if token.kind != "string":
            raise TextprotoError(f"line {token.line}: found {token.text!r}, expected a value")
        parts = [_unquoted(token.text)]
        while self._peek().kind == "string":
            parts.append(_unquoted(self._take().text))
        return Text(b"".join(parts))

    def _inner(self, opening: _Token) -> Message:
        if self._level == _MOST_LEVELS:
            raise TextprotoError(f"line {opening.line}: nested deeper than {_MOST_LEVELS} levels")
        self._level += 1
        found = self.message(opening.text)
        self._level -= 1
        return found

    def _skip(self, signs: str) -> None:
        while self._peek().kind == "sign" and self._peek().text in signs:
            self._take()

    def _peek(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._tokens[self._next]
        self._next += token.kind != "end"
        return token


def _unquoted(text: str) -> bytes:
    return _ESCAPE.sub(_unescaped, text[1:-1].encode())


def _unescaped(found: re.Match[bytes]) -> bytes:
    octal, hexadecimal, short, long, simple = found.groups()
    if simple is not None:
        return bytes((_SIMPLE.get(simple[0], simple[0]),))
    if octal or hexadecimal:
        return bytes((int(octal, 8) & 0xFF if octal else int(hexadecimal, 16),))
    try:
        return chr(int(short or long, 16)).encode()
    except ValueError:  # a surrogate, or beyond the last code point
        raise TextprotoError(f"{found.group().decode()} is not a Unicode character") from None
