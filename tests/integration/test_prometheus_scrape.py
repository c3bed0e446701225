"""A real Prometheus scrapes a real worker: every metric arrives, and every rule is answered."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.integration.harbour import Harbour, ended, harbour
from tests.integration.scraping import Scraping
from tests.integration.test_prometheus_alerts import ALERTS, RECORDED
from tests.servers import Broker
from tidewaiter.local.server import free_port
from tidewaiter.settings import PREFIX
from tidewaiter.simulate.sending import record as sent
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Outgoing
from tidewaiter.telemetry.catalogue import CATALOGUE, EXAMINED_HOLDS, FEATURES_AGE
from tidewaiter.wire.topics import PARCEL_EVENTS

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

# Not before an examination, and before insight has written.
_LATER = {EXAMINED_HOLDS, FEATURES_AGE}
USUAL = [one for one in CATALOGUE if one.service == "screener" and one not in _LATER]


@pytest.fixture(scope="module")
def scraped(kafka: Broker) -> Iterator[Scraping]:
    """Once a worker has decided 300 parcels, set one record aside, and was scraped since."""
    if not shutil.which("prometheus"):
        pytest.skip("prometheus is not installed (Debian: apt-get install prometheus)")
    with harbour(kafka) as at:
        port = free_port()
        worker = _worker(at, port)
        scraping = Scraping(at.directory, {"screener": (port,)})
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
    return not scraping.missing(USUAL) and all(scraping.value(rule["record"]) for rule in RECORDED)


def test_every_metric_of_an_ordinary_day_arrives(scraped: Scraping) -> None:
    assert scraped.missing(USUAL) == []


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
