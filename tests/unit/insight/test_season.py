"""Five simulated weeks: what is planted in the last is found within a minute, and little else is told of."""

from collections import defaultdict
from dataclasses import replace
from functools import cache

from tests.unit.simulate.streams import event_of
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.features import AddressStart, TextSpread
from tidewaiter.domain.surge import SurgeAlert
from tidewaiter.insight.book import InsightBook
from tidewaiter.insight.sighting import Tokens as TokensPort
from tidewaiter.matching import habits
from tidewaiter.simulate.message import Message
from tidewaiter.simulate.season import HABIT_DAYS, Season
from tidewaiter.simulate.traffic import Traffic

PARCELS_A_DAY = 500
ALERTS_A_WEEK_MOST = 3
MINUTE_MS = 60_000
TOKENS: TokensPort = Tokens(b"a secret for the tests")


@cache
def after_four_weeks(departures: bool) -> tuple[InsightBook, list[Message], list[SurgeAlert]]:
    """A book that knows four weeks; messages and alerts of a day with departures, or of a week without."""
    book = InsightBook(TOKENS)
    season = Season(Traffic(5, PARCELS_A_DAY), HABIT_DAYS + (1 if departures else 7))
    season = season if departures else replace(season, departures=())
    known, last = range(HABIT_DAYS), range(HABIT_DAYS, season.days)
    for message in (message for number in known for message in season.day(number)):
        book.take(event_of(message))
    messages = [message for number in last for message in season.day(number)]
    return book, messages, [alert for message in messages for alert in book.take(event_of(message))]


def planted(case: str) -> list[Message]:
    _, messages, _ = after_four_weeks(True)
    return [message for message in messages if message.label and message.label.truth.case == case]


def shippers(case: str) -> set[str]:
    keys = {habits.shipper_key(event_of(message).shipper) for message in planted(case)}
    return {TOKENS.token("shipper", key) for key in keys}


def alerts_about(entities: set[str], subject: str) -> list[SurgeAlert]:
    _, _, alerts = after_four_weeks(True)
    return [alert for alert in alerts if alert.entity in entities and alert.subject == subject]


def test_planted_flood_of_a_shipper_is_found_within_a_minute_of_event_time() -> None:
    (alert,) = alerts_about(shippers("shipper-surge"), "volume")
    began_ms = int(planted("shipper-surge")[0].at.timestamp() * 1000)
    assert 0 <= alert.at_ms - began_ms <= MINUTE_MS
    keys = {message.key.decode() for message in planted("shipper-surge")}
    assert len(keys & set(alert.examples)) >= 3


def test_planted_fall_of_prices_is_found_within_a_minute_of_event_time() -> None:
    (alert,) = alerts_about(shippers("price-collapse"), "value")
    began_ms = int(planted("price-collapse")[0].at.timestamp() * 1000)
    assert 0 <= alert.at_ms - began_ms <= MINUTE_MS
    assert alert.surges[0].times >= 3


def test_what_else_is_planted_stands_in_the_tables() -> None:
    features = after_four_weeks(True)[0].features()
    assert features.shipper is not None
    assert shippers("shipper-surge") <= features.shipper.rows.keys()
    assert features.text is not None
    text = TOKENS.token("text", habits.text_key(event_of(planted("text-across-shippers")[0])))
    assert features.text.rows[text] == TextSpread(12, 12)
    assert features.address is not None
    door = TOKENS.token("address", habits.address_key(event_of(planted("address-burst")[0]).consignee))
    assert features.address.rows[door] == AddressStart(0, 8)
    assert features.goods is not None
    (light,) = planted("weight-anomaly")
    measures = habits.goods_measures(event_of(light))
    assert measures is not None
    assert measures.grams_per_unit is not None
    norm = features.goods.rows[measures.heading].grams_per_unit
    assert norm is not None
    assert measures.grams_per_unit < norm.p01 / 10


def test_normal_week_raises_fewer_alerts_than_people_will_bear() -> None:
    _, _, alerts = after_four_weeks(False)
    by_subject: dict[str, int] = defaultdict(int)
    for alert in alerts:
        by_subject[f"{alert.kind} {alert.subject}"] += 1
    assert len(alerts) < ALERTS_A_WEEK_MOST, dict(by_subject)
