"""`tidewaiter watchlists` as an officer uses it: what is refused changes nothing, and says so in one line."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from typer.testing import CliRunner, Result

from tidewaiter.adapters.redis_lists import RedisLists, WorkerReport, load_generation
from tidewaiter.cli import app

pytestmark = pytest.mark.redis

Run = Callable[..., Result]
WHY = ("--reason", "holds tripled")


@pytest.fixture
def run(client: Redis) -> Run:
    assert client.ping()
    return lambda *arguments: CliRunner().invoke(app, ["watchlists", *map(str, arguments)])


def hot_list(path: Path, count: int, name: str = "Pier") -> Path:
    rows = (f"hot,{number},{name} {number} Trading,+1775322{number:04}\n" for number in range(count))
    path.write_text("list,entry_id,name,phone\n" + "".join(rows))
    return path


def shown(run: Run) -> Any:
    return json.loads(run("status", "--json").stdout)


def test_loaded_list_is_shown_with_its_age_rows_and_loader(run: Run, tmp_path: Path) -> None:
    loaded = json.loads(run("load", hot_list(tmp_path / "x", 50), "--by", "ann", "--json").stdout)
    assert (loaded["generation"], loaded["is_new"], loaded["sources"]["hot"]["entries"]) == (1, True, 50)
    found = shown(run)["sources"]["hot"]
    assert (found["rows"], found["loaded_by"], found["is_stale"]) == (50, "ann", False)
    assert found["age_seconds"] < 60
    assert "hot" in run("status").stdout


def test_list_older_than_allowed_is_shown_as_stale(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("load", hot_list(tmp_path / "x", 50))
    monkeypatch.setenv("TIDEWAITER_LIST_MAX_AGE_HOURS", "0.0000001")
    assert shown(run)["sources"]["hot"]["is_stale"]
    assert "STALE" in run("status").stdout


def test_a_worker_that_is_silent_is_shown_so(run: Run, client: Redis) -> None:
    lists, now = RedisLists(client, None), datetime.now(UTC)
    lists.report_worker("w-0", WorkerReport(0, now.isoformat()))
    lists.report_worker("w-1", WorkerReport(0, (now - timedelta(minutes=2)).isoformat()))
    assert [one["is_silent"] for one in shown(run)["workers"].values()] == [False, True]
    (awake, silent) = run("status").stdout.splitlines()[-3:-1]
    assert ("silent" in awake, "silent since then" in silent) == (False, True)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"list,entry_id,name,phone\nhot,1,Pier,", "hot: 1 entries"),
        (b'list,entry_id,name,phone\nhot,1,"Pier', "ends in the middle of a record"),
        (b"<html>", "begins '<html>'"),
    ],
)
def test_bad_file_is_refused_in_one_line_and_the_list_in_force_stays(
    run: Run, tmp_path: Path, content: bytes, reason: str
) -> None:
    run("load", hot_list(tmp_path / "x", 50))
    (tmp_path / "bad").write_bytes(content)
    result = run("load", tmp_path / "bad")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert reason in result.stderr
    assert shown(run)["generation"] == 1


def test_a_rollback_that_nobody_of_ours_noted_is_told_in_one_line(run: Run, client: Redis) -> None:
    client.rpush("tw:lists:rollbacks", "seven")
    found = run("status")
    assert found.exit_code == 2
    assert found.stderr.startswith("tidewaiter: tw:lists:rollbacks in Redis: JSON is malformed")
    assert found.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "command", [("status",), ("rollback", *WHY), ("diff", "1"), ("load", "x")], ids=" ".join
)
def test_a_pointer_that_is_no_number_is_told_in_one_line(
    run: Run, client: Redis, tmp_path: Path, command: Sequence[str]
) -> None:
    list_ = hot_list(tmp_path / "x", 3)
    client.set("tw:lists:current", "seven")
    found = run(*(list_ if word == "x" else word for word in command))
    assert found.exit_code == 2
    expected = "tw:lists:current in Redis: found 'seven', expected a generation's number"
    assert found.stderr.strip() == f"tidewaiter: {expected}"


def test_file_of_another_source_than_said_is_refused(run: Run, tmp_path: Path) -> None:
    result = run("load", hot_list(tmp_path / "x", 50), "--source", "ofac")
    assert result.exit_code == 2
    assert "source: hot in x, expected ofac" in result.stderr


class Published(SimpleHTTPRequestHandler):
    """A folder, as its publisher shows it. It always sends: its clock of seconds knows no change of now."""

    def do_GET(self) -> None:
        del self.headers["If-Modified-Since"]
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder that is published; "good" and "bad" are the sources in it."""
    folder = tmp_path / "published"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Published, directory=str(folder)))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    addresses = {
        name: {"list.csv": f"http://127.0.0.1:{server.server_port}/{name}"} for name in ("good", "bad")
    }
    monkeypatch.setenv("TIDEWAITER_LIST_ADDRESSES", json.dumps(addresses))
    yield folder
    server.shutdown()
    server.server_close()


def small_list(path: Path, name: str, count: int) -> None:
    path.write_text("list,name\n" + "".join(f"{name},Pier {number}\n" for number in range(count)))


@pytest.mark.parametrize("is_shrunk", [True, False])
def test_a_source_that_is_no_list_or_has_shrunk_keeps_no_other_from_force(
    run: Run, published: Path, tmp_path: Path, is_shrunk: bool
) -> None:
    for name in ("good", "bad"):
        small_list(published / name, name, 10)
    fetch = ("fetch", "good", "bad", "--load", "--to", tmp_path / "fetched", "--json")
    assert run(*fetch).exit_code == 0
    small_list(published / "good", "good", 11)
    if is_shrunk:
        small_list(published / "bad", "bad", 5)
    else:
        (published / "bad").write_text("<!DOCTYPE html><html><body>Sorry</body></html>")
    result = run(*fetch)
    (failure,) = json.loads(result.stdout)["failures"]
    assert (result.exit_code, failure.split(":")[0]) == (1, "bad")
    assert failure in result.stderr
    sources = shown(run)["sources"]
    assert {name: each["rows"] for name, each in sources.items()} == {"good": 11, "bad": 10}


def test_what_else_stands_in_a_source_s_folder_is_not_loaded(
    run: Run, published: Path, tmp_path: Path
) -> None:
    small_list(published / "good", "good", 10)
    beside = tmp_path / "fetched" / "good" / "former.csv"
    beside.parent.mkdir(parents=True)
    small_list(beside, "good", 3)
    assert run("fetch", "good", "--load", "--to", tmp_path / "fetched").exit_code == 0
    assert shown(run)["sources"]["good"]["rows"] == 10


def test_diff_and_rollback_tell_what_changed_and_take_it_back(run: Run, tmp_path: Path) -> None:
    run("load", hot_list(tmp_path / "x", 50))
    run("load", hot_list(tmp_path / "x", 52))
    found = json.loads(run("diff", 1, "--json").stdout)
    assert [each["name"] for each in found["added"]] == ["Pier 50 Trading", "Pier 51 Trading"]
    assert run("rollback", *WHY).stdout == "generation 1 in force\n"
    assert shown(run)["sources"]["hot"]["rows"] == 50
    assert run("rollback", *WHY).exit_code == 2


def test_diff_shows_as_many_entries_as_it_may_and_tells_how_many_there_are(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("list,entry_id,name\n" + "".join(f"hot,{n},Pier {n}\n" for n in range(50)))
    run("load", tmp_path / "x")
    rows = [f"hot,{number},{'Pier' if number > 7 else 'Quay'} {number}\n" for number in range(5, 57)]
    (tmp_path / "x").write_text("list,entry_id,name\n" + "".join(rows))
    run("load", tmp_path / "x")
    found = json.loads(run("diff", 1, "--json", "--limit", 2).stdout)
    assert found.pop("totals") == {"added": 7, "removed": 5, "changed": 3}
    assert {kind: [each["name"] for each in shown] for kind, shown in found.items()} == {
        "added": ["Pier 50", "Pier 51"],
        "removed": ["Pier 0", "Pier 1"],
        "changed": ["Quay 5", "Quay 6"],
    }
    assert [each["fields"] for each in found["changed"]] == [["names"]] * 2
    counts, *shown = run("diff", 1, "--limit", 2).stdout.splitlines()
    assert (counts, len(shown)) == ("7 added, 5 removed, 3 changed", 6)


def test_status_shows_who_rolled_back_and_why(run: Run, tmp_path: Path) -> None:
    for count in (50, 52):
        run("load", hot_list(tmp_path / "x", count))
    empty = run("rollback", "--reason", " ")
    assert (empty.exit_code, empty.stderr) == (
        2,
        "tidewaiter: reason: empty, expected one, for the record\n",
    )
    assert (shown(run)["generation"], shown(run)["rollbacks"]) == (2, []), "and nothing is taken back"
    assert run("rollback", "--reason", "holds\x1b tripled", "--by", "officer 7").exit_code == 0
    (found,) = shown(run)["rollbacks"]
    at = found.pop("at")
    assert found == {"left": 2, "number": 1, "reason": "holds\x1b tripled", "author": "officer 7"}
    told = f"rolled back from generation 2 to 1 at {at} by officer 7: holds\\x1b tripled"
    assert run("status").stdout.splitlines()[-1] == told
    assert run("rollback", 2).exit_code == 0
    assert shown(run)["rollbacks"][-1]["reason"] == "no reason given"


def test_each_of_several_phones_is_entered_and_removed(run: Run) -> None:
    phones = ("--phone", "+1 775 322 0000", "--phone", "+1 775 322 0001")
    assert run("add", *phones, "--email", "i@pier.example", "--reason", "seen").exit_code == 0
    assert shown(run)["local"]["entries"] == 3
    assert run("remove", *phones, "--reason", "a mistake").exit_code == 0
    assert shown(run)["local"]["entries"] == 1
    again = run("remove", *phones[:2], "--email", "i@pier.example", "--reason", "a mistake")
    assert (again.exit_code, again.stderr.strip()) == (
        2,
        "tidewaiter: entry: not on the hot list, the others were removed",
    )


def test_officer_enters_and_removes_a_phone(run: Run, client: Redis) -> None:
    added = run(
        "add", "--list", "local", "--phone", "+1 775 322 0000", "--until", "2999-01-01", "--reason", "seizure"
    )
    assert added.exit_code == 0
    assert client.hlen("tw:local:ids:phone") == 1
    told = run("remove", "--phone", "775-322-0000", "--country", "us", "--reason", "a mistake")
    assert told.exit_code == 0
    assert client.hlen("tw:local:ids:phone") == 0


def test_a_removal_is_remembered_with_its_reason_and_author(run: Run) -> None:
    for phone in ("+17753220000", "+17753220001"):
        run("add", "--phone", phone, "--name", f"Pier {phone[-1]}", "--reason", "seizure")
    numbers = {one["entry_id"] for one in json.loads(run("local", "--json").stdout)}
    why = ("--reason", "another number", "--by", "officer 7")
    assert run("remove", "--phone", "+17753220000", "--name", "Pier 1", *why).exit_code == 0
    assert run("remove", "--phone", "+17753220000", *why).exit_code == 2, "nothing more is there to remember"
    unsaid = run("remove", "--phone", "+17753220001")
    assert (unsaid.exit_code, unsaid.stderr) == (
        2,
        "tidewaiter: reason: empty, expected one, for the record\n",
    )
    assert len(json.loads(run("local", "--json").stdout)) == 2, "and nothing is removed"
    found = json.loads(run("local", "--removed", "--json").stdout)
    assert [(one["reason"], one["author"]) for one in found] == [("another number", "officer 7")] * 2
    assert {one["entry_id"] for one in found} < numbers
    assert "another number (officer 7)" in run("local", "--removed").stdout
    assert run("remove", "--name", "Pier 0", "--reason", "x" * 2001).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--phone", "12"), "phone: '12', expected a number"),
        ((), "nothing given"),
        (("--phone", "+17753220000", "--until", "2001-01-01"), "expected a time to come"),
        (("--phone", "+17753220000", "--list", "ofac-sdn"), "has no live entries, expected local"),
    ],
)
def test_entry_that_makes_no_sense_is_refused(run: Run, arguments: tuple[str, ...], reason: str) -> None:
    result = run("add", "--reason", "seizure", *arguments)
    assert result.exit_code == 2
    assert reason in result.stderr


def test_exception_is_remembered_listed_and_forgotten(run: Run, tmp_path: Path) -> None:
    run("load", hot_list(tmp_path / "x", 50))
    party = ("--entry", "hot/7", "--name", "Pier 7 Trading", "--address", "12 Main St, Reno, NV, 89501, US")
    assert run("exceptions", "add", *party, "--reason", "another firm").exit_code == 0
    (known,) = json.loads(run("exceptions", "list", "--json").stdout)
    assert (known["entry_id"], known["reason"]) == ("7", "another firm")
    assert run("exceptions", "remove", *party).exit_code == 0
    assert run("exceptions", "remove", *party).exit_code == 2


def test_redis_that_is_away_is_said_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEWAITER_REDIS_URL", "redis://127.0.0.1:1/0")
    result = run("status")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "Connection refused" in result.stderr


def test_loader_that_is_killed_leaves_a_whole_generation_in_force(
    run: Run, client: Redis, tmp_path: Path
) -> None:
    run("load", hot_list(tmp_path / "x", 9_000))
    again = hot_list(tmp_path / "y", 9_000, "Quay")
    loader = subprocess.Popen([sys.executable, "-m", "tidewaiter", "watchlists", "load", str(again)])
    until = time.monotonic() + 60
    while not client.keys("tw:lists:loading:*") and loader.poll() is None and time.monotonic() < until:
        time.sleep(0.001)
    loader.kill()
    loader.wait()
    found = load_generation(client, RedisLists(client, None).current())
    assert found is not None
    assert len(found.entries) == 9_000
    assert run("load", again).exit_code == 0
    assert shown(run)["sources"]["hot"]["rows"] == 9_000
