"""What a worker shows of rebuilding what Redis has lost."""

from typing import Any

import structlog

from tidewaiter.telemetry.metrics import Metrics


class RebuildWatch:
    """See ``screener.rebuilding.Watcher``. Of a life of Redis that is whole at first nothing is told."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._log: Any = structlog.get_logger("screener")
        self._is_cold = False

    def cold(self) -> None:
        self._metrics.cold.set(1)
        if not self._is_cold:
            self._log.warning("Redis has lost what is known of parcels: it is read back from the topics")
        self._is_cold = True

    def rebuilding(self, share: int, shares: int) -> None:
        self._log.info("reading back", share=share, shares=shares)

    def replayed(self, topic: str, records: int) -> None:
        self._metrics.replayed_records.labels(topic).inc(records)

    def warm(self) -> None:
        self._metrics.cold.set(0)
        if self._is_cold:
            self._log.info("all that Redis had lost is read back")
        self._is_cold = False
