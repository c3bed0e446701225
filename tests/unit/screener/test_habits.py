"""What a worker knows of habits: asked by key, aged by the clock, taken up between two batches."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec import structs

from tests.unit.screener.desk import Desk, event, in_force
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.features import (
    KINDS,
    NO_HABITS,
    UNKNOWN_HABITS,
    USUAL,
    AddressStart,
    Features,
    GoodsNorm,
    Habits,
    ShipperPace,
    Table,
    TextSpread,
)
from tidewaiter.insight.sighting import sightings
from tidewaiter.matching.habits import address_key, party_keys, shipper_key, text_key
from tidewaiter.rules.ordinary import ORDINARY_EVENT, ordinary_event
from tidewaiter.screener.habits import FixedHabits, KnownHabits, LearnedHabits
from tidewaiter.screener.questions import declared

TOKENS = Tokens(b"a secret of the tests")
SWEATER = {**ORDINARY_EVENT["items"][0], "description": "Women's knitted cotton sweater, blue"}
EVENT = ordinary_event({"items": [SWEATER]})
PACE, SPREAD = ShipperPace(90, 9.0, 28), TextSpread(12, 12)
START, NORM = AddressStart(3, 18), GoodsNorm(400, None, None)
WRITTEN = datetime(2026, 11, 24, 12, tzinfo=UTC)
TEN_MINUTES = timedelta(minutes=10)


def features(written: datetime = WRITTEN) -> Features:
    at = round(written.timestamp() * 1000)
    return Features(
        shipper=Table(0, at, {TOKENS.token("shipper", shipper_key(EVENT.shipper)): PACE}),
        text=Table(0, at, {TOKENS.token("text", text_key(EVENT)): SPREAD}),
        address=Table(0, at, {TOKENS.token("address", address_key(EVENT.consignee)): START}),
        goods=Table(0, at, {"6110": NORM}),
    )


def test_habits_of_a_parcel_are_those_of_its_entities() -> None:
    assert KnownHabits(features(), TOKENS).of(EVENT) == Habits(PACE, SPREAD, START, NORM)


def test_habits_of_other_entities_are_usual() -> None:
    other = ordinary_event(
        {
            "shipper": {"name": "Ningbo Harbour Lamps Co Ltd"},
            "consignee": {"addr_lines": ["1182 Neil Ave"]},
            "items": [{"hts10": "9405110000", "description": "Desk lamp of brass, small"}],
        }
    )
    assert KnownHabits(features(), TOKENS).of(other) is USUAL


def test_parcel_that_names_nobody_and_nothing_has_no_habits() -> None:
    bare = ordinary_event({"shipper": None, "consignee": None, "items": []})
    of_nobody = Features(
        shipper=Table(0, 0, {TOKENS.token("shipper", ""): PACE}),
        text=Table(0, 0, {TOKENS.token("text", ""): SPREAD}),
        address=Table(0, 0, {TOKENS.token("address", ""): START}),
        goods=Table(0, 0, {"6110": NORM}),
    )
    assert KnownHabits(of_nobody, TOKENS).of(bare) is USUAL


def test_question_of_a_declaration_carries_the_keys_of_its_parties() -> None:
    question = declared(EVENT, 1, "digest", has_press_parts=False)
    assert question.habits == party_keys(EVENT)
    nobody = ordinary_event({"shipper": None, "consignee": None})
    assert declared(nobody, 1, "digest", has_press_parts=False).habits == party_keys(nobody)


def test_screener_asks_under_the_keys_that_insight_counts_under() -> None:
    seen = {one.kind: one for one in sightings(EVENT, TOKENS)}
    rows = {
        "shipper": {seen["shipper"].entity: PACE},
        "text": {seen["shipper"].text: SPREAD},
        "address": {seen["address"].entity: START},
        "goods": {seen["goods"].entity: NORM},
    }
    counted = Features(**{kind: Table(0, 0, found) for kind, found in rows.items()})  # type: ignore[arg-type]
    assert KnownHabits(counted, TOKENS).of(EVENT) == Habits(PACE, SPREAD, START, NORM)


@pytest.mark.parametrize("kind", KINDS)
def test_kind_without_a_table_is_unknown_beside_what_is_known(kind: str) -> None:
    found = KnownHabits(structs.replace(features(), **{kind: None}), TOKENS).of(EVENT)
    wanted = structs.replace(Habits(PACE, SPREAD, START, NORM), **{kind: None}, unknown=frozenset({kind}))
    assert found == wanted


class Shop:
    """A store of features that can be closed."""

    def __init__(self) -> None:
        self.found, self.is_closed = features(), False

    def read(self) -> Features:
        if self.is_closed:
            raise ConnectionError("closed")
        return self.found


def test_nothing_is_known_before_the_tables_were_read() -> None:
    learned = LearnedHabits(Shop().read, TOKENS, TEN_MINUTES)
    assert learned.latest.of(EVENT) == UNKNOWN_HABITS
    assert learned.age(WRITTEN) == {}


def test_tables_that_cannot_be_read_anew_are_used_until_they_are_too_old() -> None:
    shop = Shop()
    learned = LearnedHabits(shop.read, TOKENS, TEN_MINUTES)
    learned.refresh()
    shop.is_closed = True
    with pytest.raises(ConnectionError):
        learned.refresh()
    assert learned.age(WRITTEN + TEN_MINUTES) == dict.fromkeys(KINDS, TEN_MINUTES)
    assert learned.latest.of(EVENT).shipper == PACE
    learned.age(WRITTEN + TEN_MINUTES + timedelta(seconds=1))
    assert learned.latest.of(EVENT) == UNKNOWN_HABITS


def test_habits_that_insight_never_wrote_are_unlearned_and_not_unknown() -> None:
    shop = Shop()
    shop.found = Features(is_begun=False)
    learned = LearnedHabits(shop.read, TOKENS, TEN_MINUTES)
    learned.refresh()
    learned.age(WRITTEN)
    assert learned.latest.of(EVENT) == NO_HABITS
    shop.found = Features()
    learned.refresh()
    learned.age(WRITTEN)
    assert learned.latest.of(EVENT) == UNKNOWN_HABITS


@pytest.mark.parametrize(("habits", "told"), [(UNKNOWN_HABITS, ["A06", "S02", "S06"]), (NO_HABITS, [])])
def test_order_lists_unanswered_habits_only_where_insight_has_run(habits: Habits, told: list[str]) -> None:
    desk = Desk(first=structs.replace(in_force(), habits=FixedHabits(habits)))
    (order,) = desk.events(event(1, gross_weight_kg=None)).orders
    unanswered = [one["rule_id"] for one in order["reasons"] if one["unavailable"]]
    assert [rule for rule in unanswered if rule[0] in "AS"] == told
    assert sum(one.is_unavailable for one in desk.notes.decisions[-1].findings) >= 3


def test_a_batch_decides_with_the_habits_that_were_the_latest_when_it_began() -> None:
    shop = Shop()
    learned = LearnedHabits(shop.read, TOKENS, TEN_MINUTES)
    desk = Desk(first=structs.replace(in_force(), habits=learned))
    desk.events(event(1, items=[SWEATER]))
    assert all(one.is_unavailable for one in desk.notes.decisions[-1].findings)
    learned.refresh()
    learned.age(WRITTEN)
    desk.events(event(2, items=[SWEATER]))
    assert [one.rule_id for one in desk.notes.decisions[-1].findings] == ["A06", "S02", "S06"]


def test_no_parcel_is_held_while_nobody_learns_habits() -> None:
    desk = Desk(first=structs.replace(in_force(), habits=FixedHabits(UNKNOWN_HABITS)))
    answers = desk.events(event(1))
    assert (answers.outcome, answers.orders) == ("RELEASE", [])


def test_same_message_is_answered_anew_when_another_rule_fires_on_habits() -> None:
    usual = Desk(first=structs.replace(in_force(), habits=FixedHabits(USUAL)))
    surging = Desk(first=structs.replace(in_force(), habits=FixedHabits(Habits(shipper=PACE))))
    usual.events(event(1))
    surging.events(event(1))
    assert usual.notes.decisions[-1].decision_id != surging.notes.decisions[-1].decision_id
