"""A parcel's story at the command line."""

import pytest
from typer.testing import CliRunner

from tidewaiter.cli import app, explain
from tidewaiter.stream.record import Record
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, HOLD_ORDERS, PARCEL_EVENTS

STRANGE = (b"?", b"[1]", b'{"decision":[],"status":"OPEN","holds":1}', None)


@pytest.mark.parametrize("value", STRANGE, ids=("no JSON", "no object", "no answer", "nothing"))
def test_what_is_no_answer_says_nothing_of_a_parcel(
    value: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lying = [Record(topic, 0, 0, b"FX|1", value, ()) for topic in (DECISIONS, HOLD_ORDERS, DEAD_LETTERS)]
    lying.append(Record(PARCEL_EVENTS, 0, 0, b"FX|1", b'{"event_type":"CREATE"}', ()))
    monkeypatch.setattr(
        explain, "read_topic", lambda _, topic, __: (one for one in lying if one.topic == topic)
    )
    done = CliRunner().invoke(app, ["explain", "FX", "1"])
    assert done.exit_code == 0, done.output
    assert "CREATE" in done.output
    assert "FX|1: no decision yet" in done.output
