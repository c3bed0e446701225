"""Evidence from Redis: windows, histories and identifiers of a whole batch, in one exchange a chunk."""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, TypeVar

from tidewaiter.adapters import evidence_messages as messages
from tidewaiter.adapters.breaker import State
from tidewaiter.adapters.redis_connection import DEADLINE_SECONDS
from tidewaiter.adapters.redis_functions import FunctionLibrary, RedisFunctions
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.lookup import Answer, Gathered, Lookup
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
)
_Item = TypeVar("_Item")


@dataclass(frozen=True)
class EvidenceSettings:
    """How Redis is asked.

    ``chunk`` parcels go in one call, which takes Redis about 10 ms: within the deadline even where it gets a
    tenth of a core. ``small_limit`` is the parcels up to which an entity's ledger is one string. Histories
    and records live ``history_days``, longer than any event may come again.
    """

    deadline_seconds: float = DEADLINE_SECONDS
    chunk: int = 200
    small_limit: int = 16
    history_days: int = 45


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
        library = FunctionLibrary.of("evidence", _PARTS)
        self._functions = RedisFunctions(url, library, self._settings.deadline_seconds, clock)

    @property
    def breaker_state(self) -> State:
        """For the metrics."""
        return self._functions.breaker_state

    def close(self) -> None:
        """Close the connection; it is made anew when asked again."""
        self._functions.close()

    def gather(self, lookups: Sequence[Lookup], generation: int) -> Gathered | Unavailable:
        """See `tidewaiter.screener.ports.EvidenceSource`."""
        return self._functions.guarded(lambda: self._gathered(lookups, generation))

    def remember(self, histories: Sequence[tuple[str, bytes]]) -> Unavailable | None:
        """See `tidewaiter.screener.ports.EvidenceSource`."""
        return self._functions.guarded(lambda: self._remembered(histories))

    def _gathered(self, lookups: Sequence[Lookup], generation: int) -> Gathered:
        answers: list[Answer] = []
        has_identifiers = True
        reply = None
        for asked, raw in self._functions.answered("gather", self._gather_calls(lookups, generation)):
            reply = messages.reply(raw)
            self._answered += 1
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
        )

    def _gather_calls(
        self, lookups: Sequence[Lookup], generation: int
    ) -> Iterator[tuple[messages.Questions, tuple[bytes]]]:
        for chunk in _chunks(lookups, self._settings.chunk) or ((),):
            questions = messages.Questions(chunk, self._tokens)
            yield questions, (questions.request(self._terms(generation)),)

    def _terms(self, generation: int) -> messages.Terms:
        return messages.Terms(
            small_limit=self._settings.small_limit,
            record_days=self._settings.history_days,
            generation=str(generation),
            worker=self._worker,
            answered=self._answered,
            new_epoch=secrets.token_hex(8),
        )

    def _remembered(self, histories: Sequence[tuple[str, bytes]]) -> None:
        days = self._settings.history_days
        calls = (
            (None, messages.histories_request(chunk, self._tokens, days))
            for chunk in _chunks(histories, self._settings.chunk)
        )
        for _ in self._functions.answered("remember", calls):
            pass


def _chunks(items: Sequence[_Item], size: int) -> list[Sequence[_Item]]:
    return [items[start : start + size] for start in range(0, len(items), size)]
