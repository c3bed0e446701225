"""Replaying a history on all cores: windows are counted in one place and one order, the rest in parallel."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from typing import NamedTuple
from zlib import crc32

from tidewaiter.adapters.interpreter import sparing_what_stays
from tidewaiter.backtest.bench import Bench
from tidewaiter.backtest.crew import Hand, Mate, SameProcess
from tidewaiter.backtest.habits import Learning
from tidewaiter.backtest.histories import Keys, parcel_key
from tidewaiter.backtest.shard import Account, Answered
from tidewaiter.backtest.windows import Windows
from tidewaiter.domain.lookup import Lookup
from tidewaiter.stream.record import Record

# What one chunk teaches of habits is known in the next. The country's traffic brings 1,000 records in half a
# minute, which is about as long as it takes insight and screeners. A smaller history is a thinner one, whose
# chunks would be whole days; below 50 records the tables cost more than the records.
_CHUNK_MOST, _CHUNK_LEAST = 1_000, 50
_CHUNKS_LEAST = 500


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0))


def replayed(
    records: Iterable[Record],
    bench: Bench,
    keys: Keys,
    processes: int,
    advance: Callable[[int], None],
) -> Account:
    """What the rulesets of the bench make of a history with these keys; ``advance`` is told of records done.

    The account is the same for any number of processes: a parcel's records are decided in their order by
    one process, and windows and habits, which cross parcels, are counted here in the order of the history.
    """
    with ExitStack() as stack:
        # The collector would walk lists, index, rules and histories for 60 us of CPU a record.
        stack.enter_context(sparing_what_stays())
        hands: list[Hand] = (
            [SameProcess(bench, keys.again)]
            if processes == 1
            else [stack.enter_context(Mate(bench, keys.again)) for _ in range(processes)]
        )
        counting = _Counting([Windows(keys.again) for _ in bench.lanes()], Learning())
        _run(_chunks(records, keys.records), hands, counting, advance)
        account = Account.empty(bench)
        for hand in hands:
            account.merge(hand.account())
    return account


class _Counting(NamedTuple):
    """What crosses parcels, counted in one place."""

    windows: Sequence[Windows]
    habits: Learning


def _run(
    chunks: Iterable[list[Record]], hands: Sequence[Hand], counting: _Counting, advance: Callable[[int], None]
) -> None:
    """Each chunk is asked before the chunk before it is decided, so that no hand waits for the windows."""
    before: list[int] | None = None
    for chunk in chunks:
        owners = _owners(chunk, len(hands))
        for number, hand in enumerate(hands):
            hand.ask([record for record, owner in zip(chunk, owners, strict=True) if owner == number])
        if before is not None:
            _answer(before, hands, counting)
            advance(len(before))
        before = owners
    if before is not None:
        _answer(before, hands, counting)
        advance(len(before))


def _owners(chunk: Sequence[Record], hands: int) -> list[int]:
    """Who decides each record: all about one parcel go to one hand, whatever key they came under."""
    if hands == 1:
        return [0] * len(chunk)
    return [crc32(parcel_key(record)) % hands for record in chunk]


def _answer(owners: Sequence[int], hands: Sequence[Hand], counting: _Counting) -> None:
    """Count what a chunk asks, record by record in its order, and give each hand its answers.

    It is decided on the habits that the chunks before it showed; what it shows itself is counted while the
    hands decide.
    """
    asked = [hand.asked() for hand in hands]
    answers: list[list[list[list[Answered]]]] = [[[] for _ in counting.windows] for _ in hands]
    for lane, counted in enumerate(counting.windows):
        places: list[Iterator[tuple[Lookup, ...]]] = [iter(each.lanes[lane]) for each in asked]
        for owner in owners:
            lookups = next(places[owner])
            answers[owner][lane].append([counted.answered(lookup) for lookup in lookups])
    features = counting.habits.features()
    for hand, ours in zip(hands, answers, strict=True):
        hand.decide(ours, features)
    counting.habits.count([one for each in asked for one in each.seen])


def _chunks(records: Iterable[Record], count: int) -> Iterator[list[Record]]:
    size = min(max(count // _CHUNKS_LEAST, _CHUNK_LEAST), _CHUNK_MOST)
    iterator = iter(records)
    while chunk := list(islice(iterator, size)):
        yield chunk
