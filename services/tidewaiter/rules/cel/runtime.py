"""What the operators and functions do at run time, for operands of any type: exact, and not in a hurry."""

import operator
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from tidewaiter.rules.cel.clock import in_duration, in_timestamp
from tidewaiter.rules.cel.errors import EvaluationError
from tidewaiter.rules.cel.unknown import UNKNOWN, UnknownFact
from tidewaiter.rules.cel.values import (
    FALSE_KEY,
    INT_MAX,
    INT_MIN,
    TRUE_KEY,
    UINT_MAX,
    BoolKey,
    Duration,
    Timestamp,
    TypeName,
    UInt,
)

LISTS = (tuple, list)
_NUMBERS = frozenset((int, UInt, float))
_INTEGERS = frozenset((int, UInt))
_COMPARABLE = frozenset((bool, str, bytes, Timestamp, Duration))
_PLAIN = _NUMBERS | _COMPARABLE | {tuple, list, type(None), TypeName}


def no_overload(function: str, *operands: object) -> NoReturn:
    kinds = ", ".join(type(operand).__name__ for operand in operands)
    raise EvaluationError(f"no such overload: {function}({kinds})")


def known(value: Any) -> Any:
    """The value, unless it is UNKNOWN."""
    if value is UNKNOWN:
        raise UnknownFact
    return value


def undeclared(name: str) -> NoReturn:
    raise EvaluationError(f"undeclared reference to {name!r}")


def truth(value: Any) -> bool:
    """The value if it is a bool."""
    if value is True or value is False:
        return bool(value)
    known(value)
    no_overload("bool", value)


def negated(value: Any) -> bool:
    return not truth(value)


def in_int(value: int) -> int:
    if INT_MIN <= value <= INT_MAX:
        return value
    raise EvaluationError("integer overflow")


def in_uint(value: int) -> UInt:
    if 0 <= value <= UINT_MAX:
        return UInt(value)
    raise EvaluationError("unsigned integer overflow")


def equal(one: Any, other: Any) -> bool:
    """CEL's equality: numbers by value across types, everything else only within its type."""
    kind, kind_of_other = type(one), type(other)
    if kind in _NUMBERS and kind_of_other in _NUMBERS:
        if float in (kind, kind_of_other):
            return float(one) == float(other)
        return int(one) == int(other)
    if isinstance(one, LISTS) and isinstance(other, LISTS):
        return len(one) == len(other) and all(map(equal, one, other))
    if kind is dict and kind_of_other is dict:
        return len(one) == len(other) and all(key in other and equal(one[key], other[key]) for key in one)
    return kind is kind_of_other and bool(one == other)


def unequal(one: Any, other: Any) -> bool:
    return not equal(one, other)


def _comparison(symbol: str, compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compared(one: Any, other: Any) -> bool:
        kind, kind_of_other = type(one), type(other)
        if kind in _NUMBERS and kind_of_other in _NUMBERS:
            if float in (kind, kind_of_other):
                return compare(float(one), float(other))
            return compare(int(one), int(other))
        if kind is kind_of_other and kind in _COMPARABLE:
            return compare(one, other)
        no_overload(symbol, one, other)

    return compared


less = _comparison("<", operator.lt)
at_most = _comparison("<=", operator.le)
more = _comparison(">", operator.gt)
at_least = _comparison(">=", operator.ge)

Operation = Callable[[Any, Any], Any]


def _dispatched(symbol: str, operations: dict[tuple[type, type], Operation]) -> Operation:
    def applied(one: Any, other: Any) -> Any:
        operation = operations.get((type(one), type(other)))
        if operation is None:
            no_overload(symbol, one, other)
        return operation(one, other)

    return applied


def _within(limit: Callable[[int], Any], operation: Callable[[Any, Any], int]) -> Operation:
    return lambda one, other: limit(operation(int(one), int(other)))


def _nanos(limit: Callable[[int], Any], operation: Callable[[int, int], int]) -> Operation:
    return lambda one, other: limit(operation(one.nanos, other.nanos))


def _quotient(one: int, other: int) -> int:
    """Division truncated towards zero, as in C and Go."""
    if other == 0:
        raise EvaluationError("division by zero")
    quotient = abs(one) // abs(other)
    return quotient if (one < 0) == (other < 0) else -quotient


def _remainder(one: int, other: int) -> int:
    """The remainder that goes with ``_quotient``: it has the sign of the dividend, and its overflow."""
    if other == 0:
        raise EvaluationError("modulus by zero")
    if other == -1:
        in_int(-one)
    remainder = abs(one) % abs(other)
    return -remainder if one < 0 else remainder


def divided(one: float, other: float) -> float:
    """IEEE 754 division, which Python refuses for a divisor of zero."""
    if other:
        return one / other
    if one == 0 or one != one:
        return float("nan")
    is_negative = (str(one)[0] == "-") != (str(other)[0] == "-")
    return float("-inf") if is_negative else float("inf")


def _concatenated(one: Iterable[Any], other: Iterable[Any]) -> tuple[Any, ...]:
    return (*one, *other)


_CONCATENATIONS: dict[tuple[type, type], Operation] = {
    (one, other): _concatenated for one in LISTS for other in LISTS
}

add = _dispatched(
    "+",
    {
        (int, int): _within(in_int, operator.add),
        (UInt, UInt): _within(in_uint, operator.add),
        (float, float): operator.add,
        (str, str): operator.add,
        (bytes, bytes): operator.add,
        (Duration, Duration): _nanos(in_duration, operator.add),
        (Timestamp, Duration): _nanos(in_timestamp, operator.add),
        (Duration, Timestamp): _nanos(in_timestamp, operator.add),
        **_CONCATENATIONS,
    },
)
subtract = _dispatched(
    "-",
    {
        (int, int): _within(in_int, operator.sub),
        (UInt, UInt): _within(in_uint, operator.sub),
        (float, float): operator.sub,
        (Duration, Duration): _nanos(in_duration, operator.sub),
        (Timestamp, Timestamp): _nanos(in_duration, operator.sub),
        (Timestamp, Duration): _nanos(in_timestamp, operator.sub),
    },
)
multiply = _dispatched(
    "*",
    {
        (int, int): _within(in_int, operator.mul),
        (UInt, UInt): _within(in_uint, operator.mul),
        (float, float): operator.mul,
    },
)
divide = _dispatched(
    "/",
    {
        (int, int): _within(in_int, _quotient),
        (UInt, UInt): _within(in_uint, _quotient),
        (float, float): divided,
    },
)
modulo = _dispatched(
    "%", {(int, int): _within(in_int, _remainder), (UInt, UInt): _within(in_uint, _remainder)}
)


def negative(value: Any) -> Any:
    if type(value) is int:
        return in_int(-value)
    if type(value) is float:
        return -value
    no_overload("-", value)


def key_of(value: Any) -> Any:
    """The key under which a map holds ``value``; None where no map can have such a key."""
    kind = type(value)
    if kind is str or kind in _INTEGERS:
        return value
    if kind is bool:
        return TRUE_KEY if value else FALSE_KEY
    if kind is float and value.is_integer():
        return int(value)
    return None


def make_map(entries: tuple[tuple[Any, Any], ...]) -> dict[Any, Any]:
    """A map of unique keys, each a string, a bool or an integer."""
    made: dict[Any, Any] = {}
    for key, value in entries:
        if type(key) is float or (found := key_of(key)) is None:
            raise EvaluationError(f"unsupported key type {type(key).__name__}")
        if found in made:
            raise EvaluationError(f"repeated key {key!r}")
        made[found] = value
    return made


def elements(value: Any) -> Iterable[Any]:
    """What a macro ranges over: the elements of a list, the keys of a map."""
    if isinstance(value, LISTS):
        return value
    if type(value) is dict:
        return [key.value if type(key) is BoolKey else key for key in value]
    no_overload("range", value)


def index(value: Any, key: Any) -> Any:
    if type(value) is dict:
        return _entry(value, key)
    if not isinstance(value, LISTS):
        no_overload("[]", value, key)
    position = key_of(key)
    if type(position) not in _INTEGERS or not 0 <= position < len(value):
        raise EvaluationError(f"invalid index {key!r}")
    return value[position]


def _entry(value: dict[Any, Any], key: Any) -> Any:
    found = key_of(key)
    if found is None or found not in value:
        raise EvaluationError(f"no such key: {key!r}")
    return value[found]


def select(value: Any, field: str) -> Any:
    """``value.field`` of a map or of a record; a record is any object that is not a value of CEL's own."""
    if type(value) is dict:
        return _entry(value, field)
    if type(value) in _PLAIN or field.startswith("_") or not hasattr(value, field):
        raise EvaluationError(f"no such field: {field!r}")
    return known(getattr(value, field))


def has(value: Any, field: str) -> bool:
    """``has(value.field)``: a map has the key, a record has a value that is not zero or empty."""
    if type(value) is dict:
        return field in value
    return given(select(value, field))


def given(value: Any) -> bool:
    """Whether a fact has a value other than null, false, zero and empty."""
    return bool(value)


def contained(value: Any, container: Any) -> bool:
    if isinstance(container, LISTS):
        return any(equal(value, element) for element in container)
    if isinstance(container, frozenset):
        return key_of(value) is not None and type(value) is not bool and value in container
    if type(container) is dict:
        found = key_of(value)
        return found is not None and found in container
    no_overload("in", value, container)


def size(value: Any) -> int:
    if isinstance(value, (str, bytes, tuple, list, dict)):
        return len(value)
    no_overload("size", value)
