"""The standard functions and operators with their overloads (langdef.md, "List of Standard Definitions")."""

from collections.abc import Mapping
from dataclasses import dataclass

from tidewaiter.rules.cel.types import (
    BOOL,
    BYTES,
    DOUBLE,
    DURATION,
    DYN,
    INT,
    NUMERIC,
    STRING,
    TIMESTAMP,
    UINT,
    CelType,
    list_of,
    map_of,
    type_of,
)

A, B = CelType("$A"), CelType("$B")


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature; with ``is_method`` the first parameter is what stands before the dot."""

    parameters: tuple[CelType, ...]
    result: CelType
    is_method: bool = False


def _function(*signature: CelType) -> Overload:
    return Overload(signature[:-1], signature[-1])


def _method(*signature: CelType) -> Overload:
    return Overload(signature[:-1], signature[-1], is_method=True)


def _arithmetic(*kinds: CelType) -> tuple[Overload, ...]:
    return tuple(_function(kind, kind, kind) for kind in kinds)


_ORDERED = (BOOL, INT, UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION)
_COMPARISONS = (
    *(_function(kind, kind, BOOL) for kind in _ORDERED),
    *(_function(one, other, BOOL) for one in NUMERIC for other in NUMERIC if one != other),
)
_EQUALITY = (_function(A, A, BOOL),)
_SIZES = tuple(
    signature(kind, INT)
    for kind in (STRING, BYTES, list_of(A), map_of(A, B))
    for signature in (_function, _method)
)
_STRING_TEST = (_method(STRING, STRING, BOOL),)
_CALENDAR = (_method(TIMESTAMP, INT), _method(TIMESTAMP, STRING, INT))
_CLOCK = (*_CALENDAR, _method(DURATION, INT))

_CONVERSIONS: dict[str, tuple[Overload, ...]] = {
    "bool": (_function(BOOL, BOOL), _function(STRING, BOOL)),
    "bytes": (_function(BYTES, BYTES), _function(STRING, BYTES)),
    "double": tuple(_function(kind, DOUBLE) for kind in (DOUBLE, INT, UINT, STRING)),
    "duration": tuple(_function(kind, DURATION) for kind in (DURATION, STRING)),
    "dyn": (_function(A, DYN),),
    "int": tuple(_function(kind, INT) for kind in (INT, UINT, DOUBLE, STRING, TIMESTAMP)),
    "string": tuple(_function(kind, STRING) for kind in _ORDERED),
    "timestamp": tuple(_function(kind, TIMESTAMP) for kind in (TIMESTAMP, STRING, INT)),
    "type": (_function(A, type_of(A)),),
    "uint": tuple(_function(kind, UINT) for kind in (UINT, INT, DOUBLE, STRING)),
}

STANDARD: Mapping[str, tuple[Overload, ...]] = {
    "_+_": (
        *_arithmetic(INT, UINT, DOUBLE, STRING, BYTES, DURATION),
        _function(list_of(A), list_of(A), list_of(A)),
        _function(TIMESTAMP, DURATION, TIMESTAMP),
        _function(DURATION, TIMESTAMP, TIMESTAMP),
    ),
    "_-_": (
        *_arithmetic(INT, UINT, DOUBLE, DURATION),
        _function(TIMESTAMP, TIMESTAMP, DURATION),
        _function(TIMESTAMP, DURATION, TIMESTAMP),
    ),
    "_*_": _arithmetic(INT, UINT, DOUBLE),
    "_/_": _arithmetic(INT, UINT, DOUBLE),
    "_%_": _arithmetic(INT, UINT),
    "-_": (_function(INT, INT), _function(DOUBLE, DOUBLE)),
    "!_": (_function(BOOL, BOOL),),
    "_==_": _EQUALITY,
    "_!=_": _EQUALITY,
    "_<_": _COMPARISONS,
    "_<=_": _COMPARISONS,
    "_>_": _COMPARISONS,
    "_>=_": _COMPARISONS,
    "_[_]": (_function(list_of(A), INT, A), _function(map_of(A, B), A, B)),
    "@in": (_function(A, list_of(A), BOOL), _function(A, map_of(A, B), BOOL)),
    "_?_:_": (_function(BOOL, A, A, A),),
    "size": _SIZES,
    "contains": _STRING_TEST,
    "startsWith": _STRING_TEST,
    "endsWith": _STRING_TEST,
    "matches": (*_STRING_TEST, _function(STRING, STRING, BOOL)),
    "lowerAscii": (_method(STRING, STRING),),
    "upperAscii": (_method(STRING, STRING),),
    "getFullYear": _CALENDAR,
    "getMonth": _CALENDAR,
    "getDate": _CALENDAR,
    "getDayOfMonth": _CALENDAR,
    "getDayOfWeek": _CALENDAR,
    "getDayOfYear": _CALENDAR,
    "getHours": _CLOCK,
    "getMinutes": _CLOCK,
    "getSeconds": _CLOCK,
    "getMilliseconds": _CLOCK,
    **_CONVERSIONS,
}

# Names that denote types: ``type(1) == int``.
DENOTATIONS: Mapping[str, CelType] = {
    **{kind.name: type_of(kind) for kind in _ORDERED},
    "list": type_of(list_of(DYN)),
    "map": type_of(map_of(DYN, DYN)),
    "null_type": type_of(CelType("null_type")),
    "type": type_of(type_of(DYN)),
}
