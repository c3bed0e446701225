"""Records and offsets written together or not at all, and what to think when nobody can tell.

librdkafka has no KIP-890: after a timed-out or half-failed call a producer may neither repeat nor go on
safely. Such a producer is thrown away. Its successor of the same transactional id makes the coordinator
finish or abort what was left open before ``init_transactions`` returns, so that afterwards the
committed offsets tell the truth.
"""

from collections.abc import Sequence

from confluent_kafka import KafkaError, KafkaException, Producer, TopicPartition

from tidewaiter.adapters.deadline import returned_within
from tidewaiter.adapters.kafka_connection import KafkaConnection, KafkaUnavailable, error_of, in_words
from tidewaiter.stream.log import Aborted, CommitResult, Committed, Fenced, Indefinite
from tidewaiter.stream.record import Outgoing

# Longer than any transaction of ours (milliseconds), and the longest that a killed worker's open one can
# keep read_committed readers waiting when its slot is not taken up again.
TRANSACTION_TIMEOUT_SECONDS = 10.0
# What a call may take beyond the timeout that it was given before it counts as lost.
_GRACE_SECONDS = 2.0
_FENCED = frozenset({KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH})


class Transactions:
    """The transactional producer of one worker slot. Used by one thread; every call blocks.

    A newer one with the same ``transactional_id`` fences this one. Raises KafkaUnavailable when the
    first producer cannot be had within the connection's request timeout.
    """

    def __init__(self, connection: KafkaConnection, transactional_id: str) -> None:
        self._connection, self._id = connection, transactional_id
        self._producer: Producer | None = None
        self._refusal = ""
        self._is_shaken = False
        if not self.renew():
            raise KafkaUnavailable(f"no producer for {transactional_id}: {self._refusal}")

    def commit(
        self, outgoing: Sequence[Outgoing], offsets: list[TopicPartition], group: object
    ) -> CommitResult:
        """Write records and offsets in one transaction; ``group`` is the consumer's group metadata.

        After anything but Committed call ``renew`` before the next one. ValueError for a record that is
        larger than the client may send.
        """
        if self._is_shaken:
            self.close()
        if not self.renew() or self._producer is None:
            return Aborted(f"no producer: {self._refusal}")
        return self._write(self._producer, outgoing, offsets, group)

    def _write(
        self, producer: Producer, outgoing: Sequence[Outgoing], offsets: list[TopicPartition], group: object
    ) -> CommitResult:
        try:
            producer.begin_transaction()
            _produce(producer, outgoing)
            is_sent = returned_within(
                self._timeout + _GRACE_SECONDS,
                lambda: producer.send_offsets_to_transaction(offsets, group, self._timeout),
            )
        except KafkaException as exception:
            return self._abort(producer, error_of(exception))
        if not is_sent:
            self._producer = None
            return Aborted(f"no answer to the offsets within {self._timeout:g} s")
        try:
            producer.commit_transaction(self._timeout)
        except KafkaException as exception:
            error = error_of(exception)
            return self._abort(producer, error) if error.txn_requires_abort() else self._in_doubt(error)
        return Committed()

    def renew(self) -> bool:
        """See that there is a producer whose past is settled; False when it cannot be had now."""
        if self._producer is not None:
            return True
        settings = self._connection.configuration(_producer_settings(self._id))
        producer = Producer({**settings, "error_cb": self._on_error})
        try:
            producer.init_transactions(self._connection.request_timeout_seconds)
        except KafkaException as exception:
            self._refusal = in_words(error_of(exception))
            return False
        self._producer = producer
        self._is_shaken = False
        return True

    def close(self) -> None:
        """Let the producer go, with whatever it still holds. Idempotent."""
        if self._producer is not None:
            # Not close(): it flushes first, and raises when the producer has failed for good.
            self._producer.purge()
        self._producer = None

    @property
    def _timeout(self) -> float:
        return self._connection.request_timeout_seconds

    def _on_error(self, _error: KafkaError) -> None:
        """A connection broke: the producer is replaced before the next transaction.

        librdkafka 2.16 may hold on to its handle of a group coordinator that was restarted, and wait
        for it without end, whatever timeout it was given. A new producer asks anew; it costs 20 ms.
        """
        self._is_shaken = True

    def _abort(self, producer: Producer, cause: KafkaError) -> CommitResult:
        """The commit was never asked for, or was refused: nothing will be visible, whatever happens here."""
        if _is_fencing(cause):
            return self._fenced(cause)
        try:
            producer.abort_transaction(self._timeout)
        except KafkaException as exception:
            error = error_of(exception)
            self.close()
            return self._fenced(error) if _is_fencing(error) else Aborted(in_words(cause))
        return Aborted(in_words(cause))

    def _in_doubt(self, error: KafkaError) -> CommitResult:
        self.close()
        return self._fenced(error) if _is_fencing(error) else Indefinite(in_words(error))

    def _fenced(self, error: KafkaError) -> Fenced:
        self.close()
        return Fenced(
            f"{self._id}: a newer worker has this slot, or a transaction was open for longer than "
            f"{TRANSACTION_TIMEOUT_SECONDS:g} s ({in_words(error)})"
        )


def _producer_settings(transactional_id: str) -> dict[str, str | int | float | bool]:
    return {
        "transactional.id": transactional_id,
        "transaction.timeout.ms": int(TRANSACTION_TIMEOUT_SECONDS * 1000),
        "compression.type": "lz4",
        "partitioner": "murmur2_random",
        # A commit flushes: lingering would only delay the first records of a batch.
        "linger.ms": 0,
        # The coordinator refuses a transaction while it still writes the markers of the last one; at the
        # default of 100 ms between attempts the median from event to decision was 98 ms instead of 3.
        "retry.backoff.ms": 5,
        "queue.buffering.max.messages": 200_000,
        # A dead letter quotes up to 1 MiB in base64; each topic has its own limit at the broker.
        "message.max.bytes": 4_194_304,
    }


def _produce(producer: Producer, outgoing: Sequence[Outgoing]) -> None:
    """Queue the records. Delivery errors make the transaction abortable: the commit tells of them."""
    for record in outgoing:
        try:
            _queue(producer, record)
        except BufferError:
            # The queue takes 200,000 records or 1 GB; half a second empties it or the broker is away.
            producer.poll(0.5)
            _queue(producer, record)
    producer.poll(0)


def _queue(producer: Producer, record: Outgoing) -> None:
    try:
        producer.produce(record.topic, record.value, record.key, headers=[*record.headers])
    except KafkaException as exception:
        if error_of(exception).code() != KafkaError.MSG_SIZE_TOO_LARGE:
            raise
        size = len(record.value or b"") + len(record.key or b"")
        raise ValueError(
            f"a record of {size} bytes for {record.topic} is more than may be sent"
        ) from exception


def _is_fencing(error: KafkaError) -> bool:
    return error.code() in _FENCED
