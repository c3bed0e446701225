"""Whether it is worth asking a server that has just failed: a circuit breaker as a value, its time given."""

from typing import Literal

from msgspec import Struct

State = Literal["closed", "open", "half_open"]


class Patience(Struct, frozen=True):
    """How long an open breaker waits: ``first_seconds``, twice that at each failure, ``longest_seconds``.

    At first no longer than the loop waits with its batch (``retry_seconds``): what comes sooner is refused,
    and then waits twice as long.
    """

    first_seconds: float = 0.05
    longest_seconds: float = 5.0


class Breaker(Struct, frozen=True):
    """Closed after a success; open after a failure until ``retry_at``, then one attempt decides (half open).

    ``now`` is any monotonic clock's seconds. One failure opens: a deadline of 100 ms that is missed by
    every batch would be the whole capacity of a worker.
    """

    failures: int = 0
    retry_at: float = 0.0
    patience: Patience = Patience()

    def state(self, now: float) -> State:
        if not self.failures:
            return "closed"
        return "half_open" if now >= self.retry_at else "open"

    def allows(self, now: float) -> bool:
        """Whether to ask the server at all."""
        return self.state(now) != "open"

    def after_success(self) -> "Breaker":
        return Breaker(patience=self.patience) if self.failures else self

    def after_failure(self, now: float) -> "Breaker":
        wait = min(self.patience.first_seconds * 2 ** min(self.failures, 30), self.patience.longest_seconds)
        return Breaker(self.failures + 1, now + wait, self.patience)
