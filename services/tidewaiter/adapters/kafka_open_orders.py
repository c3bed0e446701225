"""The inspection's queue as the topic of hold orders tells it, followed from its beginning."""

import time
from collections.abc import Mapping

from tidewaiter.adapters.kafka_connection import (
    ClientValue,
    KafkaConnection,
    KafkaUnavailable,
    TopicsUnusable,
)
from tidewaiter.adapters.kafka_feed import KafkaFeed, PositionsLost
from tidewaiter.domain.decision import Disposition
from tidewaiter.wire.open_orders import OpenOrders, Queue
from tidewaiter.wire.topics import HOLD_ORDERS

# Some 280,000 orders: what has piled up in weeks does not keep the lag from being measured meanwhile.
_TURN_SECONDS = 5.0
_WAIT_SECONDS = 0.2
# By default the client fetches 64 MiB ahead: 401 MiB at the peak of reading 200,000 orders of 4 kB, 140 so.
_CLIENT: Mapping[str, ClientValue] = {
    "group.id": "tidewaiter-lag",
    "queued.max.messages.kbytes": 4096,
    "fetch.message.max.bytes": 131_072,
    "fetch.queue.backoff.ms": 5,
}


class KafkaOpenOrders:
    """Keeps in memory what is open, and reads what is new with each question. Joins no group."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._connection = connection
        self._feed: KafkaFeed | None = None
        self._orders = OpenOrders()

    def queues(self) -> Mapping[Disposition, Queue]:
        """What is open now; {} while the topic is missing or was not read to its end yet.

        Blocks up to 5 s and a request. Raises KafkaUnavailable, and begins again when asked again.
        """
        try:
            feed = self._feed = self._feed or self._begin()
            is_known = self._read(feed)
        except TopicsUnusable:
            return {}
        except PositionsLost as error:
            self.close()
            raise KafkaUnavailable(str(error)) from error
        except KafkaUnavailable:
            self.close()
            raise
        return self._orders.queues() if is_known else {}

    def close(self) -> None:
        """Let go of the connection, and of what was read."""
        if self._feed is not None:
            self._feed.close()
        self._feed, self._orders = None, OpenOrders()

    def _begin(self) -> KafkaFeed:
        return KafkaFeed(self._connection, (HOLD_ORDERS,), {}, client=_CLIENT)

    def _read(self, feed: KafkaFeed) -> bool:
        """Take what there is, for a while; whether it was read to the end of now."""
        until = time.monotonic() + _TURN_SECONDS
        while time.monotonic() < until:
            records = feed.read(_WAIT_SECONDS)
            for record in records:
                self._orders.take(record.key or b"", record.value or b"")
            if feed.is_at_end and not records:
                return True
        return False
