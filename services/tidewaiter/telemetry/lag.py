"""What `tidewaiter lag` shows: the backlogs of now, or nothing at all."""

from collections.abc import Iterable

from tidewaiter.stream.unread import Backlog
from tidewaiter.telemetry.metrics import LagMetrics


class ShownLag:
    """Sets the exporter's gauges. What is not known now has no series: an old number looks like a new one."""

    def __init__(self, metrics: LagMetrics) -> None:
        self.metrics = metrics

    def show(self, backlogs: Iterable[Backlog], now_ms: int) -> None:
        """These and no others, so that deleted topics and readers named no more are gone."""
        self._clear()
        for backlog in backlogs:
            self._show_one(backlog, now_ms)
        self.metrics.is_known.set(1)

    def forget(self) -> None:
        """Kafka does not answer: nothing is known."""
        self._clear()
        self.metrics.is_known.set(0)

    def _show_one(self, backlog: Backlog, now_ms: int) -> None:
        if backlog.members is not None:
            self.metrics.members.labels(backlog.reader).set(backlog.members)
        for one in backlog.unread:
            labels = (backlog.reader, one.partition.topic, str(one.partition.number))
            self.metrics.unread_records.labels(*labels).set(one.records)
            if (seconds := one.seconds(now_ms)) is not None:
                self.metrics.unread_seconds.labels(*labels).set(seconds)

    def _clear(self) -> None:
        for gauge in (self.metrics.members, self.metrics.unread_records, self.metrics.unread_seconds):
            gauge.clear()
