"""Redis and the watcher as far as reading back from the topics needs them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.fakes.evidence import FakeEvidence
from tidewaiter.domain.lookup import Gathered, Kept, Lookup
from tidewaiter.domain.rebuild import Nothing, Share
from tidewaiter.stream.outcome import Unavailable


@dataclass
class FakeStore:
    """Redis as far as rebuilding needs it. ``refuses_after`` writes it lets the worker down."""

    evidence: FakeEvidence
    done: set[int] = field(default_factory=set)
    refuses_after: int = 1_000_000

    def take(self, epoch: str, shares: int) -> Share | Nothing | Unavailable:
        if epoch != self.evidence.epoch:
            return "gone"
        left = sorted(set(range(shares)) - self.done)
        return Share(epoch, left[-1]) if left else "warm"

    def gather(self, lookups: Sequence[Lookup], epoch: str) -> Gathered | Unavailable:
        return self.evidence.gather(lookups, 0, epoch)

    def restore(self, held: Share, histories: Sequence[Kept]) -> Unavailable | None:
        self.refuses_after -= 1
        if self.refuses_after < 0:
            return Unavailable("the share is another worker's now")
        known = self.evidence.histories
        return self.evidence.remember(
            [one._replace(former=known.get(one.parcel)) for one in histories], held.epoch
        )

    def finish(self, held: Share, since_ms: int) -> Unavailable | None:
        assert since_ms == 0
        self.done.add(held.number)
        return None


class Notes:
    """A watcher that counts."""

    def __init__(self) -> None:
        self.records, self.is_warm = 0, False

    def cold(self) -> None:
        self.is_warm = False

    def rebuilding(self, share: int, shares: int) -> None:
        assert share < shares

    def replayed(self, topic: str, records: int) -> None:
        self.records += records

    def warm(self) -> None:
        self.is_warm = True
