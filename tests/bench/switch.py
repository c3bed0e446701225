"""`make bench-switch`: a new list while parcels stream: file to every worker, and the longest pause."""

import argparse
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from tests.bench.setting import Ground, WorkerProcess, backlog, ground, listed, wait_until, workers
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.kafka_reader import tail
from tidewaiter.stream.record import Outgoing
from tidewaiter.wire.topics import DECISIONS

_STEADY_SECONDS = 10.0
# A broker that has just started compiles its own code beside the workers, whose caches are empty.
_WARMING_SECONDS = 90.0


def main() -> None:
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as directory:
        name, lists = listed(Path(directory))
        print(f"{datetime.now(UTC):%Y-%m-%d} · two workers at {arguments.rate:g} parcels/s · list: {name}")
        seconds = _WARMING_SECONDS + (arguments.switches + 1) * 2 * _STEADY_SECONDS
        records = backlog(int(arguments.rate * seconds))
        with ground(lists) as place, workers(place, 2, "switch") as crew:
            wait_until(lambda: all(_metric(crew, "tidewaiter_partitions")), 60, "the assignment")
            with _streaming(place, records, arguments.rate), _heard(place) as heard:
                time.sleep(_WARMING_SECONDS)
                for number in range(arguments.switches):
                    _switch(place, crew, _changed(lists, Path(directory) / str(number)), heard)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=350.0)
    parser.add_argument("--switches", type=int, default=3)
    return parser.parse_args()


def _switch(place: Ground, crew: Sequence[WorkerProcess], files: Sequence[Path], heard: list[float]) -> None:
    """Load the lists by the command, wait for both workers, and tell the pauses before and during."""
    before = _metric(crew, "tidewaiter_list_generation")
    started, spent = time.perf_counter(), _seconds_of_commands()
    command = [sys.executable, "-m", "tidewaiter", "watchlists", "load", *map(str, files), "--by", "bench"]
    subprocess.run(command, env=place.environment(), check=True, capture_output=True)
    loaded, spent = time.perf_counter(), _seconds_of_commands() - spent
    wait_until(lambda: min(_metric(crew, "tidewaiter_list_generation")) > max(before), 60, "the switch")
    switched = time.perf_counter()
    time.sleep(_STEADY_SECONDS)
    during = _longest_pause(heard, started, switched + 1) * 1000
    without = _longest_pause(heard, started - _STEADY_SECONDS / 2, started) * 1000
    print(
        f"command {loaded - started:5.2f} s, of processor time {spent:4.2f} s   "
        f"file to every worker {switched - started:5.2f} s   "
        f"longest pause {during:4.0f} ms, without a switch {without:4.0f} ms"
    )


def _seconds_of_commands() -> float:
    """Processor time of all commands so far: on a busy machine it says more than the clock."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _changed(files: Sequence[Path], directory: Path) -> tuple[Path, ...]:
    """The same lists as they would come the next day: the last entry of the primary file is gone."""
    directory.mkdir()
    copies = tuple(directory / file.name for file in files)
    for source, copy in zip(files, copies, strict=True):
        copy.write_bytes(source.read_bytes())
    rows = copies[0].read_bytes().splitlines(keepends=True)
    copies[0].write_bytes(b"".join(rows[: -2 - int(directory.name)] + rows[-1:]))
    return copies


def _metric(crew: Sequence[WorkerProcess], name: str) -> list[float]:
    return [worker.metric(name) for worker in crew]


def _longest_pause(heard: Sequence[float], start: float, end: float) -> float:
    """The longest time between two decisions that a reader at read_committed saw, in seconds."""
    times = sorted([start, end, *(at for at in list(heard) if start <= at <= end)])
    return max(after - at for at, after in pairwise(times))


@contextmanager
def _heard(place: Ground) -> Iterator[list[float]]:
    """The times at which decisions became visible."""
    heard: list[float] = []
    over = threading.Event()

    def read() -> None:
        for _ in tail(place.connection, (DECISIONS,), over.is_set):
            heard.append(time.perf_counter())

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield heard
    finally:
        over.set()
        reader.join()


@contextmanager
def _streaming(place: Ground, records: Sequence[Outgoing], rate: float) -> Iterator[None]:
    """Records at an even rate, in a thread of their own."""
    over = threading.Event()

    def send() -> None:
        started = time.perf_counter()
        with KafkaPublisher(place.connection, linger_ms=0) as publisher:
            for number, record in enumerate(records):
                if over.wait(max(started + number / rate - time.perf_counter(), 0)):
                    return
                publisher.publish(record)

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        over.set()
        sender.join()


if __name__ == "__main__":
    main()
