"""The exporter's page has the backlogs of now and nothing older."""

import pytest

from tidewaiter.stream.record import Partition
from tidewaiter.stream.unread import Backlog, Unread
from tidewaiter.telemetry.lag import ShownLag
from tidewaiter.telemetry.metrics import LagMetrics
from tidewaiter.wire.open_orders import Queue

EVENTS = Partition("parcel-events", 0)
LABELS = {"reader": "screener", "topic": "parcel-events", "partition": "0"}
WAITING = Backlog("screener", 0, (Unread(EVENTS, 5, 5, 12, oldest_ms=60_000),))


@pytest.fixture
def shown() -> ShownLag:
    return ShownLag(LagMetrics())


def value(shown: ShownLag, name: str, labels: dict[str, str] | None = None) -> float | None:
    return shown.metrics.registry.get_sample_value(name, labels or {})


def test_a_backlog_is_shown_in_records_and_in_seconds(shown: ShownLag) -> None:
    shown.show([WAITING], now_ms=90_500)
    assert value(shown, "tidewaiter_lag_unread_records", LABELS) == 7
    assert value(shown, "tidewaiter_lag_unread_seconds", LABELS) == 30.5
    assert value(shown, "tidewaiter_lag_members", {"reader": "screener"}) == 0
    assert value(shown, "tidewaiter_lag_known") == 1


def test_no_number_is_left_when_kafka_does_not_answer(shown: ShownLag) -> None:
    shown.show([WAITING], now_ms=90_500)
    shown.forget()
    assert value(shown, "tidewaiter_lag_unread_records", LABELS) is None
    assert value(shown, "tidewaiter_lag_unread_seconds", LABELS) is None
    assert value(shown, "tidewaiter_lag_members", {"reader": "screener"}) is None
    assert value(shown, "tidewaiter_lag_known") == 0


def test_an_open_transaction_is_shown_with_its_age_and_goes_when_it_ends(shown: ShownLag) -> None:
    labels = {"topic": "parcel-events", "partition": "0"}
    name = "tidewaiter_lag_open_transaction_seconds"
    shown.show([WAITING], now_ms=90_500)
    shown.show_open_transactions({EVENTS: 60_000, Partition("parcel-events", 1): None}, now_ms=90_500)
    assert value(shown, name, labels) == 30.5
    assert value(shown, name, {**labels, "partition": "1"}) is None
    shown.show([WAITING], now_ms=95_000)
    assert value(shown, name, labels) is None


def test_a_reader_without_a_group_has_no_members_and_a_transaction_of_a_clock_ahead_no_age(
    shown: ShownLag,
) -> None:
    shown.show([Backlog("archive", None, ())], now_ms=90_500)
    shown.show_open_transactions({EVENTS: 99_000}, now_ms=90_500)
    assert value(shown, "tidewaiter_lag_members", {"reader": "archive"}) is None
    labels = {"topic": "parcel-events", "partition": "0"}
    assert value(shown, "tidewaiter_lag_open_transaction_seconds", labels) == 0


def test_an_age_that_is_not_known_has_no_series_though_the_records_have(shown: ShownLag) -> None:
    shown.show([WAITING], now_ms=90_500)
    shown.show([Backlog("screener", 1, (Unread(EVENTS, 5, 5, 12),))], now_ms=95_000)
    assert value(shown, "tidewaiter_lag_unread_records", LABELS) == 7
    assert value(shown, "tidewaiter_lag_unread_seconds", LABELS) is None


def test_a_topic_that_is_deleted_is_shown_no_more(shown: ShownLag) -> None:
    shown.show([WAITING], now_ms=90_500)
    shown.show([Backlog("screener", 1, ())], now_ms=95_000)
    assert value(shown, "tidewaiter_lag_unread_records", LABELS) is None
    assert value(shown, "tidewaiter_lag_members", {"reader": "screener"}) == 1


def test_open_orders_are_shown_with_the_age_of_the_oldest_and_go_with_kafka(shown: ShownLag) -> None:
    officers, nobody = {"disposition": "1A"}, {"disposition": "RFI"}
    shown.show_orders({"1A": Queue(3, 60_000), "RFI": Queue(0)}, now_ms=90_500)
    assert value(shown, "tidewaiter_open_orders", officers) == 3
    assert value(shown, "tidewaiter_open_order_age_seconds", officers) == 30.5
    assert value(shown, "tidewaiter_open_order_age_seconds", nobody) == 0
    shown.forget()
    assert value(shown, "tidewaiter_open_orders", officers) is None
    assert value(shown, "tidewaiter_open_order_age_seconds", officers) is None
