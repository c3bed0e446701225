"""Sending traffic on: into a file, or to a broker at a pace."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Final, Protocol

from tidewaiter.simulate.message import Message
from tidewaiter.stream.record import Outgoing
from tidewaiter.wire import headers
from tidewaiter.wire.topics import PARCEL_EVENTS

_SOURCE: Final = b"/tidewaiter/simulate"
# A sleep of under a millisecond becomes longer than asked for: better to be early by that much.
_SHORTEST_SLEEP_SECONDS: Final = 0.001


class Publisher(Protocol):
    """Where records go: ``publish`` does not wait for the broker, ``flush`` returns when all are there."""

    def publish(self, record: Outgoing) -> None: ...

    def flush(self) -> None: ...


class Pace:
    """Holds messages back until they are due, by the clock and the sleep that it is given."""

    def __init__(self, now: Callable[[], float], sleep: Callable[[float], None]) -> None:
        self._now = now
        self._sleep = sleep

    def at_rate(self, messages: Iterable[Message], rate: float) -> Iterator[Message]:
        """``rate`` messages a second."""
        begun = self._now()
        for number, message in enumerate(messages):
            self._until(begun + number / rate)
            yield message

    def by_event_time(self, messages: Iterable[Message], speed: float) -> Iterator[Message]:
        """As the event times say, ``speed`` times as fast: the banks of flights are felt."""
        begun, first = self._now(), None
        for message in messages:
            first = first or message.at
            self._until(begun + _seconds(first, message.at) / speed)
            yield message

    def _until(self, due: float) -> None:
        wait = due - self._now()
        if wait > _SHORTEST_SLEEP_SECONDS:
            self._sleep(wait)


def _seconds(first: datetime, at: datetime) -> float:
    return (at - first).total_seconds()


def real_pace() -> Pace:
    """A pace by the machine's clock."""
    return Pace(time.monotonic, time.sleep)


def record(message: Message) -> Outgoing:
    """The message as a record of ``parcel-events``, with its CloudEvents headers (binary mode)."""
    time_text = f"{message.at.isoformat(timespec='milliseconds')[:-6]}Z"
    cloud_event = (
        (headers.SPECVERSION, b"1.0"),
        (headers.ID, message.event_id.encode()),
        (headers.TYPE, headers.PARCEL_EVENT_TYPE.encode()),
        (headers.SOURCE, _SOURCE),
        (headers.TIME, time_text.encode()),
    )
    return Outgoing(PARCEL_EVENTS, message.key, message.value, cloud_event)


def published(messages: Iterable[Message], publisher: Publisher) -> Iterator[Message]:
    """Publish each message and hand it on; flush when the last one has gone."""
    for message in messages:
        publisher.publish(record(message))
        yield message
    publisher.flush()
