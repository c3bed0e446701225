"""Reading back into a Redis that does not answer: every step says so, and none is taken for done."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tidewaiter.adapters.redis_rebuild import RedisRebuild
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.lookup import Kept
from tidewaiter.domain.rebuild import Share
from tidewaiter.local.server import free_port
from tidewaiter.stream.outcome import Unavailable

SHARE = Share("epoch", 3)


@pytest.fixture
def store() -> Iterator[RedisRebuild]:
    with closing(
        RedisRebuild(f"redis://127.0.0.1:{free_port()}/0", Tokens(b"a secret of the test's own"))
    ) as found:
        yield found


def test_a_redis_that_is_away_has_no_share_and_keeps_nothing(store: RedisRebuild) -> None:
    kept = Kept("FX|1", b"history", False, None)
    answers = (
        store.take("epoch", 4),
        store.gather([], "epoch"),
        store.restore(SHARE, []),
        store.restore(SHARE, [kept]),
        store.finish(SHARE, 0),
    )
    assert {type(answer) for answer in answers} == {Unavailable}
