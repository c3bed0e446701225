"""A record that cannot be read, as a value: where it failed, on what, and whose parcel it was."""

from typing import Literal

import orjson
from msgspec import Struct

Stage = Literal["size", "json", "schema", "version", "key"]

FOUND_LENGTH = 80


class Malformed(Struct, frozen=True, kw_only=True):
    """Why a record was refused. ``found`` is at most 80 characters, and masked where the field is personal.

    ``field`` is the path inside the record ("items[0].qty"), empty when it is the record as a whole.
    ``keyword`` is the JSON Schema keyword that failed ("required": something is missing, anything else:
    something is wrong), empty outside the schema. ``carrier``, ``hawb``, ``message_seq`` and ``event_id``
    are given as far as they can be read and are themselves well-formed.
    """

    stage: Stage
    found: str
    expected: str
    field: str = ""
    keyword: str = ""
    carrier: str = ""
    hawb: str = ""
    message_seq: int | None = None
    event_id: str = ""

    @property
    def reason(self) -> str:
        """One sentence: "hawb: found 12, expected string"."""
        return f"{self.field or 'record'}: found {self.found}, expected {self.expected}"

    @property
    def names_a_parcel(self) -> bool:
        """Whether it is known which parcel could not be read, so that it can be held."""
        return bool(self.carrier and self.hawb)


def described(value: object) -> str:
    """A value as it may stand in a message: scalars as JSON, cut to 80 characters, anything else by kind."""
    if isinstance(value, dict):
        return f"object of {len(value)}"
    if isinstance(value, list):
        return f"array of {len(value)}"
    return cut(orjson.dumps(value).decode())


def masked(value: object) -> str:
    """A personal value by its kind and length alone."""
    if isinstance(value, str):
        return f"a text of {len(value)} characters"
    return described(value) if isinstance(value, dict | list) or value is None else "a value that is no text"


def cut(text: str) -> str:
    """At most 80 characters, so that a message stays one line whatever was sent."""
    return text if len(text) <= FOUND_LENGTH else text[: FOUND_LENGTH - 1] + "…"
