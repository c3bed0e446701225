"""`tidewaiter insight` on Apache Kafka: killed, restarted and rebalanced, it ends as if nothing had been."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from itertools import islice
from pathlib import Path

import msgspec
import orjson
import pytest
from confluent_kafka import Producer

from tests.integration import unreadable
from tests.integration.harbour import PARTITIONS, ROOT, SECRET, Harbour, ended, harbour
from tests.servers import Broker
from tests.surges import PublicSurgeAlert, told_surge
from tests.unit.simulate.streams import event_of
from tidewaiter.adapters import clock, redis_secret
from tidewaiter.adapters.kafka_lag import KafkaLag
from tidewaiter.adapters.redis_features import FEATURES, RedisFeatures
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.lag import services_of
from tidewaiter.domain.features import KINDS, Features, Row
from tidewaiter.insight.book import InsightBook
from tidewaiter.insight.sighting import Sighting
from tidewaiter.resources import schemas_directory
from tidewaiter.settings import Settings
from tidewaiter.simulate.message import Message
from tidewaiter.simulate.season import HABIT_DAYS, Season
from tidewaiter.simulate.sending import record
from tidewaiter.simulate.traffic import DEFAULT_START, Traffic
from tidewaiter.stream.record import Outgoing
from tidewaiter.wire.topics import HOLD_ORDERS, INSIGHT_SIGHTINGS, PARCEL_EVENTS, SURGE_ALERTS

pytestmark = [pytest.mark.apache, pytest.mark.slow]

DAYS = HABIT_DAYS + 1
PARCELS_A_DAY = 250


@cache
def season() -> tuple[Message, ...]:
    """Four weeks and a day, of which the last has floods and a fall of prices."""
    start = DEFAULT_START.replace(year=2026, month=10, day=1)
    return tuple(Season(Traffic(9, PARCELS_A_DAY, start), DAYS))


@cache
def undisturbed() -> tuple[Features, frozenset[str]]:
    """What one pass in order comes to: the features, and the ids of the alerts."""
    book = InsightBook(Tokens(SECRET))
    alerts = [alert for message in season() for alert in book.take(event_of(message))]
    return book.features(), frozenset(alert.alert_id for alert in alerts)


class Insight:
    """Workers of `tidewaiter insight` over a harbour's servers."""

    def __init__(self, at: Harbour) -> None:
        self.at = at

    def start(self, name: str, **settings: str) -> subprocess.Popen[bytes]:
        """A worker with the permissions of insight on both servers, and a log of its own."""
        command = (sys.executable, "-m", "tidewaiter", "insight", "--port", "0", "--every", "1")
        environment = {**self.at.environment_of("insight"), **settings}
        with self.log(name).open("ab") as log:
            worker = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log)
        self.at.workers.append(worker)
        return worker

    def come_and_go(self, name: str, messages: Sequence[Message]) -> None:
        """A worker that comes while these arrive, and leaves as soon as it is ready."""
        worker = self.start(name)
        self.publish(messages)
        self.at.wait_until(lambda: '"ready"' in self.log(name).read_text(), 60)
        assert ended(worker, 30)[0] == 0

    def log(self, name: str) -> Path:
        return self.at.directory / f"worker-{name}.log"

    def publish(self, messages: Sequence[Message]) -> None:
        self.at.publish(record(message) for message in messages)

    def has_read_all(self) -> bool:
        """Whether nothing is left of what it reads, its own bundles included."""
        settings = Settings(kafka_group=self.at.environment["TIDEWAITER_KAFKA_GROUP"])
        insight = next(one for one in services_of(settings) if one.name == "insight")
        with closing(KafkaLag(self.at.connection)) as known:
            return known.measured([insight])[0].records == 0

    def rows(self) -> dict[str, dict[str, Row]]:
        return rows_of(RedisFeatures(self.at.redis.client()).read())

    def held(self) -> set[str]:
        """The parcels that were told of as held, to whoever counts."""
        bundles = [one.value or b"" for one in self.at.records(INSIGHT_SIGHTINGS)]
        read = msgspec.msgpack.Decoder(tuple[Sighting, ...]).decode
        seen = [one for bundle in bundles if bundle != b"no bundle" for one in read(bundle)]
        return {one.parcel.parcel for one in seen if one.parcel.held}

    def alerts(self) -> list[PublicSurgeAlert]:
        return [told_surge(one.value) for one in self.at.records(SURGE_ALERTS)]


def rows_of(features: Features) -> dict[str, dict[str, Row]]:
    """The rows of every kind; empty for one that is not there."""
    tables = {kind: getattr(features, kind) for kind in KINDS}
    return {kind: dict(table.rows) if table is not None else {} for kind, table in tables.items()}


@pytest.fixture(scope="module")
def disturbed(apache_kafka: Broker) -> Iterator[Insight]:
    """A run in which the only worker is killed in mid-run; when it is back, others come and go beside it.

    Some of the records come from a client that names headers with bytes that are no text.
    """
    messages = season()
    some, half, most = len(messages) // 4, len(messages) // 2, len(messages) * 3 // 4
    with harbour(apache_kafka, filled=False) as at:
        run = Insight(at)
        run.publish(messages[:some])
        unreadable.publish(
            at.connection.bootstrap_servers, map(record, messages[some : some + 100]), PARTITIONS
        )
        run.publish(messages[some + 100 : half])
        first = run.start("1")
        at.wait_until(lambda: any(islice(at.records("insight-days"), 1)), 60)
        first.kill()
        first.wait()
        run.start("1")
        for name, part in (("2", messages[half:most]), ("3", messages[most:])):
            run.come_and_go(name, part)
        at.wait_until(lambda: run.rows() == rows_of(undisturbed()[0]), 150)
        yield run


def test_features_are_those_of_an_undisturbed_run(disturbed: Insight) -> None:
    expected = rows_of(undisturbed()[0])
    assert all(expected.values()), {kind: len(rows) for kind, rows in expected.items()}
    assert disturbed.rows() == expected


def test_alerts_are_those_of_an_undisturbed_run_and_come_again_only_under_their_ids(
    disturbed: Insight,
) -> None:
    alerts = disturbed.alerts()
    assert {alert.alert_id for alert in alerts} == undisturbed()[1]
    assert {alert.subject for alert in alerts} >= {"volume", "value"}
    named = {(alert.alert_id, alert.kind, alert.entity, alert.day, alert.subject) for alert in alerts}
    assert len(named) == len(undisturbed()[1])


def test_examples_of_an_alert_are_parcels_that_were_declared(disturbed: Insight) -> None:
    declared = {(one.key or b"").decode() for one in disturbed.at.records(PARCEL_EVENTS)}
    examples = {example for alert in disturbed.alerts() for example in alert.examples}
    assert examples
    assert examples <= declared


def test_parcels_told_again_change_nothing(disturbed: Insight) -> None:
    before, alerts = disturbed.rows(), {alert.alert_id for alert in disturbed.alerts()}
    disturbed.publish(season()[-400:])
    disturbed.at.wait_until(disturbed.has_read_all, 60)
    written = RedisFeatures(disturbed.at.redis.client()).read().written_ms()

    def is_written_anew() -> bool:
        now = RedisFeatures(disturbed.at.redis.client()).read().written_ms()
        return all(now[kind] > written[kind] for kind in KINDS)

    disturbed.at.wait_until(is_written_anew, 60)
    assert disturbed.rows() == before
    assert {alert.alert_id for alert in disturbed.alerts()} == alerts


def test_what_was_aborted_or_cannot_be_read_counts_for_nothing_and_stops_nobody(apache_kafka: Broker) -> None:
    with harbour(apache_kafka, filled=False) as at:
        run = Insight(at)
        in_a_transaction(at, [held_order("first")], is_committed=True)
        in_a_transaction(at, [held_order("aborted")], is_committed=False)
        run.publish(season()[:50])
        at.publish([Outgoing(INSIGHT_SIGHTINGS, None, b"no bundle")] * 20)
        in_a_transaction(at, [held_order("committed")], is_committed=True)
        run.start("1")
        at.wait_until(lambda: "bundle passed over" in run.log("1").read_text(), 60)
        at.wait_until(lambda: "FDX|committed" in run.held(), 60)
        at.wait_until(run.has_read_all, 60)
        assert run.held() == {"FDX|first", "FDX|committed"}
        assert run.log("1").read_text().count("bundle passed over") == 20


def held_order(hawb: str) -> Outgoing:
    """An open order for a parcel, held on its merits."""
    example = schemas_directory() / "examples" / HOLD_ORDERS / "valid" / "open.json"
    order = orjson.loads(example.read_bytes())
    order["parcel"] |= {"hawb": hawb, "source_carrier": "FDX"}
    return Outgoing(HOLD_ORDERS, f"FDX|{hawb}".encode(), orjson.dumps(order))


def in_a_transaction(at: Harbour, records: Sequence[Outgoing], *, is_committed: bool) -> None:
    """Publish records to the first partition, so that they follow one another there."""
    producer = Producer(
        {"bootstrap.servers": at.connection.bootstrap_servers, "transactional.id": uuid.uuid4().hex}
    )
    producer.init_transactions()
    producer.begin_transaction()
    for one in records:
        producer.produce(one.topic, one.value, one.key, partition=0)
    producer.flush()
    (producer.commit_transaction if is_committed else producer.abort_transaction)()


def test_a_worker_under_another_secret_than_the_lists_counts_nothing(apache_kafka: Broker) -> None:
    with harbour(apache_kafka, filled=False) as at:
        run = Insight(at)
        redis_secret.claim_for_lists(at.redis.client(), Tokens(SECRET))
        run.publish(season()[:50])
        worker = run.start("1", TIDEWAITER_TOKEN_SECRET="what an operator's shell had")
        at.wait_until(lambda: "TIDEWAITER_TOKEN_SECRET: found another" in run.log("1").read_text(), 30)
        assert ended(worker, 30)[0] == 0
        assert at.records(INSIGHT_SIGHTINGS) == []
        run.start("2")
        at.wait_until(run.has_read_all, 60)
        assert at.records(INSIGHT_SIGHTINGS) != []


def test_a_worker_writes_no_features_once_lists_are_loaded_under_another_secret(apache_kafka: Broker) -> None:
    with harbour(apache_kafka, filled=False) as at:
        run, client = Insight(at), at.redis.client()
        run.publish(season()[:50])
        run.start("1")
        at.wait_until(lambda: client.exists(FEATURES) == 1, 60)
        redis_secret.claim_for_lists(client, Tokens(b"another secret than insight's"))
        at.wait_until(lambda: "features not written" in run.log("1").read_text(), 30)
        client.delete(FEATURES)
        run.publish(season()[50:100])
        at.wait_until(run.has_read_all, 60)
        assert not client.exists(FEATURES)


def test_a_worker_ends_in_time_while_redis_hangs(apache_kafka: Broker) -> None:
    with harbour(apache_kafka, filled=False) as at:
        run, client = Insight(at), at.redis.client()
        run.publish(season()[:50])
        worker = run.start("1")
        at.wait_until(lambda: client.exists(FEATURES) == 1, 60)
        at.redis.freeze()
        at.wait_until(lambda: "features not written" in run.log("1").read_text(), 30)
        assert ended(worker, 30)[0] == 0


def test_a_worker_ends_in_time_while_kafka_hangs(apache_kafka: Broker) -> None:
    with harbour(apache_kafka, filled=False) as at:
        run, client = Insight(at), at.redis.client()
        run.publish(season()[:50])
        worker = run.start("1")
        at.wait_until(lambda: client.exists(FEATURES) == 1, 60)
        with hanging(apache_kafka):
            assert ended(worker, 80)[0] == 0  # Faust itself waits for 91 s
        assert "ended without Kafka's answer" in run.log("1").read_text()


def test_features_are_no_fresher_than_what_kafka_was_last_heard_to_have(apache_kafka: Broker) -> None:
    with harbour(apache_kafka, filled=False) as at:
        run, client = Insight(at), at.redis.client()
        run.publish(season()[:50])
        # A transaction's mark is the last of its partition.
        in_a_transaction(at, [held_order("committed")], is_committed=True)
        in_a_transaction(at, [held_order("aborted")], is_committed=False)
        run.start("1")
        at.wait_until(lambda: RedisFeatures(client).read().written_ms().keys() == {*KINDS}, 60)
        with hanging(apache_kafka):
            since_ms = clock.epoch_ms()
            client.delete(FEATURES)
            at.wait_until(lambda: RedisFeatures(client).read().written_ms().keys() == {*KINDS}, 60)
            assert max(RedisFeatures(client).read().written_ms().values()) <= since_ms
        at.wait_until(lambda: min(RedisFeatures(client).read().written_ms().values()) > since_ms, 60)


@contextmanager
def hanging(broker: Broker) -> Iterator[None]:
    """The broker stays connected and answers nothing."""
    os.kill(broker.server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(broker.server.pid, signal.SIGCONT)
