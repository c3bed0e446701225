"""The worker's loop: steer, take, decide, commit; one batch at a time, nothing in flight while it polls.

That is the whole of draining: a rebalance or a wish to stop is only ever seen between two batches. What
may still be in hand then is a batch that is held because the world is unavailable; nothing of it was
committed, so it is simply dropped for the partitions that go away.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from tidewaiter.stream.drain import Stop
from tidewaiter.stream.flow import Lane, unreadable
from tidewaiter.stream.limits import Cut, Limits, Tallies, within_limits
from tidewaiter.stream.log import Aborted, CommitResult, Committed, Fenced, Indefinite, Log, Plan, Polled
from tidewaiter.stream.observer import BatchReport, Observer
from tidewaiter.stream.offsets import next_offsets, without
from tidewaiter.stream.outcome import DeadLetter, Drop, Later, Outcome, Unavailable
from tidewaiter.stream.pressure import Bounds, Taken, first_plan, next_plan, retry_seconds
from tidewaiter.stream.record import Partition, Record
from tidewaiter.stream.work import Work

Ending = Literal["drained", "fenced"]


@dataclass(frozen=True)
class LoopSettings:
    """How the loop goes about it."""

    lanes: tuple[Lane, ...] = ()
    bounds: Bounds = field(default_factory=Bounds)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class _Batch:
    records: tuple[Record, ...]
    poll_seconds: float
    first_refused: float | None = None  # when the world was first unavailable for it
    attempts: int = 0


def run_worker(
    work: Work,
    log: Log,
    stop: Stop,
    clock: Callable[[], float],
    observer: Observer | None = None,
    settings: LoopSettings | None = None,
) -> Ending:
    """Work until asked to stop ("drained") or until another worker has taken this one's place ("fenced").

    ``clock`` gives monotonic seconds. The log is closed in any case. An exception of the work is a bug
    and passes through with nothing of its batch committed.
    """
    worker = Worker(work, log, clock, observer or Observer(), settings or LoopSettings())
    try:
        while not stop.is_requested and not worker.is_fenced:
            worker.turn()
    finally:
        log.close()
    return "fenced" if worker.is_fenced else "drained"


class Worker:
    """The state between two batches; ``turn`` is one round, for callers that interleave several workers."""

    def __init__(
        self, work: Work, log: Log, clock: Callable[[], float], observer: Observer, settings: LoopSettings
    ) -> None:
        self._work, self._log, self._clock = work, log, clock
        self._observer, self._settings = observer, settings
        self._assigned: frozenset[Partition] = frozenset()
        self._paused: frozenset[Partition] = frozenset()
        self._stopped: frozenset[Partition] = frozenset()
        self._tallies: Tallies = {}
        self._held: _Batch | None = None
        self._failures = 0
        self._is_broken = False
        self._plan = first_plan(settings.bounds)
        self._backlogs_told = clock()
        self.is_fenced = False

    def turn(self) -> None:
        """Poll once, and finish what came or what was held."""
        self._steer()
        batch = self._take()
        if batch is None:
            return
        started = self._clock()
        cut = self._decide(batch)
        if isinstance(cut, Unavailable):
            self._hold(batch, cut)
        else:
            self._finish(batch, cut, self._clock() - started)

    def _steer(self) -> None:
        """Pause and resume, so that exactly what can be worked on is read."""
        unwanted = self._unwanted()
        if unwanted - self._paused:
            self._log.pause(unwanted - self._paused)
        if self._paused - unwanted:
            self._log.resume(self._paused - unwanted)
        self._paused = unwanted
        if self._clock() - self._backlogs_told >= 1.0:
            self._tell_backlogs()

    def _unwanted(self) -> frozenset[Partition]:
        if self._held is not None or self._is_broken:
            return self._assigned
        lanes = unreadable(self._assigned, self._settings.lanes, self._work.ready_for, self._log.backlog)
        return lanes | (self._stopped & self._assigned)

    def _take(self) -> _Batch | None:
        """The batch to be worked on now: the held one, or what a poll brings; None when there is nothing."""
        started = self._clock()
        polled = self._log.poll(self._poll_plan())
        self._rebalance(polled)
        if self._is_broken:
            self._recover()
            return None
        if self._held is not None:
            if polled.records:
                raise RuntimeError(f"{len(polled.records)} records polled while every partition was paused")
            return self._held
        if not polled.records:
            self._plan = next_plan(self._plan, Taken(0, 0.0, self._backlog()), self._settings.bounds)
            return None
        return _Batch(polled.records, self._clock() - started)

    def _poll_plan(self) -> Plan:
        """The plan of the pressure; or, with everything paused, a wait that serves the group meanwhile."""
        if self._is_broken:
            return Plan(1, retry_seconds(self._failures))
        return Plan(1, retry_seconds(self._held.attempts)) if self._held else self._plan

    def _rebalance(self, polled: Polled) -> None:
        gone = polled.revoked | polled.lost
        if not (gone or polled.assigned):
            return
        self._assigned = (self._assigned - gone) | polled.assigned
        self._paused = (self._paused - gone) | polled.assigned
        self._stopped -= gone
        self._tallies = {p: tally for p, tally in self._tallies.items() if p not in gone}
        if self._held is not None:
            left = without(self._held.records, gone)
            self._held = replace(self._held, records=left) if left else None
        self._observer.rebalanced(polled.assigned, polled.revoked, polled.lost)

    def _waited(self, batch: _Batch) -> float:
        return 0.0 if batch.first_refused is None else self._clock() - batch.first_refused

    def _hold(self, batch: _Batch, refusal: Unavailable) -> None:
        first = self._clock() if batch.first_refused is None else batch.first_refused
        self._held = replace(batch, first_refused=first, attempts=batch.attempts + 1)
        self._observer.waiting(refusal.reason, self._waited(self._held))

    def _decide(self, batch: _Batch) -> Cut | Unavailable:
        """What of the batch is to be committed, each answer given as if nothing else had been read.

        What was answered beside a record that is cut off may rest on its answer, which nobody will see: the
        rest is decided anew without it, as after an abort.
        """
        records, stopped = batch.records, dict[Partition, str]()
        while True:
            outcomes = self._work.process(records, self._waited(batch))
            if isinstance(outcomes, Unavailable):
                return outcomes
            if len(outcomes) != len(records):
                raise ValueError(f"{len(outcomes)} outcomes for {len(records)} records: one each is expected")
            cut = within_limits(*_before_later(records, outcomes), self._tallies, self._settings.limits)
            stopped |= cut.stopped
            if len(cut.finished) in (0, len(records)):
                return replace(cut, stopped=stopped)
            records = tuple(cut.finished)

    def _finish(self, batch: _Batch, cut: Cut, process_seconds: float) -> None:
        self._held = None
        started = self._clock()
        result = self._commit(cut)
        seconds = (batch.poll_seconds, process_seconds, self._clock() - started)
        taken = Taken(len(batch.records), process_seconds + seconds[-1], self._backlog())
        self._plan = next_plan(self._plan, taken, self._settings.bounds)
        if not isinstance(result, Committed):
            return self._fail(result)
        # What is to come later was polled: reading goes back to where the commit ended.
        gone = frozenset(cut.stopped)
        self._is_broken = len(without(cut.finished, gone)) < len(without(batch.records, gone))
        return self._settle(cut, _report(cut.outcomes, seconds))

    def _commit(self, cut: Cut) -> CommitResult:
        if not cut.finished:
            return Committed()
        outgoing = [record for outcome in cut.outcomes for record in outcome.outgoing]
        return self._log.commit(outgoing, next_offsets(cut.finished))

    def _settle(self, cut: Cut, report: BatchReport) -> None:
        """The batch is visible: only now do tallies and stops follow from it."""
        self._tallies, self._failures = cut.tallies, 0
        self._stopped |= frozenset(cut.stopped)
        for partition, reason in cut.stopped.items():
            self._observer.stopped(partition, reason)
        self._observer.committed(report)

    def _fail(self, result: Aborted | Indefinite | Fenced) -> None:
        self._failures += 1
        self._is_broken = True
        self.is_fenced = isinstance(result, Fenced)
        self._observer.failed(result)

    def _recover(self) -> None:
        if self._log.recover():
            self._is_broken = False
            self._observer.recovered(self._failures)
        else:
            self._failures += 1

    def _backlog(self) -> int:
        readable = self._assigned - self._paused
        return sum(self._log.backlog(partition) or 0 for partition in readable)

    def _tell_backlogs(self) -> None:
        self._backlogs_told = self._clock()
        known = ((partition, self._log.backlog(partition)) for partition in self._assigned)
        self._observer.backlogs({partition: count for partition, count in known if count is not None})


def _before_later(
    records: tuple[Record, ...], outcomes: tuple[Outcome, ...]
) -> tuple[tuple[Record, ...], tuple[Outcome, ...]]:
    """Of each partition's part what lies before the first record that is to come later."""
    if not any(isinstance(outcome, Later) for outcome in outcomes):
        return records, outcomes
    late: set[tuple[str, int]] = set()
    kept: list[tuple[Record, Outcome]] = []
    for record, outcome in zip(records, outcomes, strict=True):
        if isinstance(outcome, Later):
            late.add((record.topic, record.partition))
        if (record.topic, record.partition) not in late:
            kept.append((record, outcome))
    return tuple(record for record, _ in kept), tuple(outcome for _, outcome in kept)


def _report(outcomes: Sequence[Outcome], seconds: tuple[float, float, float]) -> BatchReport:
    dead_letters = sum(isinstance(outcome, DeadLetter) for outcome in outcomes)
    dropped = sum(isinstance(outcome, Drop) for outcome in outcomes)
    return BatchReport(
        done=len(outcomes) - dead_letters - dropped,
        dead_letters=dead_letters,
        dropped=dropped,
        written=sum(len(outcome.outgoing) for outcome in outcomes),
        poll_seconds=seconds[0],
        process_seconds=seconds[1],
        commit_seconds=seconds[2],
    )
