"""Where rebuilding stands in Redis: which share of the log is whose, and writing that a zombie cannot do."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Final

import redis

from tidewaiter.adapters import evidence_messages as messages
from tidewaiter.adapters.redis_evidence import (
    ANOTHER_LIFE,
    EvidenceSettings,
    RedisEvidence,
    evidence_library,
    history_chunks,
)
from tidewaiter.adapters.redis_functions import RedisFunctions
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.lookup import Gathered, Kept, Lookup
from tidewaiter.domain.rebuild import Nothing, Rebuild, Share
from tidewaiter.stream.outcome import Unavailable

_REBUILD: Final = "tw:rebuild"
_NOTHING: Final[Mapping[int, Nothing]] = {-1: "warm", -2: "others at it", -3: "gone"}
# A batch takes a tenth of a second, so this is patience with a slow Kafka; a worker that was killed keeps
# its share from the others for so long.
LEASE_SECONDS: Final = 15.0
# Nobody waits for these answers; a shorter deadline would only make a busy machine begin anew.
_UNHURRIED: Final = EvidenceSettings(deadline_seconds=5.0)


class RedisRebuild:
    """See ``screener.rebuilding.Store``. For one thread. Raises ValueError for a bad URL."""

    def __init__(self, url: str, tokens: Tokens, lease_seconds: float = LEASE_SECONDS) -> None:
        self._tokens = tokens
        self._worker = secrets.token_hex(8)
        self._lease = str(int(lease_seconds * 1000))
        self._evidence = RedisEvidence(url, tokens, _UNHURRIED)
        self._functions = RedisFunctions(url, evidence_library(), _UNHURRIED.deadline_seconds)

    def close(self) -> None:
        """Close the connections; they are made anew when asked again."""
        self._evidence.close()
        self._functions.close()

    def take(self, epoch: str, shares: int) -> Share | Nothing | Unavailable:
        """See Store."""
        answer = self._called("take_share", epoch, str(shares), self._worker, self._lease)
        if isinstance(answer, Unavailable):
            return answer
        return Share(epoch, answer) if answer >= 0 else _NOTHING[answer]

    def gather(self, lookups: Sequence[Lookup], epoch: str) -> Gathered | Unavailable:
        """See Store."""
        gathered = self._evidence.gather(lookups, 0, epoch)
        if isinstance(gathered, Gathered) and gathered.epoch != epoch:
            return Unavailable(ANOTHER_LIFE)
        return gathered

    def restore(self, held: Share, histories: Sequence[Kept]) -> Unavailable | None:
        """See Store."""
        for chunk in history_chunks(histories, _UNHURRIED.chunk) or ((),):
            kept = messages.histories_request(chunk, self._tokens)
            terms = (*self._named(held), self._lease, _UNHURRIED.history_days, _UNHURRIED.inspected_days)
            if refused := self._refused(self._called("restore", *terms, *kept)):
                return refused
        return None

    def finish(self, held: Share, since_ms: int) -> Unavailable | None:
        """See Store."""
        return self._refused(self._called("finish_share", *self._named(held), str(since_ms)))

    def _named(self, held: Share) -> tuple[str, str, str]:
        return held.epoch, str(held.number), self._worker

    def _called(self, name: str, *arguments: str | int | bytes) -> int | Unavailable:
        functions = self._functions
        replies = functions.guarded(lambda: list(functions.answered(name, [(None, arguments)])))
        return replies if isinstance(replies, Unavailable) else int(str(replies[0][1]))

    def _refused(self, answer: int | Unavailable) -> Unavailable | None:
        if isinstance(answer, Unavailable):
            return answer
        return None if answer else Unavailable("the share is another worker's now")


def rebuild_of(client: redis.Redis) -> Rebuild | None:
    """How far rebuilding has come in this life of Redis; None where no worker has looked yet.

    Raises what redis-py raises when Redis is away.
    """
    fields = {_text(name): _text(value) for name, value in client.hgetall(_REBUILD).items()}
    epoch = client.get("tw:epoch")
    if not fields or epoch is None or _text(epoch) != fields["epoch"]:
        return None
    done = sum(value == "done" for value in fields.values())
    return Rebuild(int(fields["shares"]), done, "warm" in fields, int(fields["since"]))


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
