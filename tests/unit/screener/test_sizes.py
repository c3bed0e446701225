"""Whatever size a record has: what answers it is let in by its topic, or the partition would stand."""

import os

import pytest
from msgspec import structs

from tests.unit.screener.desk import KEY, Desk, event
from tidewaiter.adapters.kafka_topics import read_topics
from tidewaiter.resources import topics_file
from tidewaiter.stream.record import Outgoing, Record
from tidewaiter.wire.topics import DEAD_LETTERS, RESCREENS

MEBIBYTE = 1 << 20
LIMITS = {topic.name: topic.max_message_bytes for topic in read_topics(topics_file(), 1)}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def without_redis(desk: Desk, record: Record) -> tuple[Outgoing, ...]:
    desk.source.reason = "Redis: no answer"
    return desk.answers(record, waited=2.5).outgoing


def size(record: Outgoing) -> int:
    headers = sum(len(name) + len(value) for name, value in record.headers)
    return len(record.key or b"") + len(record.value or b"") + headers


def assert_all_are_let_in(records: tuple[Outgoing, ...], topic: str) -> None:
    sizes = {record.topic: size(record) for record in records}
    assert topic in sizes
    assert not [topic for topic, size in sizes.items() if size > LIMITS[topic]], sizes


def test_a_record_that_its_topic_took_compressed_is_screened_again_in_short(desk: Desk) -> None:
    written = without_redis(desk, desk.record(bytes(8 * MEBIBYTE), KEY))
    assert_all_are_let_in(written, RESCREENS)
    desk.source.reason = ""
    (lane,) = [one for one in written if one.topic == RESCREENS]
    answers = desk.answers(desk.again(lane))
    assert (answers.codes, answers.outcome) == (["DOC-MISS"], "HOLD")


def test_the_headers_of_a_record_that_is_screened_again_are_bounded(desk: Desk) -> None:
    large = tuple((f"header-{number}", bytes(MEBIBYTE)) for number in range(4))
    record = structs.replace(desk.event(event()), headers=large)
    assert_all_are_let_in(without_redis(desk, record), RESCREENS)


def test_a_dead_letter_does_not_bear_a_key_of_any_size(desk: Desk) -> None:
    record = structs.replace(desk.record(b"{}"), key=os.urandom(3 * MEBIBYTE))
    assert_all_are_let_in(desk.answers(record).outgoing, DEAD_LETTERS)
