"""Whether it adds up: every record in has exactly one decision or one dead letter (invariants I1 and I7)."""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from tidewaiter.stream.record import Record
from tidewaiter.wire.headers import VIA, cause_in, place_name
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, RESCREENS

_SHOWN = 5


class Balance(Struct, frozen=True):
    """The account of a stream. Sources are "topic/partition/offset" of the records that came in.

    ``missing`` have no answer, ``doubled`` more than one, ``foreign`` answers name no record that came in.
    ``accompanying`` are holds that go with a dead letter, ``rescreened`` decisions after a degraded one.
    """

    inputs: int
    decisions: int
    dead_letters: int
    accompanying: int
    rescreened: int
    missing: tuple[str, ...]
    doubled: tuple[str, ...]
    foreign: tuple[str, ...]

    @property
    def is_even(self) -> bool:
        return not (self.missing or self.doubled or self.foreign)

    @property
    def problems(self) -> tuple[str, ...]:
        """One line for each kind of deviation, with a few examples."""
        named = (
            ("without an answer", self.missing),
            ("answered twice", self.doubled),
            ("unknown", self.foreign),
        )
        return tuple(f"{len(found)} {what}: {', '.join(found[:_SHOWN])}" for what, found in named if found)


def cause_of(record: Record) -> str:
    """The record that an answer answers; "" if it does not say."""
    return cause_in(record.headers)


def balance(inputs: Iterable[Record], answers: Iterable[Record]) -> Balance:
    """The account of ``inputs`` (events and officers' actions) against decisions and dead letters.

    A decision that answers the lane comes after a degraded one of the same cause, and is counted apart.
    """
    sources = {place_name(*record.place) for record in inputs}
    decided: Counter[str] = Counter()
    dead: Counter[str] = Counter()
    rescreened = 0
    for record in answers:
        if record.topic == DEAD_LETTERS:
            dead[cause_of(record)] += 1
        elif record.topic == DECISIONS and _is_again(record):
            rescreened += 1
        elif record.topic == DECISIONS:
            decided[cause_of(record)] += 1
    return _account(sources, decided, dead, rescreened)


def _is_again(record: Record) -> bool:
    return dict(record.headers).get(VIA) == RESCREENS.encode()


def _account(sources: set[str], decided: Counter[str], dead: Counter[str], rescreened: int) -> Balance:
    answered = decided.keys() | dead.keys()
    doubled = [source for source in answered if decided[source] > 1 or dead[source] > 1]
    return Balance(
        inputs=len(sources),
        decisions=sum(count for source, count in decided.items() if source not in dead),
        dead_letters=dead.total(),
        accompanying=sum(count for source, count in decided.items() if source in dead),
        rescreened=rescreened,
        missing=tuple(sorted(sources - answered)),
        doubled=tuple(sorted(doubled)),
        foreign=tuple(sorted(answered - sources)),
    )
