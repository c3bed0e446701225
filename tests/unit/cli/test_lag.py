"""The lag exporter stays up when Kafka goes, says so, and shows nothing that is not of now."""

import json
import socket
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.endtoend.commands import invoked, surroundings
from tidewaiter.adapters import clock
from tidewaiter.adapters.kafka_connection import KafkaUnavailable
from tidewaiter.adapters.parquet import ArchiveUnusable
from tidewaiter.archive.layout import Filed, Span
from tidewaiter.cli import lag
from tidewaiter.cli.lag import archive_of, reader_of, services_of
from tidewaiter.cli.lag_exporter import LagExporter, Measures
from tidewaiter.domain.decision import Disposition
from tidewaiter.local.server import free_port
from tidewaiter.settings import Settings
from tidewaiter.stream.record import Partition
from tidewaiter.stream.unread import Backlog, Reader, Unread
from tidewaiter.wire.open_orders import Queue

BACKLOG = Backlog("screener", 1, (Unread(Partition("parcel-events", 0), 1, 1, 4, oldest_ms=0),))


def exporter(*answers: tuple[Backlog, ...] | Exception) -> LagExporter:
    """One whose measurements go as told, one after the other."""
    left: Iterator[tuple[Backlog, ...] | Exception] = iter(answers)

    def measure() -> tuple[Backlog, ...]:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return LagExporter(Measures(measure))


def shown(one: LagExporter) -> tuple[float | None, float | None]:
    """Whether the lag is known, and the records of the partition above."""
    value = one.shown.metrics.registry.get_sample_value
    labels = {"reader": "screener", "topic": "parcel-events", "partition": "0"}
    return value("tidewaiter_lag_known"), value("tidewaiter_lag_unread_records", labels)


def test_exporter_is_not_ready_before_it_has_measured() -> None:
    one = exporter()
    assert (one.lacking, shown(one)) == (("kafka",), (0, None))


def test_exporter_takes_its_numbers_away_while_kafka_is_and_brings_them_back() -> None:
    one = exporter((BACKLOG,), KafkaUnavailable("away"), (BACKLOG,))
    seen = []
    for _ in range(3):
        one.turn()
        seen.append((one.lacking, *shown(one)))
    assert seen == [((), 1, 3), (("kafka",), 0, None), ((), 1, 3)]


def test_exporter_names_the_archive_when_that_is_what_is_missing() -> None:
    one = exporter(ArchiveUnusable("no directory"))
    one.turn()
    assert (one.lacking, shown(one)) == (("archive",), (0, None))


def test_exporter_shows_no_open_orders_before_all_were_read() -> None:
    answers: list[dict[Disposition, Queue]] = [{}, {"1A": Queue(2, 0)}]
    told = iter(answers)
    one = LagExporter(Measures(lambda: (BACKLOG,), lambda: next(told)))
    seen = []
    for _ in range(2):
        one.turn()
        labels = {"disposition": "1A"}
        seen.append(one.shown.metrics.registry.get_sample_value("tidewaiter_open_orders", labels))
    assert seen == [None, 2]


def test_exporter_shows_transactions_that_are_open_and_none_that_was() -> None:
    answers = iter(({Partition("hold-orders", 3): clock.epoch_ms() - 90_000}, {}))
    one = LagExporter(Measures(lambda: (BACKLOG,), open_transactions=lambda: next(answers)))
    labels = {"topic": "hold-orders", "partition": "3"}
    name = "tidewaiter_lag_open_transaction_seconds"
    one.turn()
    seen = one.shown.metrics.registry.get_sample_value(name, labels)
    assert seen is not None
    assert seen >= 90
    one.turn()
    assert one.shown.metrics.registry.get_sample_value(name, labels) is None


@pytest.mark.parametrize(("every", "is_alive"), [(15.0, False), (300.0, True)])
def test_exporter_that_rests_for_long_is_alive(
    every: float, is_alive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    monkeypatch.setattr(clock, "monotonic_seconds", lambda: now[0])
    one = LagExporter(Measures(lambda: ()), every)
    one.turn()
    now[0] += 150.0
    assert one.is_alive == is_alive


def test_error_that_nobody_expects_ends_the_exporter() -> None:
    with pytest.raises(ZeroDivisionError):
        exporter(ZeroDivisionError()).turn()


def test_group_is_named_alone_or_with_its_topics() -> None:
    assert reader_of("carriers") == Reader("carriers", "carriers")
    assert reader_of("carriers=a,b") == Reader("carriers", "carriers", ("a", "b"))


def test_services_are_watched_under_the_group_of_the_settings() -> None:
    screener, insight = services_of(Settings(kafka_group="mine"))
    assert (screener.name, screener.group) == ("screener", "mine")
    assert (insight.name, insight.group) == ("insight", "mine-insight")
    assert "parcel-events" in {*screener.topics} & {*insight.topics}


def test_archive_is_where_its_files_say(tmp_path: Path) -> None:
    file = tmp_path / Filed(Span("parcel-events", 3, 0, 41, 1), date(2026, 11, 24)).name
    file.parent.mkdir(parents=True)
    file.touch()
    reader = archive_of(tmp_path)
    assert (reader.name, reader.group) == ("archive", None)
    assert reader.positions == {Partition("parcel-events", 3): 42}
    assert {"parcel-events", "parcel-decisions"} <= {*reader.topics}


def at_the_end(topic: str, *unread: int, oldest_ms: int | None = None) -> tuple[Unread, ...]:
    """Partitions of a topic, from 0 on, each with so many records unread."""
    places = enumerate(unread)
    return tuple(Unread(Partition(topic, number), 1, 1, 1 + count, oldest_ms) for number, count in places)


class KafkaThatIsBehind:
    """In place of what measures: an hour after the epoch."""

    def __init__(self, _: object) -> None:
        """Reaches nothing."""

    def measured(self, _: object) -> tuple[Backlog, ...]:
        events = at_the_end("parcel-events", 9, 1_200, 0, 2, 7, 5, 1, oldest_ms=0)
        actions = at_the_end("officer-actions", 3, oldest_ms=3_480_500)
        unheard = at_the_end("parcel-events", 4)
        return (
            Backlog("screener", 2, events + actions),
            Backlog("archive", None, unheard),
            Backlog("x", 0, ()),
        )

    def open_transactions(self, _: object) -> dict[Partition, int | None]:
        return {}

    def queues(self) -> dict[Disposition, Queue]:
        return {}

    def close(self) -> None:
        """Has nothing to close."""


def test_what_waits_is_printed_a_line_a_topic_with_the_partitions_that_have_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lag, "KafkaLag", KafkaThatIsBehind)
    monkeypatch.setattr(lag, "KafkaOpenOrders", KafkaThatIsBehind)
    monkeypatch.setattr(clock, "epoch_ms", lambda: 3_600_000)
    monkeypatch.setenv("COLUMNS", "150")
    done = invoked("lag", "--once", environment=surroundings())
    assert [" ".join(line.split()) for line in done.stdout.splitlines()[1:]] == [
        "screener 2 parcel-events 1,224 1:00:00 1: 1,200, 0: 9, 4: 7, 5: 5 and 2 more",
        "screener 2 officer-actions 3 119.5 s 0: 3",
        "archive unknown parcel-events 4 unknown 0: 4",
        "x 0 none - - the group has committed nothing, or its topics are gone",
    ]
    told = json.loads(invoked("lag", "--once", "--json", environment=surroundings()).stdout)
    assert [(one["reader"], one["members"], one["unread"], one["oldest_seconds"]) for one in told] == [
        ("screener", 2, 1_227, 3_600.0),
        ("archive", None, 4, None),
        ("x", 0, 0, 0.0),
    ]
    assert [one["unread"] for one in told[0]["partitions"]] == [9, 1_200, 0, 2, 7, 5, 1, 3]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--group", "=a"], "--group: found '=a', expected GROUP or GROUP=TOPIC,TOPIC"),
        (["--group", "g=a,"], "--group: found 'g=a,', expected"),
        (["--json"], "--json: is for --once"),
        (["--once", "--archive", "/nowhere"], "--archive: found no directory /nowhere"),
        (["--once"], "Kafka: 127.0.0.1:"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_one_line(arguments: list[str], words: str) -> None:
    nowhere = surroundings(kafka_bootstrap_servers=f"127.0.0.1:{free_port()}")
    done = invoked("lag", *arguments, environment=nowhere)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith("tidewaiter: ")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_port_that_is_taken_is_refused_by_name() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = invoked("lag", "--port", str(port), environment=surroundings())
    assert done.exit_code == 2
    assert done.stderr.startswith(f"tidewaiter: --port: cannot listen on 127.0.0.1:{port}: ")
    assert len(done.stderr.splitlines()) == 1
