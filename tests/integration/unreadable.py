"""Records that only another client than ours writes: with header names that are no text."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

from tidewaiter.adapters import clock
from tidewaiter.stream.partitioner import partition_for
from tidewaiter.stream.record import Outgoing

STAMPED_MS = 1_790_000_000_000


class NoText(str):
    """A name whose bytes are not UTF-8."""

    __slots__ = ()

    def encode(self, *_: object) -> bytes:
        return b"\xff\xfe"


def batch_of(records: Iterable[Outgoing], compression: int = 0, stamped_ms: int = STAMPED_MS) -> bytes:
    """One batch of records, of which every second has a header whose name is no text. (1 is gzip, 3 lz4.)"""
    builder = _DefaultRecordBatchBuilderPy(2, compression, 0, -1, -1, -1, 1 << 20)
    headers = [("ce_id", b"1"), (NoText("name"), b"2"), ("none", None)]
    for number, record in enumerate(records):
        named = headers[: 1 + number % 2 * 2]
        builder.append(number, stamped_ms + number, record.key, record.value, named)
    return bytes(builder.build())


def publish(bootstrap_servers: str, records: Iterable[Outgoing], partitions: int) -> None:
    """Publish records so, a batch for each partition, under the key's own partition."""
    by_place: dict[tuple[str, int], list[Outgoing]] = defaultdict(list)
    for record in records:
        by_place[record.topic, partition_for(record.key or b"", partitions)].append(record)
    asyncio.run(_published(bootstrap_servers, by_place))


async def _published(bootstrap_servers: str, by_place: dict[tuple[str, int], list[Outgoing]]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers, max_request_size=1 << 20) as producer:
        for (topic, number), records in by_place.items():
            await (await producer.send_batch(_closed(producer, records), topic, partition=number))


def _closed(producer: AIOKafkaProducer, records: Sequence[Outgoing]) -> Any:
    """A batch as the producer takes it, with what ``batch_of`` has made."""
    batch: Any = producer.create_batch()
    written = batch_of(records, stamped_ms=clock.epoch_ms())
    batch._buffer, batch._relative_offset, batch._closed = bytearray(written), len(records), True
    return batch
