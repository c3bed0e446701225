"""`tidewaiter demo`: the main job on this machine, from nothing to a report, in about two minutes."""

import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from tidewaiter.adapters import clock
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.kafka_reader import tail
from tidewaiter.adapters.metric_pages import metric_pages
from tidewaiter.cli.crew import Crew
from tidewaiter.cli.failing import refusals, settings_in_force
from tidewaiter.cli.progress import bars
from tidewaiter.cli.report import Report, Topics, print_report, reported
from tidewaiter.cli.terminal import terminal
from tidewaiter.cli.up import EMBEDDED_PARTITIONS, fill
from tidewaiter.cli.worker import TOPICS
from tidewaiter.inspection.accounts import cause_of
from tidewaiter.inspection.quality import Truth
from tidewaiter.local.interrupts import Interruption, uninterrupted
from tidewaiter.local.server import ServerUnusable, free_port, listens
from tidewaiter.local.stack import EmbeddedStack
from tidewaiter.rules.errors import RuleError
from tidewaiter.settings import PREFIX, Settings
from tidewaiter.simulate.rubbish import rubbish
from tidewaiter.simulate.sending import real_pace
from tidewaiter.simulate.sending import record as sent_record
from tidewaiter.simulate.traffic import PARCELS_MOST, Traffic
from tidewaiter.stream.record import Outgoing
from tidewaiter.watchlists.formats import ListRefused, read_all
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, PARCEL_EVENTS

_WORKERS = 2
_PATIENCE_SECONDS = 90.0
_LAST_LINES = 8
# One of the broken records is 2 MB, which a client would not send by default.
_LARGEST_RUBBISH_BYTES = 4_000_000


def demo(
    parcels: Annotated[
        int, typer.Option(min=100, max=PARCELS_MOST, help="How many parcels to stream.")
    ] = 20_000,
    seed: Annotated[int, typer.Option(min=0)] = 1,
    rate: Annotated[float, typer.Option(min=1, help="Events a second.")] = 350.0,
) -> None:
    """Stream simulated parcels through two workers on an embedded broker and Redis, and report.

    Exits 0 only if every event has exactly one decision or one dead letter, read back from the topics.
    """
    settings = settings_in_force()
    # By default SIGTERM would end this process and leave its servers and workers running.
    interruption = Interruption()
    with (
        refusals(ListRefused, RuleError, OSError),
        tempfile.TemporaryDirectory(prefix="tidewaiter-list-") as directory,
        EmbeddedStack() as stack,
        bars() as progress,
    ):
        task = progress.add_task("lists, rules, topics", total=None)
        fill(stack, settings.secret, Path(directory))
        with _crew(stack, settings, interruption):
            progress.update(task, description="streaming", total=parcels)
            run = Run(parcels, seed, rate, Path(directory), interruption)
            report = _streamed(stack, run, progress, task)
    print_report(terminal(), report)
    raise typer.Exit(0 if report.balance.is_even else 1)


@dataclass(frozen=True)
class Run:
    """What is streamed: so many parcels of a seed, at a rate, with cases planted from the list's files, until
    it is interrupted."""

    parcels: int
    seed: int
    rate: float
    lists: Path
    interruption: Interruption


class Answered:
    """Counts, beside the stream, the records that are answered from when it is made."""

    def __init__(self, connection: KafkaConnection) -> None:
        self._causes: set[str] = set()
        self._is_over = threading.Event()
        self._answers = tail(connection, (DECISIONS, DEAD_LETTERS), self._is_over.is_set)
        self._thread = threading.Thread(target=self._count, daemon=True)
        self._thread.start()

    @property
    def count(self) -> int:
        return len(self._causes)

    def close(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _count(self) -> None:
        for answer in self._answers:
            self._causes.add(cause_of(answer))


@contextmanager
def _crew(stack: EmbeddedStack, settings: Settings, interruption: Interruption) -> Iterator[None]:
    """Two workers that share the partitions, drained at the end; their log lines go to a file of the run."""
    interruption.check()
    ports = _free_ports()
    log = stack.directory / "workers.log"
    crew = Crew(_WORKERS, _surroundings(stack, settings, ports[0]), log)
    keeper = threading.Thread(target=crew.wait, daemon=True)
    try:
        with uninterrupted():
            crew.start()
            keeper.start()
        _wait_until_assigned(ports, crew, log, interruption)
        yield
    finally:
        crew.stop()
        if keeper.ident is not None:
            keeper.join()


def _surroundings(stack: EmbeddedStack, settings: Settings, port: int) -> dict[str, str]:
    """The workers' environment: of the settings in force only the secret, since security and addresses are of
    other servers."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return {
        **plain,
        f"{PREFIX}KAFKA_BOOTSTRAP_SERVERS": stack.bootstrap_servers,
        f"{PREFIX}REDIS_URL": stack.redis_url,
        f"{PREFIX}METRICS_PORT": str(port),
        f"{PREFIX}TOKEN_SECRET": settings.token_secret.get_secret_value(),
    }


def _free_ports() -> range:
    """Ports in a row, one a worker."""
    while True:
        first = free_port()
        ports = range(first, first + _WORKERS)
        if not any(map(listens, ports)):
            return ports


def _wait_until_assigned(ports: range, crew: Crew, log: Path, interruption: Interruption) -> None:
    """Until all partitions are with the workers, as their own metrics say; a new group takes seconds.

    Raises ServerUnusable as soon as a worker has ended, with its last words on stderr.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while _partitions(ports) < len(TOPICS) * EMBEDDED_PARTITIONS:
        interruption.check()
        if crew.fallen:
            print(*log.read_text(errors="replace").splitlines()[-_LAST_LINES:], sep="\n", file=sys.stderr)
            raise ServerUnusable(f"{crew.fallen} before it had partitions; its last words are above")
        if time.monotonic() > deadline:
            raise ServerUnusable(f"the workers had no partitions after {_PATIENCE_SECONDS:g} s")
        time.sleep(0.2)


def _partitions(ports: range) -> int:
    """How many the workers have; one that does not answer yet has none."""
    pages = metric_pages(f"127.0.0.1:{port}" for port in ports).values()
    return sum(int(page.value("tidewaiter_partitions") or 0) for page in pages if page is not None)


def _streamed(stack: EmbeddedStack, run: Run, progress: Progress, task: TaskID) -> Report:
    """Publish everything, wait until all of it is answered, and read the topics back."""
    connection = KafkaConnection(stack.bootstrap_servers, {"message.max.bytes": _LARGEST_RUBBISH_BYTES})
    answered = Answered(connection)
    truths: dict[str, Truth] = {}
    with KafkaPublisher(connection) as publisher:
        for record in _records(run, truths):
            publisher.publish(record)
            if publisher.published % 100 == 0:
                run.interruption.check()
                progress.update(task, completed=answered.count, total=max(run.parcels, publisher.published))
        sent = publisher.published
    progress.update(task, description="waiting for the last", total=sent)
    _wait_for(answered, sent, progress, task)
    run.interruption.check()
    answered.close()
    progress.update(task, description="reading the topics back")
    return reported(Topics.read(connection), truths)


def _records(run: Run, truths: dict[str, Truth]) -> Iterator[Outgoing]:
    """The traffic, with one broken record of each kind in it. ``truths`` is filled as the records go."""
    entries = tuple(entry for reading in read_all((run.lists,)) for entry in reading.entries)
    traffic = Traffic(run.seed, run.parcels, clock.utc_now(), listed=entries)
    broken = [Outgoing(PARCEL_EVENTS, one.key, one.value) for one in rubbish(run.seed)]
    every = max(1, run.parcels // (len(broken) + 1))
    for number, message in enumerate(real_pace().at_rate(traffic, run.rate), 1):
        if message.label is not None:
            truths[message.key.decode()] = message.label.truth
        yield sent_record(message)
        if number % every == 0 and broken:
            yield broken.pop()
    yield from broken


def _wait_for(answered: Answered, sent: int, progress: Progress, task: TaskID) -> None:
    """Until everything is answered, or nothing more has been for the patience, as the account will show.

    A busy machine may be minutes behind and still answer everything.
    """
    count, since = answered.count, time.monotonic()
    while count < sent and time.monotonic() < since + _PATIENCE_SECONDS:
        time.sleep(0.1)
        if answered.count > count:
            count, since = answered.count, time.monotonic()
        progress.update(task, completed=count)
