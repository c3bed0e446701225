"""Traffic goes out at its pace, as records with their headers, and nothing is left behind."""

import pytest

from tests.unit.simulate.streams import messages
from tidewaiter.simulate.sending import Pace, published, record
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Outgoing


class Hours:
    """A clock that stands still but when somebody sleeps."""

    def __init__(self) -> None:
        self.now_seconds = 100.0

    def now(self) -> float:
        return self.now_seconds

    def sleep(self, seconds: float) -> None:
        self.now_seconds += seconds


class Broker:
    """Keeps what is published; ``flushed`` is how many records it had at the last flush."""

    def __init__(self) -> None:
        self.records: list[Outgoing] = []
        self.flushed = 0

    def publish(self, record: Outgoing) -> None:
        self.records.append(record)

    def flush(self) -> None:
        self.flushed = len(self.records)


def test_rate_spreads_messages_evenly() -> None:
    hours = Hours()
    sent = [hours.now() for _ in Pace(hours.now, hours.sleep).at_rate(messages()[:51], rate=10.0)]
    assert sent[0] == 100.0
    assert sent[-1] == pytest.approx(105.0)


def test_event_times_set_the_pace_and_speed_divides_it() -> None:
    hours, some = Hours(), messages()[:2_000]
    for _ in Pace(hours.now, hours.sleep).by_event_time(some, speed=4.0):
        pass
    assert hours.now() - 100.0 == pytest.approx((some[-1].at - some[0].at).total_seconds() / 4.0, abs=0.3)


def test_late_messages_are_not_held_back() -> None:
    hours = Hours()
    paced = Pace(hours.now, hours.sleep).at_rate(messages()[:3], rate=1.0)
    next(paced)
    hours.sleep(10.0)
    before = hours.now()
    assert len(list(paced)) == 2
    assert hours.now() == before


def test_record_carries_key_value_and_cloud_event_headers() -> None:
    message = messages()[0]
    out = record(message)
    headers = dict(out.headers)
    assert (out.topic, out.key, out.value) == ("parcel-events", message.key, message.value)
    assert headers["ce_id"] == message.event_id.encode()
    assert headers["ce_time"].endswith(b"Z")
    assert set(headers) == {"ce_id", "ce_type", "ce_source", "ce_time", "ce_specversion"}


def test_publishing_flushes_when_all_have_gone() -> None:
    broker, traffic = Broker(), Traffic(1, 50)
    sent = list(published(traffic, broker))
    assert [out.key for out in broker.records] == [message.key for message in sent]
    assert broker.flushed == len(sent) >= 50
