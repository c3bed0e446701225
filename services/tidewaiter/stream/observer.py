"""What the loop tells those who watch it: metrics and logs hang on here, and the loop knows neither."""

from collections.abc import Mapping
from dataclasses import dataclass

from tidewaiter.stream.log import Aborted, Fenced, Indefinite
from tidewaiter.stream.record import Partition


@dataclass(frozen=True)
class BatchReport:
    """A committed batch: how many records ended how, records written, and the seconds by stage."""

    done: int
    dead_letters: int
    dropped: int
    written: int
    poll_seconds: float
    process_seconds: float
    commit_seconds: float

    @property
    def records(self) -> int:
        """All records of the batch."""
        return self.done + self.dead_letters + self.dropped


class Observer:
    """Called by the loop, in its thread, between batches; whatever it does delays the next one.

    This one looks away.
    """

    def rebalanced(
        self, assigned: frozenset[Partition], revoked: frozenset[Partition], lost: frozenset[Partition]
    ) -> None:
        """The assignment changed."""

    def committed(self, report: BatchReport) -> None:
        """A batch is visible."""

    def failed(self, result: Aborted | Indefinite | Fenced) -> None:
        """A transaction did not commit, or nobody knows; the batch will come again (not after Fenced)."""

    def recovered(self, failures: int) -> None:
        """Reading goes on from the committed offsets, after so many failures."""

    def waiting(self, reason: str, seconds: float) -> None:
        """The world is unavailable and a batch has been held for so long; called at every attempt."""

    def stopped(self, partition: Partition, reason: str) -> None:
        """A partition went past its dead-letter limits and is read no more until the worker is restarted."""

    def backlogs(self, backlogs: Mapping[Partition, int]) -> None:
        """Records waiting behind what was polled, for partitions where it is known; about once a second."""
