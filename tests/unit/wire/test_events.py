"""What a carrier's bytes become: an event, or a refusal that its engineers can act upon."""

import json
from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire.declarations import declaration, encoded, party
from tidewaiter.wire.events import Decoded, decode, key_problem
from tidewaiter.wire.malformed import Malformed


def refused(value: bytes) -> Malformed:
    malformed = decode(value)
    assert isinstance(malformed, Malformed)
    return malformed


def accepted(value: bytes) -> Decoded:
    decoded = decode(value)
    assert isinstance(decoded, Decoded), decoded
    return decoded


def test_decode_reads_amounts_as_the_decimals_that_were_written() -> None:
    event = accepted(encoded(declared_value="25.10")).event
    assert str(event.declared_value) == "25.10"
    assert event.items[0].net_weight_kg == Decimal("0.45")


def test_decode_gives_the_same_digest_for_the_same_bytes_only() -> None:
    assert accepted(encoded()).digest == accepted(encoded()).digest
    assert accepted(encoded()).digest != accepted(encoded() + b"\n").digest
    assert len(accepted(encoded()).digest) == 32


def test_decode_passes_over_unknown_fields() -> None:
    assert accepted(encoded(carrier_own={"batch": [1, {"x": None}]})).event.hawb == "7712345678"


def test_decode_accepts_a_minor_version_that_it_does_not_know() -> None:
    assert accepted(encoded(schema_version="1.7")).event.schema_version == "1.7"


def test_decode_reads_a_whole_float_where_the_schema_says_integer() -> None:
    assert accepted(encoded(message_seq=3.0)).event.message_seq == 3
    both = encoded(message_seq=3.0, event_time="2016-12-31T23:59:60Z")
    assert refused(both).field == "event_time"


@pytest.mark.parametrize(
    ("changes", "reason", "keyword"),
    [
        ({"hawb": 12}, "hawb: found 12, expected 1 to 35 printable ASCII characters", "type"),
        ({"hawb": "a|b"}, 'hawb: found "a|b", expected 1 to 35 printable', "pattern"),
        ({"event_id": None}, "event_id: found nothing, expected a value", "required"),
        ({"consignee": None}, "consignee: found nothing, expected a value", "required"),
        ({"declared_value": 25.5}, "declared_value: found 25.5, expected decimal string", "type"),
        ({"declared_value": "-1"}, 'declared_value: found "-1", expected decimal string', "pattern"),
        ({"declared_value": "1e3"}, 'declared_value: found "1e3", expected decimal string', "pattern"),
        ({"items": [{}, {"qty": 1}]}, "items[1].qty: found 1, expected decimal string", "type"),
        ({"message_seq": -1}, "message_seq: found -1, expected at least 0", "minimum"),
        ({"message_seq": True}, "message_seq: found true, expected integer", "type"),
        ({"message_seq": "1"}, 'message_seq: found "1", expected integer', "type"),
        ({"channel": "SHIP"}, 'channel: found "SHIP", expected one of EXPRESS, AIR, POST', "enum"),
        ({"flight_date": "2026-02-31"}, 'flight_date: found "2026-02-31", expected date', "format"),
        ({"event_time": "2026-11-24 07:12"}, 'event_time: found "2026-11-24 07:12", expected RFC', "pattern"),
        ({"event_time": "0001-01-01T00:00:00+14:00"}, "event_time: found ", "pattern"),
        ({"event_time": "2016-12-31T23:59:60Z"}, "expected a valid RFC3339 datetime", "type"),
        ({"mawb": "x" * 21}, "expected at most 20 characters", "maxLength"),
        ({"items": [{}] * 1000}, "items: found array of 1000, expected at most 999 elements", "maxItems"),
        ({"event_type": "ARRIVAL"}, "arrival_time: found nothing, expected a value", "required"),
        ({"event_type": "SCAN"}, "scanned_weight_kg: found nothing, expected a value", "required"),
    ],
)
def test_decode_names_field_value_and_expectation(
    changes: dict[str, object], reason: str, keyword: str
) -> None:
    malformed = refused(encoded(**changes))
    assert reason in malformed.reason
    assert (malformed.stage, malformed.keyword) == ("schema", keyword)


def test_decode_masks_personal_values() -> None:
    consignee = party("Maria Gonzalez", "US") | {"phone": 12135550142}
    assert "2135550142" not in refused(encoded(consignee=consignee)).reason
    long = party("Maria Gonzalez " * 30, "US")
    assert refused(encoded(consignee=long)).found == "a text of 450 characters"
    lines = party("Maria Gonzalez", "US") | {"addr_lines": ["Secret Street " * 30]}
    assert refused(encoded(buyer=lines)).reason == (
        "buyer.addr_lines[0]: found a text of 420 characters, expected at most 300 characters"
    )


def test_decode_cuts_what_it_found_to_eighty_characters() -> None:
    assert len(refused(encoded(mawb="x" * 5000)).found) == 80


def test_decode_refuses_an_unknown_major_version_as_such() -> None:
    malformed = refused(encoded(schema_version="2", consignee="who knows"))
    assert (malformed.stage, malformed.found, malformed.expected) == ("version", '"2"', "1 or 1.x")
    assert malformed.names_a_parcel


@pytest.mark.parametrize(
    "value",
    [b"", b"   ", b"{", b"nonsense", b'{"a":1}x', b"\xff\xfe", b"[1]", b"null", b'"text"', b'{"a":NaN}',
     b'{"a":"\\ud800"}', b'{"a":' * 300 + b"1" + b"}" * 300, b"[" * 100_000, b'\xef\xbb\xbf{"a":1}'],
)  # fmt: skip
def test_decode_refuses_what_is_not_one_json_object(value: bytes) -> None:
    assert refused(value).stage == "json"


def test_decode_refuses_two_megabytes_before_parsing() -> None:
    malformed = refused(b"{" * 2_000_000)
    assert malformed.reason == "record: found 2000000 bytes, expected at most 1048576 bytes"
    assert malformed.stage == "size"


def test_decode_names_the_parcel_of_a_refused_event() -> None:
    malformed = refused(encoded(consignee=[], message_seq=7))
    assert (malformed.carrier, malformed.hawb, malformed.message_seq) == ("FDX", "7712345678", 7)
    assert malformed.event_id == "01J0000000000000000000001"


def test_decode_names_no_parcel_when_the_name_itself_is_wrong() -> None:
    assert not refused(encoded(hawb="")).names_a_parcel
    assert not refused(encoded(source_carrier="F|X")).names_a_parcel


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_decode_never_raises_on_any_bytes(value: bytes) -> None:
    assert isinstance(decode(value), Malformed)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(declaration())), json_values)
def test_decode_answers_whatever_a_field_holds(name: str, value: object) -> None:
    decode(json.dumps(declaration() | {name: value}).encode())


def test_key_problem_is_none_for_the_parcels_own_key() -> None:
    assert key_problem(b"FDX|7712345678", accepted(encoded()).event) is None


@pytest.mark.parametrize("key", [None, b"", b"FDX|1", b"UPS|7712345678", b"FDX|7712345678 ", b"\xff"])
def test_key_problem_names_the_parcel_under_any_other_key(key: bytes | None) -> None:
    problem = key_problem(key, accepted(encoded()).event)
    assert problem is not None
    assert problem.stage == "key"
    assert problem.expected == '"FDX|7712345678"'
    assert problem.names_a_parcel


def test_decode_reads_text_of_any_script() -> None:
    name = "Éléonore 张伟 \u0000 \U0001f4e6"
    event = accepted(orjson.dumps(declaration(consignee=party(name, "US")))).event
    assert event.consignee is not None
    assert event.consignee.name == name
