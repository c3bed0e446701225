"""Features that are written to Redis bear on the parcels of a running worker, and their absence on none."""

import time
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from tests.integration.harbour import SECRET, Harbour, assert_sound, harbour
from tests.servers import Broker
from tidewaiter.adapters.redis_features import Part, RedisFeatures
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.features import KINDS, ShipperPace
from tidewaiter.matching.habits import shipper_key
from tidewaiter.rules.ordinary import ORDINARY_EVENT, ordinary_event
from tidewaiter.stream.record import Outgoing
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS, PARCEL_EVENTS

pytestmark = [pytest.mark.apache, pytest.mark.redis, pytest.mark.slow]

# Two signs that do not hold by themselves: a new account, and an address of the internet that is none.
SHIPPER = {
    **ORDINARY_EVENT["shipper"],
    "ip": "10.0.4.7",
    "account": {"number": "AC7", "established": "2026-11-20"},
}


@pytest.fixture
def at(apache_kafka: Broker) -> Iterator[Harbour]:
    with harbour(apache_kafka) as at:
        yield at


def parcel(number: int) -> Outgoing:
    """A parcel to a box of its own: nothing but the shipper's habit may add up from one to the next."""
    hawb = f"88{number:010d}"
    phone, mail = f"+1 614 299 {1000 + number}", f"box{number}@mail.example"
    box = {
        "addr_lines": [f"P.O. Box {number}"],
        "phone": phone,
        "email": mail,
        "name": f"Dana W{'e' * number}l",
    }
    said = {"hawb": hawb, "event_id": f"e{number}", "shipper": SHIPPER}
    consignee = {**ORDINARY_EVENT["consignee"], **box}
    document = {**ORDINARY_EVENT, **said, "consignee": consignee}
    return Outgoing(PARCEL_EVENTS, f"FX|{hawb}".encode(), orjson.dumps(document))


def surge(at: Harbour) -> None:
    """The shipper ships ten times its habit, and nothing else departs from its own."""
    now = round(time.time() * 1000)
    store = RedisFeatures(at.redis.client())
    token = Tokens(SECRET).token("shipper", shipper_key(ordinary_event({}).shipper))
    rows = {token: ShipperPace(90, 9.0, 28)}
    for kind in KINDS:
        store.write(kind, 0, Part(1, now, now, rows if kind == "shipper" else {}))


def answered(at: Harbour, number: int) -> dict[str, Any]:
    """The decision on that parcel, sent now."""
    at.publish((parcel(number),))
    at.wait_until(lambda: any(one["hawb"].endswith(f"{number:010d}") for one in at.documents(DECISIONS)))
    return next(one for one in at.documents(DECISIONS) if one["hawb"].endswith(f"{number:010d}"))


def test_features_written_to_redis_are_taken_up_by_a_running_worker(at: Harbour) -> None:
    at.start(0)
    assert answered(at, 1)["decision"] == "RELEASE", "two signs do not hold, nor do habits that nobody knows"
    surge(at)
    number = 2
    while answered(at, number)["decision"] == "RELEASE":
        number += 1
        assert number < 60, at.last_words()
        time.sleep(0.5)
    assert_sound(at)
    (order,) = at.documents(HOLD_ORDERS)
    fired = {one["rule_id"]: one for one in order["reasons"]}
    assert fired.keys() == {"A01", "S01", "S02", "S04"}
    shown = {one["field"]: one["value_masked"] for one in fired["S02"]["evidence"]}
    assert shown["habits.shipper_surge"] == "10.00"
