"""A worker that is killed while it reads back what Redis has lost, for tests.

``python -m tests.integration.dying_rebuilder BATCHES screen --slot N``: it dies at so many batches.
"""

import os
import signal
import sys
from collections.abc import Sequence

from tidewaiter.adapters.redis_rebuild import RedisRebuild
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli import main, warming
from tidewaiter.domain.lookup import Kept
from tidewaiter.domain.rebuild import Share
from tidewaiter.stream.outcome import Unavailable


class DyingRebuild(RedisRebuild):
    """The windows of a batch are restored, and the process is gone before its histories are.

    What it leaves is taken up by others after 3 s.
    """

    batches_left = 0

    def __init__(self, url: str, tokens: Tokens) -> None:
        super().__init__(url, tokens, lease_seconds=3.0)

    def restore(self, held: Share, histories: Sequence[Kept]) -> Unavailable | None:
        DyingRebuild.batches_left -= 1
        if DyingRebuild.batches_left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().restore(held, histories)


if __name__ == "__main__":
    DyingRebuild.batches_left = int(sys.argv.pop(1))
    vars(warming)["RedisRebuild"] = DyingRebuild
    main()
