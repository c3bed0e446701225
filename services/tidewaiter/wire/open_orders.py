"""Which hold orders are open: the orders of the topic folded, without what an officer reads in them."""

from collections.abc import Mapping
from datetime import datetime
from typing import get_args

import msgspec
from msgspec import Struct

from tidewaiter.domain.decision import Disposition
from tidewaiter.wire.hold_order import OrderStatus


class Queue(Struct, frozen=True):
    """Parcels that wait for the same thing: how many, and when the oldest of their holds was placed.

    ``oldest_ms`` is None when there is none.
    """

    parcels: int
    oldest_ms: int | None = None

    def seconds(self, now_ms: int) -> float:
        """How long the oldest has waited; 0 when none waits, or by a clock that is ahead."""
        return 0.0 if self.oldest_ms is None else max(0, now_ms - self.oldest_ms) / 1000


class _Placed(Struct, frozen=True):
    placed_at: datetime


class _Order(Struct, frozen=True):
    status: OrderStatus
    disposition: Disposition
    holds: tuple[_Placed, ...]


_decode = msgspec.json.Decoder(_Order).decode


class OpenOrders:
    """The parcels whose last order is open, as far back as the topic goes.

    Each partition's records have to be given in log order; giving them again changes nothing in the end.
    """

    def __init__(self) -> None:
        self._open: dict[bytes, tuple[Disposition, int]] = {}

    def take(self, key: bytes, value: bytes) -> None:
        """Fold one more order. Not checked against the schema, being our own; what is none is passed over."""
        try:
            order = _decode(value)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return
        if order.status == "OPEN" and order.holds:
            oldest = min(hold.placed_at for hold in order.holds)
            self._open[key] = order.disposition, int(oldest.timestamp() * 1000)
        else:
            self._open.pop(key, None)

    def queues(self) -> Mapping[Disposition, Queue]:
        """What is open now, by disposition, the empty ones included."""
        placed: dict[Disposition, list[int]] = {one: [] for one in get_args(Disposition)}
        for disposition, placed_ms in self._open.values():
            placed[disposition].append(placed_ms)
        return {one: Queue(len(found), min(found, default=None)) for one, found in placed.items()}
