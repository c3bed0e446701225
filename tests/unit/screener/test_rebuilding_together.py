"""Several workers read back what Redis has lost: none decides before the last share is done, by whomever."""

from collections.abc import Iterator, Sequence

import pytest

from tests.unit.screener.desk import Desk, event, shipped_rules
from tidewaiter.domain.lookup import Gathered, Kept, Lookup
from tidewaiter.domain.rebuild import Nothing, Share
from tidewaiter.screener.rebuilding import Rebuilding, RebuildInterrupted
from tidewaiter.stream.outcome import Unavailable
from tidewaiter.stream.record import Record
from tidewaiter.wire.topics import OFFICER_ACTIONS, PARCEL_EVENTS

AWAY = Unavailable("redis: no answer")
FIRST, SECOND = Share("epoch", 0), Share("epoch", 1)


class World:
    """The store, the topics, the watcher and the time of one worker, in one list of what happened."""

    def __init__(self, *taken: Share | Nothing | Unavailable, is_empty: bool = False) -> None:
        self.happened: list[object] = []
        self.finished: Unavailable | None = None
        self.restored: Unavailable | None = None
        self.batches: dict[str, list[Record]] = {}
        self._taken, self._is_empty = iter(taken), is_empty

    def until_warm(self) -> list[object]:
        Rebuilding(self, self, self, self.wait).until_warm("epoch", shipped_rules())
        return self.happened

    def take(self, epoch: str, shares: int) -> Share | Nothing | Unavailable:
        assert (epoch, shares) == ("epoch", 2)
        return next(self._taken)

    def gather(self, lookups: Sequence[Lookup], epoch: str) -> Gathered | Unavailable:
        return AWAY

    def restore(self, held: Share, histories: Sequence[Kept]) -> Unavailable | None:
        return self.restored

    def finish(self, held: Share, since_ms: int) -> Unavailable | None:
        self.happened.append(f"share {held.number} since {since_ms}")
        return self.finished

    def shares(self) -> int:
        return 2

    def is_empty(self) -> bool:
        return self._is_empty

    def read(self, topic: str, share: int) -> Iterator[Sequence[Record]]:
        return iter([self.batches[topic]] if topic in self.batches else [])

    def since_ms(self, share: int) -> int:
        return 40 + share

    def cold(self) -> None:
        if "cold" not in self.happened:
            self.happened.append("cold")

    def rebuilding(self, share: int, shares: int) -> None: ...

    def replayed(self, topic: str, records: int) -> None: ...

    def warm(self) -> None:
        self.happened.append("warm")

    def wait(self, seconds: float) -> None:
        self.happened.append(seconds)


def test_a_worker_without_a_share_waits_until_the_others_are_done() -> None:
    assert World("others at it", "others at it", "warm").until_warm() == ["cold", 0.5, 0.5, "warm"]


def test_a_worker_takes_share_after_share_once_what_was_decided_is_settled() -> None:
    world = World("others at it", SECOND, FIRST, "others at it", "warm")
    expected = ["cold", 0.5, 2.0, "share 1 since 41", "share 0 since 40", 0.5, "warm"]
    assert world.until_warm() == expected


def test_where_nothing_was_ever_decided_nothing_is_waited_for() -> None:
    assert World(FIRST, "warm", is_empty=True).until_warm() == ["cold", "share 0 since 40", "warm"]


def test_a_life_of_redis_that_lost_nothing_is_warm_at_once() -> None:
    assert World("warm").until_warm() == ["warm"]


@pytest.mark.parametrize("taken", [["gone"], [AWAY], ["others at it", "gone"], [FIRST, AWAY]])
def test_what_is_not_known_to_be_done_is_not_warm(taken: list[Share | Nothing | Unavailable]) -> None:
    world = World(*taken)
    with pytest.raises(RebuildInterrupted):
        world.until_warm()
    assert "warm" not in world.happened


@pytest.mark.parametrize("topic", [PARCEL_EVENTS, OFFICER_ACTIONS])
def test_what_redis_does_not_answer_or_keep_meanwhile_is_not_taken_for_done(topic: str) -> None:
    """Of an event it is asked, of an action it keeps that the share is this worker's."""
    world = World(FIRST, "warm", is_empty=True)
    world.batches[topic] = [Desk().event(event())]
    world.restored = AWAY
    with pytest.raises(RebuildInterrupted, match="no answer"):
        world.until_warm()
    assert world.happened == ["cold", 0.0]


def test_a_share_that_another_worker_has_by_now_is_not_taken_for_done() -> None:
    world = World(FIRST, "warm")
    world.finished = Unavailable("the share is another worker's now")
    with pytest.raises(RebuildInterrupted, match="another worker's"):
        world.until_warm()
    assert "warm" not in world.happened
