"""A stream in two steps on Faust: records are sorted into bundles by partition, bundles are counted.

Faust brings the group, a table with its changelog on Kafka, and its recovery when partitions move. It is
at-least-once here: its exactly-once has open bugs (#136, #177, #323, #517), and what it runs is idempotent.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import mode

from tidewaiter.adapters import clock
from tidewaiter.adapters.faust_app import ChangingTable, QuietApp
from tidewaiter.adapters.faust_credentials import Setting, credentials_of
from tidewaiter.adapters.kafka_messages import believable_ms
from tidewaiter.stream.reached import Reached
from tidewaiter.stream.record import Outgoing, Partition, Record

_BATCH: Final = 1_000
# An alert waits this long at most for the company of other records.
_BATCH_SECONDS: Final = 0.3
_COMMIT_SECONDS: Final = 1.0
_SESSION_SECONDS: Final = 10.0
_LARGEST_BYTES: Final = 4 << 20
# Of each partition at once: partitions are read side by side, so that no day is ahead of another by much.
_FETCH_BYTES: Final = 256 << 10


class Table(MutableMapping[bytes, bytes]):
    """Faust's table as a plain mapping: reads go to memory, writes to memory and the changelog.

    To be written only while a bundle of the key's partition is counted: Faust asks the bundle where to.
    """

    def __init__(self, table: Any) -> None:
        self._table = table

    def __getitem__(self, key: bytes) -> bytes:
        value: bytes = self._memory[key]
        return value

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self._table[key] = value

    def __delitem__(self, key: bytes) -> None:
        del self._table[key]

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._memory)

    def __len__(self) -> int:
        return len(self._memory)

    def __contains__(self, key: object) -> bool:
        return key in self._memory

    def drop(self, keys: Iterable[bytes]) -> None:
        """Let go of what another worker keeps now; the changelog stays as it is."""
        for key in keys:
            del self._memory[key]

    @property
    def _memory(self) -> dict[bytes, bytes]:
        """The store's own dict: Faust's sensors would cost 2 us a look."""
        memory: dict[bytes, bytes] = self._table.data.data
        return memory


class Counted(Protocol):
    """What a bundle leads to."""

    @property
    def outgoing(self) -> Sequence[Outgoing]: ...

    @property
    def bundles(self) -> Mapping[int, Sequence[bytes]]: ...


class Work(Protocol):
    """What is done with the stream. Every step may be done again with what it was done with before."""

    def sort(self, records: Sequence[Record]) -> Mapping[int, Sequence[bytes]]:
        """Records as bundles by partition."""

    def count(self, bundle: Record, table: MutableMapping[bytes, bytes]) -> Counted:
        """Count a bundle into the table of its partition."""

    def keep(self, partitions: frozenset[int], table: Table) -> None:
        """These partitions are this worker's now, and the table has what is known of them."""


@dataclass(frozen=True)
class StreamTopics:
    """What is read, where bundles go, and where the table is kept. The latter two have equal partitions."""

    read: tuple[str, ...]
    bundles: str
    table: str


@dataclass(frozen=True)
class StreamSettings:
    """Where Kafka is, the group, and the operator's further client settings (see ``faust_credentials``)."""

    bootstrap_servers: str
    group: str
    topics: StreamTopics
    extra: Mapping[str, Setting] = field(default_factory=dict)


class FaustStream:
    """One worker of the group. Raises CredentialsUnusable when made.

    Records are acknowledged here, when the broker has what they led to: Faust's own way acknowledges what a
    step was stopped in, and a worker that left in the midst of a batch would have lost it.
    """

    def __init__(self, settings: StreamSettings, work: Work) -> None:
        self._work, self._topics = work, settings.topics
        self._app = _app(settings)
        self._bundles = _topic(self._app, settings.topics.bundles)
        self._out: dict[str, Any] = {}
        self._done: dict[Any, int] = {}
        self._reached, self._is_running = Reached(), False
        changelog = _topic(self._app, settings.topics.table, internal=True, acks=False, maxsize=131_072)
        self._days = self._app.Table(
            "days", key_type=bytes, value_type=bytes, changelog_topic=changelog, on_recover=self._recovered
        )
        self._table = Table(self._days)
        self._app.agent(_topic(self._app, *settings.topics.read), name="sort")(self._sort)
        self._app.agent(self._bundles, name="count")(self._count)

    async def run(self, stop: asyncio.Event, on_ready: Callable[[], None]) -> None:
        """Work until asked to stop, then finish what is begun and leave the group.

        Raises what a step raised: nothing of it is committed, and the next worker does it again.
        """
        await self._app.start()
        self._is_running = True
        on_ready()
        await self._app.wait_for_stopped(_until(stop))
        await self._app.stop()
        if self._app.crash_reason is not None:
            raise self._app.crash_reason

    def read_until_ms(self) -> int | None:
        """Until when (wall clock) all is done of what this worker reads; None while that is unknown."""
        places = self._app.consumer.places(self._done) if self._is_running else None
        if places is None:
            return None
        return self._reached.until_ms({Partition(*tp): place for tp, place in places.items()})

    async def _sort(self, stream: Any) -> None:
        async for events in stream.noack_take(_BATCH, within=_BATCH_SECONDS):
            await self._send_bundles(self._work.sort([record_of(event.message) for event in events]))
            for event in events:
                await stream.ack(event)
                self._done[event.message.tp] = event.message.offset

    async def _count(self, stream: Any) -> None:
        unacked = stream.noack()
        async for event in unacked.events():
            counted = self._work.count(record_of(event.message), self._table)
            sent = [
                await self._out_topic(record.topic).send(
                    key=record.key, value=record.value, headers=list(record.headers)
                )
                for record in counted.outgoing
            ]
            await self._send_bundles(counted.bundles)
            await asyncio.gather(*sent)
            await self._days.changes_written()
            await unacked.ack(event)
            self._done[event.message.tp] = event.message.offset

    async def _send_bundles(self, bundles: Mapping[int, Sequence[bytes]]) -> None:
        """Send and wait until the broker has them: only then what they came from may be committed."""
        sent = [
            await self._bundles.send(value=bundle, partition=partition)
            for partition, some in bundles.items()
            for bundle in some
        ]
        await asyncio.gather(*sent)

    async def _recovered(self) -> None:
        """Called when partitions have come or gone and the table has what the changelog had."""
        assigned = self._app.assignor.assigned_actives()
        kept = frozenset(tp.partition for tp in assigned if tp.topic == self._topics.table)
        self._work.keep(kept, self._table)

    def _out_topic(self, name: str) -> Any:
        if name not in self._out:
            self._out[name] = _topic(self._app, name)
        return self._out[name]


async def _until(stop: asyncio.Event) -> None:
    await stop.wait()


def _app(settings: StreamSettings) -> Any:
    return QuietApp(
        settings.group,
        broker=[f"kafka://{server}" for server in settings.bootstrap_servers.split(",")],
        broker_credentials=credentials_of(settings.extra),
        broker_client_id="tidewaiter-insight",
        broker_commit_interval=_COMMIT_SECONDS,
        broker_session_timeout=_SESSION_SECONDS,
        # So long the broker waits for a member that does not rejoin. With 60 s, the default, one that came
        # and went at once left the others standing for 49 s, and once for more than 60.
        broker_rebalance_timeout=_SESSION_SECONDS,
        broker_heartbeat_interval=_SESSION_SECONDS / 4,
        consumer_auto_offset_reset="earliest",
        consumer_max_fetch_size=_FETCH_BYTES,
        producer_compression_type="lz4",
        producer_max_request_size=_LARGEST_BYTES,
        stream_recovery_delay=0.0,
        stream_ack_exceptions=False,
        stream_wait_empty=False,
        # What fails ends the worker: a restarted agent would pass over what it failed on.
        agent_supervisor=mode.CrashingSupervisor,
        store="memory://",
        Table=ChangingTable,
        # Topics are created by `tidewaiter topics create`, under the operator's eyes.
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
    )


def _topic(app: Any, *names: str, **options: Any) -> Any:
    return app.topic(
        *names,
        key_type=bytes,
        value_type=bytes,
        key_serializer="raw",
        value_serializer="raw",
        allow_empty=True,
        **options,
    )


def record_of(message: Any) -> Record:
    """The record that a message of Faust's carries, with ``timestamp_ms`` no later than now.

    Its producer stamps it. One whose clock is a year ahead, or that stamps microseconds, would begin another
    day for everybody: until it comes nothing of theirs would be recent enough to be counted.
    """
    now_ms = clock.epoch_ms()
    stamped_ms = believable_ms(round((message.timestamp or 0.0) * 1000))
    return Record(
        message.topic,
        message.partition,
        message.offset,
        message.key,
        message.value,
        tuple(message.headers or ()),
        min(stamped_ms, now_ms) if stamped_ms > 0 else now_ms,
    )
