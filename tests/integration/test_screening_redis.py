"""Redis hangs, dies and comes back empty in mid-stream: parcels are held, and then screened again."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.integration.harbour import Harbour, assert_sound, harbour
from tests.servers import Broker
from tidewaiter.simulate.rubbish import rubbish
from tidewaiter.simulate.sending import record as sent
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Outgoing
from tidewaiter.wire.topics import DECISIONS, PARCEL_EVENTS

pytestmark = [pytest.mark.apache, pytest.mark.redis, pytest.mark.slow]


@pytest.fixture
def at(apache_kafka: Broker) -> Iterator[Harbour]:
    with harbour(apache_kafka) as at:
        for slot in (0, 1):
            at.start(slot)
        yield at


def traffic(parcels: int) -> Iterator[Outgoing]:
    """Ordinary traffic with a broken record of each kind in it."""
    broken = [Outgoing(PARCEL_EVENTS, one.key, one.value) for one in rubbish(7)]
    for number, message in enumerate(Traffic(7, parcels, datetime.now(UTC))):
        yield sent(message)
        if number % 100 == 50 and broken:
            yield broken.pop()


def degraded(at: Harbour) -> int:
    return sum(decision["degraded"] for decision in at.documents(DECISIONS))


def screening_has_begun(at: Harbour) -> None:
    at.wait_until(lambda: len(at.records(DECISIONS)) > 200)


def test_parcels_are_held_while_redis_hangs_and_screened_again_when_it_answers(at: Harbour) -> None:
    with at.streaming(traffic(2500), rate=250):
        screening_has_begun(at)
        at.redis.freeze()
        at.wait_until(lambda: degraded(at) > 50)
        at.redis.thaw()
    account = assert_sound(at)
    assert account.rescreened > 50
    assert {one["decision"] for one in at.documents(DECISIONS) if one["degraded"]} == {"HOLD"}


def test_parcels_are_screened_again_once_an_empty_redis_has_its_lists_back(at: Harbour) -> None:
    with at.streaming(traffic(2500), rate=250):
        screening_has_begun(at)
        at.redis.server.kill()
        at.wait_until(lambda: degraded(at) > 20)
        at.redis.start_again()
        time.sleep(1.5)
        held = degraded(at)
        at.wait_until(lambda: degraded(at) > held)
        assert at.left_degraded(), "without lists nothing may be screened"
        at.fill()
    account = assert_sound(at)
    assert account.rescreened > 0
