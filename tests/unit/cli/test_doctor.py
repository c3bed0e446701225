"""What the doctor says of habits, of lists that are too old, and of workers that say nothing."""

from datetime import UTC, datetime, timedelta

from tidewaiter.cli.doctor import Check, habits_known, lists_known, transactions_known, workers_known
from tidewaiter.domain.features import Features, Table
from tidewaiter.domain.generation import Generation, SourceVersion
from tidewaiter.matching.listed import NORMAL_FORM
from tidewaiter.stream.record import Partition

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
TEN_MINUTES = timedelta(minutes=10)


def written(ago: timedelta) -> Table[object]:
    return Table(0, round((NOW - ago).timestamp() * 1000))


def seen(found: Features) -> Check:
    return habits_known(found, NOW, TEN_MINUTES)


def test_habits_that_nobody_learned_are_told_once() -> None:
    check = seen(Features(is_begun=False))
    assert check.state == "warning"
    assert "insight has not run" in check.seen


def test_habits_too_old_or_missing_are_named() -> None:
    now, old = written(TEN_MINUTES), written(timedelta(minutes=11))
    check = seen(Features(now, old, None, now))  # type: ignore[arg-type]
    assert (check.state, check.seen) == ("warning", "too old or not whole: text, address")


def test_habits_of_every_kind_are_good() -> None:
    now = written(TEN_MINUTES)
    assert seen(Features(now, now, now, now)).state == "good"  # type: ignore[arg-type]


def a_list(checked: timedelta, form: int = NORMAL_FORM) -> SourceVersion:
    at = (NOW - checked).isoformat()
    return SourceVersion("v", 7, "c", "2026-01-01T00:00:00+00:00", "loader", at, form=form)


def test_lists_that_hold_every_parcel_for_their_age_are_bad() -> None:
    two_days = timedelta(days=2)
    found = Generation(5, {"ofac-sdn": a_list(two_days), "ours": a_list(timedelta(days=3))})
    check = lists_known(found, NOW, two_days)
    assert check.state == "bad"
    assert check.seen.endswith("held for it: ours")
    assert lists_known(found, NOW, timedelta(days=4)).state == "good"
    assert lists_known(found, NOW - timedelta(days=6), two_days).seen.endswith("held for it: ofac-sdn, ours")


def test_lists_in_the_form_of_another_release_are_bad() -> None:
    day = timedelta(days=1)
    check = lists_known(Generation(5, {"ours": a_list(day), "former": a_list(day, form=1)}), NOW, 2 * day)
    assert check.state == "bad"
    assert check.seen.endswith("no worker takes it up: tidewaiter watchlists load")


def test_workers_that_have_long_said_nothing_do_not_count() -> None:
    now, gone = NOW, NOW - timedelta(minutes=1)
    on_it = workers_known("workers", {"a": (True, now), "b": (False, gone)}, NOW)
    assert (on_it.state, on_it.seen) == ("good", "not on it: none; silent for a minute or longer: b")
    behind = workers_known("workers", {"a": (True, now), "b": (False, now)}, NOW)
    assert (behind.state, behind.seen) == ("warning", "not on it: b")


def test_no_worker_at_all_is_told() -> None:
    for reports in ({}, {"a": (True, NOW - timedelta(hours=1))}):
        check = workers_known("workers", reports, NOW)
        assert check.state == "warning"
        assert check.seen.startswith("no worker has said within a minute")


def test_transaction_that_the_broker_should_have_ended_is_bad_and_one_under_way_is_not() -> None:
    begun_ms = {
        Partition("hold-orders", 1): 99_000,
        Partition("parcel-decisions", 3): 10_000,
        Partition("parcel-decisions", 4): None,
    }
    check = transactions_known(begun_ms, 100_000)
    assert check.state == "bad"
    assert check.seen.endswith("hidden from readers: parcel-decisions/3 for 90 s")
    assert transactions_known(begun_ms, 30_000).state == "good"
