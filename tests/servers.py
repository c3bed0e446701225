"""Real servers for tests and developers: Apache Kafka from Maven artifacts, Redis, or the embedded ones.

``python -m tests.servers kafka`` (or ``redis``) starts one, prints its address and keeps it until Ctrl-C.
"""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import yaml

from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.local.server import Launch, Server, ServerUnusable, free_port
from tidewaiter.local.tansu import speaks_kafka, tansu
from tidewaiter.local.valkey import redis_command, speaks_redis, valkey
from tidewaiter.resources import acls_file

KAFKA_VERSION = "4.3.1"
LOG4J_VERSION = "2.25.4"
CLUSTER = "dGlkZXdhaXRlci10ZXN0cw"  # 16 bytes in base64
# A broker starts in 5.5 s of processor time instead of 11 s when it does not compile its code a second time,
# better, and does a test's work in half of it; a benchmark lives long enough to be better off with that.
FOR_A_SHORT_LIFE = ("-XX:TieredStopAtLevel=1",)
JARS = Path.home() / ".cache" / "tidewaiter" / f"kafka-{KAFKA_VERSION}"

_ARTIFACTS = (
    ("org.apache.kafka", "kafka_2.13", KAFKA_VERSION),
    ("org.apache.logging.log4j", "log4j-slf4j-impl", LOG4J_VERSION),
    ("org.apache.logging.log4j", "log4j-core", LOG4J_VERSION),
)
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>tidewaiter</groupId><artifactId>test-kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>{dependencies}</dependencies></project>
"""
_DEPENDENCY = (
    "<dependency><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></dependency>\n"
)
_LOG4J = """rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %m (%c)%n
"""
# Two doors: by PLAINTEXT everybody is the super user that sets things up and looks at what came of it; by
# SASL a principal may do what it is allowed, which is nothing until deploy/kafka/acls.yaml is in force.
_PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
listeners=PLAINTEXT://127.0.0.1:{port},PRINCIPALS://127.0.0.1:{principals_port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port},PRINCIPALS://127.0.0.1:{principals_port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,PRINCIPALS:SASL_PLAINTEXT
listener.name.principals.sasl.enabled.mechanisms=PLAIN
listener.name.principals.plain.sasl.jaas.config={jaas}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
log.dirs={directory}/data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""


@dataclass
class Broker:
    """A running broker. ``is_apache`` tells whether claims of exactly-once may be tested on it.

    On ``port`` everybody is the super user; ``principals_port`` (0 on the embedded broker, which has no
    users) lets the principals of deploy/kafka/acls.yaml in.
    """

    port: int
    principals_port: int
    is_apache: bool
    launch: Launch
    server: Server

    @property
    def bootstrap_servers(self) -> str:
        """For clients."""
        return f"127.0.0.1:{self.port}"

    def as_principal(self, name: str) -> KafkaConnection:
        """How a principal of deploy/kafka/acls.yaml reaches it; as everybody does on the embedded broker."""
        if not self.principals_port:
            return KafkaConnection(self.bootstrap_servers)
        return KafkaConnection(
            f"127.0.0.1:{self.principals_port}",
            {
                "security.protocol": "SASL_PLAINTEXT",
                "sasl.mechanism": "PLAIN",
                "sasl.username": name,
                "sasl.password": _password(name),
            },
        )

    def start_again(self) -> None:
        """Start the server on what the last one left (Apache Kafka; the embedded one forgets)."""
        self.server = Server(self.launch)
        self.server.wait_until_it_answers(60)


def has_apache_kafka() -> bool:
    """Whether Apache Kafka can be run here."""
    return bool(shutil.which("java")) and (_has_jars() or bool(shutil.which("mvn")))


@contextmanager
def kafka_broker(options: tuple[str, ...] = ()) -> Iterator[Broker]:
    """Apache Kafka where java and mvn are present, with these Java options, else the embedded broker; both
    empty."""
    with _directory() as directory:
        port = free_port()
        is_apache = has_apache_kafka()
        principals_port = free_port() if is_apache else 0
        if is_apache:
            launch = apache_kafka(directory, port, principals_port, options)
        else:
            launch = tansu(directory, port)
        broker = Broker(port, principals_port, is_apache, launch, Server(launch))
        try:
            broker.server.wait_until_it_answers(60)
            yield broker
        finally:
            broker.server.kill()  # its data goes too, and an orderly shutdown takes 5 s


@contextmanager
def embedded_broker() -> Iterator[Broker]:
    """The embedded broker, whatever else is present."""
    with _directory() as directory:
        port = free_port()
        launch = tansu(directory, port)
        broker = Broker(port, 0, False, launch, Server(launch))
        try:
            broker.server.wait_until_it_answers()
            yield broker
        finally:
            broker.server.kill()


@contextmanager
def redis_server() -> Iterator[str]:
    """The URL of an empty redis-server where there is one (Debian's 7.0 is the floor), else of Valkey."""
    with _directory() as directory:
        port = free_port()
        launch = debian_redis(directory, port) if shutil.which("redis-server") else valkey(directory, port)
        server = Server(launch)
        try:
            server.wait_until_it_answers()
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.kill()


def apache_kafka(directory: Path, port: int, principals_port: int, options: tuple[str, ...]) -> Launch:
    """How to start a one-node Apache Kafka, in KRaft mode, with its storage formatted in ``directory``."""
    properties = _PROPERTIES.format(
        port=port,
        principals_port=principals_port,
        controller_port=free_port(),
        directory=directory,
        jaas=_jaas(),
    )
    return formatted_kafka(directory, properties, port, options)


def formatted_kafka(directory: Path, properties: str, port: int, options: tuple[str, ...] = ()) -> Launch:
    """How to start Apache Kafka with these server.properties, its storage formatted, and these Java options.

    ``port`` is one where it answers whoever asks.
    """
    _fetch_jars()
    configuration = directory / "server.properties"
    configuration.write_text(properties)
    (directory / "log4j2.properties").write_text(_LOG4J)
    logging = f"-Dlog4j2.configurationFile={directory}/log4j2.properties"
    java = ("java", "-Xms256m", "-Xmx1g", logging, *options, "-cp", f"{JARS}/*")
    _output((*java, "kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(configuration)))
    command = (*java, "kafka.Kafka", str(configuration))
    return Launch("kafka", command, directory, lambda: speaks_kafka(port))


def debian_redis(directory: Path, port: int) -> Launch:
    """How to start the redis-server of this machine."""
    command = redis_command("redis-server", directory, port)
    return Launch("redis", command, directory, lambda: speaks_redis(port))


def _jaas() -> str:
    """The users whom the broker knows: the principals of the very file."""
    names = [one["name"] for one in yaml.safe_load(acls_file().read_text())["principals"]]
    users = " ".join(f'user_{name}="{_password(name)}"' for name in names)
    return f"org.apache.kafka.common.security.plain.PlainLoginModule required {users};"


def _password(name: str) -> str:
    return f"{name}-for-tests"


def _has_jars() -> bool:
    return JARS.is_dir() and any(JARS.glob("kafka_2.13-*.jar"))


def _fetch_jars() -> None:
    """Let Maven copy the server's 46 jars (44 MB) into our cache, once; complete or not at all."""
    if _has_jars():
        return
    JARS.parent.mkdir(parents=True, exist_ok=True)
    with _directory(JARS.parent) as directory:
        dependencies = "".join(_DEPENDENCY.format(*artifact) for artifact in _ARTIFACTS)
        (directory / "pom.xml").write_text(_POM.format(dependencies=dependencies))
        goal = ("dependency:copy-dependencies", "-DoutputDirectory=jars", "-DincludeScope=runtime")
        _output(("mvn", "-q", "-B", "-f", str(directory / "pom.xml"), *goal))
        if not _has_jars():
            (directory / "jars").rename(JARS)


def _output(command: tuple[str, ...]) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    if result.returncode != 0:
        words = (result.stdout + result.stderr).strip()
        raise ServerUnusable(f"{command[0]} ended with {result.returncode}: {words[-300:]}")
    return result.stdout


@contextmanager
def _directory(parent: Path | None = None) -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="tidewaiter-test-", dir=parent))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def main(arguments: list[str]) -> int:
    """Start what the first argument names and keep it until Ctrl-C."""
    try:
        match arguments:
            case ["kafka"]:
                with kafka_broker() as broker:
                    _keep(broker.bootstrap_servers)
            case ["redis"]:
                with redis_server() as url:
                    _keep(url)
            case _:
                print("usage: python -m tests.servers kafka|redis", file=sys.stderr)
                return 2
    except KeyboardInterrupt:
        return 0
    return 0


def _keep(address: str) -> None:
    print(address, flush=True)
    Event().wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
