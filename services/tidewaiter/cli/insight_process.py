"""One worker of `tidewaiter insight`: Faust's stream, the desk that counts, the features in Redis, a page."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any, TypeVar

import redis
import structlog
from msgspec import Struct

from tidewaiter.adapters import clock, redis_features, redis_secret
from tidewaiter.adapters.faust_credentials import credentials_of
from tidewaiter.adapters.faust_stream import FaustStream, StreamSettings, StreamTopics, Table
from tidewaiter.adapters.kafka_connection import KafkaConnection, KafkaUnavailable
from tidewaiter.adapters.kafka_topics import check_alike
from tidewaiter.adapters.redis_connection import impatient
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.failing import connection_of
from tidewaiter.domain.surge import SurgeAlert
from tidewaiter.insight.desk import Bundles, BundleUnreadable, Desk
from tidewaiter.insight.publishing import Publication
from tidewaiter.insight.telling import record_of
from tidewaiter.settings import Settings, SettingsRefused
from tidewaiter.stream.record import Outgoing, Record
from tidewaiter.telemetry.metrics import InsightMetrics
from tidewaiter.telemetry.probes import Probes
from tidewaiter.wire.topics import HOLD_ORDERS, INSIGHT_DAYS, INSIGHT_SIGHTINGS, PARCEL_EVENTS, SURGE_ALERTS

TOPICS = StreamTopics((PARCEL_EVENTS, HOLD_ORDERS), INSIGHT_SIGHTINGS, INSIGHT_DAYS)
_RETRY_SECONDS = 1.0
# Kafka and Redis are asked in a thread, which has to end before the process can: with a client that waits for
# 30 s, one whose Redis hung ended too late.
_REQUEST_SECONDS = 3.0
# Beside the time between two writings: counting a bundle takes milliseconds, restoring a partition of the
# country's size seconds.
_STUCK_SECONDS = 120.0
# What is counted under another secret than the lists' would be found by nobody, and never be forgotten.
_UNUSABLE = (redis.RedisError, redis_secret.AnotherSecret)

_T = TypeVar("_T")


def group_of(settings: Settings) -> str:
    """The consumer group of insight, apart from the screener's."""
    return f"{settings.kafka_group}-insight"


class Results(Struct, frozen=True):
    """What a bundle leads to, as the stream sends it."""

    outgoing: Sequence[Outgoing]
    bundles: Bundles


class InsightWork:
    """The desk as Faust's stream asks for it.

    A bundle that cannot be read is passed over: it would end each worker that is started.
    """

    def __init__(self, desk: Desk, shown: "Shown") -> None:
        self._desk, self._shown = desk, shown

    def sort(self, records: Sequence[Record]) -> Bundles:
        return self._desk.sort(records)

    def count(self, bundle: Record, table: MutableMapping[bytes, bytes]) -> Results:
        try:
            told = self._desk.count(bundle.partition, bundle.value or b"", table)
        except BundleUnreadable as error:
            self._shown.passed_over(bundle, error)
            return Results((), {})
        return Results([record_of(alert, bundle) for alert in told.alerts], told.passed_on)

    def keep(self, partitions: frozenset[int], table: Table) -> None:
        table.drop(self._desk.keep(partitions, table))


class Shown:
    """The page as the desk fills it."""

    def __init__(self, metrics: InsightMetrics) -> None:
        self.metrics = metrics
        self._log: Any = structlog.get_logger("insight")

    def passed_over(self, bundle: Record, error: BundleUnreadable) -> None:
        """A bundle was left out."""
        self.metrics.bundles_unreadable.inc()
        self._log.warning(
            "bundle passed over", partition=bundle.partition, offset=bundle.offset, reason=str(error)
        )

    def sighted(self, seen: Mapping[str, int]) -> None:
        for kind, count in seen.items():
            self.metrics.sightings.labels(kind).inc(count)

    def alerted(self, alert: SurgeAlert) -> None:
        self.metrics.alerts.labels(alert.kind, alert.subject).inc()


class InsightProcess:
    """What one process of `tidewaiter insight` runs until ``stop`` is set; features are written ``every`` so
    many seconds."""

    def __init__(self, settings: Settings, port: int, every: float) -> None:
        self.stop = asyncio.Event()
        self._settings = settings
        self._port, self._every = port, every
        self._log: Any = structlog.get_logger("insight")
        self._metrics = InsightMetrics()
        self._lacking: tuple[str, ...] = ("kafka", "redis")
        self._turned_at = clock.monotonic_seconds()
        self._fresh_ms = clock.epoch_ms()
        self._publication = Publication(every)

    async def run(self) -> None:
        """Raises SettingsRefused, CredentialsUnusable, TopicsUnusable, and what the counting raises."""
        credentials_of(self._settings.kafka_config)
        probes = self._probes()
        self._log.info("probes", address=self._settings.metrics_address, port=probes.port)
        try:
            await self._work()
        finally:
            probes.close()

    def _probes(self) -> Probes:
        address = (self._settings.metrics_address, self._port)
        try:
            return Probes(address, self._metrics.registry, self._is_alive, lambda: self._lacking)
        except OSError as error:
            raise SettingsRefused(f"--port: cannot listen on {address[0]}:{address[1]}: {error}") from None

    def _is_alive(self) -> bool:
        """Whether the loop turns: publishing comes by again and again."""
        turned = clock.monotonic_seconds() - self._turned_at
        return bool(self._lacking) or turned < self._every + _STUCK_SECONDS

    async def _work(self) -> None:
        tokens = Tokens(self._settings.secret)
        connection = connection_of(self._settings, _REQUEST_SECONDS)
        partitions = await self._retried(lambda: _checked(connection), KafkaUnavailable)
        if partitions is None or not await self._retried(lambda: self._is_secret_known(tokens), *_UNUSABLE):
            return
        shown = Shown(self._metrics)
        desk = Desk(tokens, partitions, shown)
        stream = FaustStream(self._stream_settings(), InsightWork(desk, shown))
        publishing = asyncio.create_task(self._publish_again_and_again(desk, stream, tokens))
        try:
            await stream.run(self.stop, self._ready)
        finally:
            publishing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await publishing
        self._log.info("ended")

    async def _retried(self, ask: Callable[[], _T], *expected: type[Exception]) -> _T | None:
        """What ``ask``, which blocks, gives once it can; None when stopped before."""
        told = ""
        while not self.stop.is_set():
            try:
                return await asyncio.to_thread(ask)
            except expected as error:
                if str(error) != told:
                    told = str(error)
                    self._log.warning("not ready", reason=told)
            await asyncio.sleep(_RETRY_SECONDS)
        return None

    def _is_secret_known(self, tokens: Tokens) -> bool:
        with contextlib.closing(impatient(self._settings.redis_url, _REQUEST_SECONDS)) as client:
            redis_secret.check(client, tokens)
        return True

    def _stream_settings(self) -> StreamSettings:
        settings = self._settings
        group = group_of(settings)
        return StreamSettings(settings.kafka_bootstrap_servers, group, TOPICS, settings.kafka_config)

    def _ready(self) -> None:
        self._lacking = ()
        self._log.info("ready")

    async def _publish_again_and_again(self, desk: Desk, stream: FaustStream, tokens: Tokens) -> None:
        """Features to Redis, beside the stream: Redis away is told once, and delays nothing else."""
        client, told = impatient(self._settings.redis_url, _REQUEST_SECONDS), ""
        features = redis_features.RedisFeatures(client)
        while True:
            try:
                await asyncio.to_thread(redis_secret.check, client, tokens)
                await self._publish(desk, stream, features)
                told = ""
            except _UNUSABLE as error:
                if str(error) != told:
                    told = str(error)
                    self._log.warning("features not written", reason=told)
            self._show(desk)
            self._turned_at = clock.monotonic_seconds()
            await asyncio.sleep(self._every)

    async def _publish(self, desk: Desk, stream: FaustStream, features: redis_features.RedisFeatures) -> None:
        """Write what is due, under the moment until which everything was read: whoever is late, or without
        Kafka, makes nothing fresh. While that moment is not known, what is there grows old."""
        until_ms = clock.epoch_ms() if not desk.shards else stream.read_until_ms()
        if until_ms is None:
            return
        now = clock.monotonic_seconds()
        for part in tuple(self._publication.due(desk.shards, now)):
            written = redis_features.Part(desk.partitions, part.as_of_ms, until_ms, part.rows)
            await asyncio.to_thread(features.write, part.kind, part.partition, written)
            self._publication.written(part, now)
        self._fresh_ms = until_ms

    def _show(self, desk: Desk) -> None:
        self._metrics.features_age.set(max(0, clock.epoch_ms() - self._fresh_ms) / 1000)
        self._metrics.partitions.set(len(desk.shards))
        self._metrics.days.set(sum(shard.days for shard in desk.shards.values()))
        times = [shard.as_of_ms for shard in desk.shards.values() if shard.as_of_ms]
        if times:
            self._metrics.event_age.set(max(0, clock.epoch_ms() - min(times)) / 1000)


def _checked(connection: KafkaConnection) -> int:
    for topic in (*TOPICS.read, SURGE_ALERTS):
        check_alike(connection, (topic,))
    return check_alike(connection, (TOPICS.bundles, TOPICS.table))
