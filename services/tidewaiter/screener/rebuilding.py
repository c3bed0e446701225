"""Rebuilding what a Redis that was emptied has lost: histories and windows, from the topics themselves.

A share of the log is one partition number of every topic: it has all messages about its parcels and all
answers to them. Its events are read, counted and folded as they were when they came; the orders to the
inspection say what stood after each decision, hence what an officer's removal set aside; the decisions
say what each message was answered. Folding is a join and counting is idempotent, so a share that is begun
anew, by whoever, or a Redis that has kept a part, ends in the same state.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol

from tidewaiter.domain.lookup import Answer, Gathered, Kept, Lookup
from tidewaiter.domain.rebuild import Nothing, Share
from tidewaiter.screener.asking import Terms
from tidewaiter.screener.replaying import Replay
from tidewaiter.stream.outcome import Unavailable
from tidewaiter.stream.record import Record

# A batch whose histories were written before Redis was emptied may be committed a moment after: what is
# read before is not all that was answered. Nobody needs a second that begins a transaction so late.
SETTLING_SECONDS = 2.0
_ANOTHER_LOOK_SECONDS = 0.5
COLD: Final = "cold"
"""The life of Redis that a worker names which has not taken up any: all parcels are held meanwhile."""


class RebuildInterrupted(Exception):
    """It could not be finished now, one line says why. What was done stays done; begin again later."""


class Past(Protocol):
    """What the log still has. Its topics are read partition by partition, in batches, in log order."""

    def shares(self) -> int:
        """How many shares there are."""
        ...

    def is_empty(self) -> bool:
        """Whether the workers have never decided anything."""
        ...

    def read(self, topic: str, share: int) -> Iterator[Sequence[Record]]:
        """The records of one partition; of events, actions and the lane, those that were answered."""
        ...

    def since_ms(self, share: int) -> int:
        """From when on every event of the share is there; 0 where none was ever deleted."""
        ...


class Store(Protocol):
    """Where histories and windows are kept. Every call may be repeated."""

    def take(self, epoch: str, shares: int) -> Share | Nothing | Unavailable:
        """A share to be rebuilt; it is lost to others when it is not restored into for a while."""
        ...

    def gather(self, lookups: Sequence[Lookup], epoch: str) -> Gathered | Unavailable:
        """Answer and count, in that life only."""
        ...

    def restore(self, held: Share, histories: Sequence[Kept]) -> Unavailable | None:
        """Keep histories, in place of what there was, if the share is still in these hands."""
        ...

    def finish(self, held: Share, since_ms: int) -> Unavailable | None:
        """The share is done."""
        ...


class Watcher(Protocol):
    """Told how rebuilding goes."""

    def cold(self) -> None: ...
    def rebuilding(self, share: int, shares: int) -> None: ...
    def replayed(self, topic: str, records: int) -> None: ...
    def warm(self) -> None: ...


class Rebuilding:
    """What a worker does about a life of Redis that it has not seen before."""

    def __init__(self, store: Store, past: Past, watcher: Watcher, wait: Callable[[float], None]) -> None:
        """``wait`` blocks for seconds, and raises RebuildInterrupted when the worker is to stop."""
        self._store, self._past, self._watcher, self._wait = store, past, watcher, wait

    def until_warm(self, epoch: str, terms: Terms) -> None:
        """Return once everything that was lost in this life is back, rebuilt here or by others.

        Blocks, for minutes when a week is to be read. Raises RebuildInterrupted.
        """
        shares, has_settled = self._past.shares(), False
        while isinstance(held := self._taken(epoch, shares), Share) or held == "others at it":
            self._watcher.cold()
            if not isinstance(held, Share):
                self._wait(_ANOTHER_LOOK_SECONDS)
                continue
            self._watcher.rebuilding(held.number, shares)
            if not has_settled and not self._past.is_empty():
                self._wait(SETTLING_SECONDS)
            has_settled = True
            self._rebuild(held, terms)
        if held == "gone":
            raise RebuildInterrupted("Redis was emptied again, or has fallen back")
        self._watcher.warm()

    def _taken(self, epoch: str, shares: int) -> Share | Nothing:
        taken = self._store.take(epoch, shares)
        if isinstance(taken, Unavailable):
            raise RebuildInterrupted(taken.reason)
        return taken

    def _rebuild(self, held: Share, terms: Terms) -> None:
        """One share, from its beginning."""
        replay = Replay(terms, held.number, lambda lookups: self._answers(held, lookups))
        for topic, step in replay.steps:
            for batch in self._past.read(topic, held.number):
                self._wait(0.0)
                _refuse(self._store.restore(held, step(batch)))
                self._watcher.replayed(topic, len(batch))
        _refuse(self._store.finish(held, self._past.since_ms(held.number)))

    def _answers(self, held: Share, lookups: Sequence[Lookup]) -> Sequence[Answer]:
        gathered = self._store.gather(lookups, held.epoch)
        if isinstance(gathered, Unavailable):
            raise RebuildInterrupted(gathered.reason)
        return gathered.answers


def _refuse(answer: Unavailable | None) -> None:
    if answer is not None:
        raise RebuildInterrupted(answer.reason)
