"""What a measurement runs on: real servers, the lists, a backlog, and worker processes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

from tests.servers import kafka_broker, redis_server
from tidewaiter.adapters import redis_connection
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.seeding import load_lists, make_topics, publish_rules
from tidewaiter.local.server import free_port
from tidewaiter.resources import rulesets_directory
from tidewaiter.settings import Settings
from tidewaiter.simulate.lists import write_fictitious_list
from tidewaiter.simulate.sending import record
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Outgoing

PARTITIONS = 6
_OFAC = (
    "ofac_sdn_20240423.csv",
    "ofac_alt_2025-02.csv",
    "ofac_add_2025-02.csv",
    "ofac_sdn_comments_2025-02.csv",
)


@dataclass(frozen=True)
class Ground:
    """Servers with topics, lists and rules in place. ``kafka_directory`` is where the broker's files are."""

    settings: Settings
    connection: KafkaConnection
    kafka_directory: Path

    def environment(self, **more: str) -> dict[str, str]:
        """What a worker process needs to find them."""
        named = {
            "TIDEWAITER_KAFKA_BOOTSTRAP_SERVERS": self.settings.kafka_bootstrap_servers,
            "TIDEWAITER_REDIS_URL": self.settings.redis_url,
        }
        return {**os.environ, **named, **more}


@contextmanager
def ground(lists: tuple[Path, ...]) -> Iterator[Ground]:
    """A fresh broker and a fresh Redis, filled."""
    with kafka_broker() as broker, redis_server() as url:
        settings = Settings(kafka_bootstrap_servers=broker.bootstrap_servers, redis_url=url)
        connection = KafkaConnection(broker.bootstrap_servers)
        make_topics(connection, PARTITIONS)
        client = redis_connection.connected(url)
        load_lists(client, Tokens(settings.secret), lists)
        publish_rules(client, rulesets_directory() / "default", "bench")
        yield Ground(settings, connection, broker.launch.directory)


def listed(directory: Path) -> tuple[str, tuple[Path, ...]]:
    """The OFAC files where they are present, else a fictitious list; with a name for the report."""
    data = Path(os.environ.get("TIDEWAITER_DATA", "../shared/data")) / "watchlists"
    files = tuple(data / name for name in _OFAC)
    if all(file.is_file() for file in files):
        return "OFAC SDN 2024-04-23 with aliases and addresses of 2025-02", files
    write_fictitious_list(directory, 1)
    return "a fictitious list of 602 entries (TIDEWAITER_DATA has no OFAC files)", (directory,)


def backlog(parcels: int, seed: int = 7) -> tuple[Outgoing, ...]:
    """The records of so many parcels, follow-ups included."""
    traffic = Traffic(seed, parcels, datetime(2026, 11, 23, 6, tzinfo=UTC))
    return tuple(record(message) for message in traffic)


def publish_all(connection: KafkaConnection, records: tuple[Outgoing, ...]) -> None:
    with KafkaPublisher(connection, linger_ms=20) as publisher:
        for one in records:
            publisher.publish(one)


@dataclass
class WorkerProcess:
    """A running `tidewaiter screen --slot N` and its metrics port."""

    process: subprocess.Popen[bytes]
    port: int

    def metric(self, name: str) -> float:
        """The sum of a metric over its labels; 0 while the port does not answer."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return 0.0
        return sum(
            float(line.rpartition(" ")[2]) for line in lines if line.startswith((f"{name}{{", f"{name} "))
        )

    def peak_memory_bytes(self) -> int:
        """The most that the process has had resident (VmHWM)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


@contextmanager
def workers(place: Ground, count: int, group: str) -> Iterator[tuple[WorkerProcess, ...]]:
    """Worker processes of a group, stopped at the end."""
    with ExitStack() as stack:
        yield tuple(stack.enter_context(_worker(place, slot, group)) for slot in range(count))


@contextmanager
def _worker(place: Ground, slot: int, group: str) -> Iterator[WorkerProcess]:
    port = free_port()
    environment = place.environment(TIDEWAITER_KAFKA_GROUP=group, TIDEWAITER_METRICS_PORT=str(port - slot))
    command = [sys.executable, "-m", "tidewaiter", "screen", "--slot", str(slot)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield WorkerProcess(process, port)
    finally:
        process.terminate()
        process.wait(30)


def wait_until(holds: Callable[[], bool], seconds: float, what: str) -> None:
    """Poll; TimeoutError names what did not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} not within {seconds:g} s")
        time.sleep(0.05)
