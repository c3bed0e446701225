"""What Faust's client reads of records whose header names are no text."""

import pytest
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.errors import CorruptRecordException
from aiokafka.structs import TopicPartition

from tests.integration.unreadable import STAMPED_MS, batch_of
from tidewaiter.adapters.faust_records import Records
from tidewaiter.stream.record import Outgoing

PLACE = TopicPartition("parcel-events", 0)
SENT = [
    Outgoing("parcel-events", f"FDX|{number}".encode(), b"x" * number if number % 3 else None)
    for number in range(300)
]


def read(fetched: bytes, first: int = 0) -> list[tuple[int, int, bytes | None, bytes | None]]:
    """The records of a fetch from an offset on, as a consumer gives them."""
    records = PartitionRecords(PLACE, Records(fetched), [], first, None, None, True, 0)
    return [(one.offset, one.timestamp, one.key, one.value) for one in records]


@pytest.mark.parametrize("compression", [0, 1, 2, 3, 4])
def test_every_record_is_read_though_the_names_of_headers_are_no_text(compression: int) -> None:
    expected = [(number, STAMPED_MS + number, one.key, one.value) for number, one in enumerate(SENT)]
    assert read(batch_of(SENT, compression)) == expected
    assert read(batch_of(SENT, compression), first=7) == expected[7:]


def test_headers_are_none_from_the_first_on_that_cannot_be_read() -> None:
    records = PartitionRecords(PLACE, Records(batch_of(SENT[:3])), [], 0, None, None, True, 0)
    assert [one.headers for one in records] == [(("ce_id", b"1"),), (), ()]


def test_a_batch_that_is_corrupt_beyond_its_headers_is_refused() -> None:
    batch = bytearray(batch_of(SENT[:4]))
    batch[-3] ^= 1
    with pytest.raises(CorruptRecordException, match="CRC"):
        read(bytes(batch))
