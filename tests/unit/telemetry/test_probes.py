"""The worker's HTTP port says whether it lives, whether it can decide, and what it counts."""

import json
import socket
import struct
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from prometheus_client import CollectorRegistry

from tidewaiter.telemetry.metrics import Metrics
from tidewaiter.telemetry.probes import Probes


class Worker:
    """What the probes ask about."""

    def __init__(self) -> None:
        self.metrics = Metrics()
        self.is_alive = True
        self.lacking: tuple[str, ...] = ("kafka",)
        self.probes = Probes(
            ("127.0.0.1", 0), self.metrics.registry, lambda: self.is_alive, lambda: self.lacking
        )

    def asked(self, path: str) -> tuple[int, str]:
        """Status and body of a page."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.probes.port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.probes.close()


def test_metrics_are_served_as_prometheus_reads_them(worker: Worker) -> None:
    worker.metrics.ready.set(1)
    status, body = worker.asked("/metrics")
    assert status == 200
    assert "\ntidewaiter_ready 1.0\n" in body


def test_who_is_gone_before_the_answer_leaves_no_line(
    worker: Worker, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_connection(("127.0.0.1", worker.probes.port)) as asking:
        asking.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert worker.asked("/metrics")[0] == 200
    for thread in [one for one in threading.enumerate() if "process_request_thread" in one.name]:
        thread.join(5)
    assert capfd.readouterr().err == ""


def test_a_worker_that_makes_no_turn_is_not_alive(worker: Worker) -> None:
    assert worker.asked("/healthz")[0] == 200
    worker.is_alive = False
    assert worker.asked("/healthz") == (503, '{"alive": false}')


def test_a_worker_names_what_it_lacks_until_it_is_ready(worker: Worker) -> None:
    status, body = worker.asked("/readyz")
    assert (status, json.loads(body)) == (503, {"ready": False, "lacking": ["kafka"]})
    worker.lacking = ()
    assert worker.asked("/readyz?verbose=1")[0] == 200


def test_another_page_is_not_found(worker: Worker) -> None:
    status, body = worker.asked("/admin")
    assert status == 404
    assert "/metrics" in body


def test_a_taken_port_is_refused_at_once(worker: Worker) -> None:
    with pytest.raises(OSError, match="in use"):
        Probes(("127.0.0.1", worker.probes.port), CollectorRegistry(), lambda: True, tuple)
