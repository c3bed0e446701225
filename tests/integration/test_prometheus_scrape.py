"""A real Prometheus scrapes a real worker: every metric arrives, and every rule is answered."""

import json
import shutil
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.harbour import Harbour, ended, harbour
from tests.integration.test_prometheus_alerts import ALERTS, PROMETHEUS, RECORDED
from tests.servers import Broker
from tidewaiter.local.server import Launch, Server, free_port
from tidewaiter.settings import PREFIX
from tidewaiter.simulate.sending import record as sent
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Outgoing
from tidewaiter.telemetry.catalogue import CATALOGUE
from tidewaiter.wire.topics import PARCEL_EVENTS

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

_SUFFIX = {"histogram": "_count", "counter": "", "gauge": ""}


class Scraping:
    """Prometheus with our rules, scraping one worker every second."""

    def __init__(self, directory: Path, worker_port: int) -> None:
        self._port = free_port()
        configuration = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
        configuration["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
        configuration["rule_files"] = [str(PROMETHEUS / name) for name in configuration["rule_files"]]
        configuration.pop("alerting")
        configuration["scrape_configs"] = [
            {"job_name": "screener", "static_configs": [{"targets": [f"127.0.0.1:{worker_port}"]}]}
        ]
        (directory / "prometheus.yml").write_text(yaml.safe_dump(configuration))
        command = (
            "prometheus",
            f"--config.file={directory}/prometheus.yml",
            f"--storage.tsdb.path={directory}/tsdb",
            f"--web.listen-address=127.0.0.1:{self._port}",
            "--enable-feature=exemplar-storage",
        )
        self.server = Server(Launch("prometheus", command, directory, self._is_ready))
        self.server.wait_until_it_answers(30)

    def value(self, query: str) -> list[Any]:
        """The series that answer a query now. Raises urllib.error.HTTPError when it is none."""
        found: list[Any] = self._asked("/api/v1/query", query=query)["result"]
        return found

    def exemplars(self, query: str) -> list[Any]:
        now = time.time()
        found: list[Any] = self._asked("/api/v1/query_exemplars", query=query, start=now - 600, end=now)
        return found

    def rules(self) -> list[dict[str, Any]]:
        """Each rule with its state and health."""
        (group_of_alerts, group_of_records) = self._asked("/api/v1/rules")["groups"]
        found: list[dict[str, Any]] = group_of_alerts["rules"] + group_of_records["rules"]
        return found

    def _asked(self, path: str, **parameters: str | float) -> Any:
        address = f"http://127.0.0.1:{self._port}{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(address, timeout=10) as answer:
            return json.load(answer)["data"]

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/-/ready", timeout=1):
                return True
        except OSError:
            return False


@pytest.fixture(scope="module")
def scraped(kafka: Broker) -> Iterator[Scraping]:
    """Once a worker has decided 300 parcels, set one record aside, and was scraped since."""
    if not shutil.which("prometheus"):
        pytest.skip("prometheus is not installed (Debian: apt-get install prometheus)")
    with harbour(kafka) as at:
        port = free_port()
        worker = _worker(at, port)
        scraping = Scraping(at.directory, port)
        try:
            at.publish(
                [*map(sent, Traffic(1, 300, datetime.now(UTC))), Outgoing(PARCEL_EVENTS, b"FDX|1", b"{")]
            )
            at.settled()
            at.wait_until(lambda: _is_whole(scraping))
            yield scraping
        finally:
            scraping.server.stop()
            ended(worker)


def _worker(at: Harbour, port: int) -> "subprocess.Popen[bytes]":
    """A worker that listens on this port; `Harbour.start` gives it a free one."""
    environment = {**at.environment, f"{PREFIX}METRICS_PORT": str(port)}
    with (at.directory / "worker-0.log").open("ab") as log:
        command = [sys.executable, "-m", "tidewaiter", "screen", "--slot", "0"]
        worker = subprocess.Popen(command, env=environment, stderr=log)
    at.workers.append(worker)
    return worker


def _is_whole(scraping: Scraping) -> bool:
    return not _missing(scraping.value) and all(scraping.value(rule["record"]) for rule in RECORDED)


def _missing(value: Callable[[str], list[Any]]) -> list[str]:
    names = (one.name + _SUFFIX[one.kind] for one in CATALOGUE if one.service == "screener")
    return [name for name in names if not value(name)]


def test_every_metric_of_the_catalogue_arrives(scraped: Scraping) -> None:
    assert _missing(scraped.value) == []


def test_every_rule_is_evaluated_and_none_fires_on_a_worker_that_is_well(scraped: Scraping) -> None:
    rules = scraped.rules()
    assert {rule["name"] for rule in rules} == {
        *(rule["alert"] for rule in ALERTS),
        *(rule["record"] for rule in RECORDED),
    }
    assert {rule["health"] for rule in rules} == {"ok"}
    assert [rule["name"] for rule in rules if rule.get("state") == "firing"] == []


@pytest.mark.parametrize("recorded", sorted(rule["record"] for rule in RECORDED))
def test_every_recorded_rule_has_a_value(scraped: Scraping, recorded: str) -> None:
    assert scraped.value(recorded)


def test_the_slowest_parcels_trace_is_kept_as_an_exemplar(scraped: Scraping) -> None:
    found = scraped.exemplars("tidewaiter_decision_latency_seconds_bucket")
    assert found
    assert all(len(one["labels"]["trace_id"]) == 32 for series in found for one in series["exemplars"])
