"""Faust's parts as they are needed here: changes sent together, no record passed over, nothing on disk."""

import asyncio
from collections.abc import Mapping
from typing import Any

import faust
from faust.transport.drivers import aiokafka


class _Consumer(aiokafka.Consumer):
    """aiokafka seeks to committed offsets only where they are above 0, see its ``seek_to_committed``.

    What a worker had read and not done yet when partitions moved would be lost until the first commit:
    its position stays behind it, and Faust takes the records before for a gap.
    """

    async def seek_to_committed(self) -> Mapping[Any, int]:
        committed: Mapping[Any, int] = await super().seek_to_committed()
        kept = self.app.tables.changelog_topics
        fresh = [tp for tp, offset in committed.items() if not offset and tp.topic not in kept]
        if fresh:
            await self._thread.seek_to_beginning(*fresh)
        return committed


class _Transport(aiokafka.Transport):
    Consumer = _Consumer


class ChangingTable(faust.Table[bytes, bytes]):
    """A table whose changes wait until they are sent together, and known to be on the broker.

    Faust sends each by itself through a buffer that it waits for message by message (0.2 ms each), and whose
    flush gives up after 0.1 s without a send: what it commits then may be ahead of the changelog.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._unsent: list[tuple[int | None, bytes, bytes | None]] = []

    def on_key_set(self, key: bytes, value: bytes) -> None:
        """Called by the table's own mapping."""
        self._unsent.append((self.partition_for_key(key), key, value))

    def on_key_del(self, key: bytes) -> None:
        """Called by the table's own mapping."""
        self._unsent.append((self.partition_for_key(key), key, None))

    async def changes_written(self) -> None:
        """Send what has changed since the last time, and wait until the broker has it."""
        unsent, self._unsent = self._unsent, []
        topic, producer = self.changelog_topic_name, self.app.producer
        sent = [
            await producer.send(topic, key, value, partition, None, None) for partition, key, value in unsent
        ]
        await asyncio.gather(*sent)


class QuietApp(faust.App):
    """A Faust app over that consumer, which writes no directory: the disk may be read-only."""

    def _create_directories(self) -> None:
        """The memory store needs none."""

    def _new_transport(self) -> Any:
        return _Transport(self.conf.broker_consumer, self)
