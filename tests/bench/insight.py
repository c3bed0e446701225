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
from tidewaiter.insight.sighting import KINDS, Kind, Sighting, sightings
from tidewaiter.local.server import free_port
from tidewaiter.settings import DEVELOPMENT_SECRET, Settings
from tidewaiter.simulate.message import Message
from tidewaiter.simulate.season import Season
from tidewaiter.simulate.sending import record
from tidewaiter.simulate.traffic import DEFAULT_START, Traffic

PARTITIONS = 6
_SIGHTINGS = "tidewaiter_insight_sightings_total"
_PATIENCE_SECONDS = 900.0


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
    _memory(messages, arguments.parcels_a_day)
    _entities(arguments.wide_day)
    _kafka(messages, seen, arguments.runs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels-a-day", type=int, default=2_000)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--wide-day", type=int, default=60_000)
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args()


def _pure(messages: Sequence[Message]) -> int:
    """CPU of the two steps without any stream; how many sightings there are."""
    tokens = Tokens(DEVELOPMENT_SECRET.encode())
    events = [event_of(message) for message in messages]
    began = time.process_time()
    seen: list[tuple[Sighting, ...]] = [tuple(sightings(event, tokens)) for event in events]
    sorted_at = time.process_time()
    book = InsightBook(tokens)
    alerts = sum(len(book.count(one)) for one in seen)
    counted_at = time.process_time()
    each = 1e6 / len(events)
    # A shipper's parcel is counted once more, for its text.
    count = sum(len(one) + sum(bool(sighting.text) for sighting in one) for one in seen)
    print(
        f"pure, CPU an event: {(sorted_at - began) * each:.0f} us sightings, "
        f"{(counted_at - sorted_at) * each:.0f} us counting one by one; {count:,} sightings, {alerts} alerts"
    )
    return count


def _memory(messages: Sequence[Message], parcels_a_day: int) -> None:
    """What is remembered at the end, in days of entities, and the memory of one, without any stream."""
    book = InsightBook(Tokens(DEVELOPMENT_SECRET.encode()))
    tracemalloc.start()
    for message in messages:
        book.take(event_of(message))
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(
        f"remembered: {book.days:,} days of entities, {book.days / parcels_a_day:.1f} for each parcel a day"
    )
    print(f"memory of one, with all that is kept beside it: {taken / book.days:.0f} bytes")


def _entities(parcels: int) -> None:
    """How many days of entities a day of so many parcels makes, and so how many are kept: the more parcels,
    the fewer each, since shippers, lanes and texts come again."""
    tokens = Tokens(DEVELOPMENT_SECRET.encode())
    seen: set[tuple[Kind, str]] = set()
    for message in Traffic(7, parcels, DEFAULT_START):
        for sighting in sightings(event_of(message), tokens):
            seen.add((sighting.kind, sighting.entity))
            if sighting.text:
                seen.add(("text", sighting.text))
    each = {kind: sum(one == kind for one, _ in seen) / parcels for kind in KINDS}
    kept = sum(each[kind] * (DAYS_KEPT[kind] + 1) for kind in KINDS)
    shares = ", ".join(f"{kind} {share:.3f}" for kind, share in each.items())
    print(f"entities of {parcels:,} parcels, for each: {shares}; {kept:.1f} days kept for each parcel a day")


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
