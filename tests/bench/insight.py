"""`make bench-insight`: how fast a worker of `tidewaiter insight` catches up on Apache Kafka; its memory."""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.bench.setting import WorkerProcess, publish_all, wait_until
from tests.servers import has_apache_kafka, kafka_broker, redis_server
from tests.unit.simulate.streams import event_of
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.seeding import make_topics
from tidewaiter.insight.book import InsightBook
from tidewaiter.insight.day import DAYS_KEPT
from tidewaiter.insight.ledger import Ledger
from tidewaiter.insight.shard import Shard
from tidewaiter.insight.sighting import KINDS, Sighting, sightings
from tidewaiter.local.server import free_port
from tidewaiter.settings import DEVELOPMENT_SECRET, Settings
from tidewaiter.simulate.message import Message
from tidewaiter.simulate.season import Season
from tidewaiter.simulate.sending import record
from tidewaiter.simulate.traffic import DEFAULT_START, Traffic

PARTITIONS = 6
_SIGHTINGS = "tidewaiter_insight_sightings_total"
_PATIENCE_SECONDS = 900.0

Seen = Sequence[tuple[Sighting, ...]]
"""What each event was sighted as."""


@dataclass(frozen=True)
class CatchUp:
    """One run over a backlog: seconds by the clock, of the worker's CPU, and its peak memory."""

    seconds: float
    cpu_seconds: float
    memory_bytes: int
    days: int


def main() -> None:
    arguments = _arguments()
    start = datetime.now(UTC).replace(hour=6, minute=0, second=0, microsecond=0)
    first = Traffic(7, arguments.parcels_a_day, start - timedelta(days=arguments.days))
    messages = tuple(Season(first, arguments.days))
    cores = len(os.sched_getaffinity(0))
    print(f"{datetime.now(UTC):%Y-%m-%d} · {platform.system()} {platform.machine()}, {cores} cores shared")
    print(f"{len(messages):,} events of {arguments.days} days, {PARTITIONS} partitions, one worker")
    seen = _pure(messages)
    _memory(seen, arguments.parcels_a_day)
    _wide_day(arguments.wide_day)
    # A shipper's parcel is counted once more, for its text.
    count = sum(len(one) + sum(bool(sighting.text) for sighting in one) for one in seen)
    _kafka(messages, count, arguments.runs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels-a-day", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--wide-day", type=int, default=60_000)
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args()


def _pure(messages: Sequence[Message]) -> Seen:
    """CPU of the two steps without any stream; what was sighted."""
    tokens = Tokens(DEVELOPMENT_SECRET.encode())
    events = [event_of(message) for message in messages]
    began = time.process_time()
    seen = [tuple(sightings(event, tokens)) for event in events]
    sorted_at = time.process_time()
    book = InsightBook(tokens)
    alerts = sum(len(book.count(one)) for one in seen)
    counted_at = time.process_time()
    each = 1e6 / len(events)
    print(
        f"pure, CPU an event: {(sorted_at - began) * each:.0f} us sightings, "
        f"{(counted_at - sorted_at) * each:.0f} us counting one by one; {alerts} alerts"
    )
    return seen


def _memory(seen: Seen, parcels_a_day: int) -> None:
    """What is remembered after counting, in days of entities, and the memory of one once they were read back:
    without the days that are open while they are counted, of which there is a limited number."""
    table: dict[bytes, bytes] = {}
    tracemalloc.start()
    _count(seen, Shard(Ledger(table)))
    shard = Shard(Ledger(table, keys=list(table)))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(
        f"remembered: {shard.days:,} days of entities, {shard.days / parcels_a_day:.1f} for each parcel "
        f"a day; memory of one, with all that is kept beside it: {taken / shard.days:.0f} bytes"
    )


def _count(seen: Seen, shard: Shard) -> None:
    for one in seen:
        shard.count(shard.count(one).passed_on)


def _wide_day(parcels: int) -> None:
    """How many days of entities a day of so many parcels makes, and so how many are kept: the more parcels,
    the fewer each, since shippers, lanes and texts come again; and the memory of one."""
    tokens = Tokens(DEVELOPMENT_SECRET.encode())
    seen = [tuple(sightings(event_of(message), tokens)) for message in Traffic(7, parcels, DEFAULT_START)]
    entities = {(sighting.kind, sighting.entity) for one in seen for sighting in one}
    entities |= {("text", sighting.text) for one in seen for sighting in one if sighting.text}
    each = {kind: sum(one == kind for one, _ in entities) / parcels for kind in KINDS}
    kept = sum(each[kind] * (DAYS_KEPT[kind] + 1) for kind in KINDS)
    shares = ", ".join(f"{kind} {share:.3f}" for kind, share in each.items())
    print(f"entities of {parcels:,} parcels, for each: {shares}; {kept:.1f} days kept for each parcel a day")
    _memory(seen, parcels)


def _kafka(messages: Sequence[Message], seen: int, runs: int) -> None:
    if not has_apache_kafka():
        print("no Apache Kafka here: java and mvn are needed")
        return
    records = tuple(map(record, messages))
    found = []
    for _ in range(runs):
        with kafka_broker() as broker, redis_server() as url:
            settings = Settings(kafka_bootstrap_servers=broker.bootstrap_servers, redis_url=url)
            connection = KafkaConnection(broker.bootstrap_servers)
            make_topics(connection, PARTITIONS)
            publish_all(connection, records)
            found.append(_catch_up(settings, seen))
    rates = [len(records) / one.seconds for one in found]
    cpu = statistics.median(one.cpu_seconds for one in found) / len(records) * 1e6
    memory = max(one.memory_bytes for one in found)
    print(f"catching up, events/s, median of {runs}: {statistics.median(rates):,.0f}")
    print(f"worker CPU an event: {cpu:.0f} us")
    print(f"peak memory {memory / 2**20:.0f} MiB, with {found[0].days:,} days of entities")


def _catch_up(settings: Settings, seen: int) -> CatchUp:
    """From the worker's first sighting to its last."""
    with _worker(settings) as worker:
        wait_until(lambda: worker.metric(_SIGHTINGS) > 0, 60, "a first sighting")
        began = time.monotonic()
        wait_until(lambda: worker.metric(_SIGHTINGS) >= seen, _PATIENCE_SECONDS, "the last sighting")
        seconds = time.monotonic() - began
        cpu = _cpu_seconds(worker.process.pid)
        time.sleep(2)  # the page says how many days are kept with every writing of features
        return CatchUp(
            seconds, cpu, worker.peak_memory_bytes(), int(worker.metric("tidewaiter_insight_days"))
        )


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _worker(settings: Settings) -> Iterator[WorkerProcess]:
    port = free_port()
    environment = {
        **os.environ,
        "TIDEWAITER_KAFKA_BOOTSTRAP_SERVERS": settings.kafka_bootstrap_servers,
        "TIDEWAITER_REDIS_URL": settings.redis_url,
    }
    command = [sys.executable, "-m", "tidewaiter", "insight", "--port", str(port), "--every", "1"]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield WorkerProcess(process, port)
    finally:
        process.terminate()
        process.wait(30)


if __name__ == "__main__":
    main()
