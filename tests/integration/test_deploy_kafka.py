"""deploy/kafka/acls.yaml on Apache Kafka: each principal can do its work, and nothing beside it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer
from typer.testing import CliRunner, Result

from tests.integration.harbour import PARTITIONS, Harbour, ended, harbour
from tests.letters import unread_then
from tests.servers import Broker
from tidewaiter.adapters.kafka_acls import Differences, Principal, permissions, put_acls_in_force
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.redis_features import FEATURES
from tidewaiter.cli import app
from tidewaiter.settings import PREFIX
from tidewaiter.simulate.rubbish import rubbish
from tidewaiter.simulate.sending import record as sent
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Outgoing
from tidewaiter.wire.columns import COLUMNS
from tidewaiter.wire.topics import (
    ALL,
    DEAD_LETTERS,
    DECISIONS,
    HOLD_ORDERS,
    INSIGHT_SIGHTINGS,
    OFFICER_ACTIONS,
    PARCEL_EVENTS,
    SCHEMAS,
    SURGE_ALERTS,
)

pytestmark = [pytest.mark.apache, pytest.mark.slow]
CARRIERS_LIMIT = 1_000_000
CLOSED_TO = {
    "screener": {OFFICER_ACTIONS, PARCEL_EVENTS},
    "archive": set(ALL),
    "inspector": {DECISIONS, PARCEL_EVENTS},
    "insight": set(SCHEMAS) - {SURGE_ALERTS},
    "lag": {DECISIONS, PARCEL_EVENTS},
    "dead-letter-desk": {DECISIONS, HOLD_ORDERS, DEAD_LETTERS},
    "carrier": set(SCHEMAS) - {PARCEL_EVENTS},
    "inspection": set(SCHEMAS) - {OFFICER_ACTIONS},
    "administrator": set(ALL),
}


REFUSED = [(principal, topic) for principal, some in CLOSED_TO.items() for topic in sorted(some)]


@cache
def traffic() -> tuple[Outgoing, ...]:
    """What a carrier sends."""
    return tuple(sent(one) for one in Traffic(7, 50, datetime.now(UTC), planted_share=0.2))


@pytest.fixture(scope="module")
def at(apache_kafka: Broker) -> Iterator[Harbour]:
    """One worker that decided what a carrier sent and set aside what nobody can read."""
    with harbour(apache_kafka) as at:
        at.start(slot=0)
        with KafkaPublisher(at.broker.as_principal("carrier")) as publisher:
            for one in rubbish(seed=7):
                if len(one.value) < CARRIERS_LIMIT:
                    publisher.publish(Outgoing(PARCEL_EVENTS, one.key, one.value))
            for record in traffic():
                publisher.publish(record)
        assert at.settled().missing == (), at.last_words()
        yield at


def run(at: Harbour, principal: str, *arguments: str) -> Result:
    """What our command does when it runs as a principal."""
    ours = {name: value for name, value in at.environment_of(principal).items() if name.startswith(PREFIX)}
    return CliRunner().invoke(app, arguments, env=ours)


def refusal_of_writing(connection: KafkaConnection, topic: str) -> int | None:
    """The code with which the broker refuses a record; None when it takes it."""
    codes: list[int | None] = []

    def note(error: KafkaError | None, _: Message) -> None:
        codes.append(error.code() if error else None)

    producer = Producer(connection.configuration({"message.timeout.ms": 5000}))
    producer.produce(topic, b"{}", b"X|1", on_delivery=note)
    producer.flush(6)
    return codes[0]


def test_the_screener_decides_sets_aside_and_writes_orders(at: Harbour) -> None:
    assert len(at.records(DECISIONS)) >= 50
    assert len(at.records(DEAD_LETTERS)) > 0
    assert len(at.records(HOLD_ORDERS)) > 0


@pytest.mark.parametrize(("principal", "topic"), REFUSED)
def test_nobody_writes_what_is_anothers(at: Harbour, principal: str, topic: str) -> None:
    assert (
        refusal_of_writing(at.broker.as_principal(principal), topic) == KafkaError.TOPIC_AUTHORIZATION_FAILED
    )


@pytest.mark.parametrize(
    ("principal", "group", "topic"),
    [
        ("carrier", "carrier-fedex", PARCEL_EVENTS),
        ("carrier", "carrier-fedex", HOLD_ORDERS),
        ("inspection", "inspection-queue", PARCEL_EVENTS),
        ("administrator", "carrier-fedex", PARCEL_EVENTS),
        ("carrier", "tidewaiter", DECISIONS),
    ],
)
def test_nobody_reads_what_is_anothers(at: Harbour, principal: str, group: str, topic: str) -> None:
    settings = {"group.id": group, "auto.offset.reset": "earliest"}
    consumer = Consumer(at.broker.as_principal(principal).configuration(settings))
    consumer.subscribe([topic])
    codes: set[int] = set()
    until = time.monotonic() + 10
    while not codes and time.monotonic() < until:
        codes = {error.code() for one in consumer.consume(10, 0.2) if (error := one.error())}
    consumer.close()
    assert codes & {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.GROUP_AUTHORIZATION_FAILED}


def test_a_carrier_reads_its_decisions(at: Harbour) -> None:
    settings = {"group.id": "carrier-fedex", "auto.offset.reset": "earliest"}
    consumer = Consumer(at.broker.as_principal("carrier").configuration(settings))
    consumer.subscribe([DECISIONS])
    messages = consumer.consume(10, 15.0)
    consumer.close()
    assert len(messages) == 10
    assert [one for one in messages if one.error()] == []


def test_nobody_but_the_screener_writes_in_its_transactions(at: Harbour) -> None:
    producer = Producer(
        at.broker.as_principal("inspector").configuration({"transactional.id": "tidewaiter-tidewaiter-0"})
    )
    with pytest.raises(KafkaException) as raised:
        producer.init_transactions(10)
    assert raised.value.args[0].code() == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED


def test_the_archive_files_everything(at: Harbour, tmp_path: Path) -> None:
    filed = run(at, "archive", "archive", "--to", str(tmp_path), "--once")
    assert filed.exit_code == 0, filed.output
    assert f"{len(at.records(*COLUMNS)):,} records archived" in filed.output


def test_lag_is_measured_of_every_reader(at: Harbour) -> None:
    measured = run(at, "lag", "lag", "--once", "--json")
    assert measured.exit_code == 0, measured.output
    screener = next(one for one in json.loads(measured.output) if one["reader"] == "screener")
    assert (screener["members"], screener["unread"]) == (1, 0)
    assert len(screener["partitions"]) == 3 * PARTITIONS
    assert any(one["committed"] for one in screener["partitions"])


def test_insight_sorts_counts_and_writes_its_features(at: Harbour) -> None:
    """Under its own principal and its own user of Redis."""
    command = (sys.executable, "-m", "tidewaiter", "insight", "--port", "0", "--every", "1")
    with (at.directory / "worker-insight.log").open("ab") as log:
        worker = subprocess.Popen(command, env=at.environment_of("insight"), stderr=log)
    at.workers.append(worker)
    at.wait_until(lambda: bool(at.redis.client().exists(FEATURES)))
    assert len(at.records(INSIGHT_SIGHTINGS)) > 0
    assert ended(worker, 30)[0] == 0


def test_the_inspector_explains_a_parcel_and_lists_dead_letters(at: Harbour) -> None:
    carrier, _, hawb = (traffic()[0].key or b"").decode().partition("|")
    explained = run(at, "inspector", "explain", carrier, hawb, "--json")
    assert explained.exit_code == 0, explained.output
    listed = run(at, "inspector", "dlq", "list", "--json")
    assert len(listed.output.splitlines()) == len(at.records(DEAD_LETTERS))


def test_only_the_dead_letter_desk_sends_dead_letters_again(at: Harbour) -> None:
    with KafkaPublisher(at.broker.as_principal("screener")) as publisher:
        publisher.publish(unread_then(traffic()[0], 900_001))
    before = len(at.records(PARCEL_EVENTS))
    refused = run(at, "inspector", "dlq", "replay", "--stage", "version", "--really")
    assert (refused.exit_code, "AUTHORIZATION" in refused.output) == (2, True), (
        refused.output,
        refused.exc_info,
    )
    replayed = run(at, "dead-letter-desk", "dlq", "replay", "--stage", "version", "--really")
    assert replayed.exit_code == 0, replayed.output
    assert len(at.records(PARCEL_EVENTS)) > before


def test_the_administrator_compares_topics_and_may_not_change_permissions(at: Harbour) -> None:
    checked = run(at, "administrator", "topics", "check", "--partitions", str(PARTITIONS))
    assert (checked.exit_code, checked.output) == (0, "as wanted\n")
    refused = run(at, "administrator", "topics", "acls", "--really")
    assert (refused.exit_code, "AUTHORIZATION" in refused.output) == (2, True), (
        refused.output,
        refused.exc_info,
    )


def test_permissions_beyond_the_file_are_found_and_taken_back(at: Harbour) -> None:
    excess = Principal(name="carrier", reason="too much", read=(HOLD_ORDERS,))
    put_acls_in_force(at.connection, Differences(tuple(permissions([excess])), ()))
    environment = {
        f"{PREFIX}KAFKA_BOOTSTRAP_SERVERS": at.connection.bootstrap_servers,
        f"{PREFIX}KAFKA_GROUP": at.environment[f"{PREFIX}KAFKA_GROUP"],
    }
    line = f"- carrier: READ on TOPIC {HOLD_ORDERS}\n"
    looked = CliRunner().invoke(app, ["topics", "acls"], env=environment)
    assert (looked.exit_code, line in looked.output) == (1, True), looked.output
    mended = CliRunner().invoke(app, ["topics", "acls", "--really"], env=environment)
    assert mended.exit_code == 0, mended.output
    again = CliRunner().invoke(app, ["topics", "acls"], env=environment)
    assert (again.exit_code, again.output) == (0, "as wanted\n")
