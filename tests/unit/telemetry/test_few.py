"""A label from outside takes only so many values."""

from tidewaiter.telemetry.few import OTHER, Few


def test_the_first_values_stay_and_later_ones_are_other() -> None:
    few = Few(2)
    assert [few.shown(value) for value in ("2095", "2704", "1401", "2095", "9999")] == [
        "2095", "2704", OTHER, "2095", OTHER,
    ]  # fmt: skip
