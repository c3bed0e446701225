"""Sending traffic on: into a file, or to a broker at a pace."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, Protocol

from tidewaiter.simulate.traffic import Message

_SOURCE: Final = "tidewaiter-simulate"
_TYPE: Final = "org.tidewaiter.parcel-event.v1"


class Publisher(Protocol):
    """Where records go. ``publish`` does not wait for the broker; ``flush`` returns when all are there."""

    def publish(self, key: bytes, value: bytes, headers: Mapping[str, str]) -> None: ...

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
        # Under a millisecond is not worth a sleep: the scheduler would make it longer than asked for.
        wait = due - self._now()
        if wait > 0.001:
            self._sleep(wait)


def _seconds(first: datetime, at: datetime) -> float:
    return (at - first).total_seconds()


def real_pace() -> Pace:
    """A pace by the machine's clock."""
    return Pace(time.monotonic, time.sleep)


def headers(message: Message) -> Mapping[str, str]:
    """The CloudEvents headers of a message, in binary mode."""
    return {
        "ce_specversion": "1.0",
        "ce_id": message.event_id,
        "ce_type": _TYPE,
        "ce_source": _SOURCE,
        "ce_time": message.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def publish(messages: Iterable[Message], publisher: Publisher) -> Iterator[Message]:
    """Publish each message and hand it on; flushed at the end, also when the reader stops early."""
    try:
        for message in messages:
            publisher.publish(message.key, message.value, headers(message))
            yield message
    finally:
        publisher.flush()
