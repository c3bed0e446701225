"""Surge alerts: what is written is what the schema lets through, with windows that end at the alert."""

from datetime import UTC, datetime

from tests.surges import told_surge
from tidewaiter.domain.surge import Surge, SurgeAlert
from tidewaiter.wire.surge_alert import encode, key_of

AT = datetime(2026, 12, 21, 6, 0, 2, 551_000, tzinfo=UTC)
ALERT = SurgeAlert(
    alert_id="5f0f6a0c2d5b4b0e9c1f7a3d8e2b6c44",
    subject="volume",
    kind="lane",
    entity="CN>2095>84",
    day=20_808,
    at_ms=int(AT.timestamp() * 1000),
    days_known=27,
    surges=(Surge("parcels", 20, 1 / 3, 60.0), Surge("parcels-hour", 20.0, 2.0, 10.0)),
    examples=("FDX|1", "FDX|2"),
)


def test_alert_is_read_back_as_it_was_written() -> None:
    found = told_surge(encode(ALERT))
    assert (found.alert_id, found.kind, found.entity, found.at) == (
        ALERT.alert_id,
        "lane",
        "CN>2095>84",
        AT,
    )
    assert found.day == AT.date()
    assert found.surges[0].usual == 0.3333
    assert key_of(ALERT) == "lane|CN>2095>84"


def test_window_begins_with_the_day_or_an_hour_before() -> None:
    day, hour = told_surge(encode(ALERT)).surges
    assert day.since == datetime(2026, 12, 21, tzinfo=UTC)
    assert hour.since == AT.replace(hour=5)
