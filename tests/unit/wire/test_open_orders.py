"""What waits for an officer is told from the orders alone, in whatever batches they come."""

from typing import get_args

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.domain.decision import Disposition
from tidewaiter.wire.open_orders import OpenOrders, Queue

NOON = "2026-11-24T12:00:00Z"
MORNING = "2026-11-24T06:00:00Z"
NOON_MS = 1_795_521_600_000
MORNING_MS = NOON_MS - 6 * 3_600_000


Order = tuple[bytes, bytes]


def order(hawb: str, status: str, *placed: str, disposition: str = "1A") -> Order:
    holds = [{"code": "WL-SDN", "placed_at": at} for at in placed]
    value = orjson.dumps({"status": status, "disposition": disposition, "holds": holds, "hawb": hawb})
    return f"FDX|{hawb}".encode(), value


def folded(*told: Order) -> OpenOrders:
    orders = OpenOrders()
    for key, value in told:
        orders.take(key, value)
    return orders


def test_parcel_waits_since_the_oldest_of_its_holds() -> None:
    queue = folded(order("1", "OPEN", NOON, MORNING), order("2", "OPEN", NOON)).queues()["1A"]
    assert queue == Queue(2, MORNING_MS)
    assert queue.seconds(NOON_MS) == 6 * 3600


def test_parcel_counts_once_however_often_its_order_is_renewed() -> None:
    renewed = folded(order("1", "OPEN", MORNING), order("1", "OPEN", NOON, disposition="RFI")).queues()
    assert (renewed["1A"], renewed["RFI"]) == (Queue(0), Queue(1, NOON_MS))


@pytest.mark.parametrize("placed", [(), (NOON,)], ids=["free", "cancelled and held"])
def test_withdrawn_order_waits_no_more(placed: tuple[str, ...]) -> None:
    freed = folded(order("1", "OPEN", MORNING), order("1", "WITHDRAWN", *placed, disposition="1C"))
    assert set(freed.queues().values()) == {Queue(0)}


def test_every_disposition_is_told_of_though_nothing_waits() -> None:
    assert OpenOrders().queues() == {one: Queue(0) for one in get_args(Disposition)}
    assert Queue(0).seconds(NOON_MS) == 0.0


def test_clock_that_is_ahead_makes_no_negative_age() -> None:
    assert Queue(1, NOON_MS).seconds(MORNING_MS) == 0.0


def test_record_that_is_no_order_is_passed_over() -> None:
    orders = folded(order("1", "OPEN", NOON))
    for value in (b"", b"\xff", b"{}", b'{"status":"OPEN","disposition":"9Z","holds":[]}'):
        orders.take(b"FDX|1", value)
    assert orders.queues()["1A"] == Queue(1, NOON_MS)


ORDERS = st.lists(
    st.builds(order, st.sampled_from("123"), st.sampled_from(("OPEN", "WITHDRAWN")), st.just(NOON))
)


@given(ORDERS, st.integers(1, 9))
def test_reading_again_from_an_earlier_place_ends_in_the_same(told: list[Order], back: int) -> None:
    assert folded(*told, *told[-back:]).queues() == folded(*told).queues()
