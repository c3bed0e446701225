"""Workers that are killed, stopped, added and taken away: every event is decided once."""

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, takewhile

import orjson
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from tests.integration import unreadable
from tests.integration.harbour import PARTITIONS, Harbour, assert_sound, ended, harbour
from tests.servers import Broker
from tidewaiter.adapters.kafka_connection import ClientValue
from tidewaiter.simulate.rubbish import rubbish
from tidewaiter.simulate.sending import record as sent
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Outgoing
from tidewaiter.watchlists.formats import read_all
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, PARCEL_EVENTS, RESCREENS

pytestmark = [pytest.mark.apache, pytest.mark.slow]


@pytest.fixture
def at(apache_kafka: Broker) -> Iterator[Harbour]:
    with harbour(apache_kafka) as at:
        yield at


def traffic(at: Harbour, parcels: int, seed: int = 7) -> Iterator[Outgoing]:
    """Believable traffic with planted cases."""
    entries = tuple(entry for reading in read_all((at.list_directory,)) for entry in reading.entries)
    return map(sent, Traffic(seed, parcels, datetime.now(UTC), planted_share=0.05, listed=entries))


def poison() -> list[Outgoing]:
    """One record of each kind that nobody can read."""
    return [Outgoing(PARCEL_EVENTS, one.key, one.value) for one in rubbish(seed=7)]


def aborted(at: Harbour) -> int:
    """How many decisions lie in the log and were never committed."""
    settings: dict[str, ClientValue] = {
        "group.id": "count",
        "isolation.level": "read_uncommitted",
        "enable.partition.eof": True,
        "enable.auto.commit": False,
    }
    consumer = Consumer(at.connection.configuration(settings))
    consumer.assign([TopicPartition(DECISIONS, number, 0) for number in range(PARTITIONS)])
    count, ends = 0, 0
    while ends < PARTITIONS:
        for message in consumer.consume(1000, 1.0):
            count, ends = (count, ends + 1) if message.error() else (count + 1, ends)
    consumer.close()
    return count - len(at.records(DECISIONS))


def test_a_worker_killed_between_producing_and_committing_loses_and_doubles_nothing(at: Harbour) -> None:
    at.publish(traffic(at, 2000))
    for commits in (1, 3):
        dying = at.start(slot=0, program=("-m", "tests.integration.dying_screener", str(commits)))
        assert dying.wait(60) == -signal.SIGKILL
    at.start(slot=0)
    account = assert_sound(at)
    assert account.inputs >= 2000
    assert aborted(at) > 0, "no kill came between producing and committing"


def test_messages_of_a_producer_that_chooses_other_partitions_are_decided_like_any_other(at: Harbour) -> None:
    """As librdkafka does unless it is told otherwise."""
    feed = Producer({"bootstrap.servers": at.connection.bootstrap_servers})
    for one in traffic(at, 300):
        feed.produce(one.topic, one.value, one.key, headers=[*one.headers])
    assert feed.flush(30) == 0
    for slot in (0, 1):
        at.start(slot)
    account = assert_sound(at)
    assert (account.inputs >= 300, account.dead_letters) == (True, 0)
    assert len(at.records(RESCREENS)) > account.inputs / 2, "most lie elsewhere"
    last = {record.key: orjson.loads(record.value or b"")["decision"] for record in at.records(DECISIONS)}
    assert list(last.values()).count("RELEASE") > len(last) / 2


def test_records_whose_header_names_are_no_text_are_decided_like_any_other(at: Harbour) -> None:
    unreadable.publish(at.connection.bootstrap_servers, traffic(at, 300), PARTITIONS)
    at.start(slot=0)
    account = assert_sound(at)
    assert account.inputs >= 300
    assert account.dead_letters == 0
    assert at.workers[0].poll() is None


def test_a_killed_worker_that_never_comes_back_is_replaced_by_the_others(at: Harbour) -> None:
    at.start(slot=1)
    dying = at.start(slot=0, program=("-m", "tests.integration.dying_screener", "4"))
    # On a busy machine the other one may have read 1,500 before this one reads any.
    endless = takewhile(lambda _: dying.poll() is None, traffic(at, 20_000))
    with at.streaming(chain(traffic(at, 1500, seed=8), endless), rate=300):
        assert dying.wait(60) == -signal.SIGKILL
    assert_sound(at)


def test_workers_that_come_and_go_lose_and_double_nothing(at: Harbour) -> None:
    broken = poison()
    first = at.start(slot=0)
    with at.streaming(traffic(at, 3000), rate=300):
        for slot in (1, 2):
            time.sleep(2.0)
            newcomer = at.start(slot=slot)
            at.publish(broken[slot - 1 :: 2])
            time.sleep(3.0)
            code, seconds = ended(first)
            assert (code, seconds < 5.0) == (0, True), f"{seconds:.1f} s"
            first = newcomer
    account = assert_sound(at)
    assert account.dead_letters == len(broken)


def test_a_worker_asked_to_stop_commits_its_batch_and_ends_within_five_seconds(at: Harbour) -> None:
    at.publish(traffic(at, 5000))
    worker = at.start(slot=0)
    at.wait_until(lambda: len(at.records(DECISIONS)) > 0)
    code, seconds = ended(worker)
    assert (code, seconds < 5.0) == (0, True), f"{seconds:.1f} s"
    account = at.account()
    assert not account.doubled
    assert account.missing, "it was stopped in the middle"
    assert aborted(at) == 0
    at.start(slot=0)
    assert_sound(at)


def test_records_that_nobody_can_read_stop_nothing(at: Harbour) -> None:
    broken = poison()
    at.start(slot=0)
    records = list(traffic(at, 400))
    at.publish(one for pair in zip(records, broken * 40, strict=False) for one in pair)
    account = assert_sound(at)
    assert account.dead_letters == len(records)
    letters = at.documents(DEAD_LETTERS)
    assert {letter["stage"] for letter in letters} == {"size", "json", "schema", "version", "key"}
