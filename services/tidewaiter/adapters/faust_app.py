"""Faust's parts as they are needed here: changes sent together, no record passed over, nothing aborted read,
nothing on disk."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, cast

import faust
from faust.transport.drivers import aiokafka

from tidewaiter.adapters.faust_records import read_any_headers
from tidewaiter.stream.reached import Place


class _Thread(aiokafka.AIOKafkaConsumerThread):
    """Where Faust's client reads. What was aborted is left out, which Faust asks for in transactions only."""

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        return consumer

    async def _commit(self, offsets: Mapping[Any, int]) -> bool:
        """Commit what is still this worker's. Of nothing aiokafka raises, which left the worker standing: it
        lived and read no more, and its features were written as if they were new."""
        kept = {tp: offset for tp, offset in offsets.items() if tp in self.assignment()}
        return bool(kept) and await super()._commit(kept)

    async def _fetch_records(self, consumer: Any, *arguments: Any, **options: Any) -> Any:
        """As aiokafka's own getmany, which Faust passes by: what ended its membership of the group is raised,
        and ends the worker. A fetcher that has ended is begun anew, as after any loss of partitions: that of
        aiokafka does not outlive topics that are subscribed to again just when partitions come."""
        consumer._coordinator.check_errors()
        fetcher = consumer._fetcher
        if fetcher._fetch_task.done() and not fetcher._closed:
            fetcher._fetch_task = asyncio.create_task(fetcher._fetch_requests_routine())
        return await super()._fetch_records(consumer, *arguments, **options)

    def state_of(self, tp: Any) -> Any:
        """What aiokafka knows of a partition; None where it is not this worker's."""
        subscription = self._ensure_consumer()._subscription.subscription
        assignment = subscription.assignment if subscription is not None else None
        return assignment.state_value(tp) if assignment is not None and tp in assignment.tps else None

    def position_of(self, tp: Any) -> int | None:
        """The offset that is read next; None before it is known."""
        state = self.state_of(tp)
        return state.position if state is not None and state.has_valid_position else None


class _Consumer(aiokafka.Consumer):
    """Faust's consumer, made to lose nothing when partitions move.

    As it comes, it goes on fetching while it is set back to the committed offsets. What was under way then
    counts as read although it is not: the records before it are taken for a gap in the log and committed.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._fetching = asyncio.Lock()
        self._behind_first: set[Any] = set()
        self._given: dict[Any, int] = {}
        self._given_up_to: dict[Any, int] = {}

    def places(self, done: Mapping[Any, int]) -> dict[Any, Place] | None:
        """How far each partition whose records are acknowledged is done; None while that is unknown.

        ``done`` are the offsets of the last records that are.
        """
        kept = self.app.tables.changelog_topics
        found = {tp: self._place(tp, done.get(tp)) for tp in self.assignment() if tp.topic not in kept}
        places = {tp: place for tp, place in found.items() if place is not None}
        return places if len(places) == len(found) else None

    def _place(self, tp: Any, done: int | None) -> Place | None:
        state = self._reading.state_of(tp)
        up_to = self._given_up_to.get(tp)
        if state is None or state.timestamp is None or up_to is None:
            return None
        last_given = self._given.get(tp)
        if last_given is not None and (done is None or done < last_given):
            up_to = -1 if done is None else done + 1
        end = state.highwater if state.lso is None else state.lso
        return Place(state.timestamp, end, up_to)

    @property
    def _reading(self) -> _Thread:
        return cast(_Thread, self._thread)

    def _new_consumer_thread(self) -> _Thread:
        return _Thread(self, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[Any, Any]]:
        """Fetch and give records, if none of it is in the midst of a seek; a seek waits until this ends."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow.wait())
        async with self._fetching:
            generation = self.app.consumer_generation_id
            if not self.flow_active:
                return
            records, wanted = await self._wait_next_records(timeout)
            # Beyond the last record where a transaction's mark follows it.
            read_up_to = {tp: self._reading.position_of(tp) for tp in self.assignment()}
            for place, record in self.scheduler.iterate(records or {}):
                # Before the check: partitions may move while this waits.
                await self._gap_behind_first(place, record.offset)
                if not self.flow_active or self.app.consumer_generation_id != generation:
                    return
                if place in (wanted or ()) or place in self._buffered_partitions:
                    self._given[place] = record.offset
                    yield place, self._to_message(place, record)
            self._given_up_to = {tp: offset for tp, offset in read_up_to.items() if offset is not None}

    async def perform_seek(self) -> None:
        """Called when partitions have come; the flow is resumed by the caller."""
        self.stop_flow()
        async with self._fetching:
            self._forget_given()
            await super().perform_seek()

    async def seek_wait(self, partitions: Mapping[Any, int]) -> None:
        """Called before a table is recovered; the flow is resumed by the caller.

        An offset below 0 came here once: aiokafka raises, and the worker ended. By Faust's code that is -2,
        a beginning answered as unknown (-1) less one, and so it is read from the beginning.
        """
        self.stop_flow()
        async with self._fetching:
            self._forget_given()
            await super().seek_wait({tp: max(offset, 0) for tp, offset in partitions.items()})

    def _forget_given(self) -> None:
        """What was given and is not done is given again, by this worker or another."""
        self._given.clear()
        self._given_up_to.clear()

    async def seek_to_committed(self) -> Mapping[Any, int]:
        """As aiokafka does, which seeks only where the offset is above 0; and there too."""
        committed: Mapping[Any, int] = await super().seek_to_committed()
        kept = self.app.tables.changelog_topics
        fresh = [tp for tp, offset in committed.items() if not offset and tp.topic not in kept]
        if fresh:
            await self._thread.seek_to_beginning(*fresh)
        return committed

    async def _gap_behind_first(self, place: Any, offset: int) -> None:
        """Faust takes having read as far as 0 for having read nothing, and what is left out behind it for no
        gap: of two offsets or more, as by an aborted transaction, nothing is committed any more there."""
        if offset == 0:
            self._behind_first.add(place)
        elif place in self._behind_first:
            self._behind_first.discard(place)
            if self.app.topics.acks_enabled_for(place.topic):
                await self._add_gap(place, 1, offset)

    async def _add_gap(self, tp: Any, offset_from: int, offset_to: int) -> None:
        """Faust counts the record after a gap to it: done before it is, and twice when it is, which ends a
        commit there. Transactions leave a gap each."""
        await super()._add_gap(tp, offset_from, offset_to - 1)


class _Transport(aiokafka.Transport):
    Consumer = _Consumer


class ChangingTable(faust.Table[bytes, bytes]):
    """A table whose changes wait until they are sent together, and known to be on the broker.

    Faust sends each by itself through a buffer that it waits for message by message (0.2 ms each), and whose
    flush gives up after 0.1 s without a send: what it commits then may be ahead of the changelog.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._unsent: list[tuple[int | None, bytes, bytes | None]] = []

    def on_key_set(self, key: bytes, value: bytes) -> None:
        """Called by the table's own mapping."""
        self._unsent.append((self.partition_for_key(key), key, value))

    def on_key_del(self, key: bytes) -> None:
        """Called by the table's own mapping."""
        self._unsent.append((self.partition_for_key(key), key, None))

    async def changes_written(self) -> None:
        """Send what has changed since the last time, and wait until the broker has it."""
        unsent, self._unsent = self._unsent, []
        topic, producer = self.changelog_topic_name, self.app.producer
        sent = [
            await producer.send(topic, key, value, partition, None, None) for partition, key, value in unsent
        ]
        await asyncio.gather(*sent)


class QuietApp(faust.App):
    """A Faust app over that consumer, which writes no directory: the disk may be read-only."""

    def _create_directories(self) -> None:
        """The memory store needs none."""

    def _new_transport(self) -> Any:
        read_any_headers()
        return _Transport(self.conf.broker_consumer, self)
