"""Connections to Redis: for the stream such as never make it wait long, for all else one that may wait.

A URL is redis://, rediss:// or unix://, or redis+sentinel://HOST:PORT,HOST:PORT/SERVICE[/DB], which asks the
sentinels for the present master at every new connection; rediss+sentinel:// asks both over TLS. User and
password are the master's, ?sentinel_username=…&sentinel_password=… the sentinels'; redis-py's ?ssl_ca_certs=…
and its like are for both. Raises ValueError for another.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, cast
from urllib.parse import SplitResult, urlsplit, urlunsplit

from redis import Redis
from redis.backoff import NoBackoff
from redis.connection import ConnectionPool, parse_url
from redis.exceptions import InvalidResponse, RedisError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool

DEADLINE_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 30.0
_READ_BYTES: Final = 262_144  # a chunk's answer in a few reads; 32 kB would be one every 30 parcels
_BEHIND_SENTINELS: Final = "+sentinel"
_SENTINEL_PORT: Final = 26379
# A machine that is gone takes a sentinel with it: whoever may wait 30 s for an answer, and tries again, would
# wait minutes for that one before asking the next.
_SENTINEL_SECONDS: Final = 1.0

Argument = str | bytes | int

Failures: Final = (RedisError, OSError)
"""What a server that is away, slow, full or read-only makes redis-py raise."""


class _Connection(Protocol):
    """The part of redis-py's connection that is used here, which has no types there."""

    handshake_metadata: object

    def connect(self) -> None: ...

    def on_connect(self) -> None: ...

    def disconnect(self) -> None: ...

    def send_command(self, *command: Argument, check_health: bool) -> None: ...

    def read_response(self, *, timeout: float) -> object: ...


class RedisLine:
    """A connection, made when first needed and made anew after any failure; for one thread.

    ``greet`` is called with each new connection before anything else is sent on it.
    """

    def __init__(
        self,
        url: str,
        deadline_seconds: float = DEADLINE_SECONDS,
        greet: Callable[["RedisLine"], None] | None = None,
    ) -> None:
        self._pool = _pool(url, _hurried(deadline_seconds))
        self._deadline_seconds = deadline_seconds
        self._greet = greet
        self._connection: _Connection | None = None

    def send(self, *command: Argument) -> None:
        """Send a command without waiting for its answer. Raises one of `Failures`."""
        self._connected().send_command(*command, check_health=False)

    def receive(self) -> object:
        """The answer to the oldest command without one, or raises one of `Failures`.

        The deadline is that of each arrival of bytes (up to 256 kB), which is all that redis-py offers.
        """
        return self._connected().read_response(timeout=self._deadline_seconds)

    def ask(self, *command: Argument) -> object:
        """Send and receive."""
        self.send(*command)
        return self.receive()

    def close(self) -> None:
        """Let go of the connection, with whatever answers it still owes."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.disconnect()

    def _connected(self) -> _Connection:
        if self._connection is None:
            connection = cast(_Connection, self._pool.make_connection())
            connection.connect()
            self._connection = connection
            if self._greet is not None:
                self._greet(self)
        return self._connection


def impatient(url: str, deadline_seconds: float) -> Redis:
    """A client for a few commands beside the stream: each gives up at the deadline, none is tried again."""
    return Redis(connection_pool=_pool(url, _hurried(deadline_seconds)))


def connected(url: str) -> Redis:
    """A client for whoever may wait: 30 s for an answer, and commands are tried again as redis-py does."""
    patience = {"socket_timeout": _PATIENCE_SECONDS, "socket_connect_timeout": _PATIENCE_SECONDS}
    return Redis.from_pool(_pool(url, {"protocol": 3, **patience}))


def _hurried(deadline_seconds: float) -> dict[str, object]:
    """redis-py's own defaults would stall a poll loop: 5 s timeouts, 10 retries (4.4 s for a closed port)."""
    return {
        "protocol": 3,
        "socket_timeout": deadline_seconds,
        "socket_connect_timeout": deadline_seconds,
        "retry": Retry(NoBackoff(), 0),
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }


def _pool(url: str, options: Mapping[str, object]) -> ConnectionPool:
    parts = urlsplit(url)
    if parts.scheme.endswith(_BEHIND_SENTINELS):
        return _sentinel_pool(parts, options)
    return ConnectionPool.from_url(
        url, socket_read_size=_READ_BYTES, redis_connect_func=_shake_hands, **options
    )


def _shake_hands(connection: _Connection) -> None:
    """As redis-py does, which takes for fields whatever HELLO is answered with, and fails as a bug does."""
    try:
        connection.on_connect()
    except AttributeError:
        if isinstance(connection.handshake_metadata, Mapping):
            raise
    if not isinstance(connection.handshake_metadata, Mapping):
        found = f"{connection.handshake_metadata!r:.40}"
        raise InvalidResponse(f"HELLO is answered with {found}, expected the fields of a Redis server")


def _sentinel_pool(parts: SplitResult, options: Mapping[str, object]) -> ConnectionPool:
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError("Redis URL: no service name, expected redis+sentinel://HOST:PORT,…/SERVICE[/DB]")
    credentials, at, hosts = parts.netloc.rpartition("@")
    scheme = parts.scheme.removesuffix(_BEHIND_SENTINELS)
    plain = urlunsplit((scheme, f"{credentials}{at}master", database, parts.query, ""))
    told = dict(parse_url(plain))  # type: ignore[no-untyped-call]
    for unknown_yet in ("host", "connection_class"):
        told.pop(unknown_yet, None)
    asking: dict[str, object] = {
        **_hurried(min(_SENTINEL_SECONDS, cast(float, options["socket_timeout"]))),
        "username": told.pop("sentinel_username", None),
        "password": told.pop("sentinel_password", None),
        "ssl": scheme == "rediss",
        "redis_connect_func": _shake_hands,
        **{name: value for name, value in told.items() if name.startswith("ssl_")},
    }
    sentinel = Sentinel(_addresses(hosts.split(",")), sentinel_kwargs=asking)  # type: ignore[no-untyped-call]
    ours = {"socket_read_size": _READ_BYTES, "redis_connect_func": _shake_hands}
    master = {**told, "ssl": asking["ssl"], **ours, **options}
    return SentinelConnectionPool(service, sentinel, **master)  # type: ignore[no-untyped-call]


def _addresses(hosts: Sequence[str]) -> list[tuple[str, int]]:
    named = (urlsplit(f"//{host}") for host in hosts)
    return [(one.hostname or "", one.port or _SENTINEL_PORT) for one in named]
