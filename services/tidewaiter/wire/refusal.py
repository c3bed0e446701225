"""What a failed check says to the carrier's engineers: the field, what was found, what was expected."""

import re
from collections.abc import Sequence
from typing import Any

import jsonschema_rs
import msgspec

from tidewaiter.wire.document import Document
from tidewaiter.wire.malformed import Malformed, cut, described, masked
from tidewaiter.wire.schema import EACH, FieldPath, Schema, title_at

Path = tuple[str | int, ...]

# The keywords that say how a text must look; their subschema's title says it better than a pattern.
_SHAPE = ("type", "pattern", "format")
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def schema_refusal(
    error: jsonschema_rs.ValidationError, schema: Schema, personal: frozenset[FieldPath]
) -> Malformed:
    """The refusal for a failed keyword. A missing field is named itself, not the object that lacks it."""
    keyword, limit = error.kind.name, error.kind.value
    if keyword == "required":
        path: Path = (*error.instance_path, limit)
        return _refusal(path, "nothing", "a value", keyword)
    path = tuple(error.instance_path)
    title = title_at(schema, error.schema_path) if keyword in _SHAPE else ""
    return _refusal(path, _shown(path, error.instance, personal), title or _wanted(keyword, limit), keyword)


def conversion_refusal(
    error: msgspec.ValidationError, document: Document, personal: frozenset[FieldPath]
) -> Malformed:
    """The refusal for a value that the schema lets through and that is none: a leap second, year 0."""
    message, _, where = str(error).partition(" - at `$")
    path = _steps(where)
    wanted = message.partition(", got ")[0].removeprefix("Expected ").replace("`", "")
    wanted = wanted.replace("Invalid", "a valid").replace(" encoded", "")
    return _refusal(path, _shown(path, _value_at(document, path), personal), wanted, "type")


def dotted(path: Sequence[str | int]) -> str:
    """A path as people write it: "items[0].qty"."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).removeprefix(".")


def _refusal(path: Path, found: str, expected: str, keyword: str) -> Malformed:
    return Malformed(stage="schema", field=cut(dotted(path)), found=found, expected=expected, keyword=keyword)


def _shown(path: Path, value: object, personal: frozenset[FieldPath]) -> str:
    """The value, unless the field or one that it lies in is personal."""
    generic = tuple(EACH if isinstance(step, int) else step for step in path)
    is_personal = any(generic[:depth] in personal for depth in range(1, len(generic) + 1))
    return masked(value) if is_personal else described(value)


def _wanted(keyword: str, limit: Any) -> str:
    match keyword:
        case "type":
            return " or ".join(limit)
        case "enum":
            return cut("one of " + ", ".join(map(str, limit)))
        case "const":
            return described(limit)
        case "maxLength" | "minLength":
            return f"{_bound(keyword)} {limit} characters"
        case "maxItems" | "minItems":
            return f"{_bound(keyword)} {limit} elements"
        case "maximum" | "minimum":
            return f"{_bound(keyword)} {limit}"
    return cut(f"{keyword} {limit}")


def _bound(keyword: str) -> str:
    return "at most" if keyword.startswith("max") else "at least"


def _steps(where: str) -> Path:
    """The path in a msgspec message, which is written "$.items[0].qty"."""
    return tuple(int(index) if index else name for name, index in _STEP.findall(where.rstrip("`")))


def _value_at(document: Document, path: Path) -> object:
    at: Any = document
    for step in path:
        try:
            at = at[step]
        except (KeyError, IndexError, TypeError):
            return None
    return at
