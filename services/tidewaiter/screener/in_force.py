"""What decides at this moment: lists, rules and law, switched as one between two batches."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from datetime import datetime, timedelta
from typing import Final, NamedTuple, Protocol

from msgspec import Struct

from tidewaiter.domain.lookup import Gathered
from tidewaiter.domain.screening import Policy, Ruleset
from tidewaiter.rules.facts.row import Law
from tidewaiter.screener.asking import Terms
from tidewaiter.screener.evidence import Lists, NameScreen
from tidewaiter.screener.excepting import NoRuleExceptions, RuleExceptions
from tidewaiter.screener.habits import NOBODY_LEARNS, HabitSource

_RETRY_SECONDS: Final = 5.0


class Wanted(NamedTuple):
    """The versions that Redis names as current, and the life of Redis in which it does.

    Generations are counted anew in a Redis that was emptied: 1 there may be another 1.
    """

    generation: int
    rules_version: str
    local_version: int
    epoch: str = ""
    confirmed: int = 0


def named_in(gathered: Gathered) -> Wanted:
    """The versions that came with a batch's answers."""
    return Wanted(
        gathered.generation,
        gathered.rules_version,
        gathered.local_version,
        gathered.epoch,
        gathered.confirmed,
    )


class Rules(Ruleset[Law], Terms, Protocol):
    """A ruleset, and what of it is needed for asking."""


class InForce(Struct, frozen=True):
    """One consistent set: names and identifiers of one generation, one ruleset, one policy.

    ``list_entries`` counts each list's entries, ``loaded_at`` says when it was loaded, ``max_age`` when it
    is stale. ``habits`` are renewed beside the others, without a version: each batch takes the latest.
    """

    wanted: Wanted
    names: NameScreen
    ruleset: Rules
    policy: Policy[Law]
    list_versions: Mapping[str, str]
    loaded_at: Mapping[str, datetime]
    max_age: timedelta
    list_entries: Mapping[str, int] = {}
    rule_exceptions: RuleExceptions = NoRuleExceptions()
    habits: HabitSource = NOBODY_LEARNS

    def lists(self, now: datetime) -> Lists:
        """The lists with those that are too old at ``now``, or loaded as far ahead of it."""
        stale = tuple(sorted(name for name, at in self.loaded_at.items() if abs(now - at) > self.max_age))
        return Lists(self.wanted.generation, self.list_versions, stale)


class Switch:
    """Keeps what is in force, and takes up newer versions in the background.

    Building an index takes seconds, so it is built beside the stream and taken up at a batch boundary:
    no pause, and never a decision of two generations. A version that cannot be loaded is tried again
    after 5 s; until then the old one stays, and its age tells.
    """

    def __init__(
        self,
        first: InForce,
        load: Callable[[Wanted], InForce],
        executor: Executor,
        failed: Callable[[Wanted, BaseException], None],
    ) -> None:
        self._current, self._load, self._executor = first, load, executor
        self._failed = failed
        self._loading: tuple[Wanted, Future[InForce]] | None = None
        self._not_before = 0.0

    @property
    def latest(self) -> InForce:
        """What decides now. May be read from any thread; only ``current`` takes up a newer one."""
        return self._current

    def current(self, now_seconds: float) -> InForce:
        """What decides the next batch: call it once a batch, before gathering."""
        if self._loading is not None and self._loading[1].done():
            wanted, future = self._loading
            self._loading = None
            error = future.exception()
            if error is None:
                self._current = future.result()
            else:
                self._not_before = now_seconds + _RETRY_SECONDS
                self._failed(wanted, error)
        return self._current

    def notice(self, wanted: Wanted, now_seconds: float) -> None:
        """Redis named these versions with a batch's answers; newer ones begin to load."""
        if wanted != self._current.wanted and self._loading is None and now_seconds >= self._not_before:
            self._loading = (wanted, self._executor.submit(self._load, wanted))
