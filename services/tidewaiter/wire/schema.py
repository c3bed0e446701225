"""The published schemas, compiled, and what they say of a field: its title, whether it is personal."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import jsonschema_rs
import orjson

from tidewaiter.resources import schemas_directory

Schema = Mapping[str, Any]
FieldPath = tuple[str, ...]

EACH = "[]"
_SUFFIX = ".schema.json"


@cache
def load_schema(name: str) -> Schema:
    """The schema `<name>.schema.json`; FileNotFoundError if there is none."""
    loaded: Schema = orjson.loads((schemas_directory() / f"{name}{_SUFFIX}").read_bytes())
    return loaded


def schema_names() -> tuple[str, ...]:
    """The names of all published schemas, in order: "parcel-events.v1" and so on."""
    files = schemas_directory().glob(f"*{_SUFFIX}")
    return tuple(sorted(file.name.removesuffix(_SUFFIX) for file in files))


@cache
def validator(name: str) -> jsonschema_rs.Validator:
    """The compiled schema. Its references may lead to the other published schemas, never to the network.

    Patterns run in linear time, whatever a carrier sends.
    """
    return jsonschema_rs.Draft202012Validator(
        dict(load_schema(name)),
        validate_formats=True,
        registry=_published(),
        pattern_options=jsonschema_rs.RegexOptions(),
        offline=True,
    )


@cache
def _published() -> jsonschema_rs.Registry:
    schemas = (dict(load_schema(name)) for name in schema_names())
    return jsonschema_rs.Registry([(schema["$id"], schema) for schema in schemas])


def title_at(schema: Schema, keyword_path: Sequence[str | int]) -> str:
    """The title of the subschema whose keyword failed; empty if it has none or lies in another file."""
    at: Any = schema
    for step in keyword_path[:-1]:
        try:
            at = at[step]
        except (KeyError, IndexError, TypeError):
            return ""
    title = at.get("title", "") if isinstance(at, dict) else ""
    return title if isinstance(title, str) else ""


def personal_fields(schema: Schema) -> frozenset[FieldPath]:
    """The paths of the fields tagged `x-pii`, with ``EACH`` for "every element of the array"."""
    return frozenset(_personal(schema, schema, ()))


def _personal(schema: Schema, root: Schema, path: FieldPath) -> Iterator[FieldPath]:
    subschema = _resolved(schema, root)
    if "x-pii" in subschema:
        yield path
    for name, member in subschema.get("properties", {}).items():
        yield from _personal(member, root, (*path, name))
    if "items" in subschema:
        yield from _personal(subschema["items"], root, (*path, EACH))


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The subschema itself, or what its reference names in the same file."""
    reference = schema.get("$ref", "")
    if reference.startswith("#/$defs/"):
        found: Schema = root["$defs"][reference.removeprefix("#/$defs/")]
        return found
    return schema
