"""The dead letters at the command line."""

import json

import pytest
from typer.testing import CliRunner

from tidewaiter.cli import dlq
from tidewaiter.stream.record import Record
from tidewaiter.wire import dead_letters
from tidewaiter.wire.malformed import Malformed
from tidewaiter.wire.topics import DEAD_LETTERS, PARCEL_EVENTS


def test_a_record_that_is_no_dead_letter_keeps_none_from_being_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    malformed = Malformed(stage="json", found="nothing", expected="one JSON object")
    unread = dead_letters.Unread(topic=PARCEL_EVENTS, partition=3, offset=7, key=None, value=b"")
    letter = dead_letters.encode(unread, malformed)
    lying = (Record(DEAD_LETTERS, 0, 0, None, b"{}"), Record(DEAD_LETTERS, 0, 1, None, letter))
    monkeypatch.setattr(dlq, "read_topic", lambda *_: iter(lying))
    done = CliRunner().invoke(dlq.app, ["list", "--json"])
    assert done.exit_code == 0, done.output
    assert [json.loads(line)["place"] for line in done.stdout.splitlines()] == ["parcel-events/3/7"]
    assert done.stderr.startswith("tidewaiter: parcel-events-dlq/0/0 is no dead letter, passed over: ")
