"""The services of deploy/k8s as its pods run them: on their port, not ready without Kafka, gone in time."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.contracts.composition import ROOT
from tests.contracts.kustomization import Document, containers, pod, rendered
from tidewaiter.local.server import free_port, listens
from tidewaiter.settings import PREFIX

DOCUMENTS = {
    f"{one['kind']}/{one['metadata']['name']}": one for one in rendered(ROOT / "deploy/k8s/production")
}
SERVICES = ("StatefulSet/screener", "Deployment/insight", "Deployment/lag")
NUMBER = "3"


@contextmanager
def started(workload: Document, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """The command of a pod with its arguments, on another port, with nobody at Kafka's and Redis's."""
    (container,) = containers(workload)
    arguments = [one.replace("$(SLOT)", NUMBER) for one in container["args"]]
    arguments[arguments.index("--port") + 1] = str(port)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(PREFIX)},
        f"{PREFIX}KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}",
        f"{PREFIX}REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
    }
    command = (sys.executable, "-m", "tidewaiter", *arguments)
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=3) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_lives_on_its_port_is_not_ready_alone_and_ends_in_time(name: str) -> None:
    workload, port = DOCUMENTS[name], free_port()
    (container,) = containers(workload)
    with started(workload, port) as process:
        until = time.monotonic() + 60
        while not listens(port):
            assert process.poll() is None
            assert time.monotonic() < until, "it opens no port"
            time.sleep(0.1)
        assert status(port, container["livenessProbe"]["httpGet"]["path"]) == 200
        assert status(port, container["readinessProbe"]["httpGet"]["path"]) == 503
        process.send_signal(signal.SIGTERM)
        assert process.wait(pod(workload)["terminationGracePeriodSeconds"]) == 0
