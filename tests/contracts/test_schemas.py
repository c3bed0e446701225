"""The published schemas: valid, bounded, free of what nobody uses, and the same as the code's own types."""

import re

import pytest
from jsonschema import Draft202012Validator
from msgspec import Struct

from tests.contracts.published import subschemas
from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.event import AgencyData, Item, ParcelEvent
from tidewaiter.domain.officers import ANSWERED_BY_EXAM
from tidewaiter.domain.party import Account, Party
from tidewaiter.wire.dead_letter import DeadLetter, QuotedHeader
from tidewaiter.wire.decisions import PublicDecision
from tidewaiter.wire.hold_order import HoldOrder, MatchedEntry, MatchedIdentifier, Reason, SeenValue
from tidewaiter.wire.identity import CARRIER, HAWB
from tidewaiter.wire.malformed import Stage
from tidewaiter.wire.schema import load_schema, personal_fields, schema_names, validator
from tidewaiter.wire.topics import SCHEMAS

NAMES = schema_names()
EVENTS = "parcel-events.v1"


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_valid_under_the_meta_schema(name: str) -> None:
    Draft202012Validator.check_schema(dict(load_schema(name)))


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_says_its_own_name(name: str) -> None:
    assert load_schema(name)["$id"].endswith(f"/schemas/{name}.schema.json")
    assert load_schema(name)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_schema_is_that_of_a_topic() -> None:
    assert sorted(SCHEMAS.values()) == list(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_definition_is_used(name: str) -> None:
    schema = load_schema(name)
    used = {part["$ref"] for part in subschemas(schema) if isinstance(part.get("$ref"), str)}
    assert {f"#/$defs/{definition}" for definition in schema.get("$defs", {})} <= used


@pytest.mark.parametrize("name", NAMES)
def test_every_text_and_every_array_is_bounded(name: str) -> None:
    for part in subschemas(load_schema(name)):
        if part.get("type") == "string":
            assert {"maxLength", "pattern", "enum"} & set(part), part
        if part.get("type") == "array":
            assert "maxItems" in part, part


@pytest.mark.parametrize("name", NAMES)
def test_unknown_fields_are_allowed(name: str) -> None:
    assert not any(part.get("additionalProperties") is False for part in subschemas(load_schema(name)))


@pytest.mark.parametrize(
    ("name", "definition", "struct"),
    [
        (EVENTS, "", ParcelEvent),
        (EVENTS, "party", Party),
        (EVENTS, "account", Account),
        (EVENTS, "item", Item),
        (EVENTS, "agency_data", AgencyData),
        ("officer-actions.v1", "", OfficerAction),
        ("parcel-decisions.v1", "", PublicDecision),
        ("hold-orders.v1", "", HoldOrder),
        ("hold-orders.v1", "reason", Reason),
        ("hold-orders.v1", "evidence", SeenValue),
        ("hold-orders.v1", "hit", MatchedEntry),
        ("hold-orders.v1", "identifier", MatchedIdentifier),
        ("dead-letter.v1", "", DeadLetter),
        ("dead-letter.v1", "header", QuotedHeader),
    ],
)
def test_schema_and_type_have_the_same_fields(name: str, definition: str, struct: type[Struct]) -> None:
    schema = load_schema(name)
    published = schema["$defs"][definition] if definition else schema
    assert sorted(published["properties"]) == sorted(struct.__struct_fields__)


def test_the_names_of_a_parcel_are_the_same_in_schema_and_code() -> None:
    for name in ("parcel-events", "officer-actions", "parcel-decisions", "hold-orders", "shadow-findings"):
        properties = load_schema(f"{name}.v1")["properties"]
        assert properties["source_carrier"]["pattern"] == CARRIER.pattern
        assert properties["hawb"]["pattern"] == HAWB.pattern


def test_the_stages_of_a_dead_letter_are_those_of_the_code() -> None:
    assert tuple(load_schema("dead-letter.v1")["properties"]["stage"]["enum"]) == Stage.__args__  # type: ignore[attr-defined]


def test_every_personal_field_of_a_party_is_tagged() -> None:
    tagged = personal_fields(load_schema(EVENTS))
    for field in ("name", "city", "postal", "phone", "email", "tax_id", "addr_lines", "ip"):
        assert ("consignee", field) in tagged
    assert ("consignee", "account", "number") in tagged
    assert ("consignee", "country") not in tagged


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_compiles_without_the_network(name: str) -> None:
    assert not validator(name).is_valid({})


def test_officers_are_told_which_holds_a_negative_exam_removes() -> None:
    said = load_schema("officer-actions.v1")["properties"]["outcome"]["description"]
    assert set(re.findall(r"\b[A-Z]{2,3}\b", said)) == ANSWERED_BY_EXAM
