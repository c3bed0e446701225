"""`tidewaiter backup`: what officers entered outlives a Redis that is emptied, rubbish changes nothing."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from redis import Redis
from typer.testing import CliRunner, Result

from tests.rules import few_rules, put_in_force
from tidewaiter.cli import app

pytestmark = pytest.mark.redis

Run = Callable[..., Result]
WHO = ("--name", "Ann Lee", "--phone", "+16175550123", "--reason", "knows her")
SHOWN = (
    ("watchlists", "local", "--json"),
    ("watchlists", "local", "--removed", "--json"),
    ("watchlists", "exceptions", "list", "--json"),
    ("rules", "exceptions", "list", "--json"),
)


@pytest.fixture
def run(client: Redis) -> Run:
    assert client.ping()
    return lambda *arguments: CliRunner().invoke(app, list(map(str, arguments)))


@pytest.fixture
def entered(run: Run, client: Redis, tmp_path: Path) -> tuple[str, ...]:
    """What the commands show of an entry of each kind, of one that was removed, and of an exception from an
    entry and from a rule."""
    listed = tmp_path / "list.csv"
    listed.write_text("list,entry_id,name,phone\nhot,1,Ann Lee,+17753220001\n")
    put_in_force(client, few_rules())
    done = [
        run("watchlists", "load", listed),
        run("watchlists", "add", "--phone", "+16175550199", "--name", "Bo Ek", "--reason", "seen"),
        run("watchlists", "add", "--phone", "+16175550198", "--reason", "seen"),
        run("watchlists", "remove", "--phone", "+16175550198", "--reason", "a mistake"),
        run("watchlists", "exceptions", "add", "--entry", "hot/1", *WHO),
        run("rules", "exceptions", "add", "D08", *WHO, "--until", "2099-01-01"),
    ]
    assert [one.exit_code for one in done] == [0] * 6, [one.output for one in done]
    return shown(run)


def shown(run: Run) -> tuple[str, ...]:
    return tuple(run(*command).stdout for command in SHOWN)


def test_what_officers_entered_is_back_after_redis_was_emptied(
    run: Run, client: Redis, entered: tuple[str, ...], tmp_path: Path
) -> None:
    file = tmp_path / "backup.ndjson"
    assert run("backup", "save", file).stdout == "5 records saved\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    client.flushall()
    assert run("backup", "restore", file).stdout == "5 records restored, 0 there already\n"
    assert shown(run) == entered
    assert client.get("tw:local:version") == b"1"
    assert run("backup", "restore", file).stdout == "0 records restored, 5 there already\n"
    assert client.get("tw:local:version") == b"1"


def test_what_is_there_stays_as_it_is(run: Run, entered: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "backup.ndjson"
    run("backup", "save", file)
    run("watchlists", "add", "--phone", "+16175550199", "--reason", "seen again")
    assert run("backup", "restore", file).stdout == "0 records restored, 5 there already\n"
    assert "seen again" in shown(run)[0] != entered[0]


def test_backup_under_another_secret_is_refused(
    run: Run, client: Redis, entered: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert entered
    file = tmp_path / "backup.ndjson"
    run("backup", "save", file)
    client.flushall()
    monkeypatch.setenv("TIDEWAITER_TOKEN_SECRET", "another secret of some length")
    refused = run("backup", "restore", file)
    assert (refused.exit_code, client.dbsize()) == (2, 0)
    assert refused.stderr.startswith("tidewaiter: TIDEWAITER_TOKEN_SECRET: found another than the backup")


@pytest.mark.parametrize(
    ("spoilt", "reason"),
    [
        (lambda lines: [], "found nothing"),
        (lambda lines: lines[:-1], "found 4 records, expected the 5 of line 1"),
        (lambda lines: [b"\xff\x00", *lines[1:]], "line 1: "),
        (lambda lines: [*lines[:2], b'{"key":' + b"[" * 100_000, *lines[3:]], "line 3: "),
        (lambda lines: [*lines[:2], b"{}", *lines[3:]], "line 3: Object missing required field `key`"),
        (lambda lines: [*lines[:-1], lines[-1].replace(b"tw:rules:exceptions", b"tw:epoch")], "line 6: key:"),
        (lambda lines: [*lines[:-1], lines[-1].replace(b'"rule_id"', b'"rule"')], "line 6: Object missing"),
    ],
)
def test_backup_that_is_spoilt_is_refused_whole(
    run: Run,
    client: Redis,
    entered: tuple[str, ...],
    tmp_path: Path,
    spoilt: Callable[[list[bytes]], list[bytes]],
    reason: str,
) -> None:
    assert entered
    file = tmp_path / "backup.ndjson"
    run("backup", "save", file)
    client.flushall()
    file.write_bytes(b"".join(line + b"\n" for line in spoilt(file.read_bytes().splitlines())))
    refused = run("backup", "restore", file)
    assert (refused.exit_code, client.dbsize()) == (2, 0)
    assert refused.stderr.startswith(f"tidewaiter: {file}: {reason}"), refused.stderr


def test_file_that_cannot_be_read_or_written_is_refused_by_name(run: Run, tmp_path: Path) -> None:
    for command in ("save", "restore"):
        refused = run("backup", command, tmp_path / "nowhere" / "backup.ndjson")
        assert refused.exit_code == 2
        assert "No such file or directory" in refused.stderr
        assert "nowhere" in refused.stderr


def test_a_backup_takes_the_place_of_a_file_alone(run: Run, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in (pipe, tmp_path, ""):
        done = run("backup", "save", place)
        assert (done.exit_code, "expected one to write" in done.stderr) == (2, True)
    assert pipe.is_fifo()
