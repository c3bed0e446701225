"""Screening a file: events from NDJSON, decisions to NDJSON, the same core on an embedded Redis, no Kafka."""

import contextlib
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import orjson
import structlog

from tidewaiter.adapters import clock, redis_connection
from tidewaiter.adapters.redis_evidence import EvidenceSettings
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.outputs import whole_files
from tidewaiter.cli.progress import advancing
from tidewaiter.cli.seeding import load_lists, publish_rules
from tidewaiter.cli.shelf import Shelf
from tidewaiter.cli.wiring import wired
from tidewaiter.local.server import Server, free_port
from tidewaiter.local.valkey import valkey
from tidewaiter.resources import rulesets_directory
from tidewaiter.screener.watching import Watch
from tidewaiter.screener.work import ScreeningWork
from tidewaiter.settings import Settings
from tidewaiter.stream.outcome import Outcome, Unavailable
from tidewaiter.stream.record import Record
from tidewaiter.telemetry.metrics import Metrics
from tidewaiter.wire.identity import CARRIER, HAWB
from tidewaiter.wire.lines import numbered_lines
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, HOLD_ORDERS, PARCEL_EVENTS

_BATCH = 2000
# Nobody waits at a belt: on a machine that is busy the answer is waited for, and the same file decides alike.
_UNHURRIED = EvidenceSettings(deadline_seconds=30.0)


_NAMES = (
    (DECISIONS, "decisions", "decisions"),
    (HOLD_ORDERS, "hold orders", "holds"),
    (DEAD_LETTERS, "dead letters", "dead-letters"),
)


@dataclass(frozen=True)
class FileRun:
    """From where to where. ``lists`` are "SOURCE:PATH" or paths; ``rules`` None is the ruleset shipped."""

    events: Path
    decisions: Path
    holds: Path | None = None
    dead_letters: Path | None = None
    rules: Path | None = None
    lists: tuple[str, ...] = ()

    @property
    def outputs(self) -> Mapping[str, Path]:
        """The files asked for, by topic."""
        wanted = {DECISIONS: self.decisions, HOLD_ORDERS: self.holds, DEAD_LETTERS: self.dead_letters}
        return {topic: path for topic, path in wanted.items() if path is not None}


def screen_file(settings: Settings, run: FileRun) -> None:
    """Decide every line of the file, in its order; outputs keep that order.

    Raises OSError, ListRefused and RuleError for what cannot be read. Outputs appear whole or not at all.
    """
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    with run.events.open("rb") as lines, _embedded_redis() as url:
        settings = settings.model_copy(update={"redis_url": url})
        client = redis_connection.connected(url)
        load_lists(client, Tokens(settings.secret), [path_of(given) for given in run.lists])
        publish_rules(client, run.rules or rulesets_directory() / "default", reason="file mode")
        shelf = Shelf(settings)
        # None are there, and that is known: orders need not say of every parcel that habits are unknown.
        shelf.habits.refresh()
        shelf.habits.age(clock.utc_now())
        with ThreadPoolExecutor(1) as executor, whole_files(run.outputs) as files:
            outputs = _Outputs(files)
            first = shelf.load(shelf.current())
            worker = wired(settings, first, shelf.load, executor, Watch(Metrics()), _UNHURRIED)
            for batch in _batches(advancing(_records(lines), run.events.stat().st_size)):
                outputs.write(_processed(worker.work, batch))
        print(outputs.account(), file=sys.stderr)


def path_of(given: str) -> Path:
    """The path of "ofac:DIR" or "DIR": the format shows in the content, the prefix is for the reader."""
    prefix, colon, rest = given.partition(":")
    return Path(rest) if colon and not Path(given).exists() and prefix.isidentifier() else Path(given)


@contextlib.contextmanager
def _embedded_redis() -> Iterator[str]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="tidewaiter-") as directory:
        server = Server(valkey(Path(directory), port))
        try:
            server.wait_until_it_answers()
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.stop()


def _records(lines: BinaryIO) -> Iterator[Record]:
    """A record a line; its offset is the line's number, its time now. Empty lines are passed over."""
    now_ms = clock.epoch_ms()
    for number, value in numbered_lines(lines):
        if value:
            yield Record(PARCEL_EVENTS, 0, number, _key_of(value), value, (), now_ms)


def _key_of(value: bytes) -> bytes | None:
    """The key that the carrier would have given the record; None where its parcel cannot be read."""
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(document, dict):
        return None
    carrier, hawb = document.get("source_carrier"), document.get("hawb")
    if not isinstance(carrier, str) or not isinstance(hawb, str):
        return None
    return f"{carrier}|{hawb}".encode() if CARRIER.fullmatch(carrier) and HAWB.fullmatch(hawb) else None


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    iterator = iter(records)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def _processed(work: ScreeningWork, batch: Sequence[Record]) -> tuple[Outcome, ...]:
    """The outcomes of a batch. The embedded Redis is asked again once; after that the parcels are held."""
    outcomes = work.process(batch, 0.0)
    if isinstance(outcomes, Unavailable):
        outcomes = work.process(batch, float("inf"))
    assert not isinstance(outcomes, Unavailable)
    return outcomes


class _Outputs:
    """The files written to, by topic, and the account of all answers."""

    def __init__(self, files: Mapping[str, BinaryIO]) -> None:
        self._files = files
        self._counts: Counter[str] = Counter()

    def account(self) -> str:
        """How many answers there were of each kind, and which of them were asked for nowhere."""
        told = (
            f"{name}: {self._counts[topic]}{'' if topic in self._files else f' (not written: --{option})'}"
            for topic, name, option in _NAMES
            if self._counts[topic] or topic in self._files
        )
        return ", ".join(told)

    def write(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            for record in outcome.outgoing:
                self._counts[record.topic] += 1
                if record.topic in self._files:
                    self._files[record.topic].write((record.value or b"") + b"\n")
