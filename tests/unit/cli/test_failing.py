"""What is typed wrongly ends in one line on stderr with exit code 2; to ask for nothing shows the help."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.endtoend.commands import surroundings
from tidewaiter.cli import main


def typed(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    command = (sys.executable, "-m", "tidewaiter", *arguments)
    return subprocess.run(
        command, env=surroundings(), capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("frobnicate",), "No such command 'frobnicate'"),
        (("screen", "--wrokers", "2"), "--wrokers"),
        (("screen", "--workers", "0"), "'--workers'"),
        (("simulate", "--parcels", "99999999999999999999", "--out", "-"), "'--parcels'"),
        (("demo", "--parcels", "99999999999999999999"), "'--parcels'"),
        (("rules", "check", "--parcels", "99999999999999999999"), "'--parcels'"),
        (("screen", "--slot", "99999"), "port must be 0-65535"),
        (("screen", "--workers", "2", "--slot", "1"), "--slot and --port are for one worker"),
        (("topics", "create", "--partitions", "100001"), "'--partitions'"),
        (("policy", "on", "2025-05-03"), "'--origin'"),
        (("match", "evaluate", "/no/such/file.csv"), "/no/such/file.csv: No such file"),
        (("match", "identities", "/no/such/file.csv"), "/no/such/file.csv: No such file"),
        (("screen", "--from", "/no/such/file", "--decisions", "out"), "/no/such/file: No such file"),
        (("screen", "--from", "a", "--decisions", "./a"), "--decisions: found a, expected another file than"),
        (("screen", "--from", "a", "--decisions", "b", "--holds", "b"), "than that of --decisions"),
        (
            ("screen", "--from", "a", "--decisions", "b", "--workers", "2"),
            "--workers, --slot and --port are for",
        ),
        (("top", "--once", "--every", "inf"), "'--every'"),
        (("match", "screen", "a", "--column", "n", "--list", "b", "--json", "--csv"), "--json or --csv"),
        (("screen", "--from", "a", "--decisions", "/dev/null"), "found /dev/null, expected a file to"),
        (("screen", "--from", "a.partial", "--decisions", "a"), "expected another file than that of --from"),
        (("screen", "--from", "x", "--decisions", "a", "--holds", "a.partial"), "than that of --decisions"),
        (("screen", "--from", "x", "--decisions", "a" * 300), "File name too long"),
        (("screen", "--from", "x", "--decisions", "-", "--holds", "-"), "--holds: found -, expected another"),
        (
            ("screen", "--from", "x", "--rules", ".", "--decisions", "a.yaml"),
            "a.yaml, expected a file outside of",
        ),
        (("screen", "--from", "x", "--list", "ofac:.", "--decisions", "sdn.csv"), "outside of --list"),
        (("simulate", "--list", ".", "--out", "sdn.csv"), "--out: found sdn.csv, expected a file outside of"),
        (("backtest", "--rules", ".", "--history", "x", "--html", "a"), "expected a file outside of --rules"),
        (("backtest", "--rules", ".", "--history", "a" * 300), "a: File name too long"),
        (("archive", "check", "a" * 300), "a: File name too long"),
    ],
)
def test_a_wrong_command_line_is_refused_in_one_line(
    arguments: tuple[str, ...],
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """By the entry point, which alone puts usage errors in one line; a process of its own takes a second."""
    for name in os.environ.keys() - surroundings().keys():
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "argv", ["tidewaiter", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    stdout, stderr = capfd.readouterr()
    assert (ended.value.code, stdout) == (2, "")
    assert stderr.startswith("tidewaiter: ")
    assert words in stderr
    assert len(stderr.splitlines()) == 1


def test_a_process_ends_with_the_code_and_the_line_of_the_entry_point() -> None:
    done = typed("frobnicate")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("tidewaiter: No such command 'frobnicate'")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("rules", "diff", "\udcff", "b"),
        ("explain", "FX", "\udcff"),
        ("watchlists", "add", "--name", "A", "--reason", "\udcff"),
    ],
)
def test_an_argument_that_is_no_text_is_refused_in_one_line(arguments: tuple[str, ...]) -> None:
    done = typed(*arguments)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "Traceback" not in done.stderr


def test_no_command_shows_the_help() -> None:
    done = typed()
    assert done.returncode == 2
    assert "screen" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("policy", "on", "2025-05-03", "--origin", "CN"),
        ("rules", "facts", "--json"),
        ("simulate", "--parcels", "3", "--out", "-"),
    ],
)
def test_an_output_that_takes_no_more_is_told_in_one_line(
    arguments: tuple[str, ...], unbuffered: str
) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    environment = {**surroundings(), "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            (sys.executable, "-m", "tidewaiter", *arguments),
            env=environment, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("tidewaiter: ")
    assert "No space left on device" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("arguments", [("rules", "facts"), ("simulate", "--parcels", "3", "--out", "-")])
def test_an_output_that_is_closed_is_told_in_one_line(arguments: tuple[str, ...]) -> None:
    done = subprocess.run(
        ("sh", "-c", 'exec "$@" >&-', "sh", sys.executable, "-m", "tidewaiter", *arguments),
        env=surroundings(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "tidewaiter: [Errno 9] Bad file descriptor\n")


def test_what_a_terminal_cannot_show_is_shown_by_its_number(tmp_path: Path) -> None:
    table = tmp_path / "Жук.csv"
    table.write_text("name,phone\nA,1\n")
    done = subprocess.run(
        (sys.executable, "-m", "tidewaiter", "match", "identities", "--csv", str(table)),
        env={**surroundings(), "PYTHONIOENCODING": "ascii"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "file,line,person\n\\u0416\\u0443\\u043a.csv,2,1\n")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "arguments",
    [("policy", "on", "2025-05-03", "--origin", "CN"), ("simulate", "--parcels", "3", "--out", "-")],
)
def test_a_reader_who_has_read_enough_is_told_nothing(arguments: tuple[str, ...], unbuffered: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        (sys.executable, "-m", "tidewaiter", *arguments),
        env={**surroundings(), "PYTHONUNBUFFERED": unbuffered},
        stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_command_that_is_interrupted_while_it_is_read_in_ends_quietly() -> None:
    script = """
import runpy, sys
class Interrupted:
    def find_spec(self, name, *_):
        if name == "tidewaiter.adapters":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupted())
runpy.run_module("tidewaiter", run_name="__main__")
"""
    command = (sys.executable, "-c", script, "policy")
    done = subprocess.run(
        command, env=surroundings(), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
