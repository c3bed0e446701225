"""The settings of every service: from the environment, a TOML file and files of secrets, in this order."""

import os
import re
import tomllib
from collections.abc import Collection
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, Field, SecretStr, StringConstraints, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

PREFIX = "TIDEWAITER_"
# As good as no end, and a length of time that can be reckoned with.
_A_CENTURY_OF_HOURS = 876_600
# Only for trying it out on one machine; `tidewaiter doctor` says so when it is in use.
DEVELOPMENT_SECRET = "for-trying-it-out-only-not-secret"
_ClientValue = str | int | float | bool
_OURS = frozenset(
    {
        "auto.offset.reset", "bootstrap.servers", "default.topic.config", "enable.auto.commit",
        "enable.auto.offset.store", "enable.idempotence", "enable.partition.eof", "group.id",
        "group.instance.id", "group.protocol", "group.remote.assignor", "isolation.level", "logger",
        "partition.assignment.strategy", "partitioner", "transactional.id",
    }
)  # fmt: skip
_DATABASE = re.compile(r"/?|/\d+")
_SENTINELS = re.compile(r"rediss?\+sentinel://(?:[^/@]*@)?([^/@?,]+(?:,[^/@?,]+)*)/[^/?]+(?:/\d+)?(?:\?.+)?")


_OF_SENTINELS = frozenset({"sentinel_username", "sentinel_password"})
_OF_TLS = frozenset(
    {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_password", "ssl_check_hostname", "ssl_cert_reqs"}
)


class SettingsRefused(Exception):
    """A setting that cannot be used; the text is one line with its name, what was found and expected."""


def without_password(url: str) -> str:
    """A URL as it may be shown: user and passwords are what is secret in it."""
    return re.sub(r"(password=)[^&'\"]*", r"\1***", re.sub(r"//[^/]*@", "//***@", url))


def _of_redis(url: str) -> str:
    """The URL; ValueError for one that the client would only refuse with a traceback."""
    hosts = [urlsplit(url).netloc]
    if urlsplit(url).scheme.endswith("+sentinel"):
        found = _SENTINELS.fullmatch(url)
        if found is None:
            raise ValueError("redis+sentinel://HOST:PORT,HOST:PORT/SERVICE[/DB]")
        hosts = found[1].split(",")
    elif urlsplit(url).scheme != "unix" and not _DATABASE.fullmatch(urlsplit(url).path):
        raise ValueError("the number of a database behind the host")  # the client would take 0 in silence
    for host in hosts:
        urlsplit(f"//{host}").port  # noqa: B018 - it is the asking that raises
    _refuse_unknown_options(url)
    return url


def _of_text(text: str) -> str:
    """The text; ValueError for bytes that are no UTF-8, which Python has as surrogates and of which
    librdkafka dies, and for the sign behind which it reads no further."""
    if any("\ud800" <= sign <= "\udfff" or sign == "\0" for sign in text):
        raise ValueError("text in UTF-8")
    return text


def _of_secret_text(secret: SecretStr) -> SecretStr:
    _of_text(secret.get_secret_value())
    return secret


def _of_client(config: dict[str, _ClientValue]) -> dict[str, _ClientValue]:
    """The client's settings; ValueError for those on which it rests that every event is decided once."""
    for name, value in config.items():
        _of_text(name)
        _of_text(str(value))
        if name.removeprefix("topic.") in _OURS or name.endswith("_cb"):
            raise ValueError(f"none that Tidewaiter sets itself, and found {name}")
    return config


def _refuse_unknown_options(url: str) -> None:
    """Timeouts are none of them: how long the stream may wait for Redis is not the URL's to say."""
    parts = urlsplit(url)
    known = frozenset({"db"} if parts.scheme == "unix" else ())
    known |= _OF_TLS if parts.scheme.startswith("rediss") else frozenset()
    known |= _OF_SENTINELS if parts.scheme.endswith("+sentinel") else frozenset()
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in known or (name == "db" and not value.isdecimal()):
            raise ValueError(f"after ? of {', '.join(sorted(known)) or 'nothing'}, not {name}")


class Settings(BaseSettings):
    """Each is read from ``TIDEWAITER_<NAME>``, else from the file named by TIDEWAITER_CONFIG, else from a
    file of that name in TIDEWAITER_SECRETS_DIR, else it has the default given here."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    kafka_bootstrap_servers: Annotated[str, StringConstraints(min_length=3)] = "127.0.0.1:9092"
    """Brokers to begin with, HOST:PORT, several with commas between."""
    kafka_config: Annotated[dict[str, _ClientValue], AfterValidator(_of_client)] = {}
    """Further librdkafka settings (security.protocol, sasl.*, timeouts), as JSON in the environment. Those on
    which it rests that every event is decided once are refused."""
    kafka_group: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]+$")] = "tidewaiter"
    """What the names of consumer groups and transactions begin with."""

    redis_url: Annotated[
        str, StringConstraints(pattern=r"^(rediss?|unix|rediss?\+sentinel)://"), AfterValidator(_of_redis)
    ] = "redis://127.0.0.1:6379/0"
    """Where lists, rules, windows and histories are; also rediss://, unix://, redis+sentinel://."""
    redis_patience_seconds: Annotated[float, Field(ge=0, le=60)] = 2.0
    """How long a batch waits for Redis before its parcels are held as degraded."""

    token_secret: Annotated[SecretStr, Field(min_length=16), AfterValidator(_of_secret_text)] = SecretStr(
        DEVELOPMENT_SECRET
    )
    """Keys the tokens that stand for names, addresses and numbers in Redis, and the compliance draw. The same
    for every service and command; the default is for trying it out only."""

    list_addresses: dict[str, dict[str, str]] = {}
    """More, or other, sources for `watchlists fetch`, as JSON: {source: {file: address}}."""
    list_max_age_hours: Annotated[float, Field(gt=0, le=_A_CENTURY_OF_HOURS)] = 48.0
    """Parcels are held while a list was last confirmed longer ago."""
    features_max_age_minutes: Annotated[float, Field(gt=0, le=_A_CENTURY_OF_HOURS * 60)] = 10.0
    """Features that insight wrote longer ago are unknown: rules on habits are then unavailable."""
    metrics_address: Annotated[str, AfterValidator(_of_text)] = "127.0.0.1"
    """The address that /metrics, /healthz and /readyz are served on."""
    metrics_port: Annotated[int, Field(ge=0, le=65_000)] = 9464
    """Worker n of `screen` listens on this port + n; 0 gives every worker a free port."""

    @property
    def list_max_age(self) -> timedelta:
        return timedelta(hours=self.list_max_age_hours)

    @property
    def features_max_age(self) -> timedelta:
        return timedelta(minutes=self.features_max_age_minutes)

    @property
    def secret(self) -> bytes:
        return self.token_secret.get_secret_value().encode()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no .env file: one place too many
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - replaced by the directory named
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        sources: list[PydanticBaseSettingsSource] = [init_settings, env_settings]
        if path := os.environ.get(f"{PREFIX}CONFIG"):
            sources.append(TomlConfigSettingsSource(settings_cls, Path(path)))
        if directory := os.environ.get(f"{PREFIX}SECRETS_DIR"):
            sources.append(SecretsSettingsSource(settings_cls, directory, env_prefix=""))
        return tuple(sources)


_JSON = (f"{PREFIX}KAFKA_CONFIG", f"{PREFIX}LIST_ADDRESSES")
# As like as redis_url.txt is redis_url; lag_kafka_config is another service's.
_NEAR = 0.8
_NO_SETTINGS = frozenset({"CONFIG", "SECRETS_DIR", "DATA"})


def load_settings(**overrides: Any) -> Settings:
    """The settings in force. Raises SettingsRefused for a wrong value, a wrong name or a bad file."""
    _refuse_unknown_names()
    if path := os.environ.get(f"{PREFIX}CONFIG"):
        _refuse_unreadable(Path(path))
    if directory := os.environ.get(f"{PREFIX}SECRETS_DIR"):
        _refuse_lost_secrets(Path(directory))
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise SettingsRefused(_first_problem(error)) from None
    except SettingsError as error:
        raise SettingsRefused(_unparsed(error)) from None
    except RecursionError:
        name = max(_JSON, key=lambda name: len(os.environ.get(name, "")))
        raise SettingsRefused(f"{name}: found JSON nested without end, expected an object") from None


def _refuse_unknown_names() -> None:
    """A misspelt name would leave the default in force in silence."""
    known = {name.upper() for name in Settings.model_fields} | _NO_SETTINGS
    for name in os.environ:
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in known:
            raise SettingsRefused(f"{name}: no such setting; {_hint(name.removeprefix(PREFIX), known)}")


def _hint(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, 1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(known))}"


def _refuse_lost_secrets(directory: Path) -> None:
    """A secret under a name that is none would leave the default in force, which anybody may know; so would a
    folder, which a container has where the file that is to be mounted is missing. What else lies there is
    others'.
    """
    if not directory.is_dir():
        raise SettingsRefused(f"{PREFIX}SECRETS_DIR: found {str(directory)!r}, expected a directory")
    files = {path.name.lower(): path for path in directory.iterdir() if not path.name.startswith(".")}
    for name, path in files.items():
        meant = name.removeprefix(PREFIX.lower()).replace("-", "_")
        near = get_close_matches(meant, Settings.model_fields, 1, _NEAR)
        if near and near[0] not in files and not meant.endswith(f"_{near[0]}"):
            raise SettingsRefused(f"{PREFIX}SECRETS_DIR: found {path.name}, expected {near[0]}")
        if name in Settings.model_fields and not path.is_file():
            raise SettingsRefused(f"{PREFIX}SECRETS_DIR: {path.name}: found a folder, expected a file")


def _refuse_unreadable(path: Path) -> None:
    try:
        text = path.read_text()
        if text.startswith("\ufeff"):
            raise ValueError("it begins with a byte order mark, expected UTF-8 without")
        tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:  # ValueError: no TOML, or a number without end
        raise SettingsRefused(f"{PREFIX}CONFIG: cannot read {path}: {error}") from None


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    field = ".".join(map(str, first["loc"]))
    name = PREFIX + field.upper()
    if first["type"] == "extra_forbidden":
        where = os.environ.get(f"{PREFIX}CONFIG", "the settings")
        return f"{name}: no such setting, and {field} in {where}; {_hint(field, Settings.model_fields)}"
    expected = re.sub("^(Input should be|Value error,) ", "", first["msg"])
    return f"{name}: found {_shown(name, first.get('input'))}, expected: {expected}"


def _unparsed(error: SettingsError) -> str:
    """The library names the field in its sentence, and only there."""
    field = re.search(r'field "(\w+)"', str(error))
    name = PREFIX + (field[1].upper() if field else "…")
    return f"{name}: found {_shown(name, os.environ.get(name))}, expected: JSON"


def _shown(name: str, value: object) -> str:
    """A wrong value as it may stand in a log: the client's own settings hold passwords, too."""
    is_secret = any(word in name for word in ("SECRET", "KAFKA_CONFIG"))
    return "a value that is not shown" if is_secret else without_password(repr(value))
