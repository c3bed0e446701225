"""A worker in a process of its own that copies ``in`` to ``out``, for tests that kill, stop and fence it.

``python -m tests.integration.copy_worker '<JSON of CopyOrder>'``; exit code 0 when drained, 3 when fenced.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

import confluent_kafka
from msgspec import Struct, json

from tidewaiter.adapters import kafka_transactions
from tidewaiter.adapters.clock import monotonic_seconds
from tidewaiter.adapters.kafka import GroupMember, KafkaLog
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.stream.drain import Stop
from tidewaiter.stream.flow import Lane
from tidewaiter.stream.loop import LoopSettings, run_worker
from tidewaiter.stream.outcome import DeadLetter, Done, Outcome
from tidewaiter.stream.pressure import Bounds
from tidewaiter.stream.record import Outgoing, Record


class CopyOrder(Struct, frozen=True):
    """What the process is to do. ``dies_at_commit`` kills it after so many commits, records sent but open."""

    bootstrap_servers: str
    group: str
    slot: str
    source: str
    lane: str
    target: str
    dies_at_commit: int = 0
    batch_seconds: float = 0.0
    largest: int = 200


class CopyWork:
    """Copies each record; one that says "poison" becomes a dead letter of the same value in the target."""

    def __init__(self, target: str, batch_seconds: float = 0.0) -> None:
        self._target, self._batch_seconds = target, batch_seconds

    def process(self, batch: Sequence[Record], waited_seconds: float) -> tuple[Outcome, ...]:
        assert waited_seconds == 0.0
        time.sleep(self._batch_seconds)
        return tuple(self._outcome(record) for record in batch)

    def ready_for(self, topic: str) -> bool:
        return bool(topic)

    def _outcome(self, record: Record) -> Outcome:
        outgoing = (Outgoing(self._target, record.key, record.value, record.headers),)
        is_poison = record.value == b"poison"
        return DeadLetter(outgoing, "value: poison", "decode") if is_poison else Done(outgoing)


class DyingProducer(confluent_kafka.Producer):
    """A producer whose process is killed between the records of a transaction and its commit."""

    commits_left = 0

    def commit_transaction(self, *arguments: Any, **named: Any) -> None:
        DyingProducer.commits_left -= 1
        if DyingProducer.commits_left == 0:
            self.flush(10)
            os.kill(os.getpid(), signal.SIGKILL)
        super().commit_transaction(*arguments, **named)


def copy(order: CopyOrder, stop: Stop) -> int:
    """Work until stopped or fenced; the exit code."""
    member = GroupMember(order.group, order.slot, (order.source, order.lane))
    log = KafkaLog(KafkaConnection(order.bootstrap_servers, request_timeout_seconds=4.0), member)
    settings = LoopSettings((Lane(order.lane, order.source),), Bounds(smallest=1, largest=order.largest))
    work = CopyWork(order.target, order.batch_seconds)
    ending = run_worker(work, log, stop, monotonic_seconds, settings=settings)
    return 0 if ending == "drained" else 3


def main() -> int:
    """Copy as the first argument says, until SIGTERM."""
    order = json.decode(sys.argv[1], type=CopyOrder)
    if order.dies_at_commit:
        DyingProducer.commits_left = order.dies_at_commit
        kafka_transactions.Producer = DyingProducer  # type: ignore[attr-defined]
    stop = Stop()
    signal.signal(signal.SIGTERM, lambda *_: stop.request())
    return copy(order, stop)


if __name__ == "__main__":
    sys.exit(main())
