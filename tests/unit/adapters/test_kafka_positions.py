"""What the log on Kafka holds to be read, committed and empty, while its client fails and partitions move."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pytest
from confluent_kafka import OFFSET_BEGINNING, OFFSET_INVALID, KafkaError, KafkaException, TopicPartition

from tests.unit.adapters.said import Said, end
from tidewaiter.adapters import kafka
from tidewaiter.adapters.kafka import GroupMember, KafkaLog
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.stream.log import Aborted, CommitResult, Committed, Indefinite, Plan, Polled
from tidewaiter.stream.record import Outgoing, Partition

EVENTS, LANE, OTHER = Partition("events", 0), Partition("lane", 0), Partition("events", 1)
TIMED_OUT = KafkaError(KafkaError._TIMED_OUT)
ALL = Plan(10, 0.0)


class Client:
    """A consumer that hands out what the test says, and fails in what is put into ``errors``."""

    def __init__(self) -> None:
        self.says: deque[list[Said] | Callable[[], None]] = deque()
        self.ends: dict[Partition, int] = {}
        self.offsets: dict[Partition, int] = {}
        self.errors: dict[str, KafkaError] = {}
        self.asked: list[str] = []
        self.sought: dict[Partition, int] = {}
        self._callbacks: dict[str, Callable[..., None]] = {}

    def subscribe(self, _topics: Sequence[str], **callbacks: Callable[..., None]) -> None:
        self._callbacks = callbacks

    def moved(self, how: str, *partitions: Partition) -> None:
        """Partitions are assigned, revoked or lost, in the midst of a poll."""
        self._callbacks[f"on_{how}"](self, [TopicPartition(*one) for one in partitions])

    def consume(self, _count: int, _seconds: float) -> list[Said]:
        say = self.says.popleft() if self.says else []
        if not callable(say):
            return say
        say()
        return []

    def get_watermark_offsets(self, place: TopicPartition, cached: bool) -> tuple[int, int]:
        assert cached
        return 0, self.ends.get(Partition(place.topic, place.partition), -1001)

    def committed(self, places: Iterable[TopicPartition], timeout: float) -> list[TopicPartition]:
        self._take("committed")
        return [
            TopicPartition(place.topic, place.partition, self.offsets.get(of(place), OFFSET_INVALID))
            for place in places
        ]

    def commit(self, offsets: Iterable[TopicPartition], asynchronous: bool) -> None:
        assert not asynchronous
        self._take("commit")
        self.offsets |= {of(place): place.offset for place in offsets}

    def seek(self, place: TopicPartition) -> None:
        self._take("seek")
        self.sought[of(place)] = place.offset

    def consumer_group_metadata(self) -> str:
        return "metadata"

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_arguments, **_options: self._take(name)

    def _take(self, name: str) -> None:
        self.asked.append(name)
        if name in self.errors:
            raise KafkaException(self.errors[name])


def of(place: TopicPartition) -> Partition:
    return Partition(place.topic, place.partition)


class Slot:
    """The transactions of a worker's place."""

    result: CommitResult = Committed()
    is_there = True

    def commit(self, _outgoing: object, _offsets: object, group: object) -> CommitResult:
        assert group == "metadata"
        return self.result

    def renew(self) -> bool:
        return self.is_there


class Desk:
    """A log over such a client, which holds one partition of each topic."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.client, self.slot = Client(), Slot()
        self.forgotten: list[Partition] = []
        monkeypatch.setattr(kafka, "Consumer", lambda _settings: self.client)
        monkeypatch.setattr(kafka, "Transactions", lambda _connection, _name: self.slot)
        monkeypatch.setattr(kafka, "KafkaAhead", lambda _connection, _group: self)
        monkeypatch.setattr(kafka, "check_alike", lambda _connection, _topics: 1)
        self.log = KafkaLog(KafkaConnection("nowhere:1"), GroupMember("group", "0", ("events", "lane")))
        assert self.poll(lambda: self.client.moved("assign", EVENTS, LANE)).assigned == {EVENTS, LANE}
        self.forgotten.clear()

    def forget(self, topic: str, number: int) -> None:
        """As what looks ahead."""
        self.forgotten.append(Partition(topic, number))

    def poll(self, *says: list[Said] | Callable[[], None]) -> Polled:
        self.client.says += says
        return self.log.poll(ALL)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch)


@pytest.mark.parametrize("how", ["revoke", "lost"])
def test_what_was_read_before_a_partition_came_back_in_the_same_poll_is_read_again(
    desk: Desk, how: str
) -> None:
    def move() -> None:
        desk.client.moved(how, EVENTS, LANE)
        desk.client.moved("assign", EVENTS, LANE)

    found = desk.poll([Said(EVENTS, 5)], move)
    both = frozenset({EVENTS, LANE})
    gone = (both, frozenset()) if how == "revoke" else (frozenset(), both)
    assert (found.records, found.assigned, (found.revoked, found.lost)) == ((), both, gone)
    desk.client.ends[EVENTS] = 9
    assert desk.log.backlog(EVENTS) is None


@pytest.mark.parametrize("how", ["revoke", "lost"])
def test_what_was_read_of_a_partition_that_went_in_the_same_poll_is_dropped(desk: Desk, how: str) -> None:
    found = desk.poll([Said(EVENTS, 5)], lambda: desk.client.moved(how, EVENTS, LANE))
    assert not found.records
    assert not found.assigned
    assert found.revoked | found.lost == {EVENTS, LANE}


def test_a_lane_that_was_at_its_end_before_it_came_back_is_not_known_to_be_empty(desk: Desk) -> None:
    """What was read before that end is dropped and comes again: parcels have to wait for it."""

    def move() -> None:
        desk.client.moved("revoke", EVENTS, LANE)
        desk.client.moved("assign", EVENTS, LANE)

    found = desk.poll([Said(LANE, 6), end(LANE, 7)], move)
    assert (found.records, desk.log.backlog(LANE)) == ((), None)


def test_what_came_of_other_partitions_is_kept_while_some_are_added(desk: Desk) -> None:
    found = desk.poll([Said(EVENTS, 5)], lambda: desk.client.moved("assign", OTHER))
    assert [record.offset for record in found.records] == [5]
    assert found.assigned == {OTHER}


def test_backlog_is_what_lies_between_the_last_record_and_the_end(desk: Desk) -> None:
    desk.client.ends |= {EVENTS: 9, LANE: 9}
    desk.poll([Said(EVENTS, 5)])
    assert (desk.log.backlog(EVENTS), desk.log.backlog(LANE)) == (3, None)


def test_a_partition_read_to_its_end_has_no_backlog_until_more_comes(desk: Desk) -> None:
    desk.client.ends[EVENTS] = 7
    desk.poll([Said(EVENTS, 5), end(EVENTS, 7)])
    assert (desk.log.backlog(EVENTS), desk.forgotten) == (0, [EVENTS])
    desk.client.ends[EVENTS] = 12
    desk.poll([Said(EVENTS, 7)])
    assert desk.log.backlog(EVENTS) == 4


@pytest.mark.parametrize(
    ("said", "written"), [(7, 9), (5, 5)], ids=["a transaction is open", "it came before"]
)
def test_an_end_that_is_not_the_last_of_a_partition_does_not_say_that_it_is_empty(
    desk: Desk, said: int, written: int
) -> None:
    desk.client.ends[EVENTS] = written
    desk.poll([Said(EVENTS, 5), Said(EVENTS, 6), end(EVENTS, said)])
    assert desk.log.backlog(EVENTS) == max(0, written - 7)
    assert desk.forgotten == []


def test_an_end_of_a_partition_that_went_says_nothing(desk: Desk) -> None:
    desk.poll([end(OTHER, 7)])
    desk.poll(lambda: desk.client.moved("assign", OTHER))
    assert desk.log.backlog(OTHER) is None


def test_a_partition_that_was_written_to_is_not_known_to_be_empty(desk: Desk) -> None:
    desk.poll([end(LANE, 7), end(EVENTS, 7)])
    assert desk.log.commit([Outgoing("lane", b"key", b""), Outgoing("out", b"key", b"")], {EVENTS: 7})
    assert (desk.log.backlog(EVENTS), desk.log.backlog(LANE)) == (0, None)


def test_what_is_assigned_comes_paused_and_what_is_paused_is_not_read(desk: Desk) -> None:
    assert desk.client.asked[-2:] == ["assign", "pause"]
    desk.log.resume([EVENTS, LANE])
    assert desk.client.asked[-2:] == ["resume", "offsets_for_times"]
    desk.log.pause([LANE])
    assert desk.client.asked[-1] == "pause"


def test_what_is_resumed_is_not_known_to_be_empty(desk: Desk) -> None:
    desk.poll([end(LANE, 7), end(EVENTS, 7)])
    desk.log.pause([LANE])
    desk.log.resume([LANE])
    assert (desk.log.backlog(EVENTS), desk.log.backlog(LANE)) == (0, None)


def test_a_client_that_is_beyond_help_is_not_polled_on(desk: Desk) -> None:
    with pytest.raises(KafkaException):
        desk.poll([Said(EVENTS, 5, KafkaError(KafkaError._FATAL, fatal=True))])
    assert desk.poll([Said(EVENTS, 5, KafkaError(KafkaError._ALL_BROKERS_DOWN))]).records == ()


def test_after_a_failure_reading_goes_on_at_what_is_committed_or_from_the_beginning(desk: Desk) -> None:
    desk.client.offsets[EVENTS] = 3
    desk.client.ends |= {EVENTS: 9, LANE: 7}
    desk.poll([Said(EVENTS, 5), end(LANE, 7)])
    assert desk.log.recover()
    assert desk.client.sought == {EVENTS: 3, LANE: OFFSET_BEGINNING}
    assert (desk.log.backlog(EVENTS), desk.log.backlog(LANE)) == (None, None)


@pytest.mark.parametrize("step", ["committed", "seek"])
def test_after_a_failure_nothing_is_read_while_it_is_not_known_where(desk: Desk, step: str) -> None:
    desk.client.errors[step] = TIMED_OUT
    assert not desk.log.recover()
    desk.client.errors.clear()
    assert desk.log.recover()


def test_after_a_failure_what_is_committed_is_asked_once_the_transaction_is_settled(desk: Desk) -> None:
    desk.slot.is_there = False
    assert not desk.log.recover()
    assert "committed" not in desk.client.asked


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ILLEGAL_GENERATION", Aborted),
        ("UNKNOWN_MEMBER_ID", Aborted),
        ("REBALANCE_IN_PROGRESS", Aborted),
        ("_TIMED_OUT", Indefinite),
    ],
)
def test_offsets_alone_that_are_not_committed_are_not_taken_for_committed(
    desk: Desk, code: str, kind: type[CommitResult]
) -> None:
    assert desk.log.committed(*EVENTS) == 0
    desk.client.errors["commit"] = KafkaError(getattr(KafkaError, code))
    assert isinstance(desk.log.commit([], {EVENTS: 7}), kind)
    assert desk.log.committed(*EVENTS) == 0


def test_what_was_committed_is_known_without_asking_again(desk: Desk) -> None:
    desk.client.offsets[LANE] = 4
    assert (desk.log.committed(*EVENTS), desk.log.committed(*LANE)) == (0, 4)
    assert desk.log.commit([], {EVENTS: 7}) == desk.log.commit([Outgoing("out", b"", b"")], {LANE: 8})
    assert (desk.log.committed(*EVENTS), desk.log.committed(*LANE)) == (7, 8)
    assert desk.client.asked.count("committed") == 1


def test_a_transaction_that_was_not_committed_is_not_taken_for_committed(desk: Desk) -> None:
    assert desk.log.committed(*EVENTS) == 0
    desk.slot.result = Indefinite("no answer")
    assert desk.log.commit([Outgoing("out", b"", b"")], {EVENTS: 7}) == Indefinite("no answer")
    assert desk.log.committed(*EVENTS) == 0


def test_what_is_committed_is_asked_once_while_kafka_does_not_answer_and_again_after_an_assignment(
    desk: Desk,
) -> None:
    desk.client.errors["committed"] = TIMED_OUT
    assert [desk.log.committed(*EVENTS) for _ in range(3)] == [None] * 3
    assert desk.client.asked.count("committed") == 1
    desk.client.errors.clear()
    desk.client.offsets |= {EVENTS: 5, OTHER: 6}
    desk.poll(lambda: desk.client.moved("assign", OTHER))
    assert (desk.log.committed(*EVENTS), desk.log.committed(*OTHER)) == (5, 6)


@pytest.mark.parametrize("how", ["revoke", "lost"])
def test_of_a_partition_that_went_nothing_is_known(desk: Desk, how: str) -> None:
    assert desk.log.committed(*EVENTS) == 0
    desk.client.ends[EVENTS] = 9
    desk.poll([Said(EVENTS, 5), end(LANE, 7)])
    desk.forgotten.clear()
    desk.poll(lambda: desk.client.moved(how, EVENTS, LANE))
    assert [desk.log.committed(*one) for one in (EVENTS, LANE)] == [None, None]
    assert [desk.log.backlog(one) for one in (EVENTS, LANE)] == [None, None]
    assert set(desk.forgotten) == {EVENTS, LANE}


def test_a_log_is_closed_once(desk: Desk) -> None:
    closed: Mapping[str, Any] = {"close": lambda: desk.forgotten.append(EVENTS)}
    vars(desk.slot).update(closed)
    desk.log.close()
    desk.log.close()
    assert (desk.client.asked.count("close"), desk.forgotten) == (1, [EVENTS])
