"""One suite for every log: what the one in memory promises, the one on Kafka keeps, and back."""

from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from tests.integration.logs import PARTITIONS, POLL, KafkaWorld, MemoryWorld, Seen, World, poll_until
from tests.servers import Broker
from tidewaiter.adapters import kafka_ahead
from tidewaiter.adapters.kafka_connection import TopicsUnusable
from tidewaiter.stream.log import Committed, Fenced, KeysAhead
from tidewaiter.stream.offsets import next_offsets
from tidewaiter.stream.outcome import Unavailable
from tidewaiter.stream.partitioner import partition_for
from tidewaiter.stream.record import Outgoing, Partition

KINDS = ("memory", pytest.param("kafka", marks=pytest.mark.kafka))


@pytest.fixture(params=KINDS)
def world(request: pytest.FixtureRequest) -> World:
    """In memory; on Kafka."""
    if request.param == "memory":
        return MemoryWorld()
    return KafkaWorld(request.getfixturevalue("kafka").bootstrap_servers)


@pytest.fixture
def member(world: World) -> Iterator[Seen]:
    """A member that holds every partition."""
    seen = Seen(world.member("a"))
    poll_until(lambda: len(seen.owned) == 2 * PARTITIONS, seen)
    yield seen
    seen.log.close()


def records(count: int, key: bytes | None = None) -> list[Outgoing]:
    return [Outgoing("", key or b"key-%d" % n, b"%04d" % n) for n in range(count)]


def commit(world: World, seen: Seen) -> None:
    """Commit all that was seen, each record copied to out."""
    outgoing = [Outgoing(world.topic("out"), record.key, record.value) for record in seen.records]
    assert seen.log.commit(outgoing, next_offsets(seen.records)) == Committed()


def test_log_brings_records_as_they_were_written(world: World, member: Seen) -> None:
    world.publish(
        "in", Outgoing("", b"k", b"v", (("ce_id", b"1"), ("ce_type", b"parcel"))), Outgoing("", b"k", None)
    )
    poll_until(lambda: len(member.records) == 2, member)
    first, second = member.records
    assert (first.topic, first.key, first.value) == (world.topic("in"), b"k", b"v")
    assert first.headers == (("ce_id", b"1"), ("ce_type", b"parcel"))
    assert (second.partition, second.value, second.headers) == (first.partition, None, ())
    assert second.offset == first.offset + 1


def test_log_keeps_the_order_of_a_partition_and_gives_a_key_one_partition_in_every_topic(
    world: World, member: Seen
) -> None:
    world.publish("in", *records(50, key=b"same"))
    world.publish("twin", *records(1, key=b"same"))
    poll_until(lambda: len(member.records) == 51, member)
    mine = [record.value for record in member.records if record.topic == world.topic("in")]
    assert mine == [b"%04d" % n for n in range(50)]
    assert len({record.partition for record in member.records}) == 1


def test_log_reads_nothing_from_partitions_that_are_new_or_paused(world: World) -> None:
    world.publish("in", *records(20))
    log = world.member("a")
    owned: set[Partition] = set()
    for _ in range(400):
        polled = log.poll(POLL)
        owned |= polled.assigned
        assert polled.records == ()
        if len(owned) == 2 * PARTITIONS:
            break
    assert all(log.poll(POLL).records == () for _ in range(5))
    log.close()


def test_log_reads_on_after_the_last_polled_record_when_resumed(world: World, member: Seen) -> None:
    world.publish("in", *records(20))
    poll_until(lambda: len(member.records) == 20, member)
    member.log.pause(member.owned)
    world.publish("in", *[Outgoing("", b"key-%d" % n, b"later") for n in range(10)])
    for _ in range(5):
        member.poll()
    assert len(member.records) == 20
    member.log.resume(member.owned)
    poll_until(lambda: len(member.records) == 30, member)
    assert member.values[20:] == [b"later"] * 10


def test_commit_makes_outgoing_and_offsets_visible_together(world: World, member: Seen) -> None:
    world.publish("in", *records(20))
    poll_until(lambda: len(member.records) == 20, member)
    assert world.visible("out") == []
    commit(world, member)
    member.log.close()
    assert sorted(world.visible("out"), key=repr) == [b"%04d" % n for n in range(20)]
    world.publish("in", Outgoing("", b"key-1", b"next"))
    successor = Seen(world.member("b"))
    poll_until(lambda: bool(successor.records), successor)
    successor.log.close()
    assert successor.values == [b"next"]


def test_commit_without_outgoing_moves_the_offsets(world: World, member: Seen) -> None:
    world.publish("in", *records(20))
    poll_until(lambda: len(member.records) == 20, member)
    assert member.log.commit([], next_offsets(member.records)) == Committed()
    member.log.close()
    world.publish("in", Outgoing("", b"key-1", b"next"))
    successor = Seen(world.member("b"))
    poll_until(lambda: bool(successor.records), successor)
    successor.log.close()
    assert successor.values == [b"next"]


def test_commit_of_a_worker_whose_slot_was_taken_is_fenced_and_invisible(world: World, member: Seen) -> None:
    world.publish("in", *records(4))
    poll_until(lambda: len(member.records) == 4, member)
    commit(world, member)
    newer = world.member("a")
    outgoing = [Outgoing(world.topic("out"), b"k", b"zombie")]
    result = member.log.commit(outgoing, next_offsets(member.records))
    newer.close()
    assert isinstance(result, Fenced), result
    assert b"zombie" not in world.visible("out")


def test_recover_goes_back_to_the_committed_offsets(world: World, member: Seen) -> None:
    world.publish("in", *records(20))
    poll_until(lambda: len(member.records) == 20, member)
    commit(world, member)
    world.publish("in", *[Outgoing("", b"key-%d" % n, b"again") for n in range(10)])
    poll_until(lambda: len(member.records) == 30, member)
    member.log.pause(member.owned)
    assert member.log.recover()
    member.records.clear()
    member.log.resume(member.owned)
    poll_until(lambda: len(member.records) == 10, member)
    assert member.values == [b"again"] * 10
    commit(world, member)


def test_log_knows_how_far_each_partition_is_committed_also_of_what_others_committed(
    world: World, member: Seen
) -> None:
    places = [(world.topic(name), number) for name in ("in", "twin") for number in range(PARTITIONS)]
    world.publish("in", *records(20))
    poll_until(lambda: len(member.records) == 20, member)
    assert {member.log.committed(*place) for place in places} == {0}
    offsets = next_offsets(member.records)
    commit(world, member)
    expected = {place: offsets.get(Partition(*place), 0) for place in places}
    assert {place: member.log.committed(*place) for place in places} == expected
    member.log.close()
    successor = Seen(world.member("b"))
    poll_until(lambda: len(successor.owned) == 2 * PARTITIONS, successor)
    assert {place: successor.log.committed(*place) for place in places} == expected
    assert successor.log.committed(world.topic("out"), 0) is None
    successor.log.close()


def test_log_knows_where_the_last_record_of_each_key_lies_ahead(world: World, member: Seen) -> None:
    world.publish("in", *records(40))
    poll_until(lambda: len(member.records) == 40, member)
    first = {record.partition: record.offset for record in reversed(member.records)}
    world.publish("in", *records(20))
    # Also of what lies before what was asked for at first.
    assert not isinstance(
        member.log.keys_from(world.topic("in"), {n: at + 8 for n, at in first.items()}), Unavailable
    )
    for _ in range(2):
        found = member.log.keys_from(world.topic("in"), first)
        assert not isinstance(found, Unavailable)
        assert {number: set(ahead.committed) for number, ahead in found.items()} == {
            number: {record.key for record in member.records if record.partition == number}
            for number in first
        }
    assert not isinstance(found, Unavailable)
    poll_until(lambda: len(member.records) == 60, member)
    last = {record.key: (record.partition, record.offset) for record in member.records}
    assert {key: (n, at) for n, ahead in found.items() for key, at in ahead.committed.items()} == last


def test_log_knows_at_once_what_it_has_put_ahead_of_itself(world: World, member: Seen) -> None:
    world.publish("in", *records(20))
    poll_until(lambda: len(member.records) == 20, member)
    for count in (1, 2):
        outgoing = [Outgoing(world.topic("twin"), b"new-%d" % n, b"") for n in range(count)]
        assert member.log.commit(outgoing, next_offsets(member.records)) == Committed()
        found = member.log.keys_from(world.topic("twin"), dict.fromkeys(range(PARTITIONS), 0))
        assert not isinstance(found, Unavailable)
        keys = {key for ahead in found.values() for key in (*ahead.committed, *ahead.open)}
        assert keys == {b"new-%d" % n for n in range(count)}


@pytest.mark.kafka
def test_the_embedded_broker_tells_where_the_last_record_of_each_key_lies_ahead(
    embedded_kafka: Broker,
) -> None:
    world = KafkaWorld(embedded_kafka.bootstrap_servers)
    seen = Seen(world.member("a"))
    poll_until(lambda: len(seen.owned) == 2 * PARTITIONS, seen)
    test_log_knows_where_the_last_record_of_each_key_lies_ahead(world, seen)
    seen.log.close()


@pytest.mark.kafka
def test_looking_ahead_that_takes_too_long_goes_on_where_it_stopped(
    kafka: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_ahead, "_MOST_SECONDS", -1.0)
    monkeypatch.setattr(kafka_ahead, "_BATCH", 1)
    world = KafkaWorld(kafka.bootstrap_servers)
    world.publish("in", *records(6, key=b"same"))
    log, number = world.member("a"), partition_for(b"same", PARTITIONS)
    first = log.keys_from(world.topic("in"), {number: 0})
    goes = (log.keys_from(world.topic("in"), {number: 0}) for _ in range(100))
    last = next(found for found in goes if not isinstance(found, Unavailable))
    log.close()
    assert isinstance(first, Unavailable)
    assert last == {number: KeysAhead({b"same": 5})}


@pytest.mark.apache
def test_log_looks_ahead_behind_an_open_transaction(apache_kafka: Broker) -> None:
    """One that hangs would hide for as long what the worker itself has written behind it."""
    world = KafkaWorld(apache_kafka.bootstrap_servers)
    name = {"transactional.id": world.topic("open")}
    writer = Producer({"bootstrap.servers": apache_kafka.bootstrap_servers, **name})
    writer.init_transactions(10)
    writer.begin_transaction()
    writer.produce(world.topic("twin"), b"", b"open", partition=0)
    writer.flush(10)
    behind = next(key for key in map(b"key-%d".__mod__, range(99)) if not partition_for(key, PARTITIONS))
    world.publish("twin", Outgoing("", behind, b""))
    log = world.member("a")
    found = log.keys_from(world.topic("twin"), {0: 0})
    log.close()
    writer.abort_transaction(10)
    assert found == {0: KeysAhead({}, {b"open": 0, behind: 1})}


def test_backlog_is_unknown_after_resume_and_zero_at_the_end(world: World, member: Seen) -> None:
    world.publish("in", *records(20))
    poll_until(lambda: len(member.records) == 20, member)
    # A transaction's marker is the last thing in the log: no record tells that the end is reached.
    outgoing = [Outgoing(world.topic("twin"), record.key, b"marked") for record in member.records]
    assert member.log.commit(outgoing, next_offsets(member.records)) == Committed()
    poll_until(lambda: len(member.records) == 40, member)
    member.log.pause(member.owned)
    member.log.resume(member.owned)
    assert {member.log.backlog(p) for p in member.owned} == {None}
    poll_until(lambda: {member.log.backlog(p) for p in member.owned} == {0}, member)


def test_backlog_of_a_partition_that_was_just_written_to_is_not_zero(world: World, member: Seen) -> None:
    world.publish("in", *records(1, key=b"same"), *records(1, key=b"same"))
    poll_until(lambda: {member.log.backlog(p) for p in member.owned} == {0}, member)
    (number,) = {record.partition for record in member.records}
    for _ in range(3):
        outgoing = [Outgoing(world.topic("twin"), b"same", b"again")]
        assert member.log.commit(outgoing, next_offsets(member.records)) == Committed()
        assert member.log.backlog(Partition(world.topic("twin"), number)) != 0
        poll_until(lambda: {member.log.backlog(p) for p in member.owned} == {0}, member)
    assert member.values[2:] == [b"again"] * 3


@pytest.mark.apache
def test_what_was_aborted_does_not_lie_ahead(apache_kafka: Broker) -> None:
    """A worker that is given up in the middle of a commit may write behind its successor, which has answered
    the same record by then: nothing comes again."""
    world = KafkaWorld(apache_kafka.bootstrap_servers)
    name = {"transactional.id": world.topic("given up")}
    writer = Producer({"bootstrap.servers": apache_kafka.bootstrap_servers, **name})
    writer.init_transactions(10)
    writer.begin_transaction()
    writer.produce(world.topic("twin"), b"", b"key", partition=0)
    writer.flush(10)
    seen = Seen(world.member("a"))
    before = seen.log.keys_from(world.topic("twin"), {0: 0})
    writer.abort_transaction(10)
    poll_until(lambda: seen.log.keys_from(world.topic("twin"), {0: 0}) == {0: KeysAhead({})}, seen)
    seen.log.close()
    assert before == {0: KeysAhead({}, {b"key": 0})}


@pytest.mark.apache
def test_a_partition_with_an_open_transaction_is_not_known_to_be_empty(apache_kafka: Broker) -> None:
    """A commit is confirmed before its records can be read: what was just written may look so."""
    world = KafkaWorld(apache_kafka.bootstrap_servers)
    name = {"transactional.id": world.topic("open")}
    writer = Producer({"bootstrap.servers": apache_kafka.bootstrap_servers, **name})
    writer.init_transactions(10)
    writer.begin_transaction()
    writer.produce(world.topic("twin"), b"late", b"k", partition=0)
    writer.flush(10)
    seen = Seen(world.member("a"))
    others = {Partition(world.topic(topic), n) for topic in ("in", "twin") for n in range(PARTITIONS)}
    others.remove(Partition(world.topic("twin"), 0))
    poll_until(lambda: seen.owned > others and {seen.log.backlog(p) for p in others} == {0}, seen)
    assert seen.log.backlog(Partition(world.topic("twin"), 0)) != 0
    writer.commit_transaction(10)
    poll_until(lambda: {seen.log.backlog(p) for p in seen.owned} == {0}, seen)
    seen.log.close()
    assert seen.values == [b"late"]


def test_backlog_counts_what_waits_behind_a_small_poll(world: World, member: Seen) -> None:
    world.publish("in", *records(200, key=b"same"))
    poll_until(lambda: len(member.records) >= 100, member)
    behind = [
        member.log.backlog(partition)
        for partition in {Partition(r.topic, r.partition) for r in member.records}
    ]
    assert behind == [200 - len(member.records)]


def test_two_members_hold_the_same_partition_numbers_of_every_topic(world: World, member: Seen) -> None:
    other = Seen(world.member("b"))
    poll_until(lambda: len(other.owned) == len(member.owned) == PARTITIONS, member, other)
    other.log.close()
    assert not member.numbers & other.numbers
    for seen in (member, other):
        wanted = {Partition(world.topic(name), number) for name in ("in", "twin") for number in seen.numbers}
        assert seen.owned == wanted


def test_a_partition_that_moves_is_read_on_from_its_committed_offset(world: World, member: Seen) -> None:
    world.publish("in", *records(40))
    poll_until(lambda: len(member.records) == 40, member)
    commit(world, member)
    world.publish("in", *[Outgoing("", b"key-%d" % n, b"not committed") for n in range(40)])
    poll_until(lambda: len(member.records) == 80, member)
    other = Seen(world.member("b"))
    poll_until(lambda: len(other.owned) == PARTITIONS, member, other)
    moved = sum(record.partition in other.numbers for record in member.records[40:80])
    assert moved > 0
    poll_until(lambda: len(other.records) == moved, member, other)
    other.log.close()
    assert set(other.values) == {b"not committed"}


@pytest.mark.kafka
def test_the_embedded_broker_moves_a_partition_with_its_committed_offset(embedded_kafka: Broker) -> None:
    world = KafkaWorld(embedded_kafka.bootstrap_servers)
    first = Seen(world.member("a"))
    poll_until(lambda: len(first.owned) == 2 * PARTITIONS, first)
    test_a_partition_that_moves_is_read_on_from_its_committed_offset(world, first)
    first.log.close()


def test_the_rest_of_the_group_takes_over_when_a_member_closes(world: World, member: Seen) -> None:
    other = Seen(world.member("b"))
    poll_until(lambda: len(other.owned) == PARTITIONS, member, other)
    member.log.close()
    poll_until(lambda: len(other.owned) == 2 * PARTITIONS, other)
    other.log.close()


def test_topics_with_unequal_partition_counts_are_refused(world: World) -> None:
    with pytest.raises((ValueError, TopicsUnusable), match="equal partition counts"):
        world.member("a", ("in", "odd"))


@pytest.mark.kafka
def test_a_missing_topic_is_refused_by_name(kafka: Broker) -> None:
    world = KafkaWorld(kafka.bootstrap_servers)
    with pytest.raises(TopicsUnusable, match="no topic nowhere-"):
        world.member("a", ("in", "nowhere"))
