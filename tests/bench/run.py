"""`make bench`: the stream on this machine, each figure beside the bare pass-through of the same run."""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import passthrough
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
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.kafka_reader import read_topic, tail
from tidewaiter.stream.record import Outgoing
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS, PARCEL_EVENTS

# Nobody reads this topic: the copies of the pass-through go there.
_COPIES = HOLD_ORDERS


@dataclass(frozen=True)
class CatchUp:
    """One run over a backlog: records a second, and what it took."""

    rate: float
    memory_bytes: int
    stage_us: dict[str, float]


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as directory:
        name, lists = listed(Path(directory))
        print(f"{datetime.now(UTC):%Y-%m-%d} · {_machine()} · list: {name}")
        records = backlog(arguments.parcels)
        events = f"{arguments.parcels:,} parcels, {len(records):,} events"
        print(f"backlog: {events}, median of {arguments.runs} runs")
        _throughput(lists, records, arguments.runs)
        _latency(lists, arguments.latency_seconds, arguments.rate)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parcels", type=int, default=300_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=350.0)
    parser.add_argument("--latency-seconds", type=float, default=40.0)
    return parser.parse_args()


def _machine() -> str:
    cores = len(os.sched_getaffinity(0))
    return f"{platform.system()} {platform.machine()}, {cores} cores shared with broker and Redis"


def _throughput(lists: tuple[Path, ...], records: tuple[Outgoing, ...], runs: int) -> None:
    bare, one, two, redis_bytes = [], [], [], []
    for run in range(runs):
        with ground(lists) as place:
            empty = _redis_bytes(place)
            publish_all(place.connection, records)
            bare.append(_bare(place, len(records)))
            one.append(_caught_up(place, 1, len(records), f"one-{run}"))
            parcels = sum(record.value is not None and b'"CREATE"' in record.value for record in records)
            redis_bytes.append((_redis_bytes(place) - empty) / parcels)
        with ground(lists) as place:
            publish_all(place.connection, records)
            two.append(_caught_up(place, 2, len(records), f"two-{run}"))
    ceiling, single = statistics.median(bare), statistics.median(run.rate for run in one)
    print(f"pass-through in transactions         {ceiling:>10,.0f} records/s")
    print(f"one worker, all checks               {single:>10,.0f} records/s   ratio {single / ceiling:.3f}")
    double = statistics.median(run.rate for run in two)
    print(f"two workers                          {double:>10,.0f} records/s   {double / single:.2f} x one")
    for stage in one[0].stage_us:
        median = statistics.median(run.stage_us[stage] for run in one)
        print(f"  stage {stage:<10} {median:>8.1f} us a record")
    print(f"worker memory, peak                  {max(run.memory_bytes for run in one) / 2**20:>10,.0f} MiB")
    print(f"Redis a parcel                       {statistics.median(redis_bytes):>10,.0f} bytes")


def _bare(place: Ground, count: int) -> float:
    work = passthrough.PassThrough(
        place.settings.kafka_bootstrap_servers, PARCEL_EVENTS, _COPIES, count * 9 // 10
    )
    return passthrough.records_per_second(work)


def _caught_up(place: Ground, count: int, events: int, group: str) -> CatchUp:
    """Workers of a new group over the whole backlog. The rate is that of the decisions' own times."""
    with workers(place, count, group) as crew:
        wait_until(
            lambda: _total(crew, "tidewaiter_decisions_total") >= events, 900, "the backlog's decisions"
        )
        stages = {stage: _stage_us(crew, stage, events) for stage in ("poll", "redis", "process", "commit")}
        memory = max(worker.peak_memory_bytes() for worker in crew)
    stamps = sorted(record.timestamp_ms for record in read_topic(place.connection, DECISIONS))
    # The first tenth is left out: the index is being warmed and the batch grows.
    begin = len(stamps) // 10
    return CatchUp((len(stamps) - begin) / ((stamps[-1] - stamps[begin]) / 1000), memory, stages)


def _total(crew: tuple[WorkerProcess, ...], metric: str) -> float:
    return sum(worker.metric(metric) for worker in crew)


def _stage_us(crew: tuple[WorkerProcess, ...], stage: str, events: int) -> float:
    return _total(crew, f'tidewaiter_stage_seconds_sum{{stage="{stage}"}}') / events * 1e6


def _redis_bytes(place: Ground) -> int:
    return int(redis_connection.connected(place.settings.redis_url).info("memory")["used_memory"])


def _latency(lists: tuple[Path, ...], seconds: float, rate: float) -> None:
    once = {record.key: record for record in reversed(backlog(int(seconds * rate)))}
    records = tuple(reversed(once.values()))  # a key must name one answer
    with ground(lists) as place, workers(place, 1, "latency") as crew:
        wait_until(lambda: _total(crew, "tidewaiter_partitions") > 0, 60, "the assignment")
        ours = _waits(place, records, rate, DECISIONS)
    with ground(lists) as place, _copying(place):
        bare = _waits(place, records, rate, _COPIES)
    for share in (0.5, 0.99):
        mine, floor = _quantile(ours, share) * 1000, _quantile(bare, share) * 1000
        print(
            f"event → decision at {rate:g}/s, p{share * 100:<4g} {mine:>8.1f} ms   "
            f"pass-through {floor:.1f} ms   ratio {mine / floor:.2f}"
        )


@contextmanager
def _copying(place: Ground) -> Iterator[None]:
    """The pass-through in a process of its own, in batches as they come."""
    code = (
        "from tests.bench import passthrough as p;"
        f"p.copy_forever({place.settings.kafka_bootstrap_servers!r}, {PARCEL_EVENTS!r}, {_COPIES!r})"
    )
    process = subprocess.Popen([sys.executable, "-c", code])
    try:
        time.sleep(6)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _waits(place: Ground, records: tuple[Outgoing, ...], rate: float, answers: str) -> list[float]:
    """From handing a record to the producer to having its answer in hand, read at read_committed."""
    sent: dict[bytes, float] = {}
    got: list[float] = []
    over = threading.Event()

    def read() -> None:
        for record in tail(place.connection, (answers,), over.is_set):
            if (key := record.key or b"") in sent:
                got.append(time.perf_counter() - sent.pop(key))

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(2)
    _send(place, records, rate, sent)
    wait_until(lambda: not sent, 60, "the answers")
    over.set()
    reader.join()
    return sorted(got[len(got) // 4 :])  # the first quarter warms caches on both sides


def _send(place: Ground, records: tuple[Outgoing, ...], rate: float, sent: dict[bytes, float]) -> None:
    started = time.perf_counter()
    with KafkaPublisher(place.connection, linger_ms=0) as publisher:
        for number, record in enumerate(records):
            while (left := started + number / rate - time.perf_counter()) > 0:
                time.sleep(min(left, 0.002))
            sent[record.key or b""] = time.perf_counter()
            publisher.publish(Outgoing(record.topic, record.key, record.value, record.headers))


def _quantile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


if __name__ == "__main__":
    main()
