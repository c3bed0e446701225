"""What becomes a column, and the day under which a message is filed."""

from datetime import UTC, date, datetime

import orjson
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.wire.columns import COLUMNS, cells, day_of
from tidewaiter.wire.topics import HOLD_ORDERS, PARCEL_EVENTS

RECORD_TIME_MS = int(datetime(2026, 11, 24, 1, tzinfo=UTC).timestamp() * 1000)


def test_cells_follow_paths_into_objects_and_lists() -> None:
    message = {
        "hawb": "771",
        "message_seq": 3,
        "event_time": "2026-11-23T23:30:00-05:00",
        "consignee": {"region": "OH"},
        "items": [{"hts10": "6110202079"}, {"description": "no code"}, {"hts10": "8471500150"}],
    }
    found = cells(PARCEL_EVENTS, orjson.dumps(message))
    assert found["hawb"] == "771"
    assert found["message_seq"] == 3
    assert found["consignee_region"] == "OH"
    assert found["hts10"] == ("6110202079", "8471500150")
    assert found["event_time"] == datetime(2026, 11, 24, 4, 30, tzinfo=UTC)
    assert found["mawb"] is None


def test_cell_of_another_type_than_its_column_is_null() -> None:
    message = {"hawb": 7, "message_seq": True, "event_time": "soon", "consignee": "Dana", "items": {}}
    found = cells(PARCEL_EVENTS, orjson.dumps(message))
    assert {found[name] for name in ("hawb", "message_seq", "event_time", "consignee_region")} == {None}
    assert found["hts10"] == ()


@given(st.one_of(st.none(), st.binary(max_size=40), st.sampled_from([b"[]", b"7", b'{"items":[1,null]}'])))
def test_cells_are_made_of_any_bytes(value: bytes | None) -> None:
    for topic in COLUMNS:
        assert set(cells(topic, value)) == {column.name for column in COLUMNS[topic]}


def test_order_shows_its_codes_and_rules() -> None:
    order = {"holds": [{"code": "WL-NARC"}], "reasons": [{"rule_id": "W01"}, {"rule_id": "W04"}]}
    found = cells(HOLD_ORDERS, orjson.dumps(order))
    assert (found["hold_codes"], found["rule_ids"]) == (("WL-NARC",), ("W01", "W04"))


def test_message_is_filed_under_the_utc_day_of_its_event() -> None:
    found = cells(PARCEL_EVENTS, b'{"event_time":"2026-11-22T20:00:00-06:00"}')
    assert day_of(found, RECORD_TIME_MS) == date(2026, 11, 23)


def test_message_without_a_sane_time_is_filed_under_the_day_of_its_record() -> None:
    for value in (b"{", b'{"event_time":"0001-01-01T00:00:00Z"}', b'{"event_time":"2026-11-22T20:00:00"}'):
        assert day_of(cells(PARCEL_EVENTS, value), RECORD_TIME_MS) == date(2026, 11, 24)
