"""A worker on the embedded servers, and what the commands that look into the stream say of it."""

import json
import re
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import Result

from tests.endtoend.commands import invoked, started, surroundings
from tests.letters import unread_then
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.kafka_reader import read_topic
from tidewaiter.cli.up import EMBEDDED_PARTITIONS, fill
from tidewaiter.domain.action import OfficerAction
from tidewaiter.local.server import free_port
from tidewaiter.local.stack import EmbeddedStack
from tidewaiter.settings import DEVELOPMENT_SECRET
from tidewaiter.simulate.message import Message
from tidewaiter.simulate.rubbish import KINDS, rubbish
from tidewaiter.simulate.sending import record as sent
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Outgoing
from tidewaiter.watchlists.formats import read_all
from tidewaiter.wire import actions
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, OFFICER_ACTIONS, PARCEL_EVENTS

pytestmark = [pytest.mark.kafka, pytest.mark.redis, pytest.mark.slow]
PARCELS = 200


class Port:
    """The embedded stack with one worker on it, and some traffic behind it."""

    def __init__(self, stack: EmbeddedStack, directory: Path) -> None:
        fill(stack, DEVELOPMENT_SECRET.encode(), directory)
        self.metrics_port = free_port()
        self.environment = surroundings(
            kafka_bootstrap_servers=stack.bootstrap_servers,
            redis_url=stack.redis_url,
            metrics_port=str(self.metrics_port),
        )
        self.connection = KafkaConnection(stack.bootstrap_servers, {"message.max.bytes": 4_000_000})
        self.worker = started("screen", "--slot", "0", environment=self.environment)
        entries = tuple(entry for reading in read_all((directory,)) for entry in reading.entries)
        self.messages: list[Message] = list(
            Traffic(3, PARCELS, datetime.now(UTC), planted_share=0.3, listed=entries)
        )
        self.publish(*map(sent, self.messages))
        self.publish(*(Outgoing(PARCEL_EVENTS, one.key, one.value) for one in rubbish(3)))
        self.wait_for(DECISIONS, len(self.messages))
        self.wait_for(DEAD_LETTERS, len(KINDS))

    def publish(self, *records: Outgoing) -> None:
        with KafkaPublisher(self.connection) as publisher:
            for record in records:
                publisher.publish(record)

    def wait_for(self, topic: str, count: int) -> None:
        until = time.monotonic() + 60
        while len(list(read_topic(self.connection, topic))) < count:
            assert time.monotonic() < until, f"{topic}: not {count} within 60 s"
            time.sleep(0.2)

    def page(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()

    def run(self, *arguments: str) -> Result:
        return invoked(*arguments, environment={**self.environment, "COLUMNS": "200"})

    def planted(self, case: str) -> tuple[str, str]:
        """Carrier and number of a parcel in which that case was planted."""
        found = next(m for m in self.messages if m.label and m.label.truth.case == case)
        carrier, _, hawb = found.key.decode().partition("|")
        return carrier, hawb


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Port]:
    with EmbeddedStack() as stack:
        port = Port(stack, tmp_path_factory.mktemp("list"))
        yield port
        port.worker.terminate()
        code = port.worker.wait(60)
    assert code == 0


def test_a_worker_shows_that_it_lives_is_ready_and_what_it_counted(port: Port) -> None:
    assert port.page("/healthz")[0] == 200
    assert json.loads(port.page("/readyz")[1]) == {"ready": True, "lacking": []}
    body = port.page("/metrics")[1]
    assert re.search(r"^tidewaiter_partitions 12\.0$", body, re.M), "three topics of four partitions"
    decided = re.findall(r'^tidewaiter_decisions_total\{.*outcome="(\w+)"\} (\S+)$', body, re.M)
    named = sum(kind.names_parcel for kind in KINDS)
    assert sum(float(count) for _, count in decided) >= len(port.messages) + named
    dead = re.findall(r"^tidewaiter_dead_letters_total\{.*\} (\S+)$", body, re.M)
    assert sum(map(float, dead)) == len(KINDS)
    assert re.search(r'^tidewaiter_list_entries\{list="ofac-sdn"\} 602\.0$', body, re.M)


def test_explain_tells_what_was_decided_and_why(port: Port) -> None:
    done = port.run("explain", *port.planted("listed-reordered"))
    assert done.exit_code == 0
    for words in ("HOLD", "EXAM_REQUIRED", "WL-", "ofac-sdn/9", "generation 1", "names on lists"):
        assert words in done.stdout, words


def test_explain_is_one_json_document_for_machines(port: Port) -> None:
    done = port.run("explain", *port.planted("listed-reordered"), "--json")
    story = json.loads(done.stdout)
    assert story["chapters"][0]["decision"]["decision"] == "HOLD"
    assert any(hold["code"].startswith("WL-") for hold in story["open_order"]["holds"])


def test_explain_names_a_parcel_that_nobody_knows(port: Port) -> None:
    done = port.run("explain", "FX", "0")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "FX|0" in done.stderr


def test_an_officers_action_frees_the_parcel_and_shows_in_its_story(port: Port) -> None:
    carrier, hawb = port.planted("listed-misspelt")
    action = OfficerAction(
        action_id="e2e-1",
        action_type="HOLD_REMOVED",
        action_time=datetime.now(UTC),
        schema_version="1.0",
        source_carrier=carrier,
        hawb=hawb,
        officer_id="officer-7",
        reason="another person",
        hold_code="ALL",
    )
    before = len(list(read_topic(port.connection, DECISIONS)))
    port.publish(Outgoing(OFFICER_ACTIONS, action.key.encode(), actions.encode(action)))
    port.wait_for(DECISIONS, before + 1)
    story = json.loads(port.run("explain", carrier, hawb, "--json").stdout)
    assert story["open_order"] is None
    assert story["chapters"][-1]["message"]["reason"] == "another person"
    assert story["chapters"][-1]["decision"]["decision"] == "RELEASE"


def letters(port: Port, *options: str) -> list[dict[str, Any]]:
    done = port.run("dlq", "list", "--json", *options)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_dead_letters_are_listed_by_stage_and_shown_whole(port: Port) -> None:
    assert len(letters(port)) >= len(KINDS)
    json_letters = letters(port, "--stage", "json")
    assert {letter["stage"] for letter in json_letters} == {"json"}
    place = letters(port, "--stage", "size")[0]["place"]
    shown = port.run("dlq", "show", place)
    assert shown.exit_code == 0
    assert "cut" in shown.stdout
    assert "refused at size" in shown.stdout


def test_a_dead_letter_that_is_not_there_is_named(port: Port) -> None:
    done = port.run("dlq", "show", "parcel-events/0/999999")
    assert done.exit_code == 2
    assert "parcel-events/0/999999" in done.stderr


def set_aside(port: Port, message: Message, offset: int) -> str:
    """A letter as a release left it that could not read this message yet; its place."""
    came = sent(message)
    port.publish(unread_then(came, offset))
    return f"{came.topic}/0/{offset}"


def test_replaying_dead_letters_is_a_dry_run_unless_really_meant(port: Port) -> None:
    places = [set_aside(port, port.messages[0], 900_001), set_aside(port, port.messages[1], 900_002)]
    before = len(list(read_topic(port.connection, PARCEL_EVENTS)))
    dry = port.run("dlq", "replay", "--stage", "version")
    assert "2 would be replayed (a dry run: nothing was written, --really writes); 1 left" in dry.stdout
    assert len(list(read_topic(port.connection, PARCEL_EVENTS))) == before
    real = port.run("dlq", "replay", "--stage", "version", "--really")
    assert "2 replayed" in real.stdout
    assert len(list(read_topic(port.connection, PARCEL_EVENTS))) == before + 2
    named = port.run("dlq", "replay", places[1], "--really")
    assert named.stdout.splitlines()[-1] == "1 replayed"
    assert len(list(read_topic(port.connection, PARCEL_EVENTS))) == before + 3


def test_what_still_cannot_be_read_is_named_and_left(port: Port) -> None:
    before = len(list(read_topic(port.connection, PARCEL_EVENTS)))
    done = port.run("dlq", "replay", "--stage", "schema", "--really")
    assert done.stdout.count("still cannot be read: ") == len(letters(port, "--stage", "schema")) > 0
    assert "0 replayed" in done.stdout
    assert len(list(read_topic(port.connection, PARCEL_EVENTS))) == before


def test_a_dead_letter_to_replay_that_is_not_there_is_named(port: Port) -> None:
    done = port.run("dlq", "replay", "parcel-events/0/999999", "--really")
    assert (done.exit_code, "parcel-events/0/999999: no dead letter" in done.stderr) == (2, True)


def test_doctor_finds_everything_in_order(port: Port) -> None:
    done = port.run("doctor", "--json")
    checks = {check["what"]: check for check in json.loads(done.stdout)}
    assert done.exit_code == 0, checks
    assert checks["Redis functions"]["state"] == "good"
    assert "ofac-sdn 602" in checks["watchlists"]["seen"]
    assert checks["workers' lists"]["seen"] == "not on it: none"
    assert checks["workers' rules"]["state"] == "good"
    assert checks["TIDEWAITER_TOKEN_SECRET"]["state"] == "warning"


def test_doctor_says_what_is_missing_and_shows_no_password() -> None:
    nowhere = surroundings(kafka_bootstrap_servers="127.0.0.1:1", redis_url="redis://u:hunter2@127.0.0.1:1/0")
    done = invoked("doctor", "--json", environment=nowhere)
    checks = {check["what"]: check["state"] for check in json.loads(done.stdout)}
    assert (done.exit_code, checks["Kafka"], checks["Redis"]) == (1, "bad", "bad")
    assert "hunter2" not in done.output


def test_topics_are_as_wanted(port: Port) -> None:
    done = port.run("topics", "check", "--partitions", str(EMBEDDED_PARTITIONS))
    assert "is missing" not in done.stdout
    assert port.run("topics", "create", "--partitions", "4").stdout == "all topics exist\n"


def test_watchlists_status_names_the_worker_and_its_generation(port: Port) -> None:
    done = port.run("watchlists", "status", "--json")
    status = orjson.loads(done.stdout)
    assert status["sources"]["ofac-sdn"]["rows"] == 602
    assert [one["generation"] for one in status["workers"].values()] == [status["generation"]]


def test_top_shows_the_flow_of_a_worker_under_load_and_lag_its_group(port: Port) -> None:
    more, is_over = list(map(sent, Traffic(4, 300, datetime.now(UTC)))), threading.Event()

    def flow() -> None:
        """Some records each second, so that there are some between the two looks, whenever those are."""
        for first in range(0, len(more), 20):
            port.publish(*more[first : first + 20])
            if is_over.wait(1):
                break

    with ThreadPoolExecutor(1) as beside:
        publishing = beside.submit(flow)
        done = port.run("top", "--once", "--json", "--every", "6", "--workers", "1")
        is_over.set()
        publishing.result()
    seen = json.loads(done.stdout)
    assert done.exit_code == 0, done.output
    (worker,) = seen["workers"]
    assert (worker["state"], worker["breaker"], worker["partitions"]) == ("ready", "closed", 12)
    decided = sum(seen["decisions_per_second"].values()) * seen["seconds"]
    assert round(seen["events_per_second"] * seen["seconds"]) >= round(decided) > 0
    assert 0 < seen["latency"]["broker"]["p50"] <= seen["latency"]["broker"]["p99"]
    assert 0 <= seen["within_objective"] <= 1
    assert seen["lists"]["ofac-sdn"]["entries"] == 602
    assert (seen["generations"], len(seen["rulesets"])) == ([1], 1)
    assert seen["holds"]
    assert sum(one["total"] for one in seen["dead_letters"].values()) >= len(KINDS)
    page = port.run("top", "--once", "--every", "0.5", "--workers", "2").stdout
    assert page.startswith(f"LOOK: 127.0.0.1:{port.metrics_port + 1} is down")
    screener = json.loads(port.run("lag", "--once", "--json").stdout)[0]
    assert screener["reader"] == "screener"
    assert len(screener["partitions"]) == 12
    assert all(one["committed"] for one in screener["partitions"] if one["topic"] == PARCEL_EVENTS)


def test_a_worker_on_a_taken_port_ends_with_one_line(port: Port) -> None:
    second = started("screen", "--workers", "2", environment=port.environment)
    _, stderr = second.communicate(timeout=60)
    assert second.returncode == 2
    assert "TIDEWAITER_METRICS_PORT" in stderr
    assert "Traceback" not in stderr
