"""Calls of a Redis Function library: loaded by content, pipelined in chunks, and behind a breaker."""

import hashlib
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import resources
from typing import Final, TypeVar

import msgspec
from msgspec import Struct
from redis.exceptions import ResponseError

from tidewaiter.adapters.breaker import Breaker, State
from tidewaiter.adapters.redis_connection import DEADLINE_SECONDS, Argument, Failures, RedisLine
from tidewaiter.stream.outcome import Unavailable

_VERSION_MARK: Final = "@VERSION@"
_Result = TypeVar("_Result")
_Context = TypeVar("_Context")


class FunctionLibrary(Struct, frozen=True):
    """A library under a name that carries the hash of its text: it is added beside others, never replaced.

    So workers of two releases can share a Redis while one takes over from the other.
    """

    text: str
    version: str

    @classmethod
    def of(cls, folder: str, parts: Sequence[str]) -> "FunctionLibrary":
        """The library whose text is ``parts``, in that order, of `adapters/functions/FOLDER`."""
        root = resources.files("tidewaiter.adapters").joinpath("functions", folder)
        template = "\n".join(root.joinpath(f"{part}.lua").read_text("utf-8") for part in parts)
        version = hashlib.sha256(template.encode()).hexdigest()[:12]
        return cls(template.replace(_VERSION_MARK, version), version)

    def function(self, name: str) -> str:
        """The name of one of its functions in Redis."""
        return f"tidewaiter_{name}_{self.version}"

    def load(self, line: RedisLine) -> None:
        """Load it unless it is there. Idempotent; raises one of `Failures`."""
        try:
            line.ask("FUNCTION", "LOAD", self.text)
        except ResponseError as error:
            if "already exists" not in str(error):
                raise


class RedisFunctions:
    """The functions of one library on one Redis; for one thread. Raises ValueError for a bad URL."""

    def __init__(
        self,
        url: str,
        library: FunctionLibrary,
        deadline_seconds: float = DEADLINE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._library = library
        self._deadline_seconds = deadline_seconds
        self._clock = clock
        self._breaker = Breaker()
        self._reason = ""
        self._line = RedisLine(url, deadline_seconds, library.load)

    @property
    def breaker_state(self) -> State:
        return self._breaker.state(self._clock())

    def close(self) -> None:
        self._line.close()

    def guarded(self, work: Callable[[], _Result]) -> _Result | Unavailable:
        """What ``work`` returns, or Unavailable when it fails on Redis or the breaker is open.

        ``work`` may be begun twice, if the functions were gone.
        """
        if not self._breaker.allows(self._clock()):
            return Unavailable(f"redis, not asked again yet: {self._reason}")
        try:
            result = self._with_library(work)
        except (*Failures, msgspec.DecodeError, UnicodeDecodeError) as error:
            self._line.close()
            self._breaker = self._breaker.after_failure(self._clock())
            self._reason = f"{type(error).__name__}: {error}"
            return Unavailable(f"redis: {self._reason}")
        self._breaker = self._breaker.after_success()
        return result

    def answered(
        self, name: str, calls: Iterable[tuple[_Context, Sequence[Argument]]]
    ) -> Iterator[tuple[_Context, object]]:
        """Each call's context with its answer, in order; for use within `guarded`.

        A call is sent before the one before it is read, so that Redis counts while Python decodes. All
        of them together get a deadline each. What has come as the last is taken however late it is looked at:
        then it was this worker that waited, for the processor.
        """
        function, waiting, started, sent = self._library.function(name), deque[_Context](), self._clock(), 0
        for context, arguments in calls:
            self._line.send("FCALL", function, 0, *arguments)
            waiting.append(context)
            sent += 1
            if len(waiting) > 1:
                yield waiting.popleft(), self._received(started + sent * self._deadline_seconds)
        while waiting:
            until = started + sent * self._deadline_seconds if len(waiting) > 1 else math.inf
            yield waiting.popleft(), self._received(until)

    def _received(self, until: float) -> object:
        reply = self._line.receive()
        if self._clock() > until:
            raise TimeoutError(f"some calls took longer than {self._deadline_seconds} s each")
        return reply

    def _with_library(self, work: Callable[[], _Result]) -> _Result:
        """The functions are loaded with every new connection; somebody may still take them away."""
        try:
            return work()
        except ResponseError as error:
            if "Function not found" not in str(error):
                raise
            self._line.close()
            return work()
