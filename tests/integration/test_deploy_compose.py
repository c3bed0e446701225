"""docker-compose.yml without an engine: Apache Kafka runs under the settings that its container is given.

What is not tried so is the image itself; it makes server.properties of KAFKA_… names, as is done here.
"""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.contracts.composition import ROOT, services
from tests.servers import FOR_A_SHORT_LIFE, formatted_kafka
from tidewaiter.cli import app
from tidewaiter.local.server import Server, free_port
from tidewaiter.settings import PREFIX

pytestmark = [pytest.mark.apache, pytest.mark.slow]
SECRETS = ROOT / "deploy/docker/development"
# Read by the scripts around the broker, which set Java up.
_NOT_PROPERTIES = {"KAFKA_HEAP_OPTS", "KAFKA_OPTS"}


class Composed:
    """The broker of the composition on free ports of this machine, with the published users."""

    def __init__(self, directory: Path) -> None:
        (kafka,) = (one for one in services() if one.name == "kafka")
        self._ports = {port: free_port() for port in ("9092", "29092", "19092", "9093")}
        properties = {
            name.removeprefix("KAFKA_").lower().replace("_", "."): self._here(value)
            for name, value in kafka.environment.items()
            if name.startswith("KAFKA_") and name not in _NOT_PROPERTIES
        }
        properties["log.dirs"] = str(directory / "data")
        users = directory / "kafka_users"
        shutil.copy(SECRETS / "kafka_users", users)
        options = kafka.environment["KAFKA_OPTS"].replace("/run/secrets/kafka_users", str(users))
        text = "".join(f"{name}={value}\n" for name, value in properties.items())
        java = (*FOR_A_SHORT_LIFE, options)
        self.server = Server(formatted_kafka(directory, text, self._ports["19092"], java))
        self.server.wait_until_it_answers(60)

    def run(self, name: str, *arguments: str) -> Result:
        """Our command with the secret of that name, as the services of the composition have it."""
        environment = {
            f"{PREFIX}KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{self._ports['29092']}",
            f"{PREFIX}KAFKA_CONFIG": (SECRETS / f"{name}_kafka_config").read_text(),
        }
        return CliRunner().invoke(app, arguments, env=environment)

    def _here(self, value: str) -> str:
        """A setting with this machine's ports, and its name in the place of the container's."""
        value = re.sub(r"(?<=:)\d{4,5}", lambda found: str(self._ports[found[0]]), value)
        return re.sub(r"(?<=[/@])(0\.0\.0\.0|kafka|localhost)(?=:)", "127.0.0.1", value)


@pytest.fixture(scope="module")
def composed(apache_kafka: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    found = Composed(tmp_path_factory.mktemp("composed"))
    try:
        yield found
    finally:
        found.server.kill()


def test_the_broker_lets_setup_prepare_it_and_everybody_else_do_only_their_own(composed: Composed) -> None:
    """In the order of the composition: topics, permissions, then whoever waits for those."""
    created = composed.run("setup", "topics", "create")
    assert created.exit_code == 0, created.output
    nobody_yet = composed.run("archive", "topics", "check")
    assert nobody_yet.exit_code == 1, "without permissions no topic is seen"
    allowed = composed.run("setup", "topics", "acls", "--really")
    assert allowed.exit_code == 0, allowed.output
    assert composed.run("setup", "topics", "acls").output == "as wanted\n"
    assert composed.run("administrator", "topics", "check").output == "as wanted\n"
    not_told = composed.run("archive", "topics", "check")
    assert (not_told.exit_code, "AUTHORIZATION" in not_told.output) == (2, True), not_told.output
    assert (
        "as deploy/kafka/topics.yaml wants them" in composed.run("administrator", "doctor", "--json").output
    )
    assert "AUTHORIZATION" in composed.run("screener", "doctor", "--json").output
    listed = composed.run("inspector", "dlq", "list")
    assert listed.exit_code == 0, listed.output
    sent = composed.run("carrier", "simulate", "--to", "kafka", "--parcels", "20")
    assert sent.exit_code == 0, sent.output
    measured = composed.run("lag", "lag", "--once", "--json")
    assert measured.exit_code == 0, measured.output
    refused = composed.run("screener", "topics", "acls", "--really")
    assert refused.exit_code == 2, refused.output
