"""The bare pass-through: consume, produce, commit in transactions, nothing else; the ceiling for us."""

import time
from dataclasses import dataclass

from confluent_kafka import Consumer, Message, Producer, TopicPartition

RECORD_BYTES = 300


@dataclass(frozen=True)
class PassThrough:
    """What to copy: ``count`` records of ``source`` into ``target``, ``batch`` to a transaction."""

    bootstrap_servers: str
    source: str
    target: str
    count: int
    batch: int = 4000


def records_per_second(work: PassThrough) -> float:
    """Copy ``count`` records, each as 300 bytes, and tell the rate from the first to the last commit.

    The clock starts after the first batch: joining the group and the coordinator's first transaction
    are not the steady state. ``source`` must hold that many records; a run takes a group of its own.
    """
    name = f"passthrough-{time.time_ns()}"
    consumer, producer = _consumer(work, name), _producer(work, name)
    try:
        done = 0
        while done == 0:
            done = _copy_batch(consumer, producer, work)
        started, first = time.perf_counter(), done
        while done < work.count:
            done += _copy_batch(consumer, producer, work)
        return (done - first) / (time.perf_counter() - started)
    finally:
        consumer.close()


def copy_forever(bootstrap_servers: str, source: str, target: str) -> None:
    """Copy records as they come, a transaction for whatever is there: the floor of the latency."""
    work = PassThrough(bootstrap_servers, source, target, 0)
    name = f"passthrough-{time.time_ns()}"
    consumer, producer = _consumer(work, name), _producer(work, name)
    while True:
        messages = consumer.consume(1, 0.2)
        messages += consumer.consume(work.batch, 0.0) if messages else []
        _commit(messages, consumer, producer, work)


def _copy_batch(consumer: Consumer, producer: Producer, work: PassThrough) -> int:
    """Consume, produce and commit one batch; how many records it had."""
    return _commit(consumer.consume(work.batch, 0.05), consumer, producer, work)


def _commit(messages: list[Message], consumer: Consumer, producer: Producer, work: PassThrough) -> int:
    if not messages:
        return 0
    producer.begin_transaction()
    offsets: dict[tuple[str, int], int] = {}
    for message in messages:
        if message.error() is None:
            offsets[message.topic() or "", message.partition() or 0] = (message.offset() or 0) + 1
            producer.produce(work.target, (message.value() or b"")[:RECORD_BYTES], message.key())
    places = [TopicPartition(*pair, offset) for pair, offset in offsets.items()]
    producer.send_offsets_to_transaction(places, consumer.consumer_group_metadata(), 30)
    producer.commit_transaction(30)
    return len(messages)


def _consumer(work: PassThrough, group: str) -> Consumer:
    consumer = Consumer(
        {
            "bootstrap.servers": work.bootstrap_servers,
            "group.id": group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",
            "fetch.wait.max.ms": 10,
            "fetch.queue.backoff.ms": 5,
        }
    )
    consumer.subscribe([work.source])
    return consumer


def _producer(work: PassThrough, name: str) -> Producer:
    producer = Producer(
        {
            "bootstrap.servers": work.bootstrap_servers,
            "transactional.id": name,
            "compression.type": "lz4",
            "linger.ms": 0,
            "retry.backoff.ms": 5,
        }
    )
    producer.init_transactions(30)
    return producer
