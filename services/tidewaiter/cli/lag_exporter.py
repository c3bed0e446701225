"""The exporter that `tidewaiter lag` runs: it measures again and again, and says when it cannot."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from tidewaiter.adapters import clock
from tidewaiter.adapters.kafka_connection import KafkaUnavailable
from tidewaiter.adapters.parquet import ArchiveUnusable
from tidewaiter.cli.worker import stop_on_signals
from tidewaiter.domain.decision import Disposition
from tidewaiter.settings import SettingsRefused
from tidewaiter.stream.drain import Stop
from tidewaiter.stream.record import Partition
from tidewaiter.stream.unread import Backlog
from tidewaiter.telemetry.clients import silence_clients
from tidewaiter.telemetry.lag import ShownLag
from tidewaiter.telemetry.logs import configure_logs
from tidewaiter.telemetry.metrics import LagMetrics
from tidewaiter.telemetry.probes import Probes
from tidewaiter.wire.open_orders import Queue

# A measurement whose every request is late takes some 15 s a reader.
_STUCK_SECONDS = 120.0
_STOP_SECONDS = 0.2

Backlogs = Callable[[], tuple[Backlog, ...]]
Queues = Callable[[], Mapping[Disposition, Queue]]
OpenTransactions = Callable[[], Mapping[Partition, int | None]]


@dataclass(frozen=True)
class Measures:
    """What is asked of Kafka each time: the backlogs, and what else there is to know of our own topics."""

    backlogs: Backlogs
    queues: Queues = dict
    open_transactions: OpenTransactions = dict


class LagExporter:
    """Keeps the page true: what a measurement found, or nothing when it failed. Between two of them it rests
    for ``every_seconds``."""

    def __init__(self, measures: Measures, every_seconds: float = 0.0) -> None:
        self.shown = ShownLag(LagMetrics())
        self.lacking: tuple[str, ...] = ("kafka",)
        self._measures, self._every = measures, every_seconds
        self._told = ""
        self._turned_at = clock.monotonic_seconds()
        self._log: Any = structlog.get_logger("lag")

    def turn(self) -> None:
        """Measure once. Kafka or an archive that is away is told once, and is no reason to end."""
        self._turned_at = clock.monotonic_seconds()
        try:
            backlogs, queues = self._measures.backlogs(), self._measures.queues()
            begun_ms = self._measures.open_transactions()
            self.shown.show(backlogs, clock.epoch_ms())
            self.shown.show_orders(queues, clock.epoch_ms())
            self.shown.show_open_transactions(begun_ms, clock.epoch_ms())
        except (KafkaUnavailable, ArchiveUnusable) as error:
            self.shown.forget()
            self._tell(("kafka" if isinstance(error, KafkaUnavailable) else "archive",), str(error))
        else:
            self._tell((), "")

    @property
    def is_alive(self) -> bool:
        return clock.monotonic_seconds() - self._turned_at < self._every + _STUCK_SECONDS

    def _tell(self, lacking: tuple[str, ...], reason: str) -> None:
        if lacking != self.lacking or reason != self._told:
            if lacking:
                self._log.warning("not ready", reason=reason)
            else:
                self._log.info("ready")
        self.lacking, self._told = lacking, reason


def serve_lag(at: tuple[str, int], measures: Measures, every_seconds: float) -> None:
    """Measure and serve at an address and port until SIGTERM. Raises SettingsRefused when it is taken."""
    exporter = LagExporter(measures, every_seconds)
    probes = _listening(at, exporter)
    configure_logs()
    silence_clients()
    stop = Stop()
    stop_on_signals(stop)
    structlog.get_logger("lag").info("probes", address=at[0], port=probes.port)
    try:
        while not stop.is_requested:
            exporter.turn()
            _pause(stop, every_seconds)
    finally:
        probes.close()


def _listening(at: tuple[str, int], exporter: LagExporter) -> Probes:
    try:
        registry = exporter.shown.metrics.registry
        return Probes(at, registry, lambda: exporter.is_alive, lambda: exporter.lacking)
    except OSError as error:
        raise SettingsRefused(f"--port: cannot listen on {at[0]}:{at[1]}: {error}") from None


def _pause(stop: Stop, seconds: float) -> None:
    until = clock.monotonic_seconds() + seconds
    while not stop.is_requested and clock.monotonic_seconds() < until:
        time.sleep(_STOP_SECONDS)
