"""The commands are imported one by one: those that a list switch waits for bring no more than they need."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from tidewaiter.cli import app

_COMMANDS = (
    "screen", "simulate", "watchlists", "rules", "policy", "backup", "match", "archive", "topics", "backtest",
    "explain", "dlq", "doctor", "insight", "lag", "top", "demo", "up",
)  # fmt: skip


def test_help_shows_every_command() -> None:
    shown = CliRunner().invoke(app, ["--help"]).output
    assert all(f"│ {name} " in shown for name in _COMMANDS), shown


@pytest.mark.parametrize("name", _COMMANDS)
def test_every_command_is_found_under_its_name(name: str) -> None:
    done = CliRunner().invoke(app, [name, "--help"])
    assert (done.exit_code, name in done.output.split("\n")[1]) == (0, True), done.output


@pytest.mark.parametrize("command", ["load", "add", "fetch", "local"])
def test_a_group_has_the_commands_of_all_its_modules(command: str) -> None:
    assert CliRunner().invoke(app, ["watchlists", command, "--help"]).exit_code == 0


def test_an_unknown_command_is_refused_by_name() -> None:
    done = CliRunner().invoke(app, ["watchlist"])
    assert (done.exit_code, "'watchlist'" in done.output) == (2, True)


def test_loading_a_list_imports_neither_the_archive_nor_insight() -> None:
    script = (
        "import sys; from typer.testing import CliRunner; from tidewaiter.cli import app;"
        "CliRunner().invoke(app, ['watchlists', 'load', '--help']);"
        "print(*sorted({'pyarrow', 'faust', 'aiohttp', 'tidewaiter.cli.watchlists'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["tidewaiter.cli.watchlists"]
