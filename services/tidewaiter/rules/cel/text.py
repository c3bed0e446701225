"""The string functions: tests, ASCII case, and regular expressions that run in linear time (RE2)."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import re2

from tidewaiter.rules.cel.errors import EvaluationError
from tidewaiter.rules.cel.runtime import no_overload

# RE2 compiles a pattern into at most this much memory: with it no pattern costs more than 1 ms a text.
_PATTERN_BYTES = 1 << 20
PATTERN_CHARACTERS = 1_000

_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER = {code + 32: code for code in _LOWER}


@lru_cache(maxsize=1024)
def searcher(pattern: str) -> Callable[[str], Any]:
    """What finds ``pattern`` anywhere in a text, or answers None. Raises EvaluationError if malformed."""
    if len(pattern) > PATTERN_CHARACTERS:
        raise EvaluationError(f"the pattern has more than {PATTERN_CHARACTERS} characters")
    options = re2.Options()
    options.max_mem = _PATTERN_BYTES
    options.log_errors = False
    try:
        found: Callable[[str], Any] = re2.compile(pattern, options).search
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        text = reason.decode() if isinstance(reason, bytes) else str(reason)
        raise EvaluationError(f"malformed pattern {pattern!r}: {text}") from None
    return found


def matches(text: Any, pattern: Any) -> bool:
    _two_strings("matches", text, pattern)
    return searcher(pattern)(text) is not None


def contains(text: Any, part: Any) -> bool:
    _two_strings("contains", text, part)
    return part in text


def starts_with(text: Any, part: Any) -> bool:
    _two_strings("startsWith", text, part)
    return bool(text.startswith(part))


def ends_with(text: Any, part: Any) -> bool:
    _two_strings("endsWith", text, part)
    return bool(text.endswith(part))


def lower_ascii(text: Any) -> str:
    """``text`` with A to Z in lower case, and nothing else changed."""
    return text.translate(_LOWER) if isinstance(text, str) else no_overload("lowerAscii", text)


def upper_ascii(text: Any) -> str:
    return text.translate(_UPPER) if isinstance(text, str) else no_overload("upperAscii", text)


def _two_strings(function: str, text: Any, other: Any) -> None:
    if not (isinstance(text, str) and isinstance(other, str)):
        no_overload(function, text, other)
