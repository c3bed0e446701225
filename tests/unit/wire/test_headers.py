"""Headers say what a record is and whose trace it belongs to, the same at every replay."""

import re

import pytest
from msgspec import structs

from tidewaiter.wire import headers
from tidewaiter.wire.headers import Envelope, continued, trace_id_of

VALID = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
PARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"

ENVELOPE = Envelope(
    id="1",
    type="type",
    source="/source",
    time="2026-11-24T06:00:00Z",
    traceparent="00-trace",
    cause="topic/0/1",
)


def test_headers_say_what_the_envelope_does_and_the_version_of_cloudevents() -> None:
    assert dict(headers.encode(ENVELOPE)) == {
        "ce_id": b"1",
        "ce_type": b"type",
        "ce_source": b"/source",
        "ce_time": b"2026-11-24T06:00:00Z",
        "ce_specversion": b"1.0",
        "traceparent": b"00-trace",
        "tw_source": b"topic/0/1",
    }


def test_what_answers_no_record_names_none() -> None:
    assert "tw_source" not in dict(headers.encode(structs.replace(ENVELOPE, cause="")))


def test_a_valid_trace_is_continued_with_a_span_of_its_own() -> None:
    traceparent = continued(PARENT, "seed")
    assert VALID.fullmatch(traceparent)
    assert trace_id_of(traceparent) == "4bf92f3577b34da6a3ce929d0e0e4736"
    assert "00f067aa0ba902b7" not in traceparent
    assert traceparent.endswith("-00")


@pytest.mark.parametrize(
    "parent",
    [
        None,
        b"",
        b"nonsense",
        PARENT.upper(),
        b"ff" + PARENT[2:],
        b"00-" + b"0" * 32 + PARENT[35:],
        PARENT[:36] + b"0" * 16 + PARENT[52:],
        PARENT + b"\n",
    ],
)
def test_without_a_valid_trace_the_seed_makes_one(parent: bytes | None) -> None:
    traceparent = continued(parent, "seed")
    assert VALID.fullmatch(traceparent)
    assert traceparent == continued(None, "seed")
    assert traceparent != continued(None, "other")


def test_a_later_version_of_the_header_is_continued() -> None:
    assert trace_id_of(continued(b"01" + PARENT[2:] + b"-more", "seed")) == "4bf92f3577b34da6a3ce929d0e0e4736"
