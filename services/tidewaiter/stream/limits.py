"""Dead letters have limits: past them the fault is ours and not the data's, and the partition has to stop."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tidewaiter.stream.outcome import DeadLetter, Outcome
from tidewaiter.stream.record import Partition, Record


@dataclass(frozen=True)
class Limits:
    """``run`` dead letters one after another, or more than ``ratio`` of the last ``window`` records or so."""

    run: int = 200
    ratio: float = 0.5
    window: int = 1000


@dataclass(frozen=True)
class Tally:
    """What one partition has seen: its present run of dead letters, and their share of the recent records."""

    run: int = 0
    dead: int = 0
    seen: int = 0

    def after(self, outcome: Outcome, limits: Limits) -> "Tally":
        """The tally with one more outcome."""
        is_dead = isinstance(outcome, DeadLetter)
        return _sliding(Tally(self.run + 1 if is_dead else 0, self.dead + is_dead, self.seen + 1), limits)

    def after_good(self, count: int, limits: Limits) -> "Tally":
        """The tally with ``count`` more records, none of them a dead letter."""
        return _sliding(Tally(0, self.dead, self.seen + count), limits)

    def excess(self, limits: Limits) -> str | None:
        """Why the partition has to stop, or None."""
        if self.run > limits.run:
            return f"more than {limits.run} dead letters in a row"
        if self.seen >= limits.window and self.dead > limits.ratio * self.seen:
            return (
                f"{self.dead} of the last {self.seen} records are dead letters, more than {limits.ratio:.0%}"
            )
        return None


Tallies = Mapping[Partition, Tally]


@dataclass(frozen=True)
class Cut:
    """A batch after the limits: what may be committed, the tallies if it is, and which partitions stop."""

    finished: Sequence[Record]
    outcomes: Sequence[Outcome]
    tallies: Tallies
    stopped: Mapping[Partition, str] = field(default_factory=dict)


def within_limits(
    records: Sequence[Record], outcomes: Sequence[Outcome], tallies: Tallies, limits: Limits
) -> Cut:
    """Cut off each partition's part of the batch before the record that goes past its limit.

    So a worker that fails on everything sets aside ``limits.run`` records and not the whole topic.
    A batch without dead letters is only counted: 0.1 us a record instead of 1.
    """
    if not any(isinstance(outcome, DeadLetter) for outcome in outcomes):
        return Cut(records, outcomes, _all_good(records, tallies, limits))
    return _cut(tuple(zip(records, outcomes, strict=True)), dict(tallies), limits)


def _all_good(records: Sequence[Record], tallies: Tallies, limits: Limits) -> Tallies:
    counts = Counter((record.topic, record.partition) for record in records)
    partitions = {Partition(*pair): count for pair, count in counts.items()}
    return {**tallies, **{p: tallies.get(p, Tally()).after_good(n, limits) for p, n in partitions.items()}}


def _cut(pairs: Sequence[tuple[Record, Outcome]], tallies: dict[Partition, Tally], limits: Limits) -> Cut:
    stopped: dict[Partition, str] = {}
    kept: list[tuple[Record, Outcome]] = []
    for record, outcome in pairs:
        partition = Partition(record.topic, record.partition)
        if partition in stopped:
            continue
        tallies[partition] = tally = tallies.get(partition, Tally()).after(outcome, limits)
        reason = tally.excess(limits)
        if reason is None or not isinstance(outcome, DeadLetter):
            kept.append((record, outcome))
        else:
            where = f"{record.topic}/{record.partition}@{record.offset}"
            stopped[partition] = f"{reason}; the last: {where}, {outcome.stage}: {outcome.reason}"
    return Cut(tuple(r for r, _ in kept), tuple(o for _, o in kept), tallies, stopped)


def _sliding(tally: Tally, limits: Limits) -> Tally:
    """The window slides by halving: old records weigh less and less, and nothing has to be remembered."""
    while tally.seen >= 2 * limits.window:
        tally = Tally(tally.run, tally.dead // 2, tally.seen // 2)
    return tally
