"""Features: fresh by kind, and paces that stay finite."""

from tidewaiter.domain.features import Features, ShipperPace, Table


def test_kind_stays_fresh_up_to_its_age_and_not_past_it() -> None:
    features = Features(text=Table(0, written_ms=1_000), goods=Table(0, written_ms=400))
    assert features.fresh(now_ms=1_500, age_most_ms=500) == Features(text=Table(0, 1_000))
    assert features.fresh(now_ms=1_501, age_most_ms=500) == Features()


def test_kind_that_was_written_by_a_clock_far_ahead_is_not_fresh() -> None:
    features = Features(text=Table(0, written_ms=1_000))
    assert features.fresh(now_ms=500, age_most_ms=500) == features
    assert features.fresh(now_ms=499, age_most_ms=500) == Features()


def test_surge_of_a_shipper_without_a_habit_is_finite() -> None:
    assert ShipperPace(40, 0.0, 0).surge == 40.0
    assert ShipperPace(40, 10.0, 28).surge == 4.0
