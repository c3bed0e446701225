"""A history comes out of the store as it went in, to the zone of an arrival."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tests.unit.wire.declarations import encoded
from tests.unit.wire.values import actions as any_action
from tests.unit.wire.values import holds as any_hold
from tests.unit.wire.values import identifiers, names
from tidewaiter.domain.history import EMPTY, Given, History, with_event
from tidewaiter.domain.officers import with_action
from tidewaiter.wire import events, history
from tidewaiter.wire.events import Decoded


def decoded(value: bytes) -> Decoded:
    read = events.decode(value)
    assert isinstance(read, Decoded), read
    return read


def with_messages(*values: bytes) -> History:
    known = EMPTY
    for value in values:
        read = decoded(value)
        known = with_event(known, read.event, value, read.digest)
    return known


messages = st.lists(
    st.sampled_from(
        [
            encoded(),
            encoded(message_seq=2.0, event_type="UPDATE", carrier_own=[1]),
            encoded(message_seq=3, event_type="CANCEL"),
            encoded(message_seq=4, event_type="ARRIVAL", arrival_time="2026-11-24T23:30:00-08:00"),
            encoded(message_seq=5, event_type="SCAN", scanned_weight_kg="1.250"),
        ]
    ),
    max_size=5,
)
given_decisions = st.dictionaries(names, st.builds(Given, identifiers, identifiers, st.integers(0, 2**53)))


@given(
    messages,
    st.lists(any_action(), max_size=2),
    st.lists(any_hold, max_size=2).map(tuple),
    given_decisions,
)
def test_a_history_comes_back_as_it_was_kept(
    values: list[bytes],
    actions: list[object],
    holds: tuple[object, ...],
    given_before: dict[str, Given],
) -> None:
    known = structs.replace(
        with_messages(*values),
        standing=holds,
        open_holds=holds,
        unread=holds[:1],
        unread_seq=len(holds),
        given=given_before,
    )
    for action in actions:
        known = with_action(known, action)  # type: ignore[arg-type]
    assert history.decode(history.encode(known)) == known


def test_the_empty_history_comes_back() -> None:
    assert history.decode(history.encode(EMPTY)) == EMPTY


def test_an_arrival_keeps_its_zone_since_it_says_the_day_at_the_port() -> None:
    arrival = encoded(event_type="ARRIVAL", arrival_time="2026-11-24T23:30:00-08:00")
    kept = history.decode(history.encode(with_messages(arrival))).arrival
    assert kept is not None
    assert kept.arrival_time is not None
    assert kept.arrival_time.utcoffset() == timedelta(hours=-8)


def test_the_blob_of_one_parcel_is_smaller_than_its_payload() -> None:
    assert len(history.encode(with_messages(encoded()))) < len(encoded())


@pytest.mark.parametrize("blob", [b"", b"\x00", b"text", b"\x01", b"\x01abc", b"\x01\x04\x00\x00\x00@abcd"])
def test_decode_refuses_a_blob_that_is_none(blob: bytes) -> None:
    with pytest.raises(history.Unreadable, match="history: found"):
        history.decode(blob)


def test_a_later_versions_blob_is_told_from_one_that_is_none() -> None:
    with pytest.raises(ValueError, match=r"found format b'\\x02', expected b'\\x01'") as refusal:
        history.decode(b"\x02abc")
    assert not isinstance(refusal.value, history.Unreadable)
