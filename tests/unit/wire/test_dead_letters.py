"""A dead letter quotes the record that it is about, whatever that was, and says why."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.wire.declarations import encoded
from tidewaiter.wire import dead_letters, events
from tidewaiter.wire.dead_letter import DeadLetter
from tidewaiter.wire.dead_letters import Unread
from tidewaiter.wire.identity import named_by_key
from tidewaiter.wire.malformed import Malformed

NOTHING = Malformed(stage="json", found="nothing", expected="one JSON object in UTF-8")


def unread(value: bytes | None, key: bytes | None = b"FDX|1") -> Unread:
    return Unread(topic="parcel-events", partition=3, offset=41, key=key, value=value, timestamp_ms=1)


def written(record: Unread, malformed: Malformed = NOTHING) -> DeadLetter:
    letter = dead_letters.decode(dead_letters.encode(record, malformed))
    assert isinstance(letter, DeadLetter), letter
    return letter


headers = st.lists(st.tuples(st.text(max_size=8), st.binary(max_size=8)), max_size=4).map(tuple)


@given(st.none() | st.binary(max_size=99), st.none() | st.binary(max_size=30), headers)
def test_a_dead_letter_gives_the_record_back(
    value: bytes | None, key: bytes | None, headers: tuple[tuple[str, bytes], ...]
) -> None:
    record = Unread(topic="t", partition=0, offset=9, key=key, value=value, headers=headers)
    letter = written(record)
    assert (letter.value, letter.record_key, letter.record_headers) == (value or b"", key, headers)
    assert letter.timestamp is None
    assert not letter.value_cut


@given(st.binary(max_size=200))
def test_a_dead_letter_of_any_bytes_keeps_to_its_schema(value: bytes) -> None:
    malformed = events.decode(value)
    assert isinstance(malformed, Malformed)
    letter = written(unread(value), malformed)
    assert (letter.stage, letter.reason) == (malformed.stage, malformed.reason)


def test_a_dead_letter_of_two_megabytes_is_cut_and_hashed_whole() -> None:
    value = b"x" * 2_000_000
    malformed = events.decode(value)
    assert isinstance(malformed, Malformed)
    letter = written(unread(value), malformed)
    assert letter.value_cut
    assert letter.value == value[: dead_letters.MAX_QUOTED_BYTES]
    assert letter.value_size == 2_000_000
    assert letter.value_sha256 == hashlib.sha256(value).hexdigest()


def test_a_dead_letter_of_the_largest_event_quotes_it_whole() -> None:
    value = b"x" * dead_letters.MAX_QUOTED_BYTES
    letter = written(unread(value))
    assert not letter.value_cut
    assert letter.value == value
    assert len(dead_letters.encode(unread(value), NOTHING)) < 2 * 1024 * 1024


def test_a_dead_letter_names_the_parcel_as_far_as_it_was_read() -> None:
    malformed = events.decode(encoded(items={}))
    assert isinstance(malformed, Malformed)
    letter = written(unread(encoded(items={})), malformed)
    assert (letter.source_carrier, letter.hawb, letter.message_seq) == ("FDX", "7712345678", 1)
    assert letter.field == "items"
    assert written(unread(b"")).hawb is None


def test_a_record_that_cannot_be_parsed_is_named_by_its_key() -> None:
    named = named_by_key(NOTHING, b"FDX|77")
    assert (named.carrier, named.hawb) == ("FDX", "77")


def test_a_key_does_not_overrule_what_the_record_says() -> None:
    malformed = events.decode(encoded(items={}))
    assert isinstance(malformed, Malformed)
    assert named_by_key(malformed, b"UPS|1") == malformed


def test_a_key_that_is_none_names_nobody() -> None:
    for key in (None, b"", b"FDX", b"FDX|", b"|1", b"F X|1", b"FDX|1|2", b"\xff|1"):
        assert not named_by_key(NOTHING, key).names_a_parcel
