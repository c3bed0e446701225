"""The worker's loop on the log in memory: every way in which a batch may end."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pytest

from tests.fakes.log import MemoryBroker, MemoryLog
from tidewaiter.stream.drain import Stop
from tidewaiter.stream.flow import Lane
from tidewaiter.stream.limits import Limits
from tidewaiter.stream.log import Aborted, Fenced, Indefinite, Plan, Polled
from tidewaiter.stream.loop import Ending, LoopSettings, run_worker
from tidewaiter.stream.observer import BatchReport, Observer
from tidewaiter.stream.outcome import DeadLetter, Done, Drop, Later, Outcome, Unavailable
from tidewaiter.stream.partitioner import partition_for
from tidewaiter.stream.pressure import Bounds
from tidewaiter.stream.record import Outgoing, Partition, Record

LANE = Lane(topic="again", before="in")
TOPICS = {"in": 2, "again": 2, "out": 2, "dead": 1}


def copied(record: Record) -> Done:
    return Done((Outgoing("out", record.key, record.value),))


@dataclass
class CopyWork:
    """Copies every record; a value of b"poison" is a dead letter, b"nothing" is dropped."""

    stop: Stop
    idle_polls_left: int = 3
    refusals: int = 0
    lane_is_ready: bool = True
    later_batches: int = 0
    batches: list[tuple[Record, ...]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    during: Callable[[], None] = lambda: None

    def process(self, batch: Sequence[Record], waited_seconds: float) -> tuple[Outcome, ...] | Unavailable:
        self.waits.append(waited_seconds)
        self.idle_polls_left = 3
        self.during()
        if self.refusals:
            self.refusals -= 1
            return Unavailable("redis: no answer")
        self.batches.append(tuple(batch))
        self.later_batches -= 1
        return tuple(self._outcome(record) for record in batch)

    def ready_for(self, topic: str) -> bool:
        """Asked before every poll: the test's way of noticing that nothing is left to do."""
        assert topic == "again"
        self.idle_polls_left -= 1
        if self.idle_polls_left < 0:
            self.stop.request()
        return self.lane_is_ready

    def _outcome(self, record: Record) -> Outcome:
        if record.topic == "again" and self.later_batches >= 0:
            return Later()
        if record.value == b"poison":
            return DeadLetter((Outgoing("dead", record.key, record.value),), "value: not good", "decode")
        return Drop("asked for nothing") if record.value == b"nothing" else copied(record)


@dataclass
class Notes(Observer):
    """An observer that remembers."""

    reports: list[BatchReport] = field(default_factory=list)
    failures: list[Aborted | Indefinite | Fenced] = field(default_factory=list)
    stops: list[tuple[Partition, str]] = field(default_factory=list)
    gone: list[frozenset[Partition]] = field(default_factory=list)
    waiting_records: list[Mapping[Partition, int]] = field(default_factory=list)

    def backlogs(self, backlogs: Mapping[Partition, int]) -> None:
        self.waiting_records.append(backlogs)

    def committed(self, report: BatchReport) -> None:
        self.reports.append(report)

    def failed(self, result: Aborted | Indefinite | Fenced) -> None:
        self.failures.append(result)

    def stopped(self, partition: Partition, reason: str) -> None:
        self.stops.append((partition, reason))

    def rebalanced(
        self, assigned: frozenset[Partition], revoked: frozenset[Partition], lost: frozenset[Partition]
    ) -> None:
        self.gone += [revoked | lost] if revoked | lost else []


class Bench:
    """A broker with one worker, and what became of it."""

    def __init__(self) -> None:
        self.broker = MemoryBroker(TOPICS)
        self.log = MemoryLog(self.broker, "g", ("in", "again"))
        self.stop = Stop()
        self.work = CopyWork(self.stop)
        self.notes = Notes()
        self._now = 0.0

    def put(self, *values: bytes, topic: str = "in") -> None:
        for number, value in enumerate(values):
            self.broker.publish(topic, b"key-%d" % number, value)

    def run(self, limits: Limits | None = None, largest: int = 4000, smallest: int = 1) -> Ending:
        settings = LoopSettings((LANE,), Bounds(smallest, largest), limits or Limits())
        return run_worker(self.work, self.log, self.stop, self._tick, self.notes, settings)

    def written(self, topic: str = "out") -> list[bytes | None]:
        return sorted((record.value for record in self.broker.records(topic)), key=repr)

    def left(self) -> int:
        """Records of the input that the committed offsets have not passed."""
        committed = self.broker.committed("g")
        records = self.broker.records("in") + self.broker.records("again")
        return sum(r.offset >= committed.get(Partition(r.topic, r.partition), 0) for r in records)

    def pass_time(self, seconds: float) -> None:
        self._now += seconds

    def _tick(self) -> float:
        self.pass_time(0.001)
        return self._now


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_loop_copies_every_record_once_and_drains(bench: Bench) -> None:
    values = tuple(b"%03d" % n for n in range(100))
    bench.put(*values)
    assert bench.run() == "drained"
    assert bench.written() == list(values)
    assert bench.left() == 0


def test_loop_grows_the_batch_while_it_is_behind(bench: Bench) -> None:
    bench.put(*(b"%03d" % n for n in range(100)))
    bench.run(largest=16)
    sizes = [len(batch) for batch in bench.work.batches]
    assert sizes[:5] == [1, 2, 4, 8, 16]
    assert max(sizes) == 16


class SlowToFetch(MemoryLog):
    """Says that a thousand records wait in one partition, and brings one with each poll."""

    def __init__(self, broker: MemoryBroker) -> None:
        super().__init__(broker, "g", ("in", "again"))
        self.plans: list[Plan] = []

    def poll(self, plan: Plan) -> Polled:
        self.plans.append(plan)
        return super().poll(replace(plan, max_records=1))

    def backlog(self, partition: Partition) -> int | None:
        if partition.topic == "again":
            return 0
        return 1000 if partition.number else 0


def test_loop_asks_for_more_while_more_is_known_to_wait_though_less_came(bench: Bench) -> None:
    slow = bench.log = SlowToFetch(bench.broker)
    bench.put(*(b"%03d" % n for n in range(5)))
    bench.run()
    asked = slow.plans[1:5]  # the first poll brings the partitions
    assert [plan.max_records for plan in asked] == [1, 2, 4, 8]
    assert [plan.linger_seconds > 0 for plan in asked] == [False, True, True, True]


@pytest.mark.parametrize("fault", ["abort", "reply lost", "request lost"])
def test_loop_neither_loses_nor_doubles_when_a_commit_fails(bench: Bench, fault: str) -> None:
    values = tuple(b"%03d" % n for n in range(50))
    bench.put(*values)
    bench.broker.faults += [fault, fault]  # type: ignore[list-item]
    bench.run(largest=20)
    assert bench.written() == list(values)
    assert len(bench.notes.failures) == 2


def test_loop_ends_fenced_when_a_newer_worker_has_its_slot(bench: Bench) -> None:
    bench.put(b"a")
    bench.work.during = lambda: bench.broker.epochs.update({"g-0": 99})
    assert bench.run() == "fenced"
    assert bench.written() == []
    assert isinstance(bench.notes.failures[0], Fenced)


def test_loop_sets_poison_aside_and_goes_on(bench: Bench) -> None:
    bench.put(b"a", b"poison", b"b", b"nothing")
    bench.run()
    assert (bench.written(), bench.written("dead"), bench.left()) == ([b"a", b"b"], [b"poison"], 0)
    assert sum(r.done for r in bench.notes.reports) == 2
    assert sum(r.dead_letters for r in bench.notes.reports) == 1
    assert sum(r.dropped for r in bench.notes.reports) == 1
    assert sum(r.records for r in bench.notes.reports) == 4


def test_loop_stops_a_partition_past_its_limit_and_keeps_the_rest_for_later(bench: Bench) -> None:
    for _ in range(20):
        bench.broker.publish("in", b"same", b"poison")
    bench.run(Limits(run=5))
    assert bench.written("dead") == [b"poison"] * 5
    assert bench.left() == 15
    assert [reason for _, reason in bench.notes.stops] != []
    assert "more than 5 dead letters in a row" in bench.notes.stops[0][1]
    assert "decode: value: not good" in bench.notes.stops[0][1]


def test_loop_reads_a_stopped_partition_anew_when_it_comes_back(bench: Bench) -> None:
    """Nobody is told that it stands any more: who watches took it for another worker's."""
    for _ in range(20):
        bench.broker.publish("in", b"same", b"poison")

    def expire_once(partition: Partition, reason: str) -> None:
        bench.notes.stops.append((partition, reason))
        if len(bench.notes.stops) == 1:
            bench.log.expire()

    bench.notes.stopped = expire_once  # type: ignore[method-assign]
    bench.run(Limits(run=5))
    assert bench.written("dead") == [b"poison"] * 10
    assert len(bench.notes.stops) == 2


def test_loop_reads_one_at_a_time_of_what_took_so_long_that_it_was_not_committed(bench: Bench) -> None:
    """As where a batch takes longer than the group waits for a poll: as many again would never be decided."""
    bench.put(*[b"%d" % number for number in range(40)])

    def take_long() -> None:
        if len(bench.work.batches) == 3:
            bench.pass_time(100.0)
            bench.broker.faults.append("abort")

    bench.work.during = take_long
    bench.run()
    sizes = [len(batch) for batch in bench.work.batches]
    assert sizes[3] > 1 == sizes[4]
    assert len(bench.written()) == 40


def test_loop_decides_anew_without_what_the_limits_cut_off(bench: Bench) -> None:
    for value in (b"a", b"poison", b"poison", b"b"):
        bench.broker.publish("in", b"same", value)
    bench.run(Limits(run=1))
    assert bench.written() == [b"a"]
    assert [record.value for record in bench.work.batches[-1]] == [b"poison"]
    assert len(bench.notes.stops) == 1


def test_loop_holds_the_same_batch_while_the_world_is_away(bench: Bench) -> None:
    bench.put(b"a")
    bench.work.refusals = 3
    bench.work.during = lambda: bench.pass_time(10.0)
    bench.run()
    assert bench.written() == [b"a"]
    assert bench.work.waits == pytest.approx([0.0, 0.0, 10.0, 20.0], abs=0.1)


class Reluctant(MemoryLog):
    """Cannot be mended at once, and remembers for how long it was polled."""

    refusals = 3

    def __init__(self, broker: MemoryBroker) -> None:
        super().__init__(broker, "g", ("in", "again"))
        self.waits: list[float] = []

    def poll(self, plan: Plan) -> Polled:
        self.waits.append(plan.wait_seconds)
        return super().poll(plan)

    def recover(self) -> bool:
        self.refusals -= 1
        return self.refusals < 0 and super().recover()


def test_loop_waits_twice_as_long_at_each_attempt_to_read_on_after_a_failed_commit(bench: Bench) -> None:
    log = bench.log = Reluctant(bench.broker)
    bench.put(b"a")
    bench.broker.faults.append("abort")
    bench.run()
    assert bench.written() == [b"a"]
    assert log.waits[3:7] == [0.05, 0.1, 0.2, 0.4]


def test_loop_waits_twice_as_long_at_each_attempt_to_decide_a_held_batch(bench: Bench) -> None:
    log = bench.log = Reluctant(bench.broker)
    bench.put(b"a")
    bench.work.refusals = 4
    bench.run()
    assert bench.written() == [b"a"]
    assert log.waits[3:7] == [0.05, 0.1, 0.2, 0.4]


def test_loop_tells_each_second_what_waits_where_that_is_known(bench: Bench) -> None:
    for number in range(20):
        bench.broker.publish("in", b"same", b"%d" % number)
    (number,) = {record.partition for record in bench.broker.records("in")}
    bench.work.during = lambda: bench.pass_time(0.4)
    bench.run(largest=1)
    told = [found.get(Partition("in", number)) for found in bench.notes.waiting_records]
    assert told[:3] == [17, 14, 11]


def test_loop_reads_nothing_new_while_a_batch_is_held(bench: Bench) -> None:
    bench.put(b"a")
    bench.work.refusals = 3
    bench.work.during = lambda: bench.put(b"later") if bench.work.refusals else None
    bench.run(largest=1)
    assert [len(batch) for batch in bench.work.batches] == [1, 1, 1, 1]


def test_loop_drops_a_held_batch_for_the_partitions_that_are_revoked(bench: Bench) -> None:
    bench.put(*(b"%03d" % n for n in range(40)))
    rivals: list[MemoryLog] = []

    def join_a_rival() -> None:
        rivals.extend([] if rivals else [MemoryLog(bench.broker, "g", ("in", "again"), slot="1")])

    bench.work.during = join_a_rival
    bench.work.refusals = 2
    bench.run(smallest=40)
    assert {record.partition for batch in bench.work.batches for record in batch} == {0}
    assert {p.number for gone in bench.notes.gone for p in gone} == {1}
    assert {r.partition for r in bench.broker.records("in") if r.value not in bench.written()} == {1}


def test_loop_gives_up_a_held_batch_when_asked_to_stop(bench: Bench) -> None:
    bench.put(b"a")
    bench.work.refusals = 99
    bench.work.during = bench.stop.request
    assert bench.run() == "drained"
    assert (bench.written(), bench.left()) == ([], 1)


def test_loop_finishes_the_batch_in_hand_when_asked_to_stop(bench: Bench) -> None:
    bench.put(b"a")
    bench.work.during = bench.stop.request
    assert bench.run() == "drained"
    assert (bench.written(), bench.left()) == ([b"a"], 0)


def test_loop_leaves_a_lane_alone_while_its_topic_is_not_ready(bench: Bench) -> None:
    bench.put(b"a")
    bench.put(b"again", topic="again")
    bench.work.lane_is_ready = False
    bench.run()
    assert (bench.written(), bench.left()) == ([b"a"], 1)


def test_loop_reads_a_lane_to_its_end_before_the_topic_that_waits_for_it(bench: Bench) -> None:
    bench.put(*(b"new-%02d" % n for n in range(20)))
    bench.put(*(b"old-%02d" % n for n in range(20)), topic="again")
    bench.run(largest=4)
    for number in (0, 1):
        topics = [r.topic for batch in bench.work.batches for r in batch if r.partition == number]
        assert topics == sorted(topics, key=["again", "in"].index)
        assert set(topics) == {"again", "in"}


def test_loop_reads_again_in_their_order_what_is_to_come_later_and_commits_the_rest(bench: Bench) -> None:
    same = [(b"later", b"new"), (b"later", b"old-1"), (b"later", b"old-2")]
    for topic, (key, value) in zip(("in", "again", "again"), same, strict=True):
        bench.broker.publish(topic, key, value)
    (number,) = {record.partition for record in bench.broker.records("in")}
    bench.broker.publish("in", key_of(1 - number), b"other")
    bench.work.later_batches = 2
    assert bench.run() == "drained"
    assert [record.value for record in bench.broker.records("out") if record.key == b"later"] == [
        b"old-1",
        b"old-2",
        b"new",
    ]
    assert bench.written().count(b"other") == 1
    assert bench.left() == 0


def key_of(number: int) -> bytes:
    """A key of a partition of two."""
    return next(key for key in (b"key-%d" % n for n in range(50)) if partition_for(key, 2) == number)


def test_loop_turns_to_the_lane_as_soon_as_it_becomes_ready(bench: Bench) -> None:
    bench.put(*(b"new-%02d" % n for n in range(40)))
    bench.put(*(b"old-%02d" % n for n in range(4)), topic="again")
    bench.work.lane_is_ready = False

    def wake() -> None:
        bench.work.lane_is_ready = len(bench.work.batches) >= 3

    bench.work.during = wake
    bench.run(largest=2)
    topics = [batch[0].topic for batch in bench.work.batches]
    assert "again" not in topics[:4]
    assert "again" in topics[4:8]


def test_loop_commits_nothing_of_a_batch_whose_work_has_a_bug(bench: Bench) -> None:
    bench.put(b"a")

    def fail() -> None:
        raise KeyError("bug")

    bench.work.during = fail
    with pytest.raises(KeyError):
        bench.run()
    assert bench.left() == 1
    assert bench.log.owned == set()


def test_loop_refuses_work_that_does_not_answer_for_every_record(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.put(b"a")
    monkeypatch.setattr(bench.work, "process", lambda *_: ())
    with pytest.raises(ValueError, match="0 outcomes for 1 records"):
        bench.run()
    assert bench.left() == 1
