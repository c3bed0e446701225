"""A master that dies behind sentinels: its replica is found by itself, in seconds (fault matrix, row 9)."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import orjson
import pytest
import redis as redis_py

from tests.endtoend.commands import invoked, surroundings
from tidewaiter.adapters.redis_connection import connected, impatient
from tidewaiter.adapters.redis_evidence import RedisEvidence
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.lookup import Contribution, Gathered, Lookup
from tidewaiter.local.server import Launch, Server, free_port, listens
from tidewaiter.local.valkey import redis_command, speaks_redis
from tidewaiter.stream.outcome import Unavailable

BATCH = [Lookup("UPS|1", 1, "digest", "count", (Contribution("person_day", "bob", 20_000, 500),))]
_TLS_FILES = (("cert", "cert.pem"), ("key", "key.pem"), ("ca-cert", "cert.pem"))
_SENTINEL = """port {port}
bind 127.0.0.1
dir {directory}
sentinel monitor screening 127.0.0.1 {master} 2
sentinel down-after-milliseconds screening 500
sentinel failover-timeout screening 3000
"""


@dataclass(frozen=True)
class Watched:
    """Two servers, the second a replica of the first, and the ports of three sentinels."""

    master: Server
    replica_port: int
    sentinel_ports: tuple[int, ...]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.sentinel_ports)
        return f"redis+sentinel://{hosts}/screening"


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("failover is tested with redis-server's sentinels: redis-server is needed")
    master_port, replica_port, *sentinel_ports = (free_port() for _ in range(5))
    launches = [
        _server(binary, tmp_path, master_port),
        _server(binary, tmp_path, replica_port, "--replicaof", f"127.0.0.1 {master_port}"),
        *(_sentinel(binary, tmp_path, port, master_port) for port in sentinel_ports),
    ]
    servers = [Server(launch) for launch in launches]
    try:
        for server in servers:
            server.wait_until_it_answers()
        _wait_until_ready(replica_port, sentinel_ports)
        yield Watched(servers[0], replica_port, tuple(sentinel_ports))
    finally:
        for server in servers:
            server.kill()


def _server(binary: str, directory: Path, port: int, *more: str) -> Launch:
    command = (*redis_command(binary, directory, port), *more, "--repl-diskless-sync-delay", "0")
    return Launch(f"redis-{port}", command, directory, lambda: speaks_redis(port))


def _sentinel(binary: str, directory: Path, port: int, master: int) -> Launch:
    configuration = directory / f"sentinel-{port}.conf"
    configuration.write_text(_SENTINEL.format(port=port, directory=directory, master=master))
    command = (binary, str(configuration), "--sentinel")
    return Launch(f"sentinel-{port}", command, directory, lambda: speaks_redis(port))


def _wait_until_ready(replica_port: int, sentinel_ports: list[int]) -> None:
    """The replica has its copy, and each sentinel knows it and the two others."""
    replica = redis_py.Redis(port=replica_port)
    _wait_until(lambda: replica.info("replication")["master_link_status"] == "up")
    _wait_until(lambda: all(map(_knows_the_others, sentinel_ports)))


def _knows_the_others(sentinel_port: int) -> bool:
    state = cast(dict[str, object], redis_py.Redis(port=sentinel_port).sentinel_master("screening"))
    return bool(state["num-slaves"] == 1 and state["num-other-sentinels"] == 2)


def _wait_until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_replica_is_found_when_the_master_dies_and_the_windows_are_those_of_before(watched: Watched) -> None:
    source = RedisEvidence(watched.url, Tokens(b"a secret for the tests"))
    before = _answered(source, 10)
    _wait_until(lambda: redis_py.Redis(port=watched.replica_port).exists("tw:epoch") == 1)
    watched.master.kill()
    assert isinstance(source.gather(BATCH, 0), Unavailable)
    after = _answered(source, 30)
    assert after.answers[0].standing == "repeat"
    assert after.answers[0].windows == before.answers[0].windows == ((500, 1),)
    assert after.epoch == before.epoch
    source.close()


def test_every_client_finds_the_master_by_the_sentinels_and_the_next_one_too(watched: Watched) -> None:
    client = connected(watched.url)
    client.set("tw:lists:current", "7")
    _wait_until(lambda: client.wait(1, 100) == 1)
    watched.master.kill()
    _wait_until(lambda: _current(watched.url) == b"7", 30)
    assert client.get("tw:lists:current") == b"7"
    client.close()
    doctor = invoked("doctor", "--json", environment=surroundings(redis_url=watched.url))
    checks = {one["what"]: one for one in orjson.loads(doctor.stdout)}
    assert checks["Redis"]["state"] == "good"
    assert checks["Redis functions"]["state"] == "good"


def _current(url: str) -> object:
    try:
        return impatient(url, 1.0).get("tw:lists:current")
    except redis_py.RedisError:
        return None


def test_sentinels_and_master_that_ask_for_passwords_over_tls_are_let_know_them(tmp_path: Path) -> None:
    binary = shutil.which("redis-server")
    if binary is None or shutil.which("openssl") is None:
        pytest.skip("sentinels over TLS are tested with a certificate of the day: redis-server and openssl")
    master, sentinel = (free_port() for _ in range(2))
    _certify(tmp_path)
    (tmp_path / "sentinel.conf").write_text(
        f"{_tls(tmp_path, sentinel)}sentinel monitor screening 127.0.0.1 {master} 1\n"
        "sentinel auth-pass screening hunter2\nrequirepass hunter3\ntls-replication yes\n"
    )
    (tmp_path / "redis.conf").write_text(f'{_tls(tmp_path, master)}requirepass hunter2\nsave ""\n')
    servers = [
        Server(Launch("redis", (binary, str(tmp_path / "redis.conf")), tmp_path, lambda: listens(master))),
        Server(
            Launch(
                "sentinel",
                (binary, str(tmp_path / "sentinel.conf"), "--sentinel"),
                tmp_path,
                lambda: listens(sentinel),
            )
        ),
    ]
    url = f"rediss+sentinel://:hunter2@127.0.0.1:{sentinel}/screening"
    authority = f"ssl_ca_certs={tmp_path / 'cert.pem'}"
    try:
        for server in servers:
            server.wait_until_it_answers()
        _wait_until(lambda: _answers(f"{url}?sentinel_password=hunter3&{authority}"))
        assert not _answers(f"{url}?sentinel_password=hunter2&{authority}")
        assert not _answers(f"{url}?sentinel_password=hunter3")
    finally:
        for server in servers:
            server.kill()


def _tls(directory: Path, port: int) -> str:
    files = "".join(f"tls-{name}-file {directory / file}\n" for name, file in _TLS_FILES)
    return f"port 0\ntls-port {port}\nbind 127.0.0.1\ndir {directory}\n{files}tls-auth-clients no\n"


def _certify(directory: Path) -> None:
    """A certificate of 127.0.0.1 that is its own authority."""
    subject = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2")
    files = ("-keyout", str(directory / "key.pem"), "-out", str(directory / "cert.pem"))
    command = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, *files)
    subprocess.run(command, check=True, capture_output=True)


def _answers(url: str) -> bool:
    try:
        return bool(impatient(url, 2.0).ping())
    except redis_py.RedisError:
        return False


def test_sentinel_that_says_nothing_is_passed_over_by_a_client_that_may_wait(watched: Watched) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, ThreadPoolExecutor(1) as beside:
        first = f"127.0.0.1:{silent.getsockname()[1]}"
        client = connected(watched.url.replace("://", f"://{first},"))
        assert beside.submit(client.ping).result(timeout=20)
        client.close()


def _answered(source: RedisEvidence, seconds: float) -> Gathered:
    until = time.monotonic() + seconds
    while isinstance(answer := source.gather(BATCH, 0), Unavailable):
        assert time.monotonic() < until, answer.reason
        time.sleep(0.05)
    return answer
