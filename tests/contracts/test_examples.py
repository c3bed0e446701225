"""Every valid example is accepted, and every invalid one refused for the reason in its name."""

import json
from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.contracts.published import TOPICS, examples, name_of
from tidewaiter.wire.contract import Contract
from tidewaiter.wire.malformed import Malformed
from tidewaiter.wire.refusal import dotted
from tidewaiter.wire.schema import load_schema, schema_names
from tidewaiter.wire.topics import SCHEMAS

# What the end of a file's name promises: the stage, and the keyword of the schema that must fail.
REASONS = {
    "said-twice": ("json", ""),
    "broken": ("json", ""),
    "unsupported": ("version", ""),
    "missing": ("schema", "required"),
    "malformed": ("schema", "pattern"),
    "without-a-zone": ("schema", "pattern"),
    "not-in-utc": ("schema", "pattern"),
    "not-text": ("schema", "type"),
    "not-an-object": ("schema", "type"),
    "not-an-array": ("schema", "type"),
    "not-a-whole-number": ("schema", "type"),
    "not-a-decimal-string": ("schema", "type"),
    "no-such-time": ("schema", "format"),
    "no-such-date": ("schema", "format"),
    "unknown-value": ("schema", "enum"),
    "negative": ("schema", "minimum"),
    "too-great": ("schema", "maximum"),
    "too-long": ("schema", "maxLength"),
    "too-many": ("schema", "maxItems"),
    "empty": ("schema", "minLength"),
    "empty-but-open": ("schema", "minItems"),
    "not-that-of-a-release": ("schema", "const"),
    "not-that-of-an-open-order": ("schema", "const"),
    "not-that-of-a-withdrawn-order": ("schema", "const"),
    "that-of-a-release": ("schema", "not"),
}

_SCHEMAS = [dict(load_schema(name)) for name in schema_names()]
PUBLISHED: Registry = Registry().with_resources(
    (schema["$id"], DRAFT202012.create_resource(schema)) for schema in _SCHEMAS
)


def read(topic: str, value: bytes) -> dict[str, object] | Malformed:
    return Contract[dict[str, object]](SCHEMAS[topic], dict).read(value)


def promised(file: Path) -> tuple[str, str, str]:
    """Field, stage and keyword that the name promises: `items.0.qty-not-a-decimal-string`."""
    path, _, reason = file.stem.partition("-")
    stage, keyword = REASONS[reason]
    if path == "record":
        return "", "json", ""
    return dotted([int(step) if step.isdigit() else step for step in path.split(".")]), stage, keyword


def against_the_schema() -> list[tuple[str, Path]]:
    """The invalid examples that are one JSON object and that a validator without formats can refuse."""
    cases = [(example, promised(example[1])) for example in examples("invalid")]
    return [example for example, (_, stage, keyword) in cases if stage != "json" and keyword != "format"]


@pytest.mark.parametrize(("topic", "file"), examples("valid"), ids=name_of)
def test_a_valid_example_is_accepted(topic: str, file: Path) -> None:
    assert read(topic, file.read_bytes()) == orjson.loads(file.read_bytes())


@pytest.mark.parametrize(("topic", "file"), examples("invalid"), ids=name_of)
def test_an_invalid_example_is_refused_for_the_reason_in_its_name(topic: str, file: Path) -> None:
    malformed = read(topic, file.read_bytes())
    assert isinstance(malformed, Malformed)
    assert (malformed.field, malformed.stage, malformed.keyword) == promised(file), malformed.reason


@pytest.mark.parametrize(("topic", "file"), [*examples("valid"), *against_the_schema()], ids=name_of)
def test_another_validator_agrees(topic: str, file: Path) -> None:
    """The service's validator is not the only one: a carrier that checks with jsonschema sees the same."""
    other = Draft202012Validator(dict(load_schema(SCHEMAS[topic])), registry=PUBLISHED)
    accepted = not isinstance(read(topic, file.read_bytes()), Malformed)
    assert other.is_valid(json.loads(file.read_bytes())) == accepted


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_has_enough_examples(topic: str) -> None:
    assert len([file for of, file in examples("valid") if of == topic]) >= 3
    assert len([file for of, file in examples("invalid") if of == topic]) >= 5


def test_every_reason_is_shown_by_an_example() -> None:
    assert {file.stem.partition("-")[2] for _, file in examples("invalid")} == set(REASONS)


def test_no_example_is_personal() -> None:
    """Names and numbers are made up: phones are 555-01xx, mail domains are reserved ones."""
    for topic, file in examples("valid"):
        document = orjson.loads(file.read_bytes())
        for role in ("shipper", "consignee", "deliver_to"):
            party = document.get(role, {}) if topic == "parcel-events" else {}
            assert "555" in party.get("phone", "555")
            assert party.get("email", ".example").endswith(".example")
