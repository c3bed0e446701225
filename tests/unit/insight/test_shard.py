"""A shard: counts each parcel once, restored it goes on as before, and it forgets what is old."""

import random

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.insight.counting import FIRST_DAY, days_of, restored, shard, sighting, tabled
from tidewaiter.domain.features import AddressStart, GoodsNorm, ShipperPace, TextSpread
from tidewaiter.insight.day import Day, median_value
from tidewaiter.insight.keys import Entity
from tidewaiter.insight.ledger import Ledger, span_key
from tidewaiter.insight.sighting import Kind, Sighting, hash_of

SIGHTINGS = st.lists(
    st.builds(
        sighting,
        st.integers(0, 9),
        st.integers(0, 6),
        minute=st.integers(0, 1439),
        kind=st.sampled_from(["shipper", "lane", "address", "text", "goods"]),
        entity=st.sampled_from(["a", "b"]),
        held=st.booleans(),
        known_since=st.integers(19_990, 20_006),
    ),
    max_size=60,
)


@settings(max_examples=60)
@given(SIGHTINGS, st.randoms(use_true_random=False))
def test_table_is_the_same_in_whatever_order_and_however_often_parcels_are_seen(
    seen: list[Sighting], chance: random.Random
) -> None:
    again = seen + chance.sample(seen, len(seen) // 2)
    chance.shuffle(again)
    one, first = tabled(seen)
    other, second = tabled(again[: len(again) // 2], again[len(again) // 2 :])
    assert days(first) == days(second)
    assert one.rows() == other.rows()


def days(table: dict[bytes, bytes]) -> dict[bytes, tuple[bytes, bytes]]:
    """What was counted on each day, without when the entity was first seen: later days learn that when they
    are begun, from those that are there then."""
    stored = {key: Day.read("shipper", value) for key, value in table.items() if key != span_key(0)}
    return {key: (day.parcels.packed(), day.parties.packed()) for key, day in stored.items()}


@given(SIGHTINGS, SIGHTINGS)
@settings(max_examples=60)
def test_restored_shard_goes_on_as_the_one_that_it_was(before: list[Sighting], after: list[Sighting]) -> None:
    one, table = tabled(before)
    other = restored(dict(table))
    assert other.rows() == one.rows()
    assert other.count(after) == one.count(after)
    assert other.rows() == one.rows()
    assert other.as_of_ms == one.as_of_ms


def test_shipper_at_twice_its_habit_is_in_the_table_and_one_that_keeps_to_it_is_not() -> None:
    habit = days_of(10, range(28))
    assert shard(habit, days_of(20, [28])).rows()["shipper"] == {"acme": ShipperPace(20, 10.0, 28)}
    assert shard(habit, days_of(19, [28])).rows()["shipper"] == {}
    assert shard(days_of(11, range(28)), days_of(20, [28])).rows()["shipper"] == {}


def test_row_of_a_shipper_ends_with_its_day() -> None:
    made = shard(days_of(5, range(28)), days_of(30, [28]))
    assert made.rows()["shipper"]
    made.count([sighting(1, 29, entity="other")])
    assert made.rows()["shipper"] == {}


def test_days_before_a_shipper_was_known_are_not_in_its_mean() -> None:
    made = shard([sighting(1, 0, entity="other")], days_of(4, range(24, 28)), days_of(40, [28]))
    assert made.rows()["shipper"] == {"acme": ShipperPace(40, 4.0, 4)}


def test_address_that_is_new_and_busy_is_in_the_table_once_newness_can_be_told() -> None:
    burst = [sighting(number, 20, kind="address", entity="door") for number in range(5)]
    assert shard(days_of(1, range(20)), burst).rows()["address"] == {"door": AddressStart(0, 5)}
    assert shard(days_of(1, range(20)), burst[:4]).rows()["address"] == {}
    assert shard(days_of(1, range(7, 20)), burst).rows()["address"] == {}


def test_address_ages_and_leaves_the_table_after_fourteen_days() -> None:
    burst = [sighting(number, 20, kind="address", entity="door") for number in range(5)]
    made = shard(days_of(1, range(20)), burst, [sighting(9, 27)])
    assert made.rows()["address"] == {"door": AddressStart(7, 5)}
    made.count([sighting(9, 34)])
    assert made.rows()["address"] == {}


def test_text_counts_shippers_of_seven_days_and_those_that_are_new() -> None:
    def told(number: int, day: int, known_since: int) -> Sighting:
        party = hash_of(f"shipper {number}")
        return sighting(number, day, kind="text", entity="t", party=party, known_since=known_since)

    old = [told(number, 40, FIRST_DAY) for number in range(3)]
    new = [told(number, 41, FIRST_DAY + 41) for number in range(3, 8)]
    gone = [told(number, 34, FIRST_DAY + 34) for number in range(10, 30)]
    made = shard(days_of(1, range(40)), gone, old, new)
    assert made.rows()["text"] == {"t": TextSpread(8, 5)}
    assert shard(days_of(1, range(14, 40)), gone, old, new).rows()["text"] == {}


def test_shipper_tells_its_texts_since_when_it_is_known() -> None:
    first = sighting(1, 0)
    later = sighting(2, 9)
    made = shard([first])
    (passed,) = made.count([Sighting("shipper", "acme", later.parcel, 5, text="t")]).passed_on
    assert passed == Sighting("text", "t", later.parcel, hash_of("acme"), FIRST_DAY)


def test_goods_have_a_norm_from_two_hundred_parcels_on() -> None:
    def goods(number: int) -> Sighting:
        return sighting(number, number % 5, kind="goods", entity="6110", cents_per_kg=1_000 + number)

    assert shard([goods(number) for number in range(199)]).rows()["goods"] == {}
    norm = shard([goods(number) for number in range(250)]).rows()["goods"]["6110"]
    assert isinstance(norm, GoodsNorm)
    assert norm.sightings == 250
    assert norm.cents_per_kg is not None
    assert abs(norm.cents_per_kg.p50 - 1_125) < 3
    assert norm.cents_per_kg.p01 == 1_002


def test_days_are_forgotten_when_they_are_too_old() -> None:
    made, table = tabled(days_of(3, range(20), kind="address", entity="door"))
    for step in range(3):
        made.count([sighting(step, 60)])
    assert set(table) == {span_key(0), Entity("shipper", "acme").key(FIRST_DAY + 60)}


def test_sighting_older_than_is_remembered_is_passed_over() -> None:
    made, table = tabled([sighting(1, 60)])
    made.count([sighting(2, 60 - 29)])
    assert len(table) == 2


def test_parcel_with_the_clock_of_1970_makes_nobody_else_new() -> None:
    seen = days_of(6, [0], kind="address")
    made = shard([sighting(0, -FIRST_DAY)], seen, [sighting(1, -FIRST_DAY)])
    assert made.rows()["address"] == {}
    later = shard([sighting(0, -FIRST_DAY)], days_of(1, range(15)), days_of(6, [15], kind="address"))
    assert later.rows()["address"] == {"acme": AddressStart(0, 6)}


def test_after_a_silence_longer_than_is_remembered_watching_begins_anew() -> None:
    made = shard(days_of(6, [0], kind="address"), days_of(6, [99], kind="address"))
    assert made.rows()["address"] == {}


def test_day_that_the_table_has_otherwise_is_read_from_the_table() -> None:
    table: dict[bytes, bytes] = {}
    ledger, entity = Ledger(table), Entity("shipper", "acme")
    fuller, emptier = (Day("shipper", FIRST_DAY) for _ in range(2))
    for one in days_of(9, [0]):
        fuller.count(one)
    emptier.count(sighting(1))
    ledger.keep(entity, FIRST_DAY, fuller)
    table[entity.key(FIRST_DAY)] = emptier.packed()

    found = ledger.day(entity, FIRST_DAY)

    assert found is not None
    assert found.parcels.count == 1


def test_ledgers_of_two_partitions_in_one_table_have_spans_of_their_own() -> None:
    table: dict[bytes, bytes] = {}
    one, other = Ledger(table, 0), Ledger(table, 1)
    for ledger, at_ms in ((one, 5), (other, 9)):
        ledger.move_on([at_ms])
        ledger.finish()
    assert (Ledger(table, 0).as_of_ms, Ledger(table, 1).as_of_ms) == (5, 9)


def test_text_that_is_not_seen_again_is_in_the_table_once_newness_can_be_told() -> None:
    spread = [
        sighting(number, 25, kind="text", entity="t", known_since=FIRST_DAY + 25) for number in range(6)
    ]
    made = shard(days_of(1, range(25)), spread)
    assert made.rows()["text"] == {}
    made.count([sighting(1, 28)])
    assert made.rows()["text"] == {"t": TextSpread(6, 6)}


def new_everywhere(day: int) -> list[Sighting]:
    """A text from six shippers, and six parcels at an address, all first seen on that day."""
    text = [sighting(n, day, kind="text", entity="t", known_since=FIRST_DAY + day) for n in range(6)]
    return text + days_of(6, [day], kind="address", entity="door")


@pytest.mark.parametrize("is_late_first", [True, False])
def test_message_that_comes_four_weeks_late_makes_nobody_new_to_a_service_that_begins(
    is_late_first: bool,
) -> None:
    kinds: tuple[Kind, ...] = ("shipper", "lane", "address", "text", "goods")
    late = [sighting(1, 0, kind=kind, entity="late") for kind in kinds]
    begun = new_everywhere(28)
    made, table = tabled(*(late, begun) if is_late_first else (begun, late))
    for told in (made, restored(table)):
        assert told.rows()["text"] == told.rows()["address"] == {}


def test_messages_that_come_late_of_every_day_are_nothing_that_a_busy_service_watched() -> None:
    late = days_of(1, range(28))
    busy = [sighting(number, 28, entity=f"shipper {number}") for number in range(60)]
    made = shard(late, busy, new_everywhere(28))
    assert made.rows()["text"] == made.rows()["address"] == {}


def test_day_without_a_parcel_four_weeks_ago_makes_a_service_no_newer() -> None:
    watched = days_of(1, [*range(20), *range(21, 48)])
    made, table = tabled(watched, new_everywhere(48))
    for told in (made, restored(table)):
        assert told.rows()["text"]
        assert told.rows()["address"]


def test_table_of_an_earlier_release_tells_since_when_it_watched() -> None:
    _, table = tabled(days_of(1, range(28)), new_everywhere(28))
    since_ms, latest_ms, _ = msgspec.msgpack.decode(table[span_key(0)], strict=False)
    table[span_key(0)] = msgspec.msgpack.encode((since_ms, latest_ms))
    rows = restored(table).rows()
    assert rows["text"]
    assert rows["address"]


def test_the_median_value_is_the_lower_one_of_those_that_have_any() -> None:
    assert median_value([(0, cents, 0, 0) for cents in (0, 30, 0, 10)]) == 10
    assert median_value([(0, 0, 0, 0)]) == 0
