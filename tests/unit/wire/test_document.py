"""A key said twice is found however it is written, and nothing else is taken for one."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire.declarations import declaration
from tidewaiter.wire.document import parsed, repeated_keys
from tidewaiter.wire.malformed import Malformed

texts = st.text(st.sampled_from('a:"\\u003b{},é'), max_size=8)
json_values = st.recursive(
    st.none() | st.integers(-(2**63), 2**63) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)
objects = st.dictionaries(texts, json_values, max_size=4)


@pytest.mark.parametrize(
    "value",
    [
        b'{"a":1,"a":1}',
        b'{"a" :1,"a":2}',
        b'{"a":1,"\\u0061":2}',
        b'{"x":{"a":1,"a":2}}',
        b'{"x":[{"b":1},{"a":1,"a":2}]}',
        b'{"a":"::","a":2}',
        b'{"a":1,"a":2,"b":"\\u003a"}',
        b'{"a":1,"a":2,"b":"\\u003A\\\\u003a"}',
        b'{"":1,"":2}',
        b'{"a":{"a":1},"a":{"a":1}}',
    ],
)
def test_parsed_refuses_a_key_said_twice(value: bytes) -> None:
    malformed = parsed(value)
    assert isinstance(malformed, Malformed)
    assert malformed.stage == "json"
    assert malformed.expected == "each key once"


@pytest.mark.parametrize(
    "value",
    [
        b'{"a":{"a":1},"b":{"a":1}}',
        b'{ "a" : 1 , "b" : ":" }',
        b'{"a":"\\u003a"}',
        b'{"a":"\\\\u003a"}',
        b'{"a":"\\":"}',
        b'{"a":1.0,"b":1e5,"c":"\\u00e9"}',
        b'{"a":12345678901234567890123,"b":"\\u003a"}',
    ],
)
def test_parsed_refuses_nothing_else(value: bytes) -> None:
    assert parsed(value) == orjson.loads(value)


@given(objects, st.booleans(), st.sampled_from([None, 1]))
def test_parsed_reads_any_object_without_repetition(
    document: dict[str, object], is_ascii: bool, indent: int | None
) -> None:
    text = json.dumps(document, ensure_ascii=is_ascii, indent=indent)
    assert parsed(text.encode()) == document


@given(objects, texts, json_values, json_values)
def test_parsed_refuses_any_object_with_a_repeated_key(
    document: dict[str, object], key: str, first: object, second: object
) -> None:
    members = [*document.items(), (key, first), (key, second)]
    text = "{" + ",".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in members) + "}"
    assert isinstance(parsed(text.encode()), Malformed)


def test_parsed_names_the_parcel_unless_its_name_is_what_was_repeated() -> None:
    text = orjson.dumps(declaration()).decode()
    clean = parsed(text.replace('"mawb":', '"mawb":"1","mawb":', 1).encode())
    assert isinstance(clean, Malformed)
    assert clean.names_a_parcel
    twice = parsed(text.replace('"hawb":', '"hawb":"1","hawb":', 1).encode())
    assert isinstance(twice, Malformed)
    assert (twice.carrier, twice.hawb) == ("FDX", "")


def test_repeated_keys_reads_numbers_that_python_would_not() -> None:
    assert repeated_keys(b'{"a":' + b"1" * 5000 + b',"a":2}') == ("a",)


def test_repeated_keys_stays_linear_in_a_megabyte_of_them() -> None:
    members = ",".join(f'"k{number}":0' for number in range(60_000))
    assert repeated_keys(f'{{{members},"k5":1}}'.encode()) == ("k5",)
