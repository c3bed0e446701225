"""What a transaction is taken for that the broker refuses, answers late or does not answer, step by step."""

from collections.abc import Callable, Mapping
from threading import Event
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from tidewaiter.adapters import kafka_transactions
from tidewaiter.adapters.kafka_connection import KafkaConnection, KafkaUnavailable
from tidewaiter.adapters.kafka_transactions import Transactions
from tidewaiter.stream.log import Aborted, CommitResult, Committed, Fenced, Indefinite
from tidewaiter.stream.record import Outgoing

TIMED_OUT = KafkaError(KafkaError._TIMED_OUT, retriable=True)
ABORTABLE = KafkaError(KafkaError.UNKNOWN_PRODUCER_ID, txn_requires_abort=True)
FENCED = KafkaError(KafkaError._FENCED, fatal=True)
RECORDS = [Outgoing("decisions", b"key", b"%d" % number) for number in range(3)]
WRITING = ["begin_transaction", "produce", "produce", "produce", "poll"]


class Broker:
    """What the producers ask of it, step by step; it refuses a step with the next of its ``errors``."""

    def __init__(self) -> None:
        self.producers: list[Producer] = []
        self.errors: dict[str, list[Exception | KafkaError]] = {}
        self.during: dict[str, Callable[[], object]] = {}

    def producer(self, settings: Mapping[str, Any]) -> "Producer":
        self.producers.append(Producer(self, settings["error_cb"]))
        return self.producers[-1]

    @property
    def steps(self) -> list[list[str]]:
        """Of each producer."""
        return [producer.steps for producer in self.producers]


class Producer:
    """A client of that broker."""

    def __init__(self, broker: Broker, on_error: Callable[[KafkaError], None]) -> None:
        self._broker, self.on_error = broker, on_error
        self.steps: list[str] = []

    def __getattr__(self, step: str) -> Callable[..., object]:
        def take(*_arguments: object, **_options: object) -> None:
            self.steps.append(step)
            self._broker.during.get(step, bool)()
            errors = self._broker.errors.get(step)
            if errors:
                error = errors.pop(0)
                raise KafkaException(error) if isinstance(error, KafkaError) else error

        return take


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    found = Broker()
    monkeypatch.setattr(kafka_transactions, "Producer", found.producer)
    return found


def transactions(timeout_seconds: float = 10.0) -> Transactions:
    connection = KafkaConnection("nowhere:1", request_timeout_seconds=timeout_seconds)
    return Transactions(connection, "tidewaiter-group-0")


def commit(one: Transactions) -> CommitResult:
    return one.commit(RECORDS, [], None)


def test_records_and_offsets_are_written_before_the_commit_is_asked_for(broker: Broker) -> None:
    one = transactions()
    assert commit(one) == commit(one) == Committed()
    written = [*WRITING, "send_offsets_to_transaction", "commit_transaction"]
    assert broker.steps == [["init_transactions", *written, *written]]


def test_a_commit_that_is_not_answered_is_indefinite_and_the_next_is_another_producers(
    broker: Broker,
) -> None:
    one = transactions()
    broker.errors["commit_transaction"] = [TIMED_OUT]
    assert isinstance(commit(one), Indefinite)
    assert broker.steps[0][-2:] == ["commit_transaction", "purge"]
    assert commit(one) == Committed()
    assert [steps[0] for steps in broker.steps] == ["init_transactions"] * 2


@pytest.mark.parametrize("step", ["begin_transaction", "produce", "send_offsets_to_transaction"])
def test_what_fails_before_the_commit_is_asked_for_is_aborted(broker: Broker, step: str) -> None:
    one = transactions()
    broker.errors[step] = [TIMED_OUT]
    assert isinstance(commit(one), Aborted)
    assert broker.steps[0][-2:] == [step, "abort_transaction"]
    assert commit(one) == Committed()
    assert len(broker.producers) == 1


def test_a_commit_that_is_refused_is_aborted(broker: Broker) -> None:
    one = transactions()
    broker.errors["commit_transaction"] = [ABORTABLE]
    assert isinstance(commit(one), Aborted)
    assert broker.steps[0][-2:] == ["commit_transaction", "abort_transaction"]


def test_what_cannot_be_aborted_is_left_to_another_producer(broker: Broker) -> None:
    one = transactions()
    broker.errors |= {"commit_transaction": [ABORTABLE], "abort_transaction": [TIMED_OUT]}
    result = commit(one)
    assert isinstance(result, Aborted)
    assert "UNKNOWN_PRODUCER_ID" in result.reason
    assert broker.steps[0][-2:] == ["abort_transaction", "purge"]
    assert commit(one) == Committed()
    assert len(broker.producers) == 2


@pytest.mark.parametrize("code", ["_FENCED", "PRODUCER_FENCED", "INVALID_PRODUCER_EPOCH"])
@pytest.mark.parametrize("requires_abort", [False, True])
@pytest.mark.parametrize("step", ["begin_transaction", "send_offsets_to_transaction", "commit_transaction"])
def test_a_worker_whose_slot_was_taken_is_fenced(
    broker: Broker, code: str, requires_abort: bool, step: str
) -> None:
    one = transactions()
    broker.errors[step] = [KafkaError(getattr(KafkaError, code), txn_requires_abort=requires_abort)]
    assert isinstance(commit(one), Fenced)
    assert broker.steps[0][-2:] == [step, "purge"]


def test_a_worker_that_is_fenced_while_it_aborts_is_fenced(broker: Broker) -> None:
    one = transactions()
    broker.errors |= {"commit_transaction": [ABORTABLE], "abort_transaction": [FENCED]}
    assert isinstance(commit(one), Fenced)


def test_offsets_that_are_not_answered_though_a_timeout_was_given_are_not_waited_for(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call is still out, and its producer with it: nothing else may be asked of that one."""
    monkeypatch.setattr(kafka_transactions, "_GRACE_SECONDS", 0.01)
    one, is_over = transactions(0.01), Event()
    broker.during["send_offsets_to_transaction"] = lambda: is_over.wait(10)
    assert isinstance(commit(one), Aborted)
    is_over.set()
    assert broker.steps[0][-1] == "send_offsets_to_transaction"
    assert commit(one) == Committed()
    assert len(broker.producers) == 2


def test_after_a_connection_broke_the_next_transaction_is_another_producers(broker: Broker) -> None:
    one = transactions()
    broker.producers[0].on_error(TIMED_OUT)
    assert commit(one) == commit(one) == Committed()
    assert [steps[-1] for steps in broker.steps] == ["purge", "commit_transaction"]


def test_without_a_producer_nothing_is_written_and_it_is_asked_for_again(broker: Broker) -> None:
    one = transactions()
    broker.errors |= {"commit_transaction": [TIMED_OUT], "init_transactions": [TIMED_OUT]}
    commit(one)
    result = commit(one)
    assert isinstance(result, Aborted)
    assert "_TIMED_OUT" in result.reason
    assert broker.steps[1] == ["init_transactions"]
    assert one.renew()
    assert commit(one) == Committed()


def test_a_first_producer_that_cannot_be_had_is_unavailable(broker: Broker) -> None:
    broker.errors["init_transactions"] = [TIMED_OUT]
    with pytest.raises(KafkaUnavailable, match="tidewaiter-group-0: _TIMED_OUT"):
        transactions()


def test_a_record_that_the_full_queue_refused_is_queued_once_there_is_room(broker: Broker) -> None:
    one = transactions()
    broker.errors["produce"] = [BufferError()]
    assert commit(one) == Committed()
    written = ["begin_transaction", "produce", "poll", "produce", "produce", "produce", "poll"]
    assert broker.steps[0][1:-2] == written


def test_a_record_larger_than_may_be_sent_is_an_error_of_ours(broker: Broker) -> None:
    one = transactions()
    broker.errors["produce"] = [KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)]
    with pytest.raises(ValueError, match="a record of 4 bytes for decisions"):
        commit(one)
