"""The archive on disk: what a broker carried, read back by DuckDB and as the very records, over restarts."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from tests.servers import Broker
from tests.unit.backtest.weeks import messages
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_feed import PositionsLost, starting_offset
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.kafka_topics import create_topics, read_topics
from tidewaiter.adapters.parquet import ArchiveUnusable, ParquetFiles
from tidewaiter.archive.archiver import Row
from tidewaiter.archive.layout import Filed, Span, inventory
from tidewaiter.cli import app
from tidewaiter.resources import rulesets_directory, topics_file
from tidewaiter.stream.record import Outgoing, Partition, Record
from tidewaiter.wire.columns import cells, day_of
from tidewaiter.wire.topics import DECISIONS, PARCEL_EVENTS

PARTITIONS = 3


@pytest.fixture(scope="module")
def connection(embedded_kafka: Broker) -> Iterator[KafkaConnection]:
    found = KafkaConnection(embedded_kafka.bootstrap_servers)
    create_topics(found, read_topics(topics_file(), PARTITIONS))
    before = os.environ.get("TIDEWAITER_KAFKA_BOOTSTRAP_SERVERS")
    os.environ["TIDEWAITER_KAFKA_BOOTSTRAP_SERVERS"] = embedded_kafka.bootstrap_servers
    yield found
    if before is None:
        del os.environ["TIDEWAITER_KAFKA_BOOTSTRAP_SERVERS"]
    else:
        os.environ["TIDEWAITER_KAFKA_BOOTSTRAP_SERVERS"] = before


def publish(connection: KafkaConnection, numbers: range) -> None:
    with KafkaPublisher(connection) as publisher:
        for number in numbers:
            key = f"FX|{number}".encode()
            day = 20 + number % 3
            event = {"hawb": str(number), "event_time": f"2026-11-{day}T10:00:00Z", "value_usd": "48.10"}
            publisher.publish(Outgoing(PARCEL_EVENTS, key, orjson.dumps(event), (("ce_id", b"7"),)))
            publisher.publish(Outgoing(DECISIONS, key, b'{"decision":"RELEASE"}'))


def queried(query: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as database:
        return database.execute(query).fetchall()


def test_positions_are_recorded_and_what_is_none_is_refused(tmp_path: Path) -> None:
    files, positions = ParquetFiles(tmp_path), {Partition(PARCEL_EVENTS, 2): 8, Partition(DECISIONS, 0): 0}
    assert files.positions() == {}
    files.record_positions(positions)
    assert files.positions() == positions
    for content in (b"", b"\xff", b'{"a": 1}', b"[" * 9_999):
        (tmp_path / ".positions").write_bytes(content)
        with pytest.raises(ArchiveUnusable, match=r"\.positions"):
            files.positions()
        assert CliRunner().invoke(app, ["archive", "check", str(tmp_path)]).exit_code == 2


def test_archive_of_two_runs_has_every_record_once_and_duckdb_reads_it_in_place(
    connection: KafkaConnection, tmp_path: Path
) -> None:
    command = ["archive", "--to", str(tmp_path), "--once", "--seal-rows", "40"]
    assert CliRunner().invoke(app, ["archive", "check", str(tmp_path)]).exit_code == 2
    for numbers in (range(200), range(200, 300), range(0)):
        publish(connection, numbers)
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 0, result.output
    assert CliRunner().invoke(app, ["archive", "check", str(tmp_path)]).exit_code == 0
    query = f"""select topic, count(*), count(distinct (record_partition, record_offset))
        from read_parquet('{tmp_path}/*/*/*.parquet', hive_partitioning=true, union_by_name=true)
        group by topic order by topic"""
    assert queried(query) == [(DECISIONS, 300, 300), (PARCEL_EVENTS, 300, 300)]
    by_day = f"""select day, count(*), sum(value_usd::decimal(18, 2))::varchar
        from read_parquet('{tmp_path}/topic={PARCEL_EVENTS}/*/*.parquet', hive_partitioning=true)
        group by day order by day"""
    assert [(str(day), *rest) for day, *rest in queried(by_day)] == [
        (f"2026-11-{day}", 100, "4810.00") for day in (20, 21, 22)
    ]


def test_backtest_of_an_archive_and_of_the_topics_it_was_made_from_say_the_same(
    connection: KafkaConnection, tmp_path: Path
) -> None:
    with KafkaPublisher(connection) as publisher:
        for message in messages()[:300]:
            publisher.publish(Outgoing(PARCEL_EVENTS, message.key, message.value))
    archive = tmp_path / "archive"
    assert CliRunner().invoke(app, ["archive", "--to", str(archive), "--once"]).exit_code == 0
    reports = []
    for history in (str(archive), "kafka"):
        command = ["backtest", "--history", history, "--rules", str(rulesets_directory() / "default")]
        result = CliRunner().invoke(app, [*command, "--days", "2026-11-23", "--json", "-"])
        assert result.exit_code == 0, result.output
        reports.append(result.stdout)
    assert reports[0] == reports[1]
    report = orjson.loads(reports[0])
    assert sum(report["parcels"]) == len({message.key for message in messages()[:300]})
    assert sum(report["candidate"]["held"]) > 5


def test_record_is_read_back_byte_for_byte(tmp_path: Path) -> None:
    files = ParquetFiles(tmp_path)
    records = [
        Record(
            PARCEL_EVENTS,
            2,
            5,
            b"\xff|7",
            b'{"hawb":"7"}',
            (("ce_id", b"\x00"), ("a", b"")),
            1_795_000_000_123,
        ),
        Record(PARCEL_EVENTS, 2, 7, None, None, (), -1),
    ]
    rows = [Row(record, cells(record.topic, record.value)) for record in records]
    name = Filed(Span(PARCEL_EVENTS, 2, 5, 7, 1), day_of({}, 0)).name
    files.write(name, PARCEL_EVENTS, rows)
    assert files.names() == (name,)
    assert files.records(name, PARCEL_EVENTS) == records
    assert inventory(files.names(), {}).positions == {Partition(PARCEL_EVENTS, 2): 8}


def test_archive_that_is_being_written_refuses_a_second_writer(tmp_path: Path) -> None:
    second = ParquetFiles(tmp_path).held()
    with ParquetFiles(tmp_path).held(), pytest.raises(ArchiveUnusable, match="another process"), second:
        pass


def test_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    record = Record(PARCEL_EVENTS, 2, 7, None, None, (), 0)
    name = Filed(Span(PARCEL_EVENTS, 2, 7, 7, 1), day_of({}, 0)).name
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(OSError, match="directory"):
        ParquetFiles(tmp_path).write(name, PARCEL_EVENTS, [Row(record, cells(record.topic, record.value))])
    assert [path.name for path in (tmp_path / name).parent.iterdir()] == [Path(name).name]


def test_file_of_a_writer_that_was_killed_is_removed_by_the_next(tmp_path: Path) -> None:
    day = tmp_path / "topic=parcel-events" / "day=2026-11-23"
    day.mkdir(parents=True)
    (day / ".00000-1-2-of1.parquet.partial").write_bytes(b"PAR1")
    with ParquetFiles(tmp_path).held():
        assert list(day.iterdir()) == []


def test_check_names_a_file_that_was_cut_short(tmp_path: Path) -> None:
    record = Record(PARCEL_EVENTS, 2, 7, None, None, (), 0)
    name = Filed(Span(PARCEL_EVENTS, 2, 7, 7, 1), day_of({}, 0)).name
    ParquetFiles(tmp_path).write(name, PARCEL_EVENTS, [Row(record, cells(record.topic, record.value))])
    assert list(ParquetFiles(tmp_path).unreadable((name,))) == []
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-9])
    done = CliRunner().invoke(app, ["archive", "check", str(tmp_path)])
    assert done.exit_code == 1
    assert f"{name}: cannot be read" in done.stdout


def test_file_that_is_no_parquet_is_refused_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1")
    with pytest.raises(ArchiveUnusable, match=r"broken\.parquet"):
        ParquetFiles(tmp_path).records("broken.parquet", PARCEL_EVENTS)


@pytest.mark.parametrize(
    ("column", "values", "reason"),
    [
        ("record_offset", pa.array([None], pa.int64()), "record_offset: found nothing"),
        ("record_time", pa.array(["noon"]), "noon"),
        ("record_value", pa.array([[1]]), "list"),
    ],
)
def test_file_with_other_columns_than_an_archive_has_is_refused_with_its_path(
    tmp_path: Path, column: str, values: "pa.Array[Any]", reason: str
) -> None:
    record = Record(PARCEL_EVENTS, 2, 7, None, None, (), 0)
    name = Filed(Span(PARCEL_EVENTS, 2, 7, 7, 1), day_of({}, 0)).name
    ParquetFiles(tmp_path).write(name, PARCEL_EVENTS, [Row(record, cells(record.topic, record.value))])
    table = pq.read_table(tmp_path / name, partitioning=None)
    pq.write_table(table.set_column(table.schema.get_field_index(column), column, values), tmp_path / name)
    with pytest.raises(ArchiveUnusable, match=reason) as refused:
        ParquetFiles(tmp_path).records(name, PARCEL_EVENTS)
    assert str(tmp_path / name) in str(refused.value)


def test_position_behind_what_the_broker_kept_is_refused_unless_gaps_are_accepted() -> None:
    partition = Partition(PARCEL_EVENTS, 0)
    with pytest.raises(PositionsLost, match="offsets 10 to 49 were deleted"):
        starting_offset(partition, 10, 50, accept_gaps=False)
    assert starting_offset(partition, 10, 50, accept_gaps=True) == 50
    assert starting_offset(partition, 60, 50, accept_gaps=False) == 60


def test_command_without_a_directory_says_what_it_needs() -> None:
    result = CliRunner().invoke(app, ["archive"])
    assert result.exit_code == 2
    assert "--to: not given, expected the archive's directory" in result.output
