"""`make bench-capacity`: what an event and a parcel take of Kafka, Redis, the network and the processors."""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import redis

from tests.bench.setting import (
    Ground,
    WorkerProcess,
    backlog,
    ground,
    listed,
    publish_all,
    wait_until,
    workers,
)
from tidewaiter.adapters import redis_connection
from tidewaiter.adapters.kafka_reader import read_topic
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS, PARCEL_EVENTS


@dataclass(frozen=True)
class Reading:
    """Counters that only grow, read before and after."""

    redis_cpu: float
    redis_in: int
    redis_out: int
    worker_cpu: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=60_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        name, lists = listed(Path(directory))
        cores = len(os.sched_getaffinity(0))
        print(f"{datetime.now(UTC):%Y-%m-%d} · {cores} cores shared by all · list: {name}")
        with ground(lists) as place:
            _measure(place, arguments.parcels)
            _show("the archive, an event", _archive_bytes(place, Path(directory)) / _events(place), "bytes")


def _measure(place: Ground, parcels: int) -> None:
    records = backlog(parcels)
    client = redis_connection.connected(place.settings.redis_url)
    empty = int(client.info("memory")["used_memory"])
    publish_all(place.connection, records)
    taken = _caught_up(place, client, len(records))
    print(f"{parcels:,} parcels, {len(records):,} events: {len(records) / parcels:.3f} events a parcel")
    _show("worker CPU an event", taken.worker_cpu / len(records) * 1e6, "us")
    _show("Redis CPU an event", taken.redis_cpu / len(records) * 1e6, "us")
    _show("to Redis an event", taken.redis_in / len(records), "bytes")
    _show("from Redis an event", taken.redis_out / len(records), "bytes")
    used = int(client.info("memory")["used_memory"]) - empty
    _show("Redis memory a parcel", used / parcels, "bytes")
    for life, memory in sorted(_by_life(client).items()):
        _show(f"  of keys that live {life} days", memory / parcels, "bytes")
    for topic in (PARCEL_EVENTS, DECISIONS, HOLD_ORDERS):
        _show(f"{topic} in Kafka, an event", _log_bytes(place, topic) / len(records), "bytes")


def _caught_up(place: Ground, client: redis.Redis, events: int) -> Reading:
    """What one worker took, from ready to the last decision."""
    with workers(place, 1, "capacity") as (worker,):
        wait_until(lambda: worker.metric("tidewaiter_ready") > 0, 120, "a ready worker")
        before = _reading(client, worker)
        wait_until(lambda: worker.metric("tidewaiter_decisions_total") >= events, 900, "the decisions")
        after = _reading(client, worker)
    return Reading(
        after.redis_cpu - before.redis_cpu,
        after.redis_in - before.redis_in,
        after.redis_out - before.redis_out,
        after.worker_cpu - before.worker_cpu,
    )


def _show(what: str, value: float, unit: str) -> None:
    print(f"{what:<37}{value:>8.0f} {unit}")


def _reading(client: redis.Redis, worker: WorkerProcess) -> Reading:
    cpu, stats = client.info("cpu"), client.info("stats")
    ticks = Path(f"/proc/{worker.process.pid}/stat").read_text().rpartition(") ")[2].split()
    worker_cpu = (int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK")
    return Reading(
        float(cpu["used_cpu_user"]) + float(cpu["used_cpu_sys"]),
        int(stats["total_net_input_bytes"]),
        int(stats["total_net_output_bytes"]),
        worker_cpu,
    )


def _by_life(client: redis.Redis) -> Mapping[int, int]:
    """Memory of the keys that expire, by the whole days that they have left; lists and rules stay out."""
    found: dict[int, int] = {}
    for keys in _batches(client):
        pipe = client.pipeline(transaction=False)
        for key in keys:
            pipe.pttl(key)
            pipe.memory_usage(key, samples=0)
        answers: list[Any] = pipe.execute()
        for left, taken in zip(answers[::2], answers[1::2], strict=True):
            if left > 0:
                days = round(left / 86_400_000)
                found[days] = found.get(days, 0) + int(taken)
    return found


def _batches(client: redis.Redis) -> Iterator[list[bytes | str]]:
    cursor = 0
    while True:
        cursor, keys = client.scan(cursor, match="tw:*", count=2000)
        if keys:
            yield [*keys]
        if cursor == 0:
            return


def _log_bytes(place: Ground, topic: str) -> int:
    """What the broker has on disk of a topic, compressed as the producers did."""
    data = place.kafka_directory / "data"
    partitions = (one for one in data.iterdir() if re.fullmatch(rf"{topic}-\d+", one.name))
    return sum(log.stat().st_size for one in partitions for log in one.glob("*.log"))


def _archive_bytes(place: Ground, directory: Path) -> int:
    """What `tidewaiter archive` makes of all topics."""
    archive = directory / "archive"
    command = [sys.executable, "-m", "tidewaiter", "archive", "--to", str(archive), "--once"]
    subprocess.run(command, env=place.environment(), check=True, capture_output=True)
    return sum(one.stat().st_size for one in archive.rglob("*.parquet"))


def _events(place: Ground) -> int:
    return sum(1 for _ in read_topic(place.connection, PARCEL_EVENTS))


if __name__ == "__main__":
    main()
