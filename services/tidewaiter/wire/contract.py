"""A published schema at work: bytes in, a checked value or the reason of the refusal out."""

from functools import cached_property
from typing import Generic, TypeVar

import msgspec

from tidewaiter.wire.document import Document, parsed
from tidewaiter.wire.identity import identified
from tidewaiter.wire.malformed import Malformed, described
from tidewaiter.wire.refusal import conversion_refusal, schema_refusal
from tidewaiter.wire.schema import FieldPath, Schema, load_schema, personal_fields, validator

MEBIBYTE = 1 << 20

T = TypeVar("T")


class Contract(Generic[T]):
    """One message: the file `<name>.schema.json`, and the Struct that holds what the schema lets through.

    The file is read when the contract is made (FileNotFoundError if there is none) and is the very one
    that is published, so that documentation and check cannot differ.
    """

    def __init__(self, name: str, struct: type[T], max_bytes: int = MEBIBYTE) -> None:
        self.name = name
        self.struct = struct
        self.max_bytes = max_bytes
        self.schema: Schema = load_schema(name)
        self._major = name.rpartition(".v")[2]
        self._is_valid = validator(name).is_valid

    def read(self, value: bytes) -> T | Malformed:
        """What the bytes say, checked against the schema. Unknown fields are passed over."""
        if len(value) > self.max_bytes:
            return _oversized(len(value), self.max_bytes)
        document = parsed(value)
        if isinstance(document, Malformed):
            return document
        if not self._is_valid(document):
            return identified(self._refusal(document), document)
        return self._converted(document)

    def _converted(self, document: Document) -> T | Malformed:
        try:
            return msgspec.convert(document, self.struct)
        except msgspec.ValidationError:
            return self._converted_leniently(document)

    def _converted_leniently(self, document: Document) -> T | Malformed:
        """JSON Schema calls 1.0 an integer, msgspec only when it is not strict: the schema has the word."""
        try:
            return msgspec.convert(document, self.struct, strict=False)
        except msgspec.ValidationError as error:
            refusal = conversion_refusal(error, document, self._personal)
            return identified(refusal, document)

    def _refusal(self, document: Document) -> Malformed:
        version = document.get("schema_version")
        if isinstance(version, str) and version.partition(".")[0] != self._major:
            return _unknown_version(version, self._major)
        error = next(validator(self.name).iter_errors(document))
        return schema_refusal(error, self.schema, self._personal)

    @cached_property
    def _personal(self) -> frozenset[FieldPath]:
        return personal_fields(self.schema)


def _oversized(size: int, limit: int) -> Malformed:
    return Malformed(stage="size", found=f"{size} bytes", expected=f"at most {limit} bytes")


def _unknown_version(version: str, major: str) -> Malformed:
    return Malformed(
        stage="version", field="schema_version", found=described(version), expected=f"{major} or {major}.x"
    )
