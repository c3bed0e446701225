"""What a record says of a parcel: declared by a carrier, or held, as an order for the inspection quotes."""

from datetime import timedelta
from typing import Final

import orjson
from msgspec import structs

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.hold import BEHIND
from tidewaiter.stream.record import Record
from tidewaiter.wire import events, hold_orders
from tidewaiter.wire.hold_order import HoldOrder
from tidewaiter.wire.instant import from_ms
from tidewaiter.wire.malformed import Malformed

# A carrier's clock that is ahead would begin tomorrow for everybody else.
_AHEAD_MOST: Final = timedelta(hours=1)


def declared(record: Record) -> ParcelEvent | None:
    """The event of a `parcel-events` record; None for what the screener sets aside, or a tombstone.

    It counts wherever its key belongs: that is the screener's to ask.
    """
    if record.value is None:
        return None
    decoded = events.decode(record.value)
    if isinstance(decoded, Malformed) or events.key_problem(record.key, decoded.event) is not None:
        return None
    return in_time(decoded.event, record.timestamp_ms)


def held(record: Record) -> ParcelEvent | None:
    """The declaration that a `hold-orders` record quotes, if the parcel was held on its merits.

    None for an order that is withdrawn, that quotes nothing, or that stands only because a source was out,
    or a later message waits in the lane: an hour without Redis would be taken for everybody's surge.
    """
    order = hold_orders.decode(record.value) if record.value is not None else None
    if not isinstance(order, HoldOrder) or not _is_on_its_merits(order) or order.parcel is None:
        return None
    decoded = events.decode(orjson.dumps(order.parcel))
    return None if isinstance(decoded, Malformed) else in_time(decoded.event, record.timestamp_ms)


def _is_on_its_merits(order: HoldOrder) -> bool:
    return (
        order.status == "OPEN"
        and not order.degraded
        and any(basis != BEHIND for hold in order.holds for basis in hold.basis)
    )


def in_time(event: ParcelEvent, timestamp_ms: int) -> ParcelEvent:
    """The event, at the record's time if its own is further ahead than clocks may be."""
    if timestamp_ms < 0 or event.event_time <= from_ms(timestamp_ms) + _AHEAD_MOST:
        return event
    return structs.replace(event, event_time=from_ms(timestamp_ms))
