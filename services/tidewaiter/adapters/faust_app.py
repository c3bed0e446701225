"""Faust's app as it is needed here: nothing on disk, and no record passed over before the first commit."""

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


class QuietApp(faust.App):
    """A Faust app over that consumer, which writes no directory: the disk may be read-only."""

    def _create_directories(self) -> None:
        """The memory store needs none."""

    def _new_transport(self) -> Any:
        return _Transport(self.conf.broker_consumer, self)
