"""Whatever is aborted, lost, fenced, held or rebalanced, in any order: every record is copied once."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fakes.log import Fault, MemoryBroker, MemoryLog
from tidewaiter.stream.flow import Lane
from tidewaiter.stream.loop import LoopSettings, Worker
from tidewaiter.stream.observer import Observer
from tidewaiter.stream.outcome import Done, Later, Outcome, Unavailable
from tidewaiter.stream.pressure import Bounds
from tidewaiter.stream.record import Outgoing, Partition, Record

TOPICS = {"in": 3, "again": 3, "out": 3}
SETTINGS = LoopSettings((Lane("again", "in"),), Bounds(smallest=1, largest=7))


@dataclass
class FickleWork:
    """Copies; sends every seventh record once around through the lane; refuses while the world is away. Of
    what comes from the lane it leaves every other batch for later."""

    is_world_away: bool = False
    is_patient: bool = False

    def process(self, batch: Sequence[Record], waited_seconds: float) -> tuple[Outcome, ...] | Unavailable:
        assert waited_seconds >= 0.0
        self.is_patient = not self.is_patient
        return Unavailable("away") if self.is_world_away else tuple(self._outcome(record) for record in batch)

    def ready_for(self, topic: str) -> bool:
        return topic == "again" and not self.is_world_away

    def _outcome(self, record: Record) -> Outcome:
        if record.topic == "again" and self.is_patient:
            return Later()
        goes_around = record.topic == "in" and record.offset % 7 == 3
        return Done((Outgoing("again" if goes_around else "out", record.key, record.value),))


class Group:
    """Three worker slots on one broker; any of them may be absent."""

    def __init__(self) -> None:
        self.broker = MemoryBroker(TOPICS)
        self.work = FickleWork()
        self.workers: dict[int, Worker] = {}
        self.logs: dict[int, MemoryLog] = {}
        self.published: list[bytes] = []
        self._now = 0.0

    def publish(self, count: int) -> None:
        for _ in range(count):
            value = b"%d" % len(self.published)
            self.published.append(value)
            self.broker.publish("in", b"key-%d" % (len(self.published) % 11), value)

    def start(self, slot: int) -> None:
        """A worker process that starts, or starts again: a killed one leaves without a word."""
        if slot in self.logs and self.logs[slot] in self.logs[slot].members:
            self.logs[slot].expire()
        self.logs[slot] = MemoryLog(self.broker, "g", ("in", "again"), str(slot))
        self.workers[slot] = Worker(self.work, self.logs[slot], self._tick, Observer(), SETTINGS)

    def expire(self, slot: int) -> None:
        if slot in self.logs and self.logs[slot] in self.logs[slot].members:
            self.logs[slot].expire()

    def turn(self, slot: int) -> None:
        if slot in self.workers and not self.workers[slot].is_fenced:
            self.workers[slot].turn()

    def turns(self, count: int) -> None:
        """So many rounds of all workers."""
        for _ in range(count):
            for slot in range(3):
                self.turn(slot)

    def settle(self) -> None:
        """The world and all three workers are there, and have time enough."""
        self.work.is_world_away = False
        self.broker.faults.clear()
        for slot in range(3):
            self.start(slot)
        self.turns(200)

    def _tick(self) -> float:
        self._now += 0.01
        return self._now


FAULTS: tuple[Fault, ...] = ("abort", "reply lost", "request lost")
slots = st.integers(0, 2)
actions = st.one_of(
    st.tuples(st.just("publish"), st.integers(1, 20)),
    st.tuples(st.sampled_from(("start", "expire")), slots),
    st.tuples(st.just("turn"), slots),
    st.tuples(st.just("turns"), st.integers(1, 5)),
    st.tuples(st.just("fault"), st.sampled_from(range(3))),
    st.tuples(st.just("world"), st.integers(0, 1)),
)


# A batch is held while another worker comes, and reads and commits a part of it.
HELD = [("publish", 10), ("turns", 6), ("world", 1), ("turn", 0)]
REVOKED = [("start", 1), ("turn", 0), ("world", 0), *[("turn", 1)] * 6, ("turn", 0)]


@settings(max_examples=200, deadline=None)
@example([*HELD, *REVOKED])
@given(st.lists(actions, max_size=40))
def test_every_record_is_copied_exactly_once_whatever_happens(history: list[tuple[str, int]]) -> None:
    group = Group()
    group.start(0)
    group.publish(30)
    group.turns(2)
    for action, number in history:
        match action:
            case "fault":
                group.broker.faults.append(FAULTS[number])
            case "world":
                group.work.is_world_away = bool(number)
            case _:
                getattr(group, action)(number)
    group.settle()
    copied = [record.value or b"" for record in group.broker.records("out")]
    assert sorted(copied) == sorted(group.published)
    committed = group.broker.committed("g")
    read = group.broker.records("in")
    assert all(record.offset < committed[Partition("in", record.partition)] for record in read)
