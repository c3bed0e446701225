"""The command line: files as asked for, and one line with exit code 2 for what cannot be done."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tidewaiter.adapters.kafka_connection import KafkaUnavailable
from tidewaiter.cli import simulate
from tidewaiter.cli.simulate import app


def test_command_writes_events_and_labels(tmp_path: Path) -> None:
    events, labels, folder = tmp_path / "events.ndjson", tmp_path / "labels.ndjson", tmp_path / "list"
    assert CliRunner().invoke(app, ["list", "--out", str(folder), "--seed", "3"]).exit_code == 0
    options = ["--parcels", "300", "--seed", "3", "--planted-share", "0.1", "--list", str(folder)]
    done = CliRunner().invoke(app, [*options, "--out", str(events), "--labels", str(labels)])
    assert done.exit_code == 0, done.output
    ids = [json.loads(line)["event_id"] for line in events.read_text().splitlines()]
    truths = [json.loads(line) for line in labels.read_text().splitlines()]
    assert len(ids) >= 300
    assert {truth["event_id"] for truth in truths} <= set(ids)
    assert "listed-reordered" in {truth["case"] for truth in truths}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_files_are_as_they_were_where_it_is_interrupted(tmp_path: Path, number: signal.Signals) -> None:
    events, labels = tmp_path / "events", tmp_path / "labels"
    events.write_text("those of before\n")
    options = ["--parcels", "300000", "--out", str(events), "--labels", str(labels)]
    with subprocess.Popen([sys.executable, "-m", "tidewaiter", "simulate", *options]) as running:
        until = time.monotonic() + 60
        while len(list(tmp_path.iterdir())) < 3 and running.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        running.send_signal(number)
        assert running.wait(60) == 130
    assert list(tmp_path.iterdir()) == [events]
    assert events.read_text() == "those of before\n"


def test_what_a_pipe_was_told_before_it_was_closed_has_its_labels(tmp_path: Path) -> None:
    """They are the truth about it, as they are about what Kafka was told."""
    pipe, labels = tmp_path / "events", tmp_path / "labels"
    os.mkfifo(pipe)
    options = ["--parcels", "40000", "--planted-share", "0.5", "--out", str(pipe), "--labels", str(labels)]
    with subprocess.Popen([sys.executable, "-m", "tidewaiter", "simulate", *options]) as running:
        with pipe.open("rb") as reader:
            told = [json.loads(reader.readline())["event_id"] for _ in range(2000)]
        assert running.wait(60) != 0
    assert pipe.is_fifo()
    truths = {json.loads(line)["event_id"] for line in labels.read_text().splitlines()}
    assert len(truths & set(told)) > 500


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "--out FILE and --to kafka"),
        (["--out", "-", "--to", "kafka"], "--out FILE and --to kafka"),
        (["--out", "-", "--rate", "5", "--profile", "day"], "--rate or --profile"),
        (["--out", "a", "--labels", "a"], "--labels: found a, expected another file than that of --out"),
        (["--out", "b", "--labels", "../{here}/b"], "expected another file than that of --out"),
        (["--out", "b", "--list", "../{here}/b"], "expected another file than that of --list"),
        (["--out", "b", "--labels", "b.partial"], "--out: found {here}/b.partial, expected another file"),
        (["--out", "-", "--labels", "-"], "expected another file than that of --out"),
        (["--out", "-", "--start", "tomorrow"], "'tomorrow'"),
        (["--out", "-", "--start", "9999-12-31"], "'9999-12-31', expected a year from 1901 to 2197"),
        (["--out", "/no/such/folder/events"], "/no/such/folder/events"),
        (["--out", "-", "--list", "/no/such/list"], "/no/such/list"),
    ],
)
def test_wrong_option_is_refused_in_one_line(
    options: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, [option.format(here=tmp_path.name) for option in options])
    assert done.exit_code == 2
    assert words.format(here=tmp_path) in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "pace", [["--rate", "5000"], ["--profile", "day", "--speed", "100000"]], ids=" ".join
)
def test_events_at_a_pace_are_those_without_one(pace: list[str]) -> None:
    options = ["--parcels", "20", "--out", "-"]
    at_once, paced = (CliRunner().invoke(app, [*options, *more]) for more in ([], pace))
    assert paced.exit_code == 0, paced.output
    assert len(paced.stdout.splitlines()) >= 20
    assert paced.stdout == at_once.stdout


def test_labels_are_left_as_they_are_where_there_is_no_kafka(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> int:
        raise KafkaUnavailable("away")

    monkeypatch.setattr(simulate, "check_alike", away)
    labels = tmp_path / "labels.ndjson"
    labels.write_text("those of before\n")
    done = CliRunner().invoke(app, ["--to", "kafka", "--labels", str(labels)])
    assert (done.exit_code, labels.read_text()) == (2, "those of before\n")


def test_days_have_departures_from_habit_once_there_is_one(tmp_path: Path) -> None:
    labels = tmp_path / "labels.ndjson"
    options = ["--days", "29", "--parcels", "150", "--planted-share", "0"]
    done = CliRunner().invoke(app, [*options, "--out", str(tmp_path / "events"), "--labels", str(labels)])
    assert done.exit_code == 0, done.output
    truths = [json.loads(line) for line in labels.read_text().splitlines()]
    assert {truth["family"] for truth in truths} == {"habits"}
    assert {truth["case"] for truth in truths} >= {"shipper-surge", "price-collapse"}
    lines = (tmp_path / "events").read_text().splitlines()
    days = {json.loads(line)["event_time"][:10] for line in lines}
    assert len(days) == 29
