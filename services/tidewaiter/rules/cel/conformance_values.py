"""Types and values of the conformance tests (cel/expr/value.proto, checked.proto), and their comparison."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from tidewaiter.rules.cel import types
from tidewaiter.rules.cel.clock import in_duration, in_timestamp
from tidewaiter.rules.cel.conversions import type_name
from tidewaiter.rules.cel.functions import Overload
from tidewaiter.rules.cel.runtime import LISTS, make_map
from tidewaiter.rules.cel.textproto import Message, TextprotoError
from tidewaiter.rules.cel.types import CelType, list_of, map_of, type_of
from tidewaiter.rules.cel.values import NANOS, TypeName, UInt

PROTOBUF: Final = "needs protobuf messages"


class OutsideSubsetError(Exception):
    """The test needs what this language does not have; the text says what."""


_PRIMITIVES: Final = {
    "BOOL": types.BOOL, "INT64": types.INT, "UINT64": types.UINT, "DOUBLE": types.DOUBLE,
    "STRING": types.STRING, "BYTES": types.BYTES,
}  # fmt: skip
_KNOWN_MESSAGES: Final = {
    kind.name: kind for kind in (types.TIMESTAMP, types.DURATION)
}  # fmt: skip
_WELL_KNOWN: Final = {"TIMESTAMP": types.TIMESTAMP, "DURATION": types.DURATION}
_FLOAT_MARK: Final = re.compile(r"(?<=[0-9.])[fF]$")
_OCTAL: Final = re.compile("-?0[0-7]+")
_ANY: Final = "[type.googleapis.com/google.protobuf."


def type_from(message: Message) -> CelType:
    """The type that a ``cel.expr.Type`` describes. Raises OutsideSubsetError for messages and wrappers."""
    for name, read in _TYPES.items():
        if name in message:
            return read(message)
    raise OutsideSubsetError(PROTOBUF)


def _primitive(name: str) -> CelType:
    if name not in _PRIMITIVES:
        raise TextprotoError(f"primitive: found {name[:40]!r}, expected one of {', '.join(_PRIMITIVES)}")
    return _PRIMITIVES[name]


def _message_type(message: Message) -> CelType:
    name = message.text("message_type")
    if name not in _KNOWN_MESSAGES:
        raise OutsideSubsetError(PROTOBUF)
    return _KNOWN_MESSAGES[name]


def _well_known(message: Message) -> CelType:
    name = message.text("well_known")
    if name not in _WELL_KNOWN:
        raise OutsideSubsetError(PROTOBUF)
    return _WELL_KNOWN[name]


def _map_type(message: Message) -> CelType:
    found = message.message("map_type")
    return map_of(type_from(found.message("key_type")), type_from(found.message("value_type")))


def _abstract_type(message: Message) -> CelType:
    found = message.message("abstract_type")
    if found.text("name") == "optional_type":
        raise OutsideSubsetError("needs an extension: optional values")
    return CelType(found.text("name"), tuple(map(type_from, found.all("parameter_types"))))


_TYPES: Final[Mapping[str, Callable[[Message], CelType]]] = {
    "primitive": lambda m: _primitive(m.text("primitive")),
    "null": lambda _: types.NULL,
    "dyn": lambda _: types.DYN,
    "list_type": lambda m: list_of(type_from(m.message("list_type").message("elem_type"))),
    "map_type": _map_type,
    "message_type": _message_type,
    "well_known": _well_known,
    "type_param": lambda m: CelType(f"${m.text('type_param')}"),
    "abstract_type": _abstract_type,
    "type": lambda m: type_of(type_from(m.message("type"))),
}


def overloads_from(function: Message) -> tuple[Overload, ...]:
    """The overloads of a declared function."""
    return tuple(
        Overload(
            tuple(map(type_from, one.all("params"))),
            type_from(one.message("result_type")),
            one.flag("is_instance_function"),
        )
        for one in function.all("overloads")
    )


def value_from(message: Message) -> Any:
    """The value that a ``cel.expr.Value`` describes. Raises OutsideSubsetError for messages and enums."""
    for name, read in _VALUES.items():
        if name in message:
            return read(message)
    raise OutsideSubsetError(PROTOBUF)


def _object(message: Message) -> Any:
    fields = message.message("object_value")
    for name, make in (("Timestamp", in_timestamp), ("Duration", in_duration)):
        for found in fields.all(f"{_ANY}{name}]"):
            return make(_integer(found, "seconds") * NANOS + _integer(found, "nanos"))
    raise OutsideSubsetError(PROTOBUF)


def _integer(message: Message, name: str) -> int:
    text = message.text(name) or "0"
    try:
        return int(text, 8 if _OCTAL.fullmatch(text) else 0)
    except ValueError:
        raise TextprotoError(f"{name}: found {text[:40]!r}, expected a whole number") from None


def _double(message: Message) -> float:
    text = message.text("double_value")
    try:
        return float(_FLOAT_MARK.sub("", text))
    except ValueError:
        raise TextprotoError(f"double_value: found {text[:40]!r}, expected a number") from None


def _map(message: Message) -> Any:
    entries = message.message("map_value").all("entries")
    return make_map(
        tuple((value_from(one.message("key")), value_from(one.message("value"))) for one in entries)
    )


_VALUES: Final[Mapping[str, Callable[[Message], Any]]] = {
    "null_value": lambda _: None,
    "bool_value": lambda m: m.flag("bool_value"),
    "int64_value": lambda m: _integer(m, "int64_value"),
    "uint64_value": lambda m: UInt(_integer(m, "uint64_value")),
    "double_value": _double,
    "string_value": lambda m: m.text("string_value"),
    "bytes_value": lambda m: m.content("bytes_value"),
    "list_value": lambda m: tuple(map(value_from, m.message("list_value").all("values"))),
    "map_value": _map,
    "type_value": lambda m: TypeName(m.text("type_value")),
    "object_value": _object,
}


def same(found: Any, wanted: Any) -> bool:
    """Whether a result is the one expected: of the same type all the way down; NaN is NaN here."""
    if isinstance(found, LISTS) and isinstance(wanted, LISTS):
        return len(found) == len(wanted) and all(map(same, found, wanted))
    if isinstance(found, dict) and isinstance(wanted, dict):
        return found.keys() == wanted.keys() and all(same(found[key], wanted[key]) for key in found)
    if type_name(found) != type_name(wanted):
        return False
    return bool(found == wanted) or (found != found and wanted != wanted)
