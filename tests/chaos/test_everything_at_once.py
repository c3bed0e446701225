"""Workers die, Redis hangs and forgets, lists are switched, all in one stream: the account is even."""

import random
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from tests.integration.harbour import SECRET, Harbour, assert_sound, harbour
from tests.servers import Broker
from tidewaiter.adapters.redis_lists import RedisLists
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.simulate.lists import write_fictitious_list
from tidewaiter.simulate.rubbish import rubbish
from tidewaiter.simulate.sending import record as sent
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Outgoing
from tidewaiter.watchlists.formats import read_all
from tidewaiter.watchlists.generations import load
from tidewaiter.wire.topics import PARCEL_EVENTS

pytestmark = [pytest.mark.apache, pytest.mark.redis, pytest.mark.slow]
SEED = 2026
WORKERS = 3
PARCELS = 5000
# A busy machine needs longer for each mishap than the parcels last; they go on until all have happened.
MOST_PARCELS = 4 * PARCELS


@pytest.fixture
def at(apache_kafka: Broker) -> Iterator[Harbour]:
    with harbour(apache_kafka) as at:
        yield at


class Mishaps:
    """What goes wrong, one after another, drawn from a seed."""

    def __init__(self, at: Harbour) -> None:
        self._at, self._chance = at, random.Random(SEED)
        self._lists = 1
        self._coming: list[Callable[[], None]] = []
        self._slots: dict[int, subprocess.Popen[bytes]] = {slot: at.start(slot) for slot in range(WORKERS)}
        self.happened: list[str] = []
        self.is_whole_round = False

    def next(self) -> None:
        """The next of a round in which each comes, in the seed's order; what ends by itself has ended."""
        if not self._coming:
            self._coming = [self.kill_a_worker, self.kill_a_worker, self.hang_redis, self.switch_lists]
            self._chance.shuffle(self._coming)
        mishap = self._coming.pop()
        self.happened.append(mishap.__name__)
        mishap()

    def kill_a_worker(self) -> None:
        slot = self._chance.randrange(WORKERS)
        self._slots[slot].send_signal(signal.SIGKILL)
        self._slots[slot].wait()
        self._slots[slot] = self._at.start(slot)

    def hang_redis(self) -> None:
        self._at.redis.freeze()
        time.sleep(self._chance.uniform(0.2, 2.0))
        self._at.redis.thaw()

    def switch_lists(self) -> None:
        self._lists += 1
        directory = self._at.directory / f"list-{self._lists}"
        write_fictitious_list(directory, seed=self._lists)
        # They have nothing to do with each other: one may have far fewer aliases than the one before.
        lists = RedisLists(self._at.redis.client(), Tokens(SECRET))
        load(lists, read_all((directory,)), "chaos", at=datetime.now(UTC), max_shrink=1)

    def lose_redis(self) -> None:
        """Everything in it, and the lists are brought again a moment later."""
        self._at.redis.server.kill()
        time.sleep(1.0)
        self._at.redis.start_again()
        self._at.fill()


def traffic(at: Harbour, mishaps: Mishaps) -> Iterator[Outgoing]:
    """Traffic with planted cases and a broken record in every hundred, until enough has gone wrong."""
    entries = tuple(entry for reading in read_all((at.list_directory,)) for entry in reading.entries)
    broken = [Outgoing(PARCEL_EVENTS, one.key, one.value) for one in rubbish(SEED, copies=4)]
    messages = Traffic(SEED, MOST_PARCELS, datetime.now(UTC), planted_share=0.05, listed=entries)
    for number, message in enumerate(messages):
        if number > PARCELS and mishaps.is_whole_round:
            return
        yield sent(message)
        if number % 100 == 50 and broken:
            yield broken.pop()


def test_whatever_goes_wrong_every_event_is_answered_once(at: Harbour) -> None:
    mishaps = Mishaps(at)
    with at.streaming(traffic(at, mishaps), rate=250) as stream:
        at.wait_until(lambda: bool(at.account().decisions))
        while stream.is_alive():
            mishaps.next()
            if len(mishaps.happened) == 4:
                mishaps.lose_redis()
                mishaps.is_whole_round = True
            time.sleep(1.0)
    account = at.settled(90)
    assert account.problems == (), mishaps.happened
    assert_sound(at)
    assert account.inputs > PARCELS
    assert account.rescreened > 0
    assert set(mishaps.happened) == {"kill_a_worker", "hang_redis", "switch_lists"}
