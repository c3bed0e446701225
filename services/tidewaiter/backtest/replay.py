"""Replaying a history on all cores: windows are counted in one place and one order, the rest in parallel."""

import os
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import islice
from zlib import crc32

from tidewaiter.backtest.bench import Bench
from tidewaiter.backtest.crew import Hand, Mate, SameProcess
from tidewaiter.backtest.shard import Account, Answered
from tidewaiter.backtest.windows import Windows
from tidewaiter.domain.lookup import Lookup
from tidewaiter.stream.record import Record

_CHUNK = 4000


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0))


def replayed(
    records: Iterable[Record],
    bench: Bench,
    again: Container[str],
    processes: int,
    advance: Callable[[int], None],
) -> Account:
    """What the rulesets of the bench make of a history; ``advance`` is told of the records done.

    The account is the same for any number of processes: a parcel's records are decided in their order by
    one process, and the windows, which cross parcels, are counted here in the order of the history.
    """
    with ExitStack() as stack:
        hands: list[Hand] = (
            [SameProcess(bench, again)]
            if processes == 1
            else [stack.enter_context(Mate(bench, again)) for _ in range(processes)]
        )
        _run(records, hands, [Windows(again) for _ in bench.lanes()], advance)
        account = Account.empty(bench)
        for hand in hands:
            account.merge(hand.account())
    return account


def _run(
    records: Iterable[Record],
    hands: Sequence[Hand],
    windows: Sequence[Windows],
    advance: Callable[[int], None],
) -> None:
    """Each chunk is asked before the chunk before it is decided, so that no hand waits for the windows."""
    before: list[int] | None = None
    for chunk in _chunks(records):
        owners = [crc32(record.key or b"") % len(hands) for record in chunk]
        for number, hand in enumerate(hands):
            hand.ask([record for record, owner in zip(chunk, owners, strict=True) if owner == number])
        if before is not None:
            _answer(before, hands, windows)
            advance(len(before))
        before = owners
    if before is not None:
        _answer(before, hands, windows)
        advance(len(before))


def _answer(owners: Sequence[int], hands: Sequence[Hand], windows: Sequence[Windows]) -> None:
    """Count what a chunk asks, record by record in its order, and give each hand its answers."""
    asked = [hand.asked() for hand in hands]
    answers: list[list[list[list[Answered]]]] = [[[] for _ in windows] for _ in hands]
    for lane, counted in enumerate(windows):
        places: list[Iterator[tuple[Lookup, ...]]] = [iter(each[lane]) for each in asked]
        for owner in owners:
            lookups = next(places[owner])
            answers[owner][lane].append([counted.answered(lookup) for lookup in lookups])
    for hand, ours in zip(hands, answers, strict=True):
        hand.decide(ours)


def _chunks(records: Iterable[Record]) -> Iterator[list[Record]]:
    iterator = iter(records)
    while chunk := list(islice(iterator, _CHUNK)):
        yield chunk
