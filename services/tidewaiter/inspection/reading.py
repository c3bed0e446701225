"""How screening goes at a moment, in the terms of Grafana's first page."""

from msgspec import Struct


class Worker(Struct, frozen=True):
    """``state`` is ready, not ready, degraded (parcels are held because Redis is away), or down.

    ``brokers_down`` are those of Kafka that it uses and has no connection to.
    """

    address: str
    state: str
    decisions_per_second: float | None = None
    partitions: int = 0
    stopped_partitions: int = 0
    breaker: str = ""
    generation: int = 0
    brokers_down: int = 0


class Latency(Struct, frozen=True):
    """Seconds to the decision that half, and all but one in a hundred, do not exceed."""

    p50: float
    p99: float


class Waiting(Struct, frozen=True):
    """What is not read: ``seconds`` the age of the oldest, ``members`` of the group; None where not known."""

    records: int
    seconds: float | None
    members: int | None = None


class Listed(Struct, frozen=True):
    """A watchlist: its greatest age over the workers, and its entries."""

    age_seconds: float
    entries: int


class Tally(Struct, frozen=True):
    """A counter: how fast it grows, and what it has come to since the workers started."""

    per_minute: float | None
    total: int


class Reading(Struct, frozen=True):
    """Rates are None, and parts are empty, while there is only one look at each worker.

    ``lag`` is the workers' own word, ``unread`` by reader that of `tidewaiter lag` where it is looked at.
    ``silent`` are other services that answered before; ``blind`` those exporters of lag that Kafka does not
    answer.
    """

    seconds: float
    workers: tuple[Worker, ...]
    events_per_second: float | None
    decisions_per_second: dict[str, float]
    latency: dict[str, Latency]
    within_objective: float | None
    lag: Waiting
    unread: dict[str, Waiting]
    lists: dict[str, Listed]
    generations: tuple[int, ...]
    rulesets: tuple[str, ...]
    holds: dict[str, Tally]
    dead_letters: dict[str, Tally]
    silent: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()
