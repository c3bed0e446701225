"""Evidence from Redis: windows, histories and identifiers of a whole batch, in one exchange a chunk."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar

from tidewaiter.adapters import evidence_messages as messages
from tidewaiter.adapters.breaker import State
from tidewaiter.adapters.redis_connection import DEADLINE_SECONDS
from tidewaiter.adapters.redis_functions import FunctionLibrary, RedisFunctions
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.lookup import Answer, Gathered, Kept, Lookup
from tidewaiter.stream.outcome import Unavailable

# One Lua chunk: each part sees the locals of those before it.
_PARTS: Final = (
    "keys",
    "small_ledgers",
    "busy_ledgers",
    "windows",
    "parcels",
    "identifiers",
    "calls",
    "rebuild",
)
ANOTHER_LIFE: Final = "Redis: it was emptied or has fallen back, what it lost is not taken up yet"
_NOT_KEPT: Final[Mapping[object, str]] = {
    -1: ANOTHER_LIFE,
    -2: "Redis: another worker has kept a history since this batch was read",
}
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class EvidenceSettings:
    """How Redis is asked.

    ``chunk`` parcels go in one call, which takes Redis about 10 ms: within the deadline even where it gets a
    tenth of a core. ``small_limit`` is the parcels up to which an entity's ledger is one string. Histories
    and records live ``history_days``, twice as long as the topics keep an event that may come again; those
    of parcels that officers have seen ``inspected_days``, longer than any hold stands.
    """

    deadline_seconds: float = DEADLINE_SECONDS
    chunk: int = 200
    small_limit: int = 16
    history_days: int = 14
    inspected_days: int = 180


class RedisEvidence:
    """The screener's `EvidenceSource` on one Redis; for one thread. Raises ValueError for a bad URL."""

    def __init__(
        self,
        url: str,
        tokens: Tokens,
        settings: EvidenceSettings | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings or EvidenceSettings()
        self._tokens = tokens
        self._now = now
        self._worker = secrets.token_hex(8)
        self._answered = 0
        self._functions = RedisFunctions(url, evidence_library(), self._settings.deadline_seconds, clock)

    @property
    def breaker_state(self) -> State:
        """For the metrics."""
        return self._functions.breaker_state

    def close(self) -> None:
        """Close the connection; it is made anew when asked again."""
        self._functions.close()

    def gather(self, lookups: Sequence[Lookup], generation: int, epoch: str = "") -> Gathered | Unavailable:
        """See `tidewaiter.screener.ports.EvidenceSource`."""
        return self._functions.guarded(lambda: self._gathered(lookups, generation, epoch))

    def remember(self, histories: Sequence[Kept], epoch: str = "") -> Unavailable | None:
        """See `tidewaiter.screener.ports.EvidenceSource`."""
        return self._functions.guarded(lambda: self._remembered(histories, epoch))

    def _gathered(self, lookups: Sequence[Lookup], generation: int, epoch: str) -> Gathered:
        answers: list[Answer] = []
        has_identifiers = True
        reply = None
        for asked, raw in self._functions.answered("gather", self._gather_calls(lookups, generation, epoch)):
            reply = messages.reply(raw)
            self._answered = reply.calls
            if epoch in ("", reply.epoch):
                answers += asked.answers(reply, self._now())
            has_identifiers &= reply.versions.has_identifiers
        assert reply is not None  # there is a call even for an empty batch
        return Gathered(
            tuple(answers),
            int(reply.versions.generation or 0),
            reply.versions.rules_version,
            int(reply.versions.local_version or 0),
            reply.epoch,
            has_identifiers,
            int(reply.versions.confirmed or 0),
        )

    def _gather_calls(
        self, lookups: Sequence[Lookup], generation: int, epoch: str
    ) -> Iterator[tuple[messages.Questions, tuple[bytes]]]:
        for chunk in chunks(lookups, self._settings.chunk) or ((),):
            questions = messages.Questions(chunk, self._tokens)
            yield questions, (questions.request(self._terms(generation, epoch)),)

    def _terms(self, generation: int, epoch: str) -> messages.Terms:
        return messages.Terms(
            small_limit=self._settings.small_limit,
            record_days=self._settings.history_days,
            generation=str(generation),
            worker=self._worker,
            answered=self._answered,
            new_epoch=secrets.token_hex(8),
            epoch=epoch,
        )

    def _remembered(self, histories: Sequence[Kept], epoch: str) -> Unavailable | None:
        refused = None
        for _, code in self._functions.answered("remember", self._remember_calls(histories, epoch)):
            if code in _NOT_KEPT:
                refused = Unavailable(_NOT_KEPT[code])
            else:
                self._answered = int(str(code))
        return refused

    def _remember_calls(
        self, histories: Sequence[Kept], epoch: str
    ) -> Iterator[tuple[None, list[int | str | bytes]]]:
        days = self._settings.history_days, self._settings.inspected_days
        for chunk in chunks(histories, self._settings.chunk):
            kept = messages.histories_request(chunk, self._tokens)
            yield None, [*days, epoch, self._worker, self._answered, *kept]


def evidence_library() -> FunctionLibrary:
    """The functions that evidence is asked with, and those that rebuild what it rests on."""
    return FunctionLibrary.of("evidence", _PARTS)


def chunks(items: Sequence[_Item], size: int) -> list[Sequence[_Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
