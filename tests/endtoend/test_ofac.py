"""The real OFAC list, loaded by the command line into a running worker: its entries are held by name."""

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.endtoend.commands import ROOT, invoked, started, surroundings
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_publisher import KafkaPublisher
from tidewaiter.adapters.kafka_reader import read_topic
from tidewaiter.cli.up import fill
from tidewaiter.local.stack import EmbeddedStack
from tidewaiter.settings import DEVELOPMENT_SECRET
from tidewaiter.simulate.message import Message
from tidewaiter.simulate.sending import record as sent
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.watchlists.formats import read_all
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS

pytestmark = [pytest.mark.kafka, pytest.mark.redis, pytest.mark.slow]

FILES = {
    "--sdn": "ofac_sdn_20240423.csv",
    "--alt": "ofac_alt_2025-02.csv",
    "--add": "ofac_add_2025-02.csv",
}
# Every planted case of these is found.
FOUND = (
    "listed-misspelt",
    "listed-reordered",
    "listed-transliterated",
    "listed-address-other-name",
    "hot-phone",
)


def ofac_files() -> dict[str, Path]:
    data = ROOT / os.environ.get("TIDEWAITER_DATA", "../shared/data")
    files = {option: data / "watchlists" / name for option, name in FILES.items()}
    if not all(path.is_file() for path in files.values()):
        pytest.skip(f"the OFAC files are not in {data}: TIDEWAITER_DATA names the directory")
    return files


class Screening:
    """A worker that began with a fictitious list, and what it decided once the real one was loaded."""

    def __init__(self, stack: EmbeddedStack, directory: Path, files: dict[str, Path]) -> None:
        fill(stack, DEVELOPMENT_SECRET.encode(), directory)
        environment = surroundings(
            kafka_bootstrap_servers=stack.bootstrap_servers, redis_url=stack.redis_url, metrics_port="0"
        )
        self.worker = started("screen", "--slot", "0", environment=environment)
        options = [word for option, path in files.items() for word in (option, str(path))]
        self.loaded = invoked(
            "watchlists", "load", "--source", "ofac", *options, "--json", environment=environment
        )
        entries = tuple(one for reading in read_all(tuple(files.values())) for one in reading.entries)
        traffic = Traffic(5, 2000, datetime.now(UTC), planted_share=0.4, listed=entries)
        self.messages: list[Message] = list(traffic)
        connection = KafkaConnection(stack.bootstrap_servers)
        self._taken_up(environment)
        with KafkaPublisher(connection) as publisher:
            for message in self.messages:
                publisher.publish(sent(message))
        self._wait(connection)
        documents = (orjson.loads(record.value or b"{}") for record in read_topic(connection, HOLD_ORDERS))
        self.orders: dict[str, dict[str, Any]] = {}
        for order in documents:
            self.orders.setdefault(f"{order['source_carrier']}|{order['hawb']}", order)

    def _taken_up(self, environment: dict[str, str]) -> None:
        """Until the worker says that it is on the generation in force, without a parcel to tell it."""
        until = time.monotonic() + 60
        while True:
            status = json.loads(invoked("watchlists", "status", "--json", environment=environment).stdout)
            if [one["generation"] for one in status["workers"].values()] == [status["generation"]]:
                return
            assert time.monotonic() < until, status
            time.sleep(0.3)

    def _wait(self, connection: KafkaConnection) -> None:
        until = time.monotonic() + 90
        while len(list(read_topic(connection, DECISIONS))) < len(self.messages):
            assert time.monotonic() < until
            time.sleep(0.5)

    def planted(self, case: str) -> list[Message]:
        return [m for m in self.messages if m.label and m.label.truth.case == case]

    def codes(self, message: Message) -> set[str]:
        order = self.orders.get(message.key.decode(), {"holds": []})
        return {hold["code"] for hold in order["holds"]}


@pytest.fixture(scope="module")
def screening(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screening]:
    files = ofac_files()
    with EmbeddedStack() as stack:
        screening = Screening(stack, tmp_path_factory.mktemp("list"), files)
        yield screening
        screening.worker.terminate()
        screening.worker.wait(60)


def test_the_command_counts_what_the_files_have(screening: Screening) -> None:
    assert screening.loaded.exit_code == 0, screening.loaded.output
    counts = json.loads(screening.loaded.stdout)["sources"]["ofac-sdn"]
    assert counts["entries"] == 14_641
    assert counts["rows"] == 14_641 + 19_486 + 22_641, "every line of the three files is accounted for"
    assert counts["problems"] == []
    assert counts["aliases_without_entry"] > 0, "the alias file is younger than the list"


@pytest.mark.parametrize("case", FOUND)
def test_planted_parties_are_held_and_the_entry_is_named(screening: Screening, case: str) -> None:
    planted = screening.planted(case)
    held = [
        message for message in planted if any(code.startswith("WL-") for code in screening.codes(message))
    ]
    assert len(planted) >= 10
    assert [m.key for m in planted if m not in held] == []
    for message in held:
        order = screening.orders[message.key.decode()]
        named = [*order["hits"], *order["identifiers"]]
        assert any(one["list"] == "ofac-sdn" and one["entry_name"] for one in named)


def test_ordinary_parcels_are_not_held_for_a_list(screening: Screening) -> None:
    ordinary = {m.key.decode() for m in screening.messages} - {
        m.key.decode() for m in screening.messages if m.label
    }
    held = [
        key
        for key in ordinary & screening.orders.keys()
        if any(hold["code"].startswith("WL-") for hold in screening.orders[key]["holds"])
    ]
    assert len(ordinary) > 1000
    assert held == []


def test_namesakes_of_listed_persons_are_not_held(screening: Screening) -> None:
    namesakes = screening.planted("innocent-namesake")
    assert len(namesakes) >= 10
    assert [m.key for m in namesakes if screening.codes(m)] == []
