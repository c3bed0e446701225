"""A history is read in one order, whether from lines or from an archive."""

from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest
from msgspec import structs

from tests.unit.archive.files_in_memory import FilesInMemory, scan
from tidewaiter.archive.archiver import Archiver, Limits
from tidewaiter.backtest.histories import ArchiveHistory, HistoryUnusable, LinesHistory, keys_of
from tidewaiter.stream.record import Record
from tidewaiter.wire.headers import CAUSE, VIA
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS


class ReadableFiles(FilesInMemory):
    """An archive in memory that can be read, too."""

    def keys(self, name: str) -> list[tuple[bytes | None, bytes]]:
        rows = self.written[name]
        said = (f"{row.cells['source_carrier']}|{row.cells['hawb']}".encode() for row in rows)
        return [(row.record.key, parcel) for row, parcel in zip(rows, said, strict=True)]

    def decisions(self, name: str) -> list[str | None]:
        found = (row.cells.get("decision_id") for row in self.written[name])
        return [one if isinstance(one, str) else None for one in found]

    def records(self, name: str, topic: str) -> list[Record]:
        return [row.record for row in self.written[name]]


def archive_of(records: list[Record], seal_rows: int = 3) -> ReadableFiles:
    files = ReadableFiles()
    archiver = Archiver(files, {}, Limits(rows=seal_rows), lambda: 0.0)
    for record in records:
        archiver.take([record])
        archiver.seal(everything=False)
    archiver.seal(everything=True)
    return files


def test_archive_is_read_in_the_order_of_times_and_each_partition_in_that_of_offsets() -> None:
    records = [scan(PARCEL_EVENTS, n % 3, n, hours=(7 * n) % 40) for n in range(30)]
    records += [scan(OFFICER_ACTIONS, 0, n, hours=n) for n in range(9)]
    read = list(ArchiveHistory(archive_of(records)).records())
    assert sorted(read, key=_place) == sorted(records, key=_place)
    for topic, number in {(record.topic, record.partition) for record in records}:
        offsets = [one.offset for one in read if (one.topic, one.partition) == (topic, number)]
        assert offsets == sorted(offsets)
    actions = [record for record in read if record.topic == OFFICER_ACTIONS]
    assert [one.timestamp_ms for one in actions] == sorted(one.timestamp_ms for one in actions)


def test_archive_is_read_up_to_the_last_day_asked_for_and_of_nothing_but_events_and_actions() -> None:
    records = [scan(topic, 0, n, hours=10 * n) for topic in (PARCEL_EVENTS, DECISIONS) for n in range(9)]
    history = ArchiveHistory(archive_of(records), date(2026, 11, 24))
    assert [(one.topic, one.offset) for one in history.records()] == [(PARCEL_EVENTS, n) for n in range(6)]
    assert history.keys().records == 6


def test_a_message_dated_a_year_ahead_is_read_with_those_that_came_beside_it() -> None:
    first, ahead = scan(PARCEL_EVENTS, 0, 1), scan(PARCEL_EVENTS, 0, 2, hours=24 * 365)
    ahead = structs.replace(ahead, timestamp_ms=first.timestamp_ms)
    read = ArchiveHistory(archive_of([first, ahead]), date(2026, 11, 23)).records()
    assert list(read) == [first, ahead]


def test_what_is_left_of_the_last_span_is_read_where_its_last_day_was_forgotten() -> None:
    records = [scan(PARCEL_EVENTS, 0, n, hours=24 * n) for n in range(2)]
    files = archive_of(records)
    files.remove(files.names()[1])
    assert list(ArchiveHistory(files).records()) == records[:1]


def test_archive_without_events_up_to_that_day_is_refused() -> None:
    with pytest.raises(HistoryUnusable, match="found no parcel-events"):
        ArchiveHistory(archive_of([scan(PARCEL_EVENTS, 0, 1)]), date(2026, 11, 22))


def test_keys_that_come_again_are_those_of_more_than_one_record() -> None:
    records = [scan(PARCEL_EVENTS, 0, n) for n in range(3)] + [scan(OFFICER_ACTIONS, 0, 1)]
    keys = ArchiveHistory(archive_of(records)).keys()
    assert (keys.records, keys.again) == (4, frozenset({"FX|771"}))


def test_a_parcel_whose_only_record_came_under_another_key_comes_again_through_the_lane() -> None:
    first, second = scan(PARCEL_EVENTS, 0, 1), structs.replace(scan(PARCEL_EVENTS, 0, 2), key=b"FX|9")
    assert keys_of((first, second)).again == frozenset({"FX|772"})
    assert ArchiveHistory(archive_of([first, second])).keys() == keys_of((first, second))


@pytest.mark.parametrize("content", [b"", b"hello\n", b"\x00\xff\n", b'{"hawb":' + b"[" * 9_999 + b"\n"])
def test_a_file_that_names_no_parcel_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "history.ndjson"
    file.write_bytes(content)
    with pytest.raises(HistoryUnusable, match="found no parcel event"):
        LinesHistory(file).keys()


def test_what_is_written_to_a_file_once_it_is_read_is_no_part_of_the_history(tmp_path: Path) -> None:
    file = tmp_path / "history.ndjson"
    line = b'{"source_carrier":"FX","hawb":"771"}'
    file.write_bytes(line + b"\n" + line[:20])
    history = LinesHistory(file)
    file.write_bytes((line + b"\n") * 3)
    assert history.keys() == keys_of(history.records())
    assert [one.offset for one in history.records()] == [1]


def test_lines_are_events_but_for_those_with_an_action(tmp_path: Path) -> None:
    file = tmp_path / "history.ndjson"
    file.write_bytes(
        b'{"source_carrier":"FX","hawb":"771"}\n\r\n{"source_carrier":"FX","hawb":"771","action_type":"X"}\n'
        b'{"source_carrier":"FX"}\n\xff\n{"source_carrier":"F X","hawb":"7"}\n'
    )
    history = LinesHistory(file)
    assert [(one.topic, one.key, one.offset) for one in history.records()] == [
        (PARCEL_EVENTS, b"FX|771", 1),
        (OFFICER_ACTIONS, b"FX|771", 3),
        (PARCEL_EVENTS, None, 4),
        (PARCEL_EVENTS, None, 5),
        (PARCEL_EVENTS, None, 6),
    ]
    assert history.keys().again == frozenset({"FX|771"})


def test_a_line_that_says_no_time_is_of_that_of_the_line_before(tmp_path: Path) -> None:
    file = tmp_path / "history.ndjson"
    times = ('""', '"2026-11-23T10:00:00Z"', "7", '"9999-12-31T23:00:00Z"', '"2026-11-23"', '"never"')
    lines = [f'{{"source_carrier":"FX","hawb":"771","event_time":{at}}}' for at in times]
    action = (
        '{"source_carrier":"FX","hawb":"771","action_type":"X","action_time":"2026-11-23T11:00:00+01:00"}'
    )
    file.write_text("\n".join((*lines, "{", action)))
    at = round(datetime(2026, 11, 23, 10, tzinfo=UTC).timestamp() * 1000)
    assert [record.timestamp_ms for record in LinesHistory(file).records()] == [at] * 8


def test_archive_knows_the_records_behind_the_decisions_that_officers_name() -> None:
    def told(topic: str, offset: int, decision_id: str, *headers: tuple[str, bytes]) -> Record:
        value = orjson.dumps({"source_carrier": "FX", "hawb": "771", "decision_id": decision_id})
        return structs.replace(scan(topic, 0, offset), value=value, headers=headers)

    orders = [
        told(HOLD_ORDERS, 0, "named", (CAUSE, b"parcel-events/0/7")),
        told(HOLD_ORDERS, 1, "named-too", (CAUSE, b"parcel-events/0/8"), (VIA, b"parcel-rescreens")),
        told(HOLD_ORDERS, 2, "never-named", (CAUSE, b"parcel-events/0/9")),
    ]
    actions = [told(OFFICER_ACTIONS, n, name) for n, name in enumerate(("named", "named-too", "of-nobody"))]
    history = ArchiveHistory(archive_of([*orders, *actions, scan(OFFICER_ACTIONS, 0, 3)]))
    assert history.then() == {"named": ("parcel-events/0/7", False), "named-too": ("parcel-events/0/8", True)}
    assert {record.topic for record in history.records()} == {OFFICER_ACTIONS}


def test_a_partition_with_a_record_of_a_clock_that_is_ahead_keeps_back_nothing_behind_it() -> None:
    records = [scan(PARCEL_EVENTS, n % 2, n, hours=700_000 if n == 4 else n) for n in range(30)]
    assert [one.offset for one in ArchiveHistory(archive_of(records)).records()] == [
        0,
        1,
        2,
        4,
        3,
        *range(5, 30),
    ]


def test_a_line_dated_decades_ahead_is_of_the_time_of_the_line_before(tmp_path: Path) -> None:
    file = tmp_path / "history.ndjson"
    records = [scan(PARCEL_EVENTS, 0, n, hours=700_000 if n == 4 else n) for n in range(30)]
    file.write_bytes(b"\n".join(record.value or b"" for record in records))
    read = [record.timestamp_ms for record in LinesHistory(file).records()]
    assert read[4] == read[3]
    assert read[:4] + read[5:] == [record.timestamp_ms for n, record in enumerate(records) if n != 4]


def _place(record: Record) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset
