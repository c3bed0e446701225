"""What a worker's probes say while it starts, while it works and while Kafka is away."""

import json
import subprocess
import sys
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

from tests.integration.harbour import harbour
from tests.servers import Broker
from tidewaiter.local.server import free_port

pytestmark = [pytest.mark.apache, pytest.mark.slow]


def answer(port: int, page: str) -> tuple[int, list[str]]:
    """The status of a page and what is lacking by it; 0 before anybody listens."""
    try:
        with urlopen(f"http://127.0.0.1:{port}{page}", timeout=5) as found:
            return found.status, json.load(found).get("lacking", [])
    except HTTPError as error:
        return error.code, json.load(error).get("lacking", [])
    except URLError:
        return 0, []


def test_a_worker_is_not_ready_while_kafka_is_away_and_ready_again_when_it_is_back(
    apache_kafka: Broker,
) -> None:
    with harbour(apache_kafka, filled=False) as at:
        port = free_port()
        command = (sys.executable, "-m", "tidewaiter", "screen", "--port", str(port))
        with (at.directory / "worker-0.log").open("ab") as log:
            at.workers.append(subprocess.Popen(command, env=at.environment, stderr=log))
        at.wait_until(lambda: answer(port, "/readyz") == (503, ["lists and rules", "kafka"]), 60)
        at.fill()
        at.wait_until(lambda: answer(port, "/readyz") == (200, []), 60)
        apache_kafka.server.kill()
        try:
            at.wait_until(lambda: answer(port, "/readyz") == (503, ["kafka"]), 60)
            assert answer(port, "/healthz")[0] == 200
        finally:
            apache_kafka.start_again()
        at.wait_until(lambda: answer(port, "/readyz") == (200, []), 60)
