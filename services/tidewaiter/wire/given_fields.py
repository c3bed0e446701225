"""A Struct as the JSON document that says it: only what is given, amounts as decimal strings."""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from msgspec import NODEFAULT, Struct
from msgspec.structs import fields


def given_fields(value: Struct) -> dict[str, Any]:
    """The fields that differ from their defaults, in their order."""
    defaults = _defaults(type(value))
    members = ((name, getattr(value, name), default) for name, default in defaults.items())
    return {name: _plain(member) for name, member, default in members if member != default}


def _plain(value: object) -> object:
    """What orjson can write: it knows dates, and no decimals."""
    match value:
        case Struct():
            return given_fields(value)
        case Decimal():
            return f"{value:f}"
        case tuple():
            return [_plain(element) for element in value]
        case None | bool() | int() | str() | date():
            return value
    raise TypeError(f"no JSON form for {type(value).__name__}")


@cache
def _defaults(struct: type[Struct]) -> dict[str, object]:
    return {field.name: _default(field.default) for field in fields(struct)}


def _default(default: object) -> object:
    """A required field has no default, and so is always said: nothing equals a fresh object."""
    return object() if default is NODEFAULT else default
