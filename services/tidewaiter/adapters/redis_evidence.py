"""Evidence from Redis: windows, histories and identifiers of a whole batch, in one exchange a chunk."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from tidewaiter.adapters import clock
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
# Some 20 a parcel. One with the 999 makers that it may have asks for thousands: 64 of those took Redis 0.2 s
# in one call, which was given up at the deadline, for all parcels and at every attempt.
_QUESTIONS_A_CALL: Final = 8_000
# Some 1 kB a history; of a declaration as large as it may be 1 MB.
_BYTES_A_CALL: Final = 4 << 20
# How large the histories are that a call answers with is not known before: 20 of 1 MB took 0.1 s. After one
# that was given up the next calls are for half as many parcels, down to so many; after a good one for twice.
_CHUNK_LEAST: Final = 4
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
        now: Callable[[], datetime] = clock.utc_now,
    ) -> None:
        self._settings = settings or EvidenceSettings()
        self._tokens = tokens
        self._now = now
        self._worker = secrets.token_hex(8)
        self._answered = 0
        self._chunk = self._settings.chunk
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
        answer = self._functions.guarded(lambda: self._gathered(lookups, generation, epoch))
        is_given_up = isinstance(answer, Unavailable)
        most = self._settings.chunk
        self._chunk = min(most, max(_CHUNK_LEAST, self._chunk // 2) if is_given_up else self._chunk * 2)
        return answer

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
            messages.number(reply.versions.generation),
            reply.versions.rules_version,
            messages.number(reply.versions.local_version),
            reply.epoch,
            has_identifiers,
            messages.number(reply.versions.confirmed),
        )

    def _gather_calls(
        self, lookups: Sequence[Lookup], generation: int, epoch: str
    ) -> Iterator[tuple[messages.Questions, tuple[bytes]]]:
        for chunk in chunks(lookups, self._chunk, _questions, _QUESTIONS_A_CALL) or ((),):
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
        for chunk in history_chunks(histories, self._settings.chunk):
            kept = messages.histories_request(chunk, self._tokens)
            yield None, [*days, epoch, self._worker, self._answered, *kept]


def evidence_library() -> FunctionLibrary:
    """The functions that evidence is asked with, and those that rebuild what it rests on."""
    return FunctionLibrary.of("evidence", _PARTS)


def history_chunks(histories: Sequence[Kept], size: int) -> list[Sequence[Kept]]:
    """Histories as they go in a call."""
    return chunks(histories, size, _bytes, _BYTES_A_CALL)


def chunks(
    items: Sequence[_Item], size: int, weight: Callable[[_Item], int], most: int
) -> list[Sequence[_Item]]:
    """The items in their order, up to ``size`` together and up to ``most`` in weight; a heavier one alone."""
    found: list[Sequence[_Item]] = []
    first, weighed = 0, 0
    for place, item in enumerate(items):
        its = weight(item)
        if place > first and (place - first == size or weighed + its > most):
            found.append(items[first:place])
            first, weighed = place, 0
        weighed += its
    return [*found, items[first:]] if first < len(items) else found


def _questions(lookup: Lookup) -> int:
    return len(lookup.identifiers) + len(lookup.contributions)


def _bytes(kept: Kept) -> int:
    return len(kept.history) + len(kept.former or b"")
