"""The conversion functions: int(), uint(), double(), string(), bytes(), bool(), timestamp(), type() ..."""

import math
import re
from typing import Any, NoReturn

from tidewaiter.rules.cel.clock import duration_of, duration_text, in_timestamp, timestamp_of, timestamp_text
from tidewaiter.rules.cel.errors import EvaluationError
from tidewaiter.rules.cel.runtime import in_int, in_uint, no_overload
from tidewaiter.rules.cel.values import NANOS, Duration, Timestamp, TypeName, UInt

_INTEGER = re.compile(r"[+-]?\d+", re.ASCII)
_DOUBLE = re.compile(
    r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)|nan", re.ASCII | re.IGNORECASE
)
_BOOLS = {
    **dict.fromkeys(("true", "True", "TRUE", "t", "T", "1"), True),
    **dict.fromkeys(("false", "False", "FALSE", "f", "F", "0"), False),
}
_NAMES: dict[type, str] = {
    bool: "bool",
    int: "int",
    UInt: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    tuple: "list",
    list: "list",
    dict: "map",
    type(None): "null_type",
    Timestamp: "google.protobuf.Timestamp",
    Duration: "google.protobuf.Duration",
    TypeName: "type",
}


def to_int(value: Any) -> int:
    """An int, from a number (cut towards zero), decimal text or a timestamp (Unix seconds)."""
    kind = type(value)
    if kind is int or kind is UInt:
        return in_int(int(value))
    if kind is float:
        return in_int(_whole(value, beyond=-(2.0**63)))
    if kind is str and _INTEGER.fullmatch(value):
        return in_int(_digits(value))
    if kind is Timestamp:
        return int(value.nanos // NANOS)
    raise _refused("int", value)


def to_uint(value: Any) -> UInt:
    """A uint, from a number (cut towards zero) or decimal text."""
    kind = type(value)
    if kind is int or kind is UInt:
        return in_uint(int(value))
    if kind is float and value >= 0:
        return in_uint(_whole(value, beyond=-1.0))
    if kind is str and value.isascii() and value.isdigit():
        return in_uint(_digits(value))
    raise _refused("uint", value)


def _digits(text: str) -> int:
    """The integer; Python reads no more than 4,300 digits."""
    try:
        return int(text)
    except ValueError:
        raise EvaluationError(f"range error: a number of {len(text)} digits") from None


def _whole(value: float, beyond: float) -> int:
    """``value`` cut to an integer; refused at ``beyond`` already, since that bound may itself be rounded."""
    if not math.isfinite(value) or value <= beyond:
        raise EvaluationError(f"range error: {value}")
    return int(value)


def to_double(value: Any) -> float:
    kind = type(value)
    if kind is float or kind is int or kind is UInt:
        return float(value)
    if kind is str and _DOUBLE.fullmatch(value):
        return float(value)
    raise _refused("double", value)


def to_bool(value: Any) -> bool:
    if type(value) is bool:
        return value
    if type(value) is str and value in _BOOLS:
        return _BOOLS[value]
    raise _refused("bool", value)


def to_bytes(value: Any) -> bytes:
    if type(value) is bytes:
        return value
    return value.encode() if type(value) is str else _not_of("bytes", value)


def to_string(value: Any) -> str:
    """The text of a scalar; bytes must be UTF-8."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(int(value))
        case float():
            return _double_text(value)
        case bytes():
            return _decoded(value)
        case Timestamp():
            return timestamp_text(value)
        case Duration():
            return duration_text(value)
    raise _refused("string", value)


def _decoded(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise EvaluationError("invalid UTF-8") from None


def _double_text(value: float) -> str:
    """The shortest digits that read back the same, with an exponent below 1e-4 and from 1e21 on."""
    if not math.isfinite(value):
        return "NaN" if value != value else ("+Inf" if value > 0 else "-Inf")
    if value == int(value) and abs(value) < 1e21:
        return f"{value:.0f}"
    digits, _, exponent = repr(value).partition("e")
    return f"{digits.removesuffix('.0')}e{exponent}" if exponent else digits


def to_timestamp(value: Any) -> Timestamp:
    if type(value) is Timestamp:
        return value
    if type(value) is int:
        return in_timestamp(value * NANOS)
    return timestamp_of(value) if type(value) is str else _not_of("timestamp", value)


def to_duration(value: Any) -> Duration:
    if type(value) is Duration:
        return value
    return duration_of(value) if type(value) is str else _not_of("duration", value)


def type_name(value: Any) -> TypeName:
    """The type of a value, as a value."""
    found = _NAMES.get(type(value))
    if found is None:
        no_overload("type", value)
    return TypeName(found)


def _refused(function: str, value: Any) -> EvaluationError:
    if isinstance(value, (str, float)):
        return EvaluationError(f"{function}: {value!r} is not such a value")
    return EvaluationError(f"no such overload: {function}({type(value).__name__})")


def _not_of(function: str, value: Any) -> NoReturn:
    raise _refused(function, value)
