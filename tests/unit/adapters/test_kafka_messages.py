"""Messages as the client gives them, and what a producer may have written into them."""

from dataclasses import dataclass
from typing import Any, cast

import pytest
from confluent_kafka import Message

from tidewaiter.adapters.kafka_messages import record_of
from tidewaiter.screener import replies
from tidewaiter.screener.reading import read
from tidewaiter.stream.partitioner import partition_for


@dataclass(frozen=True)
class Written:
    """What a message answers. Header names are decoded when they are asked for, as the client does."""

    stamped_ms: int = 1_795_521_600_000
    header_name: bytes = b"ce_id"

    def topic(self) -> str:
        return "parcel-events"

    def partition(self) -> int:
        return 3

    def offset(self) -> int:
        return 7

    def key(self) -> bytes:
        return b"FX|770000000001"

    def value(self) -> bytes:
        return b"not an event"

    def headers(self) -> list[tuple[str, Any]]:
        return [(self.header_name.decode(), b"1")]

    def timestamp(self) -> tuple[int, int]:
        return 1, self.stamped_ms


def test_record_has_what_was_written() -> None:
    record = record_of(cast(Message, Written()))
    assert (record.topic, record.partition, record.offset) == ("parcel-events", 3, 7)
    assert (record.headers, record.timestamp_ms) == ((("ce_id", b"1"),), 1_795_521_600_000)


@pytest.mark.parametrize(("partitions", "is_displaced"), [(7, False), (12, True), (0, False)])
def test_record_says_whether_it_lies_where_its_key_belongs_among_so_many(
    partitions: int, is_displaced: bool
) -> None:
    assert partition_for(Written().key(), 7) == Written().partition()
    assert partition_for(Written().key(), 12) != Written().partition()
    assert record_of(cast(Message, Written()), partitions).is_displaced == is_displaced


def test_headers_with_a_name_that_is_no_text_are_none() -> None:
    assert record_of(cast(Message, Written(header_name=b"\xff\xfe"))).headers == ()


@pytest.mark.parametrize("stamped_ms", [1_795_521_600_000_000, 2**63 - 1])
def test_record_stamped_in_microseconds_has_no_time_and_is_set_aside_like_any_other(stamped_ms: int) -> None:
    record = record_of(cast(Message, Written(stamped_ms)))
    assert record.timestamp_ms == -1
    assert replies.dead_letter(read(record), None).stage == "json"
