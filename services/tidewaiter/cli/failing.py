"""How the command line fails: one line on stderr, exit code 2, no traceback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import redis
import typer

from tidewaiter.adapters.kafka_connection import KafkaConnection, KafkaUnavailable, TopicsUnusable
from tidewaiter.adapters.redis_secret import AnotherSecret
from tidewaiter.local.server import ServerUnusable
from tidewaiter.settings import Settings, SettingsRefused, load_settings

REFUSED = 2
INTERRUPTED = 130
_EVERYWHERE = (SettingsRefused, TopicsUnusable, ServerUnusable, AnotherSecret)


def say(message: str) -> None:
    """Put what is wrong on stderr, in one line; nothing where there is nothing to say."""
    if message:
        print(f"tidewaiter: {' '.join(message.split())}", file=sys.stderr)


def refuse(message: str) -> NoReturn:
    """Say in one line what is wrong and end with exit code 2."""
    say(message)
    raise typer.Exit(REFUSED)


def in_words(error: Exception) -> str:
    """An error as a user reads it; of one of the system: the file and what is the matter with it."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def connection_of(
    settings: Settings, request_timeout_seconds: float = KafkaConnection.request_timeout_seconds
) -> KafkaConnection:
    """How the tools reach Kafka under these settings."""
    servers, extra = settings.kafka_bootstrap_servers, settings.kafka_config
    return KafkaConnection(servers, extra, request_timeout_seconds=request_timeout_seconds)


@contextmanager
def refusals(*expected: type[Exception]) -> Iterator[None]:
    """Turns what a user can mend (bad input, a server that is away) into one line and exit code 2."""
    try:
        yield
    except BrokenPipeError:
        raise  # nobody reads what is printed any more, which is no input to be mended
    except KafkaUnavailable as error:
        refuse(f"Kafka: {error}")
    except _EVERYWHERE as error:
        refuse(str(error))
    except expected as error:
        refuse(in_words(error))
    except redis.RedisError as error:
        refuse(f"Redis: {error}")


def settings_in_force(**overrides: object) -> Settings:
    """The settings, or exit code 2 with the name of the wrong one."""
    with refusals():
        return load_settings(**overrides)


def connection_in_force() -> KafkaConnection:
    """Kafka as the settings in force say, or exit code 2 with the name of the wrong one."""
    return connection_of(settings_in_force())
