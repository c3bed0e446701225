"""Sightings: what a declaration counts for, under tokens, and what of a record is read at all."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import orjson
import pytest
from msgspec import structs

from tests.unit.insight.counting import PlainTokens
from tidewaiter.domain.event import Item, ParcelEvent
from tidewaiter.domain.party import Party
from tidewaiter.insight.reading import declared, held
from tidewaiter.insight.sighting import Sighting, hash_of, lanes, sightings
from tidewaiter.resources import schemas_directory
from tidewaiter.stream.record import Record
from tidewaiter.wire.given_fields import given_fields
from tidewaiter.wire.topics import HOLD_ORDERS, PARCEL_EVENTS

AT = datetime(2026, 11, 23, 6, 1, tzinfo=UTC)
EVENT = ParcelEvent(
    event_id="FDX-1-1",
    event_type="CREATE",
    event_time=AT,
    schema_version="1.0",
    source_carrier="FDX",
    message_seq=1,
    hawb="1",
    export_country="CN",
    first_us_port="2095",
    shipper=Party(name="Huakai Lin", country="CN"),
    consignee=Party(
        name="Jessica Miller",
        addr_lines=("4931 Windsor Ln", "Apt 297B"),
        city="Overland Park",
        region="KS",
        postal="66212",
        country="US",
    ),
    items=(
        Item(description="knitted cotton sweater for women", hts10="6110202079", qty=Decimal(2)),
        Item(description="acrylic cardigan", hts10="6110303059", qty=Decimal(2)),
    ),
    gross_weight_kg=Decimal("0.8"),
    value_usd=Decimal("48.00"),
)


def seen(event: ParcelEvent, *, is_held: bool = False) -> dict[str, Sighting]:
    found = list(sightings(event, PlainTokens(), held=is_held))
    assert len({one.kind for one in found}) == len(found)
    return {one.kind: one for one in found}


def record(event: ParcelEvent, timestamp: datetime | None = None, key: bytes = b"FDX|1") -> Record:
    at_ms = int(timestamp.timestamp() * 1000) if timestamp else -1
    # A declaration has to name its channel, even that which is taken where none is named.
    document = {**given_fields(event), "channel": event.channel}
    return Record(PARCEL_EVENTS, 0, 0, key, orjson.dumps(document), (), at_ms)


def test_declaration_counts_for_shipper_lane_address_and_goods() -> None:
    found = seen(EVENT)
    assert found.keys() == {"shipper", "lane", "address", "goods"}
    assert found["shipper"].entity == "shipper:huakai lin"
    assert found["shipper"].text.startswith("text:knitted cotton sweater")
    assert found["lane"].entity == "CN>2095>61"
    assert found["address"].entity.startswith("address:")
    assert found["goods"].entity == "6110"
    parcel = found["shipper"].parcel
    assert (parcel.parcel, parcel.hashed) == ("FDX|1", hash_of("FDX|1"))
    assert (parcel.cents_per_kg, parcel.grams_per_unit) == (6_000, 200)
    assert (parcel.day, parcel.minute) == (20_780, 361)


def test_party_of_a_sighting_is_who_is_on_the_other_side() -> None:
    found = seen(EVENT)
    assert found["lane"].party == found["goods"].party == hash_of("huakai lin")
    assert found["address"].party == hash_of("jesica miler")
    assert found["shipper"].party not in (found["lane"].party, found["address"].party, 0)


def test_parcel_that_was_held_counts_the_same_and_says_so() -> None:
    before, after = seen(EVENT), seen(EVENT, is_held=True)
    assert all(after[kind].parcel == structs.replace(before[kind].parcel, held=True) for kind in before)


@pytest.mark.parametrize("event_type", ["CANCEL", "ARRIVAL", "SCAN"])
def test_other_messages_count_for_nothing(event_type: str) -> None:
    assert seen(structs.replace(EVENT, event_type=event_type)) == {}


@pytest.mark.parametrize(("currency", "cents"), [("USD", 6_000), ("", 6_000), ("CNY", 0)])
def test_declared_value_counts_where_it_is_in_dollars(currency: str, cents: int) -> None:
    declared_alone = structs.replace(EVENT, value_usd=None, declared_value=EVENT.value_usd, currency=currency)
    found = seen(declared_alone)
    assert found["shipper"].parcel.cents_per_kg == cents
    assert found["lane"].parcel.cents_per_kg == cents


@pytest.mark.parametrize("year", [1, 1969, 2150, 9999])
def test_declaration_of_a_time_that_is_none_counts_for_nothing(year: int) -> None:
    assert seen(structs.replace(EVENT, event_time=AT.replace(year=year))) == {}


def test_declaration_that_says_little_counts_for_what_it_says() -> None:
    bare = structs.replace(EVENT, shipper=None, consignee=None, items=(), value_usd=None, export_country="")
    assert seen(bare) == {}


def test_goods_of_two_chapters_make_two_lanes() -> None:
    other = Item(description="ceramic mug", hts10="6912004400")
    assert lanes(structs.replace(EVENT, items=(*EVENT.items, other))) == ("CN>2095>61", "CN>2095>69")


def test_a_lane_begins_in_the_shipper_s_country_where_nothing_says_whence_goods_were_sent() -> None:
    unsaid = structs.replace(EVENT, export_country="", shipper=Party(country="VN"))
    assert lanes(unsaid) == ("VN>2095>61",)
    assert lanes(structs.replace(unsaid, shipper=None)) == ()


def test_clock_that_is_far_ahead_is_set_to_the_record_s() -> None:
    ahead = structs.replace(EVENT, event_time=AT + timedelta(days=2))
    found = declared(record(ahead, AT))
    assert found is not None
    assert found.event_time == AT
    slightly = declared(record(structs.replace(EVENT, event_time=AT + timedelta(minutes=59)), AT))
    assert slightly is not None
    assert slightly.event_time == AT + timedelta(minutes=59)


def test_record_that_the_screener_sets_aside_is_not_read() -> None:
    assert declared(record(EVENT)) is not None
    assert declared(record(EVENT, key=b"FDX|2")) is None
    assert declared(Record(PARCEL_EVENTS, 0, 0, b"FDX|1", b"{}")) is None
    assert declared(Record(PARCEL_EVENTS, 0, 0, b"FDX|1", None)) is None


def order(**changes: object) -> Record:
    """The published example of an open order, changed."""
    example = schemas_directory() / "examples" / HOLD_ORDERS / "valid" / "open.json"
    return Record(HOLD_ORDERS, 0, 0, b"k", orjson.dumps(orjson.loads(example.read_bytes()) | changes))


WAITING = {
    "code": "SYS-STALE",
    "family": "SYS",
    "rule_ids": ["R02"],
    "severity": 2,
    "removable_by": "DATA",
    "placed_at": "2026-11-23T06:00:00Z",
}


def test_order_of_a_rule_without_answer_is_read() -> None:
    assert held(order(holds=[{**WAITING, "basis": ["R02:A03:1271cf25"]}])) is not None


def test_open_order_is_read_as_the_declaration_that_it_quotes() -> None:
    event = held(order())
    assert event is not None
    assert event.has_declaration


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "WITHDRAWN", "holds": []},
        {"degraded": True},
        {"holds": [{**WAITING, "basis": ["R02:behind"]}]},
        {"parcel": {"hawb": "1"}},
    ],
    ids=["withdrawn", "because a source was out", "because more waits", "an unreadable declaration"],
)
def test_order_that_is_no_hold_on_its_merits_is_not_read(changes: dict[str, object]) -> None:
    assert held(order(**changes)) is None
