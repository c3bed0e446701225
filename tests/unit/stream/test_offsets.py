"""Committed offsets follow from finished records alone."""

from tidewaiter.stream.offsets import next_offsets, without
from tidewaiter.stream.record import Partition, Record


def record(partition: int, offset: int, topic: str = "in") -> Record:
    return Record(topic, partition, offset, None, None)


def test_next_offsets_lie_after_the_last_finished_record_of_each_partition() -> None:
    finished = [record(0, 7), record(1, 3), record(0, 9), record(0, 5, "twin")]
    assert next_offsets(finished) == {Partition("in", 0): 10, Partition("in", 1): 4, Partition("twin", 0): 6}


def test_next_offsets_of_nothing_are_none() -> None:
    assert next_offsets([]) == {}


def test_records_of_partitions_that_are_gone_are_left_out() -> None:
    records = (record(0, 1), record(1, 1), record(0, 2))
    assert without(records, frozenset({Partition("in", 0)})) == (record(1, 1),)
