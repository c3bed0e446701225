"""Whenever the archiver dies, the next one files every record exactly once."""

from collections.abc import Mapping, Sequence
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.archive.files_in_memory import FeedOfRecords, FilesInMemory, Killed, scan
from tidewaiter.archive.archiver import Archiver, Limits, mended
from tidewaiter.archive.layout import inventory, inventory_of
from tidewaiter.stream.record import Partition, Record
from tidewaiter.wire.topics import DECISIONS, PARCEL_EVENTS

EVENTS_0 = Partition(PARCEL_EVENTS, 0)
_NEVER_BY_TIME = 1e9


def archived(files: FilesInMemory, log: Sequence[Record], a_read: int = 7, rows: int = 5) -> int:
    """One life of an archiver over a log, from where the files end to the log's end."""
    positions = mended(files).positions
    left = [one for one in log if one.offset >= positions.get(Partition(one.topic, one.partition), 0)]
    archiver = Archiver(files, positions, Limits(rows=rows, seconds=_NEVER_BY_TIME), lambda: 0.0)
    archiver.run(FeedOfRecords(left, a_read), lambda: False, until_end=True)
    return archiver.archived


@given(
    offsets=st.sets(st.integers(0, 200), min_size=1, max_size=60),
    hours=st.lists(st.integers(0, 72), min_size=60, max_size=60),
    lives=st.lists(st.integers(0, 4), max_size=6),
    a_read=st.integers(1, 20),
    rows=st.integers(1, 20),
)
def test_archive_has_every_record_once_however_often_its_writer_is_killed(
    offsets: set[int], hours: list[int], lives: list[int], a_read: int, rows: int
) -> None:
    log = [
        scan(PARCEL_EVENTS, offset % 2, offset, hours=hours[place])
        for place, offset in enumerate(sorted(offsets))
    ]
    files = FilesInMemory()
    for writes in lives:
        files.writes_left = writes
        try:
            archived(files, log, a_read, rows)
        except Killed:
            continue
    files.writes_left = 1_000_000
    archived(files, log, a_read, rows)
    for number in (0, 1):
        expected = [one.offset for one in log if one.partition == number]
        assert files.offsets(Partition(PARCEL_EVENTS, number)) == expected
    assert list(inventory(files.names(), {}).problems()) == []


def test_archiver_writes_nothing_when_nothing_came_since_the_last_time() -> None:
    files = FilesInMemory()
    log = [scan(PARCEL_EVENTS, 0, offset) for offset in range(12)]
    assert archived(files, log) == 12
    before = dict(files.written)
    assert archived(files, log) == 0
    assert files.written == before


def test_span_that_lies_in_two_days_is_filed_under_both() -> None:
    files = FilesInMemory()
    archived(files, [scan(PARCEL_EVENTS, 0, 4, hours=0), scan(PARCEL_EVENTS, 0, 9, hours=24)])
    assert files.names() == [
        "topic=parcel-events/day=2026-11-23/00000-00000000000000000004-00000000000000000009-1of2.parquet",
        "topic=parcel-events/day=2026-11-24/00000-00000000000000000004-00000000000000000009-2of2.parquet",
    ]


def test_file_of_a_span_that_was_cut_off_is_removed_and_its_records_filed_again() -> None:
    files = FilesInMemory(writes_left=1)
    log = [scan(PARCEL_EVENTS, 0, 0, hours=0), scan(PARCEL_EVENTS, 0, 1, hours=24)]
    try:
        archived(files, log)
    except Killed:
        assert len(inventory(files.names(), {}).torn) == 1
    files.writes_left = 9
    archived(files, log)
    assert files.offsets(EVENTS_0) == [0, 1]


def test_partition_is_sealed_when_its_first_record_is_old_enough_not_sooner() -> None:
    files, now = FilesInMemory(), [100.0]
    archiver = Archiver(files, {}, Limits(seconds=60), lambda: now[0])
    archiver.take([scan(PARCEL_EVENTS, 0, 0)])
    now[0] = 159.0
    archiver.take([scan(PARCEL_EVENTS, 0, 1)])
    archiver.seal(everything=False)
    assert not files.written
    now[0] = 160.0
    archiver.seal(everything=False)
    assert files.offsets(EVENTS_0) == [0, 1]


def test_partition_is_sealed_when_its_records_are_many_enough() -> None:
    files = FilesInMemory()
    archiver = Archiver(files, {}, Limits(rows=2), lambda: 0.0)
    archiver.take([scan(PARCEL_EVENTS, 0, 0), scan(PARCEL_EVENTS, 1, 0), scan(PARCEL_EVENTS, 1, 1)])
    archiver.seal(everything=False)
    assert (files.offsets(EVENTS_0), files.offsets(Partition(PARCEL_EVENTS, 1))) == ([], [0, 1])


def test_partition_is_sealed_when_its_records_are_large_enough() -> None:
    files = FilesInMemory()
    archiver = Archiver(files, {}, Limits(megabytes=1, seconds=60), lambda: 0.0)
    large = Record(PARCEL_EVENTS, 0, 0, b"FX|1", b" " * (1 << 20))
    archiver.take([large, scan(DECISIONS, 0, 0)])
    archiver.seal(everything=False)
    assert [name.split("/")[0] for name in files.names()] == ["topic=parcel-events"]


def test_archiver_that_is_told_to_stop_seals_what_it_has() -> None:
    files, lives = FilesInMemory(), iter([False, True])
    archiver = Archiver(files, {}, Limits(seconds=_NEVER_BY_TIME), lambda: 0.0)
    feed = FeedOfRecords([scan(PARCEL_EVENTS, 0, offset) for offset in range(9)], 4)
    archiver.run(feed, lambda: next(lives), until_end=False)
    assert files.offsets(EVENTS_0) == [0, 1, 2, 3]


def test_archiver_waits_at_the_end_unless_it_is_to_end_there() -> None:
    lives = iter([False, False, True])
    archiver = Archiver(FilesInMemory(), {}, Limits(), lambda: 0.0)
    archiver.run(FeedOfRecords([], 4), lambda: next(lives), until_end=False)
    assert list(lives) == []


def test_check_names_offsets_that_are_missing_and_that_are_there_twice() -> None:
    name = "topic=parcel-events/day=2026-11-23/00003-{:020}-{:020}-of1.parquet"
    found = inventory([name.format(0, 9), name.format(12, 20), name.format(15, 30), "readme.md"], {})
    assert list(found.problems()) == [
        "parcel-events/3: offsets 10 to 11 are missing",
        "parcel-events/3: offsets 15 to 20 are there twice",
    ]


def test_span_that_has_lost_a_day_to_retention_keeps_its_other_days() -> None:
    files = FilesInMemory()
    log = [scan(PARCEL_EVENTS, 0, offset, hours=12 * offset) for offset in range(10)]
    archived(files, log)
    files.remove(files.names()[0])
    kept = files.offsets(EVENTS_0)
    assert archived(files, log) == 0
    assert files.offsets(EVENTS_0) == kept


def test_last_span_that_has_lost_a_day_to_retention_is_not_taken_for_cut_off() -> None:
    files = FilesInMemory()
    log = [scan(PARCEL_EVENTS, 0, offset, hours=24 * offset) for offset in range(3)]
    archived(files, log)
    for oldest in files.names()[:2]:
        files.remove(oldest)
        assert archived(files, log) == 0
    assert files.offsets(EVENTS_0) == [2]


def test_what_was_forgotten_whole_is_not_filed_again() -> None:
    files = FilesInMemory()
    log = [scan(PARCEL_EVENTS, 0, offset, hours=24 * offset) for offset in range(3)]
    archived(files, log)
    for name in files.names():
        files.remove(name)
    assert archived(files, log) == 0
    assert archived(files, [*log, scan(PARCEL_EVENTS, 0, 3)]) == 1
    assert list(inventory_of(files).problems()) == []


def test_what_was_forgotten_whole_is_not_filed_again_though_its_writer_was_killed() -> None:
    files = FilesInMemory(writes_left=1)
    log = [scan(PARCEL_EVENTS, 0, 0)]
    with suppress(Killed):
        archived(files, log)
    files.writes_left = 9
    assert archived(files, log) == 0
    files.remove(files.names()[0])
    assert archived(files, log) == 0


def test_archive_goes_on_where_it_ended_with_a_partition_and_keeps_the_place_of_the_others() -> None:
    files = FilesInMemory()
    log = [scan(PARCEL_EVENTS, 0, 0), scan(PARCEL_EVENTS, 1, 0)]
    archived(files, log)
    files.remove(files.names()[0])
    log.append(scan(PARCEL_EVENTS, 1, 5))
    assert (archived(files, log), archived(files, log)) == (1, 0)
    assert list(inventory_of(files).problems()) == []


def test_last_span_without_its_last_day_is_not_taken_for_cut_off_where_it_was_recorded() -> None:
    files = FilesInMemory()
    log = [scan(PARCEL_EVENTS, 0, offset, hours=24 * offset) for offset in range(2)]
    archived(files, log)
    files.remove(files.names()[1])
    assert archived(files, log) == 0
    assert files.offsets(EVENTS_0) == [0]


def test_check_names_a_span_that_was_recorded_and_is_gone_behind_the_others() -> None:
    files = FilesInMemory()
    archived(files, [scan(PARCEL_EVENTS, 0, offset) for offset in range(8)])
    files.remove(files.names()[1])
    problems = list(inventory_of(files).problems())
    assert problems == ["parcel-events/0: offsets 7 to 7 are missing"]


class BusyFiles(FilesInMemory):
    """Files of an archive that goes on being written whenever somebody looks at it."""

    def names(self) -> Sequence[str]:
        found = super().names()
        self.go_on()
        return found

    def positions(self) -> Mapping[Partition, int]:
        found = super().positions()
        self.go_on()
        return found

    def go_on(self) -> None:
        at = self.recorded.get(EVENTS_0, 0)
        archiver = Archiver(self, {EVENTS_0: at}, Limits(), lambda: 0.0)
        archiver.take([scan(PARCEL_EVENTS, 0, at)])
        archiver.seal(everything=True)


def test_check_misses_nothing_of_an_archive_that_is_written_meanwhile() -> None:
    files = BusyFiles()
    files.go_on()
    assert list(inventory_of(files).problems()) == []


def test_partitions_with_the_most_are_sealed_when_all_together_take_too_much() -> None:
    files = FilesInMemory()
    archiver = Archiver(files, {}, Limits(total_megabytes=3, seconds=60), lambda: 0.0)
    sizes = (1 << 20, 5 << 18, 1 << 18)
    archiver.take([Record(PARCEL_EVENTS, number, 0, b"", b" " * size) for number, size in enumerate(sizes)])
    archiver.seal(everything=False)
    assert files.names() == []
    archiver.take([Record(DECISIONS, 0, 0, b"", b" " * (1 << 20))])
    archiver.seal(everything=False)
    assert [files.offsets(Partition(PARCEL_EVENTS, number)) for number in range(3)] == [[], [0], []]


def test_span_of_files_that_are_not_numbered_is_whole_when_all_are_there() -> None:
    name = "topic=parcel-events/day=2026-11-{}/00003-00000000000000000000-00000000000000000009-of2.parquet"
    both = (name.format(23), name.format(24))
    assert inventory(both, {}).positions == {Partition(PARCEL_EVENTS, 3): 10}
    assert [one.name for one in inventory(both[1:], {}).torn] == [both[1]]


def test_span_of_numbered_files_is_whole_when_its_last_is_there() -> None:
    name = "topic=parcel-events/day=2026-11-{}/00003-00000000000000000000-00000000000000000009-{}of3.parquet"
    first, second, third = (name.format(23 + part, part) for part in (1, 2, 3))
    assert not inventory((second, third), {}).torn
    assert [one.name for one in inventory((first, second), {}).torn] == [first, second]


def test_inventory_passes_over_a_day_that_is_none() -> None:
    name = f"topic={PARCEL_EVENTS}/day=2026-02-30/00000-{0:020}-{9:020}-of1.parquet"
    assert not inventory((name,), {}).whole
