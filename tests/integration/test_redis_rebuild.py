"""Shares of the log are one worker's at a time, and what a worker has lost it can no longer write into."""

import time
from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from tidewaiter.adapters.redis_evidence import RedisEvidence
from tidewaiter.adapters.redis_rebuild import RedisRebuild, rebuild_of
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.doctor import parcels_known
from tidewaiter.domain.lookup import Contribution, Gathered, Kept, Lookup
from tidewaiter.domain.rebuild import Rebuild, Share
from tidewaiter.stream.outcome import Unavailable

pytestmark = pytest.mark.redis
TOKENS = Tokens(b"a secret of the tests")
HISTORY = [Kept("FX|1", b"history")]

Worker = Callable[..., RedisRebuild]


@pytest.fixture
def source(redis: str, client: Redis) -> Iterator[RedisEvidence]:
    assert client.ping()
    evidence = RedisEvidence(redis, TOKENS)
    yield evidence
    evidence.close()


@pytest.fixture
def worker(redis: str, client: Redis) -> Iterator[Worker]:
    assert client.ping()
    made: list[RedisRebuild] = []

    def another(lease_seconds: float = 15.0) -> RedisRebuild:
        made.append(RedisRebuild(redis, TOKENS, lease_seconds))
        return made[-1]

    yield another
    for one in made:
        one.close()


@pytest.fixture
def epoch(source: RedisEvidence) -> str:
    gathered = source.gather((), 0)
    assert isinstance(gathered, Gathered)
    return gathered.epoch


def taken(worker: RedisRebuild, epoch: str, shares: int = 2) -> Share:
    share = worker.take(epoch, shares)
    assert isinstance(share, Share), share
    return share


def test_each_share_is_given_to_one_worker(worker: Worker, epoch: str) -> None:
    first, second = worker(), worker()
    assert [taken(first, epoch).number, taken(second, epoch).number] == [0, 1]
    assert (first.take(epoch, 2), second.take(epoch, 2)) == ("others at it", "others at it")


def test_all_is_warm_once_every_share_is_done(worker: Worker, epoch: str) -> None:
    first, second = worker(), worker()
    for one in (first, second):
        assert one.finish(taken(one, epoch), 0) is None
    assert (first.take(epoch, 2), worker().take(epoch, 2)) == ("warm", "warm")


def test_partitions_added_to_a_warm_log_are_not_read_back(worker: Worker, epoch: str) -> None:
    one = worker()
    assert one.finish(taken(one, epoch, 1), 0) is None
    assert one.take(epoch, 1) == "warm"
    assert one.take(epoch, 24) == "warm"


def test_a_share_whose_worker_is_silent_is_given_to_another(worker: Worker, epoch: str) -> None:
    zombie, other = worker(0.2), worker()
    lost = taken(zombie, epoch, 1)
    time.sleep(0.3)
    found = taken(other, epoch, 1)
    assert found == lost
    assert isinstance(zombie.restore(lost, HISTORY), Unavailable)
    assert isinstance(zombie.finish(lost, 0), Unavailable)
    assert other.restore(found, HISTORY) is None
    assert other.finish(found, 0) is None


def test_writing_keeps_a_share(worker: Worker, epoch: str) -> None:
    slow, other = worker(0.4), worker()
    share = taken(slow, epoch, 1)
    for _ in range(4):
        time.sleep(0.2)
        assert slow.restore(share, ()) is None
    assert other.take(epoch, 1) == "others at it"


def test_what_is_restored_is_what_parcels_are_then_asked_for(
    worker: Worker, source: RedisEvidence, epoch: str
) -> None:
    one = worker()
    share = taken(one, epoch, 1)
    counted = Lookup("FX|1", 1, "digest", "restore", (Contribution("person_day", "bob", 20_000, 500),))
    assert isinstance(one.gather([counted], epoch), Gathered)
    assert one.restore(share, HISTORY) is None
    asked = Lookup("FX|1", 0, "", "look", (Contribution("person_day", "bob", 20_000),))
    gathered = source.gather([asked], 0, epoch)
    assert isinstance(gathered, Gathered)
    (answer,) = gathered.answers
    assert (answer.history, answer.windows) == (b"history", ((500, 1),))


def test_a_life_that_is_over_is_written_into_by_nobody(
    worker: Worker, client: Redis, source: RedisEvidence, epoch: str
) -> None:
    one = worker()
    share = taken(one, epoch, 1)
    client.flushall()
    source.gather((), 0)
    assert one.take(epoch, 1) == "gone"
    assert isinstance(one.restore(share, HISTORY), Unavailable)
    assert isinstance(one.gather([Lookup("FX|1", 1, "digest", "restore")], epoch), Unavailable)
    assert not client.exists("tw:rebuild")


def test_what_was_read_back_in_another_life_is_read_back_again(
    worker: Worker, client: Redis, epoch: str
) -> None:
    """A Redis that was set back to a copy has what that one knew of shares, beside a life of its own."""
    one = worker()
    assert one.finish(taken(one, epoch, 1), 0) is None
    assert one.take(epoch, 1) == "warm"
    client.set("tw:epoch", "another life")
    assert taken(one, "another life", 1).number == 0


def test_the_doctor_says_how_far_it_is(worker: Worker, client: Redis, epoch: str) -> None:
    assert parcels_known(rebuild_of(client)).state == "warning"
    one = worker()
    assert one.finish(taken(one, epoch), 0) is None
    share = taken(one, epoch)
    lost = parcels_known(rebuild_of(client))
    assert (lost.state, "1 of 2 shares" in lost.seen) == ("bad", True)
    assert one.finish(share, 0) is None
    assert one.take(epoch, 2) == "warm"
    assert parcels_known(rebuild_of(client)).state == "good"
    client.set("tw:epoch", "another life")
    assert rebuild_of(client) is None


def test_the_doctor_says_how_far_back_windows_reach() -> None:
    yesterday = int((time.time() - 86_400) * 1000)
    check = parcels_known(Rebuild(12, 12, is_warm=True, since_ms=yesterday))
    assert (check.state, "count too little" in check.seen) == ("warning", True)
    long_ago = int((time.time() - 31 * 86_400) * 1000)
    assert parcels_known(Rebuild(12, 12, is_warm=True, since_ms=long_ago)).state == "good"
