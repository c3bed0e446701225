"""What `tidewaiter lag` shows: the backlogs and the open orders of now, or nothing at all."""

from collections.abc import Iterable, Mapping

from tidewaiter.domain.decision import Disposition
from tidewaiter.stream.record import Partition
from tidewaiter.stream.unread import Backlog
from tidewaiter.telemetry.metrics import LagMetrics
from tidewaiter.wire.open_orders import Queue


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

    def show_orders(self, queues: Mapping[Disposition, Queue], now_ms: int) -> None:
        """What the inspection has before it; no series for ``{}``, which is not known yet."""
        for disposition, queue in queues.items():
            self.metrics.open_orders.labels(disposition).set(queue.parcels)
            self.metrics.open_order_age.labels(disposition).set(queue.seconds(now_ms))

    def show_open_transactions(self, begun_ms: Mapping[Partition, int | None], now_ms: int) -> None:
        """Those of now, after ``show``; one whose age is not known has no series."""
        for partition, at_ms in begun_ms.items():
            if at_ms is not None:
                labels = (partition.topic, str(partition.number))
                self.metrics.open_transaction_seconds.labels(*labels).set(max(0, now_ms - at_ms) / 1000)

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
        shown = self.metrics
        backlog = (shown.members, shown.unread_records, shown.unread_seconds, shown.open_transaction_seconds)
        for gauge in (*backlog, shown.open_orders, shown.open_order_age):
            gauge.clear()
