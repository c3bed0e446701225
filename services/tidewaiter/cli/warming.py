"""Before a worker decides with a life of Redis, what that life has lost is read back from the topics."""

import time
from collections.abc import Mapping
from contextlib import closing
from typing import Final

from tidewaiter.adapters import clock
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_past import KafkaPast
from tidewaiter.adapters.redis_evidence import EvidenceSettings
from tidewaiter.adapters.redis_rebuild import RedisRebuild
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.screener.in_force import InForce
from tidewaiter.screener.rebuild_watching import RebuildWatch
from tidewaiter.screener.rebuilding import Rebuilding, RebuildInterrupted
from tidewaiter.settings import Settings
from tidewaiter.stream.drain import Stop
from tidewaiter.telemetry.metrics import Metrics
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS, RESCREENS

_DAY_MS: Final = 86_400_000
_SETTINGS: Final = EvidenceSettings()
DAYS_READ_BACK: Final[Mapping[str, int]] = {
    PARCEL_EVENTS: _SETTINGS.history_days,
    RESCREENS: _SETTINGS.inspected_days,
    DECISIONS: _SETTINGS.history_days,
    OFFICER_ACTIONS: _SETTINGS.inspected_days,
    HOLD_ORDERS: _SETTINGS.inspected_days,
}
"""As long as Redis itself would have remembered what such a record says: officers' parcels longer."""


class Warming:
    """Knows the life of Redis that it has last seen whole. For one thread at a time."""

    def __init__(self, settings: Settings, metrics: Metrics, stop: Stop) -> None:
        self._settings, self._stop = settings, stop
        self._watch = RebuildWatch(metrics)
        self._warm = ""

    def until_warm(self, in_force: InForce) -> InForce:
        """``in_force``, once nothing is missing in its life of Redis; rebuilt here or by other workers.

        Blocks for as long as that takes. Raises RebuildInterrupted, KafkaUnavailable, TopicsUnusable.
        """
        epoch = in_force.wanted.epoch
        if epoch != self._warm:
            self._rebuild(epoch, in_force)
            self._warm = epoch
        return in_force

    def _rebuild(self, epoch: str, in_force: InForce) -> None:
        settings = self._settings
        connection = KafkaConnection(settings.kafka_bootstrap_servers, settings.kafka_config)
        now_ms = clock.epoch_ms()
        oldest_ms = {topic: now_ms - days * _DAY_MS for topic, days in DAYS_READ_BACK.items()}
        store = RedisRebuild(settings.redis_url, Tokens(settings.secret))
        past = KafkaPast(connection, settings.kafka_group, oldest_ms)
        with closing(store), closing(past):
            Rebuilding(store, past, self._watch, self._wait).until_warm(epoch, in_force.ruleset)

    def _wait(self, seconds: float) -> None:
        if self._stop.is_requested:
            raise RebuildInterrupted("asked to stop")
        time.sleep(seconds)
