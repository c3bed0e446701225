"""What a parcel asks of Redis: the windows that it counts in, and the identifiers that lists may name."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.lookup import Contribution
from tidewaiter.domain.party import Account, Party
from tidewaiter.rules.ordinary import ordinary_event
from tidewaiter.screener.questions import declared, examined, rank, withdrawn

PLAIN = ordinary_event({})
DAY = (date(2026, 11, 24) - date(1970, 1, 1)).days


def contributions(event: ParcelEvent, *, has_press_parts: bool = False) -> dict[str, list[Contribution]]:
    found: dict[str, list[Contribution]] = {}
    for one in declared(event, 1, "d", has_press_parts=has_press_parts).lookup.contributions:
        found.setdefault(one.window, []).append(one)
    return found


def test_a_declaration_is_counted_in_every_window_that_it_has_keys_for() -> None:
    assert sorted(contributions(PLAIN)) == [
        "account_names",
        "address_names",
        "contact_parties",
        "pair_values",
        "person_day",
        "person_positive_exams",
    ]
    assert "person_press_parts" in contributions(PLAIN, has_press_parts=True)


def test_a_persons_day_is_counted_in_cents_on_the_day_at_the_port() -> None:
    counted = contributions(PLAIN)["person_day"]
    assert {(one.amount, one.day, one.counted) for one in counted} == {(4800, DAY, True)}
    assert [one.entity.partition("|")[2] for one in counted if one.asked] == [
        "US|43201|1180",
        "+16142990142",
        "US|43201|1180 n|",
        "+16142990142",
    ]


@pytest.mark.parametrize("window", ["person_day", "person_gifts", "person_press_parts"])
def test_a_person_is_counted_by_the_exact_name_and_beside_it_by_names_that_are_alike(window: str) -> None:
    def asked(name: str) -> set[str]:
        party = structs.replace(PLAIN.consignee or Party(), name=name)
        event = structs.replace(PLAIN, consignee=party, claim="GIFT")
        return {one.entity for one in contributions(event, has_press_parts=True)[window] if one.asked}

    common = asked("Dana Whitfield") & asked("WITFIELD, Dana")
    assert len(common) == 2
    assert all(key.startswith("~dana v|") for key in common)
    assert len(asked("Dana Whitfield")) == 4
    assert asked("Dana Whitfield") & asked("Diana Whitfield") == set()


def test_an_initial_is_asked_for_by_whoever_has_but_that() -> None:
    def day(name: str) -> list[Contribution]:
        party = structs.replace(PLAIN.consignee or Party(), name=name)
        return contributions(structs.replace(PLAIN, consignee=party))["person_day"]

    (of_all,) = [one for one in day("Dana Whitfield") if not one.asked]
    assert of_all in [structs.replace(one, asked=False) for one in day("D. Whitfield") if one.asked]
    assert not any(one.entity == of_all.entity and one.asked for one in day("Diana Whitfield"))


def test_a_pair_is_counted_by_the_exact_name_and_by_names_that_are_alike() -> None:
    other = structs.replace(
        PLAIN, consignee=structs.replace(PLAIN.consignee or Party(), name="Dana Witfield")
    )
    pairs = [{one.entity for one in contributions(event)["pair_values"]} for event in (PLAIN, other)]
    assert [len(keys) for keys in pairs] == [2, 2]
    assert len(pairs[0] & pairs[1]) == 1


def test_a_firm_is_counted_by_its_exact_name_alone() -> None:
    firm = structs.replace(
        PLAIN, consignee=structs.replace(PLAIN.consignee or Party(), name="Thomas Trading LLC")
    )
    assert [len(contributions(firm)[window]) for window in ("person_day", "pair_values")] == [2, 1]


def test_the_value_in_dollars_counts_before_the_declared_one() -> None:
    yen = structs.replace(PLAIN, declared_value=Decimal(9000), currency="JPY", value_usd=Decimal("60.15"))
    assert contributions(yen)["person_day"][0].amount == 6015


def test_a_value_in_another_currency_counts_for_no_dollars() -> None:
    yen = structs.replace(PLAIN, declared_value=Decimal(30_000), currency="JPY", value_usd=None)
    assert contributions(yen)["person_day"][0].amount == 0


def test_earlier_finds_are_asked_for_and_not_counted() -> None:
    asked = contributions(PLAIN)["person_positive_exams"]
    assert [one.counted for one in asked] == [False, False, False]
    counted = examined(PLAIN, "a1", date(2026, 11, 24)).lookup
    assert counted.parcel == f"{PLAIN.key}|exam"
    assert [one.counted for one in counted.contributions] == [True, True, True]
    assert {one.entity for one in counted.contributions} == {one.entity for one in asked}


def test_a_find_links_whoever_has_the_phone_under_another_name_at_another_door() -> None:
    other = Party("Ines Harbor", ("77 Elm St",), "Reno", "NV", "89501", phone="614 299 0142", country="US")
    found = {one.entity for one in examined(PLAIN, "a1", date(2026, 11, 24)).lookup.contributions}
    asked = contributions(structs.replace(PLAIN, consignee=other))["person_positive_exams"]
    assert found & {one.entity for one in asked} == {"+16142990142"}


@pytest.mark.parametrize(
    ("line", "is_linked"),
    [
        ("The UPS Store, 1180 Neil Ave", False),
        ("The UPS Store, 1180 Neil Ave PMB 214", True),
        ("PO Box 214, Mail Center", True),
        ("c/o Ann Smith, 1180 Neil Ave", True),
    ],
)
def test_a_find_links_nobody_by_the_door_of_a_mail_center(line: str, is_linked: bool) -> None:
    def at(name: str, phone: str) -> ParcelEvent:
        return structs.replace(PLAIN, consignee=Party(name, (line,), "Columbus", "OH", "43201", "US", phone))

    find = examined(at("Ann", "+16142990101"), "a1", date(2026, 11, 24))
    found = {one.entity for one in find.lookup.contributions}
    asked = contributions(at("Ben", "+16142990102"))["person_positive_exams"]
    assert bool(found & {one.entity for one in asked}) is is_linked


@pytest.mark.parametrize(
    ("buyer", "whose"),
    [
        (Party("Ines Harbor", phone="775 322 0000", country="US"), ["harbor ines|+17753220000"]),
        (Party("Ines Harbor"), ["dana vhitfield|US|43201|1180", "dana vhitfield|+16142990142"]),
        (None, ["dana vhitfield|US|43201|1180", "dana vhitfield|+16142990142"]),
    ],
)
def test_a_day_is_the_buyers_where_the_law_says_so_and_he_is_known(
    buyer: Party | None, whose: list[str]
) -> None:
    event = structs.replace(PLAIN, buyer=buyer, claim="GIFT")
    asked = declared(event, 1, "d", has_press_parts=False, person="buyer").lookup.contributions
    for window in ("person_day", "person_gifts"):
        exact = [one.entity for one in asked if one.window == window and one.entity[0] != "~"]
        assert exact == whose


def test_nobody_is_counted_without_a_name() -> None:
    nameless = structs.replace(PLAIN, consignee=structs.replace(PLAIN.consignee or Party(), name=""))
    assert {"person_day", "address_names", "contact_parties", "pair_values"}.isdisjoint(
        contributions(nameless)
    )


def test_a_parcel_without_parties_asks_nothing_but_its_history() -> None:
    bare = structs.replace(PLAIN, shipper=None, consignee=None)
    question = declared(bare, 1, "d", has_press_parts=True)
    assert (question.lookup.contributions, question.lookup.identifiers, question.roles) == ((), (), ())


def test_every_identifier_is_asked_for_in_the_role_that_carries_it() -> None:
    seller = Party(name="Somebody", phone="+86 755 2660 9999", country="CN", account=Account("ac7"))
    question = declared(structs.replace(PLAIN, seller=seller), 1, "d", has_press_parts=False)
    asked = set(zip(question.roles, question.lookup.identifiers, strict=True))
    assert ("shipper", ("phone", "+8675526601234")) in asked
    assert ("consignee", ("email", "dana.whitfield@mail.example")) in asked
    assert ("seller", ("phone", "+8675526609999")) in asked
    assert ("seller", ("account", "AC7")) in asked


def test_the_hosts_of_product_pages_are_asked_for_as_sellers_websites() -> None:
    urls = ("https://www.shop.example/p/1", "http://shop.example/p/2", "https://other.example", "none", "")
    items = tuple(structs.replace(PLAIN.items[0], sku_url=url) for url in urls)
    question = declared(structs.replace(PLAIN, items=items), 1, "d", has_press_parts=False)
    asked = list(zip(question.roles, question.lookup.identifiers, strict=True))
    assert asked[-2:] == [("seller", ("website", "shop.example")), ("seller", ("website", "other.example"))]


@pytest.mark.parametrize("number", ["ac100200", " AC100200 ", "ＡＣ１００２００"])
def test_an_account_is_one_however_it_is_written(number: str) -> None:
    assert PLAIN.shipper is not None
    shipper = structs.replace(PLAIN.shipper, account=Account(number))
    assert contributions(structs.replace(PLAIN, shipper=shipper)) == contributions(PLAIN)


@pytest.mark.parametrize(
    ("changes", "behind"),
    [
        ({}, ["AC100200"]),
        ({"account": None}, ["+8675526601234"]),
        ({"account": None, "phone": "", "ip": "2001:4860:0:0::8888"}, ["2001:4860::8888"]),
        ({"account": None, "phone": "", "ip": "10.0.0.7"}, []),
    ],
)
def test_shippers_are_counted_on_their_account_else_on_phone_or_address(
    changes: dict[str, Any], behind: list[str]
) -> None:
    assert PLAIN.shipper is not None
    event = structs.replace(PLAIN, shipper=structs.replace(PLAIN.shipper, **changes))
    found = contributions(event).get("account_names", [])
    assert [one.entity for one in found] == behind


def test_a_cancellation_takes_back_by_its_sequence() -> None:
    cancel = structs.replace(PLAIN, event_type="CANCEL", message_seq=3)
    lookup = withdrawn(cancel, "d").lookup
    assert (lookup.effect, lookup.contributions) == ("withdraw", ())
    assert rank(2, 2**31 - 1) < lookup.seq < rank(3)


sequences = st.integers(0, 2**31 - 2)


@given(sequences, sequences, st.integers(1, 3), st.integers(-1, 2**31 - 2))
def test_a_rank_orders_by_declaration_before_arrival_and_stays_exact_in_lua(
    seq: int, arrival: int, step: int, other_arrival: int
) -> None:
    assert rank(seq) < rank(seq, arrival) < rank(seq + step, other_arrival)
    assert rank(seq, arrival) < 2**53


def test_an_arrival_in_the_evening_counts_on_the_local_day() -> None:
    at = structs.replace(
        PLAIN, arrival_time=datetime(2026, 11, 25, 3, tzinfo=UTC), arrival_tz="America/New_York"
    )
    assert contributions(at)["person_day"][0].day == DAY
