"""A simulated week to measure a ruleset on: traffic, and the truth that the core does not see."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from msgspec import Struct

from tidewaiter.backtest.truth import Label
from tidewaiter.domain.watchlist import Entry
from tidewaiter.simulate.message import Message
from tidewaiter.simulate.traffic import DEFAULT_START, Traffic
from tidewaiter.stream.record import Record
from tidewaiter.wire.topics import PARCEL_EVENTS

DAYS: Final = 7
_SEEDS_APART: Final = 100


class Week(Struct, frozen=True):
    """Seven days of traffic, each the beginning of a day at the country's full density.

    The days have seeds of their own: a traffic uses ``seed`` to ``seed + 4``.
    """

    seed: int
    parcels: int
    listed: tuple[Entry, ...]

    def messages(self) -> Iterator[Message]:
        """The messages of the week. The same values give the same messages."""
        for day in range(DAYS):
            start = DEFAULT_START + timedelta(days=day)
            seed = self.seed + _SEEDS_APART * day
            yield from Traffic(seed, self.parcels // DAYS, start, listed=self.listed)


def record_of(message: Message, offset: int) -> Record:
    """The record that the deciding core is given: the message without its label."""
    return Record(PARCEL_EVENTS, 0, offset, message.key, message.value, (), 0)


def label_of(message: Message) -> Label | None:
    """The truth about a message's parcel; crowds of different days are different crowds."""
    label = message.label
    if label is None:
        return None
    truth = label.truth
    group = f"{message.at.date()}/{truth.group}" if truth.group else ""
    return Label(
        carrier=label.carrier,
        hawb=label.hawb,
        case=truth.case,
        family=truth.family,
        expected_codes=truth.expected_codes,
        must_hold=truth.must_hold,
        innocent=truth.innocent,
        group=group,
    )
