"""A parcel's story at the command line."""

import orjson
import pytest
from typer.testing import CliRunner, Result

from tidewaiter.cli import app, explain
from tidewaiter.stream.record import Record
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, HOLD_ORDERS, PARCEL_EVENTS

STRANGE = (b"?", b"[1]", b'{"decision":[],"status":"OPEN","holds":1}', None)


def _told(monkeypatch: pytest.MonkeyPatch, records: list[Record], *options: str) -> Result:
    monkeypatch.setattr(
        explain, "read_topic", lambda _, topic, __: (one for one in records if one.topic == topic)
    )
    return CliRunner().invoke(app, ["explain", "FX", "1", *options])


@pytest.mark.parametrize("value", STRANGE, ids=("no JSON", "no object", "no answer", "nothing"))
def test_what_is_no_answer_says_nothing_of_a_parcel(
    value: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lying = [Record(topic, 0, 0, b"FX|1", value, ()) for topic in (DECISIONS, HOLD_ORDERS, DEAD_LETTERS)]
    lying.append(Record(PARCEL_EVENTS, 0, 0, b"FX|1", b'{"event_type":"CREATE"}', ()))
    done = _told(monkeypatch, lying)
    assert done.exit_code == 0, done.output
    assert "CREATE" in done.output
    assert "FX|1: no decision yet" in done.output


@pytest.mark.parametrize("levels", [253, 900])
def test_a_message_is_told_however_deep_it_is(levels: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """One deeper than 254 levels was a dead letter."""
    deep = Record(PARCEL_EVENTS, 0, 0, b"FX|1", b'{"items":' + b"[" * levels + b"]" * levels + b"}", ())
    done = _told(monkeypatch, [deep], "--json")
    (chapter,) = orjson.loads(done.output)["chapters"]
    assert (done.exit_code, chapter["message"] is None) == (0, levels > 253)
