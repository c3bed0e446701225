"""What the loop asks of a deployable: outcomes for a batch of records."""

from collections.abc import Sequence
from typing import Protocol

from tidewaiter.stream.outcome import Outcome, Unavailable
from tidewaiter.stream.record import Record


class Work(Protocol):
    """The deciding part of a worker. It never touches the log; whatever it wants written it returns."""

    def process(self, batch: Sequence[Record], waited_seconds: float) -> tuple[Outcome, ...] | Unavailable:
        """One outcome for each record, in their order; or Unavailable for the batch as a whole.

        ``batch`` holds records of every topic that the worker reads, each partition's in log order.
        ``waited_seconds`` is how long this batch has been held since its first Unavailable (0.0 at the
        first attempt), so that the work itself bounds the wait and then decides without the world.
        The same records may come again after a crash or an abort, in other batches: side effects
        must be idempotent. An exception is a bug: nothing is committed and the worker ends.
        """

    def ready_for(self, topic: str) -> bool:
        """Whether records of this topic make sense now; asked of lanes only, before every poll."""
