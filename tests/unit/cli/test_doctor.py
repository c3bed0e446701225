"""What the doctor says of habits: nobody has learned any, some are too old, all are known."""

from datetime import UTC, datetime, timedelta

from tidewaiter.cli.doctor import Check, habits_known
from tidewaiter.domain.features import Features, Table

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
