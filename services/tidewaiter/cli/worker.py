"""One worker process: waits until it has something to decide with, then screens until asked to stop."""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, TypeVar

import redis
import structlog
from msgspec import structs

from tidewaiter.adapters import clock
from tidewaiter.adapters.interpreter import handing_over_within
from tidewaiter.adapters.kafka import KafkaLog
from tidewaiter.adapters.kafka_connection import KafkaUnavailable
from tidewaiter.adapters.redis_connection import impatient
from tidewaiter.adapters.redis_lists import RedisLists, WorkerReport
from tidewaiter.adapters.redis_rules import RedisRules
from tidewaiter.cli.shelf import NotPublished, Shelf
from tidewaiter.cli.warming import Warming
from tidewaiter.cli.wiring import Worker, kafka_log, wired
from tidewaiter.rules.publishing import WorkerRules
from tidewaiter.screener.in_force import InForce, Wanted
from tidewaiter.screener.rebuilding import COLD, RebuildInterrupted
from tidewaiter.screener.watching import Watch
from tidewaiter.settings import PREFIX, Settings, SettingsRefused
from tidewaiter.stream.drain import Stop
from tidewaiter.stream.flow import Lane
from tidewaiter.stream.loop import LoopSettings, run_worker
from tidewaiter.telemetry.kafka_statistics import KafkaStatistics
from tidewaiter.telemetry.metrics import Metrics
from tidewaiter.telemetry.probes import Probes
from tidewaiter.wire.topics import OFFICER_ACTIONS, PARCEL_EVENTS, RESCREENS

FENCED = 3
TOPICS = (PARCEL_EVENTS, OFFICER_ACTIONS, RESCREENS)
_LANES = (Lane(RESCREENS, PARCEL_EVENTS), Lane(RESCREENS, OFFICER_ACTIONS))
_RETRY_SECONDS = 1.0
# A loop that makes no turn for so long is stuck: the longest honest batch takes a few seconds.
_STUCK_SECONDS = 60.0
# Insight writes at most every ten seconds, and a habit is not a matter of seconds.
_LEARNING_SECONDS = 10.0
# What Redis has lost is waited for this long, which is enough where it lost little. After that the parcels
# are not left without an answer: they are held until it is back.
_WARM_UP_SECONDS = 10.0
# How long a thread may be waited for that holds the interpreter. Python's own 5 ms, several times a batch,
# made the stream stand still for a second while a new list was being indexed beside it; the lookups' thread
# waited too, which cost 10 % of the rate.
_HANDOVER_SECONDS = 0.001
# A batch waits so long some ten times while a list is indexed beside it: with 1 ms one of 3 ms took 12, with
# 0.2 ms it takes 6; the index takes a tenth more.
_HANDOVER_BESIDE_A_LOAD_SECONDS = 0.0002

_T = TypeVar("_T")


class ScreenerProcess:
    """What one process of `tidewaiter screen` runs, with its probes.

    They are on ``port``, 0 being any that is free; by default on that of the settings and the slot.
    """

    def __init__(self, settings: Settings, slot: int, stop: Stop, port: int | None = None) -> None:
        self._settings, self._slot, self._stop = settings, slot, stop
        by_slot = settings.metrics_port + slot if settings.metrics_port else 0
        self._port = by_slot if port is None else port
        self._log: Any = structlog.get_logger("screener")
        self._watch = Watch(Metrics())
        self._awaited: tuple[str, ...] = ("lists and rules", "kafka")
        self._statistics = KafkaStatistics(self._watch.metrics)
        self._turned_at = clock.monotonic_seconds()
        self._shelf = Shelf(settings)
        self._learned_at = float("-inf")
        self._warming = Warming(settings, self._watch.metrics, stop)

    def run(self) -> int:
        """The exit code: 0 when drained, 3 when another worker has taken this slot."""
        sys.setswitchinterval(_HANDOVER_SECONDS)
        probes = self._probes()
        self._log.info("probes", address=self._settings.metrics_address, port=probes.port)
        try:
            return self._screen()
        finally:
            probes.close()

    def _probes(self) -> Probes:
        address = (self._settings.metrics_address, self._port)
        try:
            return Probes(address, self._watch.metrics.registry, self._is_alive, self._lacking)
        except (OSError, OverflowError) as error:
            name = f"{PREFIX}METRICS_ADDRESS and {PREFIX}METRICS_PORT"
            raise SettingsRefused(f"{name}: cannot listen on {address[0]}:{address[1]}: {error}") from None

    def _screen(self) -> int:
        with ThreadPoolExecutor(1, "versions") as executor:
            worker = self._worker(executor)
            self._awaited = ("kafka",) if worker else self._awaited
            log = self._retried(self._kafka_log, KafkaUnavailable)
            if worker is None or log is None:
                return 0
            worker.work.follow(log)
            self._awaited = ()
            self._watch.metrics.ready.set(1)
            housekeeping = threading.Thread(target=self._keep_house, args=(worker,), daemon=True)
            housekeeping.start()
            try:
                ending = run_worker(
                    worker.work, log, self._stop, self._turn, self._watch, LoopSettings(lanes=_LANES)
                )
            finally:
                # Reading back takes minutes: it ends with the loop, however that ended.
                self._stop.request()
        self._log.info("ended", ending=ending)
        return FENCED if ending == "fenced" else 0

    def _worker(self, executor: Executor) -> Worker | None:
        """The worker, which alone holds what is first in force: held here it would never be freed."""
        first = self._retried(
            lambda: self._first_in_force(executor), NotPublished, redis.RedisError, KafkaUnavailable
        )
        return wired(self._settings, first, self._load, executor, self._watch) if first else None

    def _first_in_force(self, executor: Executor) -> InForce:
        """What is published, as taken up; as not taken up if what Redis has lost takes longer to be back."""
        first = self._shelf.load(self._shelf.current())
        self._learn()
        try:
            return executor.submit(self._warming.until_warm, first).result(_WARM_UP_SECONDS)
        except (TimeoutError, RebuildInterrupted):
            return structs.replace(first, wanted=first.wanted._replace(epoch=COLD))

    def _load(self, wanted: Wanted) -> InForce:
        with handing_over_within(_HANDOVER_BESIDE_A_LOAD_SECONDS):
            loaded = self._shelf.load(wanted)
        return self._warming.until_warm(loaded)

    def _kafka_log(self) -> KafkaLog:
        return kafka_log(self._settings, str(self._slot), TOPICS, self._statistics.show)

    def _retried(self, make: Callable[[], _T], *expected: type[Exception]) -> _T | None:
        """What ``make`` gives once it can; None if the process is asked to stop before."""
        told = ""
        while not self._stop.is_requested:
            try:
                return make()
            except expected as error:
                if str(error) != told:
                    told = str(error)
                    self._log.warning("not ready", reason=told)
            time.sleep(_RETRY_SECONDS)
        return None

    def _turn(self) -> float:
        """The loop's clock; that it is read shows that the loop turns."""
        self._turned_at = clock.monotonic_seconds()
        return self._turned_at

    def _lacking(self) -> tuple[str, ...]:
        """Without which it cannot decide: what it waits for; later Kafka. Without Redis it holds."""
        return self._awaited or (("kafka",) if self._statistics.is_away else ())

    def _is_alive(self) -> bool:
        return bool(self._awaited) or clock.monotonic_seconds() - self._turned_at < _STUCK_SECONDS

    def _keep_house(self, worker: Worker) -> None:
        """Beside the stream: the lists' ages, the time spent degraded, and what this worker runs."""
        client = impatient(self._settings.redis_url, _RETRY_SECONDS)
        told_at = clock.monotonic_seconds()
        while not self._stop.is_requested:
            now = clock.monotonic_seconds()
            self._watch.tick(now - told_at)
            told_at = now
            self._look_after(worker, client)
            time.sleep(_RETRY_SECONDS)

    def _look_after(self, worker: Worker, client: redis.Redis) -> None:
        """One look at what is in force, which is not held on to: it is freed when it no longer is."""
        in_force = worker.work.in_force
        self._watch.metrics.ready.set(not self._lacking())
        self._watch.ages(in_force.loaded_at, clock.utc_now())
        self._learn()
        memory = None
        # The breaker of the deciding path says when Redis is away; there is nothing to add here.
        with contextlib.suppress(redis.RedisError):
            self._report(client, in_force.wanted)
            memory = client.info("memory")
        self._watch.redis(worker.source.breaker_state, memory)
        self._shelf.let_go_of_former(in_force.wanted.generation)

    def _learn(self) -> None:
        """Read the features anew when it is time. While Redis does not answer they only grow old."""
        habits, now = self._shelf.habits, clock.monotonic_seconds()
        if now - self._learned_at >= _LEARNING_SECONDS:
            self._learned_at = now
            with contextlib.suppress(redis.RedisError):
                habits.refresh()
        self._watch.habits(habits.age(clock.utc_now()))

    def _report(self, client: redis.Redis, wanted: Wanted) -> None:
        now = clock.utc_now()
        name = f"{self._settings.kafka_group}-{self._slot}"
        lists = WorkerReport(wanted.generation, now.isoformat(timespec="seconds"))
        RedisLists(client, None).report_worker(name, lists)
        RedisRules(client).report(name, WorkerRules(wanted.rules_version, now))


def stop_on_signals(stop: Stop) -> None:
    """SIGTERM and SIGINT ask the worker to finish its batch, commit, leave the group and end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.request())
