"""The consumer below Faust while partitions move: what is fetched, given, committed, and where it goes on."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.subscription_state import SubscriptionState
from aiokafka.errors import GroupAuthorizationFailedError
from faust.types.tuples import TP

from tidewaiter.adapters.faust_app import QuietApp
from tidewaiter.stream.reached import Place

PLACE = TP("parcel-events", 0)


@dataclass
class Fetched:
    """A record as aiokafka has it."""

    offset: int
    topic: str = PLACE.topic
    partition: int = PLACE.partition
    timestamp: int = 0
    timestamp_type: int = 0
    headers: tuple[Any, ...] = ()
    key: bytes = b""
    value: bytes = b""
    checksum: None = None
    serialized_key_size: int = 0
    serialized_value_size: int = 0


class Log:
    """What stands for the broker: fetches wait until they are let through, the committed offset is 3."""

    def __init__(self, consumer: Any) -> None:
        self.consumer = consumer
        self.sought = 0
        self.sought_at: Mapping[TP, int] = {}
        self._position: int | None = None
        self.end = 9
        self._fetches: asyncio.Queue[list[int]] = asyncio.Queue()
        consumer._getmany = self._getmany
        consumer._thread = self
        consumer.assignment = lambda: {PLACE}
        consumer._set_active_tps({PLACE})
        consumer.resume_flow()

    def arrives(self, *offsets: int) -> None:
        """The fetch under way, or else the next, brings these."""
        self._fetches.put_nowait(list(offsets))

    async def _getmany(self, active_partitions: object, timeout: float) -> Mapping[TP, list[Fetched]]:
        offsets = await self._fetches.get()
        self._position = offsets[-1] + 1 if offsets else self._position
        return {PLACE: [Fetched(offset) for offset in offsets]}

    def position_of(self, place: TP) -> int | None:
        """Where the fetches have come to."""
        return self._position

    def state_of(self, place: TP) -> Any:
        """What the broker said last."""
        return SimpleNamespace(timestamp=1_000, highwater=20, lso=self.end)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        self.sought += 1
        return {PLACE: 3}

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        self.sought_at = partitions


@pytest.fixture
def run() -> Callable[[Callable[[Log], Coroutine[Any, Any, None]]], None]:
    """Runs a test with a log of its own."""

    async def with_log(test: Callable[[Log], Coroutine[Any, Any, None]]) -> None:
        app: Any = QuietApp("test", broker="kafka://nowhere", store="memory://", web_enabled=False)
        app.topics.acks_enabled_for = lambda topic: True
        await test(Log(app.consumer))

    return lambda test: asyncio.run(with_log(test))


async def given(consumer: Any) -> list[int]:
    return [message.offset async for _, message in consumer.getmany(1.0)]


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_a_seek_waits_for_the_fetch_under_way_which_gives_nothing_then(run: Any) -> None:
    async def test(log: Log) -> None:
        fetch = asyncio.create_task(given(log.consumer))
        await settled()
        seek = asyncio.create_task(log.consumer.perform_seek())
        await settled()
        assert log.sought == 0
        log.arrives(7, 8)
        assert await fetch == []
        await seek
        assert log.sought == 1

    run(test)


def test_an_offset_below_0_is_sought_as_the_beginning(run: Any) -> None:
    async def test(log: Log) -> None:
        other = TP("parcel-events", 1)
        await log.consumer.seek_wait({PLACE: -2, other: 5})
        assert log.sought_at == {PLACE: 0, other: 5}

    run(test)


def test_after_a_seek_reading_goes_on_at_the_committed_offset(run: Any) -> None:
    async def test(log: Log) -> None:
        log.arrives(7, 8)
        batch = log.consumer.getmany(1.0)
        assert (await anext(batch))[1].offset == 7
        seek = asyncio.create_task(log.consumer.perform_seek())
        await settled()
        log.consumer._read_offset[PLACE] = 7
        assert [one async for one in batch] == []
        await seek
        assert log.consumer._read_offset[PLACE] == 3
        log.consumer.resume_flow()
        log.arrives(3, 4)
        assert await given(log.consumer) == [3, 4]

    run(test)


def test_what_is_fetched_in_another_generation_is_not_given(run: Any) -> None:
    async def test(log: Log) -> None:
        fetch = asyncio.create_task(given(log.consumer))
        await settled()
        log.consumer.app.consumer_generation_id += 1
        log.arrives(7, 8)
        assert await fetch == []

    run(test)


def test_a_place_is_done_as_far_as_what_was_given_of_it_is(run: Any) -> None:
    async def test(log: Log) -> None:
        consumer = log.consumer
        assert consumer.places({}) is None, "nothing was fetched yet"
        log.arrives(7, 8)
        assert await given(consumer) == [7, 8]
        assert consumer.places({}) == {PLACE: Place(1_000, 9, -1)}
        assert consumer.places({PLACE: 7}) == {PLACE: Place(1_000, 9, 8)}
        assert consumer.places({PLACE: 8}) == {PLACE: Place(1_000, 9, 9)}

    run(test)


def test_after_a_seek_nothing_is_known_to_be_done_until_it_was_fetched_again(run: Any) -> None:
    async def test(log: Log) -> None:
        consumer = log.consumer
        log.arrives(7, 8)
        assert await given(consumer) == [7, 8]
        await consumer.perform_seek()
        assert consumer.places({PLACE: 8}) is None
        consumer.resume_flow()
        log.arrives(3)
        assert await given(consumer) == [3]
        assert consumer.places({PLACE: 2}) == {PLACE: Place(1_000, 9, 3)}

    run(test)


def test_a_gap_in_the_log_holds_no_commit_up_and_ends_before_the_record_that_follows(run: Any) -> None:
    async def test(log: Log) -> None:
        consumer = log.consumer
        consumer._committed_offset[PLACE] = 3
        await consumer._add_gap(PLACE, 4, 5)
        consumer._acked[PLACE] += [3]
        assert consumer._new_offset(PLACE) == 4
        consumer._committed_offset[PLACE] = 4
        consumer._acked[PLACE] += [5, 6]
        assert consumer._new_offset(PLACE) == 7
        assert consumer._acked[PLACE] == []

    run(test)


def test_a_gap_behind_the_first_record_of_a_log_holds_no_commit_up(run: Any) -> None:
    async def test(log: Log) -> None:
        consumer = log.consumer
        for offsets in ((0,), (5, 6)):
            log.arrives(*offsets)
            assert await given(consumer) == [*offsets]
            consumer._acked[PLACE] += offsets
        assert consumer._new_offset(PLACE) == 7

    run(test)


@pytest.fixture
def thread() -> Any:
    """The thread that reads, whose records are let flow."""
    app: Any = QuietApp("test", broker="kafka://nowhere", store="memory://", web_enabled=False)
    app.consumer.resume_flow()
    return app.consumer._new_consumer_thread()


class Client:
    """aiokafka's consumer over its own fetcher, without a broker; ``ended`` is what ended its group."""

    def __init__(self, ended: Exception | None = None) -> None:
        self._closed = False
        self._ended = ended
        self._coordinator = self
        self.subscription = SubscriptionState()
        self._fetcher = Fetcher(AIOKafkaClient(bootstrap_servers="127.0.0.1:1"), self.subscription)

    def check_errors(self) -> None:
        """As the coordinator of a group."""
        if self._ended is not None:
            raise self._ended


def test_a_fetcher_that_partitions_moving_have_ended_begins_anew(thread: Any) -> None:
    async def test() -> None:
        client = Client()
        fetcher, subscription = client._fetcher, client.subscription
        subscription.subscribe({PLACE.topic})
        await settled()
        subscription.assign_from_subscribed([TopicPartition(*PLACE)])
        subscription.subscribe({PLACE.topic})
        await settled()
        assert isinstance(fetcher._fetch_task.exception().__cause__, AssertionError)
        subscription.assign_from_subscribed([TopicPartition(*PLACE)])
        await thread._fetch_records(client, {PLACE}, timeout=0.01)
        assert not fetcher._fetch_task.done()
        await fetcher.close()

    asyncio.run(test())


def test_what_ended_the_membership_of_the_group_is_raised(thread: Any) -> None:
    async def test() -> None:
        with pytest.raises(GroupAuthorizationFailedError):
            await thread._fetch_records(Client(GroupAuthorizationFailedError()), {PLACE}, timeout=0.01)

    asyncio.run(test())
