"""docker-compose.yml as the tests read it: each service with what all share merged in."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from typer.testing import CliRunner

from tidewaiter.cli import app

ROOT = Path(__file__).parents[2]
OUR_IMAGE = "tidewaiter:0.1.0"
_DEFAULT = re.compile(r"\$\{[A-Z_]+:-([^}]*)\}")


@dataclass(frozen=True)
class Service:
    """One service of the composition."""

    name: str
    settings: dict[str, Any]

    @property
    def is_ours(self) -> bool:
        return bool(self.settings["image"] == OUR_IMAGE)

    @property
    def environment(self) -> dict[str, str]:
        return dict(self.settings.get("environment", {}))

    @property
    def command(self) -> tuple[str, ...]:
        return tuple(self.settings.get("command", ()))

    @property
    def bound_files(self) -> tuple[tuple[str, str], ...]:
        """(source, mode) of each volume that is a path of this repository."""
        volumes = (_DEFAULT.sub(r"\1", volume) for volume in self.settings.get("volumes", ()))
        return tuple((one.split(":")[0], one.split(":")[-1]) for one in volumes if one.startswith("."))

    @property
    def host_ports(self) -> tuple[str, ...]:
        """ADDRESS:PORT of this machine."""
        return tuple(port.rpartition(":")[0] for port in self.settings.get("ports", ()))

    @property
    def dependencies(self) -> dict[str, dict[str, str]]:
        return dict(self.settings.get("depends_on", {}))

    @property
    def secrets(self) -> tuple[str, ...]:
        found = self.settings.get("secrets", ())
        return tuple(one if isinstance(one, str) else one["source"] for one in found)


def composition() -> dict[str, Any]:
    """The whole file, its defaults (``${NAME:-default}``) left as they are."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    return loaded


def services() -> tuple[Service, ...]:
    return tuple(Service(name, settings) for name, settings in composition()["services"].items())


def with_defaults(text: str) -> str:
    """A value as it is when the environment names no other."""
    return _DEFAULT.sub(r"\1", text)


def is_command(arguments: tuple[str, ...]) -> bool:
    """Whether the command line takes these arguments; it reads them and then shows its help instead."""
    result = CliRunner().invoke(app, [*arguments, "--help"])
    is_group = " COMMAND [ARGS]" in result.output
    return result.exit_code == 0 and (not is_group or any(one.startswith("--") for one in arguments))
