"""Alerts: who departs far from a known habit is told of, once a day and subject, and nobody else is."""

from collections.abc import Sequence

import pytest

from tests.unit.insight.counting import FIRST_DAY, days_of, restored, shard, sighting, tabled
from tidewaiter.domain.surge import SurgeAlert
from tidewaiter.insight.shard import Shard
from tidewaiter.insight.sighting import Sighting

HABIT = days_of(5, range(28))
FLOOD = days_of(60, [28])


def alerts(made: Shard, seen: Sequence[Sighting]) -> list[SurgeAlert]:
    """What is raised when the sightings come one by one."""
    return [alert for one in seen for alert in made.count([one]).alerts]


def test_flood_of_a_shipper_is_told_once_with_its_habit_and_examples() -> None:
    (alert,) = alerts(shard(HABIT), FLOOD)
    assert (alert.subject, alert.kind, alert.entity) == ("volume", "shipper", "acme")
    assert (alert.day, alert.days_known) == (FIRST_DAY + 28, 28)
    surge = alert.surges[0]
    assert (surge.measure, surge.seen, surge.usual, surge.times) == ("parcels", 20, 5.0, 4.0)
    assert alert.examples == tuple(f"FDX|28-{number}" for number in range(15, 20))


def test_flood_is_told_of_with_the_parcel_that_makes_it_one() -> None:
    made = shard(HABIT)
    assert alerts(made, FLOOD[:19]) == []
    (alert,) = alerts(made, [FLOOD[19]])
    assert alert.at_ms == FLOOD[19].parcel.at_ms


@pytest.mark.parametrize(
    ("habit", "seen"),
    [
        (days_of(5, range(28)), days_of(19, [28])),
        (days_of(12, range(28)), days_of(35, [28])),
        (days_of(5, range(22, 28)), FLOOD),
        ([], FLOOD),
        (days_of(5, range(28)), days_of(5, range(28, 35))),
    ],
    ids=["too few", "under three times", "known for six days", "not known at all", "as always"],
)
def test_nothing_is_told_of(habit: list[Sighting], seen: list[Sighting]) -> None:
    assert alerts(shard([sighting(1, 0, entity="other")], habit), seen) == []


def test_day_that_is_usual_for_a_habit_of_ups_and_downs_is_not_told_of() -> None:
    ups_and_downs = days_of(1, range(28)) + days_of(90, range(0, 28, 7))
    assert alerts(shard(ups_and_downs), days_of(60, [28], minute=900)) == []


def test_fall_of_prices_is_told_of_though_the_parcels_are_as_many_as_always() -> None:
    habit = days_of(40, range(28))
    (alert,) = alerts(shard(habit), days_of(40, [28], cents_per_kg=500))
    (surge,) = alert.surges
    assert (alert.subject, surge.measure, surge.seen, surge.usual) == ("value", "value-hour", 500.0, 2_000.0)


def test_price_that_the_habit_has_known_is_not_told_of() -> None:
    habit = days_of(40, range(27)) + days_of(40, [27], cents_per_kg=450)
    assert alerts(shard(habit), days_of(40, [28], cents_per_kg=500)) == []


def test_hour_of_a_great_shipper_is_told_of_before_its_day_is() -> None:
    spread = [sighting(n, day, minute=n * 12) for day in range(28) for n in range(120)]
    (alert,) = alerts(shard(spread), days_of(45, [28]))
    assert [surge.measure for surge in alert.surges] == ["parcels-hour"]


def test_share_of_parcels_held_far_above_the_habit_is_told_of() -> None:
    habit = days_of(30, range(28))
    made = shard(habit, days_of(30, [28]))
    (alert,) = alerts(made, days_of(6, [28], held=True))
    assert (alert.subject, alert.surges[0].measure) == ("held", "held")
    assert alert.surges[0].seen == pytest.approx(5 / 30)
    assert alert.surges[0].usual == 0.0


def test_alert_comes_again_under_the_same_id_and_not_after_a_restart() -> None:
    made, table = tabled(HABIT)
    (first,) = alerts(made, FLOOD[:30])
    assert alerts(restored(table), FLOOD) == []
    (again,) = alerts(shard(HABIT), FLOOD)
    assert again.alert_id == first.alert_id


def test_goods_have_norms_and_no_alerts() -> None:
    goods = [*days_of(5, range(28), kind="goods"), *days_of(200, [28], kind="goods")]
    assert alerts(shard(), goods) == []
