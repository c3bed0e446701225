"""`tidewaiter` as somebody types it: a process of its own, its exit code, and what it left behind."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from typer.testing import CliRunner, Result

from tidewaiter.cli import app

ROOT = Path(__file__).parents[2]


def surroundings(**settings: str) -> dict[str, str]:
    """This process's environment with no settings of Tidewaiter but these."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("TIDEWAITER_")}
    return plain | {f"TIDEWAITER_{name.upper()}": value for name, value in settings.items()}


def started(*arguments: str, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    """The command, running."""
    command = (sys.executable, "-m", "tidewaiter", *arguments)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes)  # type: ignore[call-overload,no-any-return]


def run(*arguments: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """The command, ended."""
    command = (sys.executable, "-m", "tidewaiter", *arguments)
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False
    )


def invoked(*arguments: str, environment: Mapping[str, str]) -> Result:
    """The command in this process, which is 1 s faster: for those that only ask."""
    cleared: dict[str, str | None] = {n: None for n in os.environ if n.startswith("TIDEWAITER_")}
    given = {name: value for name, value in environment.items() if name.startswith("TIDEWAITER_")}
    return CliRunner().invoke(app, list(arguments), env=cleared | given)


def left_behind(directory: Path) -> list[str]:
    """The command lines of processes that have the directory in their environment or run below it.

    (Valkey writes its title over its environment.)
    """
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            is_below = str((process / "cwd").readlink()).startswith(str(directory))
            is_ours = is_below or str(directory).encode() in (process / "environ").read_bytes()
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if is_ours and line:
            found.append(line)
    return found
