"""The facts of a parcel, and that the table of them is whole."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from tests.rules import shipped_ruleset
from tests.unit.rules.declarations import NOW, limit, parcel, subject
from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.evidence import Evidence, IdentifierHit, PartyHit
from tidewaiter.domain.hit import Hit
from tidewaiter.domain.watchlist import Entry, EntryName
from tidewaiter.matching import screening
from tidewaiter.matching.corroboration import Subject as MatchSubject
from tidewaiter.matching.index import NameIndex
from tidewaiter.rules.catalogue import attribute
from tidewaiter.rules.cel.unknown import UNKNOWN
from tidewaiter.rules.facts import CATALOGUE, ORDINARY, ParcelFacts
from tidewaiter.rules.facts.row import Subject
from tidewaiter.rules.ordinary import ORDINARY_EVIDENCE, OrdinaryLaw


def facts(evidence: Evidence = ORDINARY_EVIDENCE, **changes: Any) -> ParcelFacts:
    return ParcelFacts(subject(evidence, **changes))


def fact(name: str, evidence: Evidence = ORDINARY_EVIDENCE, **changes: Any) -> object:
    return getattr(facts(evidence, **changes), attribute(name))


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_fact_of_the_ordinary_parcel_has_the_type_of_its_ordinary_value(name: str) -> None:
    found, usual = fact(name), ORDINARY[name]

    assert isinstance(found, type(usual))


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name in CATALOGUE.unsure])
def test_a_fact_that_may_be_unknown_is_so_while_its_source_is_out(name: str) -> None:
    blind = Evidence(unavailable=frozenset({"names", "identifiers", "windows"}))

    assert fact(name, blind) is UNKNOWN


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name not in CATALOGUE.unsure])
def test_the_other_facts_are_known_whatever_is_out(name: str) -> None:
    blind = Evidence(unavailable=frozenset({"names", "identifiers", "windows", "history"}))

    assert fact(name, blind) is not UNKNOWN


def test_the_policy_says_which_goods_no_exemption_covers() -> None:
    law = OrdinaryLaw(excluded=("61", "9102"))
    items = [{"hts10": "6110.20.20.79"}, {"hts10": "9102219000"}, {"hts10": "9101219000"}, {"hts10": ""}]
    one = ParcelFacts(subject(law=law, items=items))

    assert getattr(one, attribute("goods.excluded")) == ("6110202079", "9102219000")


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_fact_can_be_had_of_a_parcel_of_which_nothing_is_known(name: str) -> None:
    bare = structs.replace(
        parcel(
            shipper=None, consignee=None, items=[], gross_weight_kg=None, value_usd=None, declared_value=None
        ),
        status="UNDECLARED",
    )
    one = Subject(bare, ORDINARY_EVIDENCE, OrdinaryLaw(), shipped_ruleset().word_lists)

    assert getattr(ParcelFacts(one), attribute(name)) is not None


def test_a_fact_is_worked_out_once() -> None:
    one = facts()

    assert one.items is one.items


def test_a_name_that_is_no_fact_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="moon__phase"):
        _ = facts().moon__phase


def test_wanted_facts_are_there_from_the_beginning_with_the_same_values() -> None:
    one = facts()
    asked = (one.parcel__value_usd, one.text__terms, one.goods__chapters)

    early = ParcelFacts(subject(), one.asked)

    assert {"parcel__value_usd", "text__terms", "goods__chapters"} <= early.__dict__.keys()
    assert (early.parcel__value_usd, early.text__terms, early.goods__chapters) == asked


def test_a_declared_value_in_another_currency_is_not_taken_for_dollars() -> None:
    lines = [{"currency": "JPY", "unit_value": "900.00"}]
    assert (
        fact("goods.value_usd", value_usd=None, declared_value="900.00", currency="JPY", items=lines) == 0.0
    )
    assert fact("parcel.value_usd", value_usd=None, declared_value="900.00", currency="JPY") == 0.0
    assert fact("parcel.value_usd", value_usd=None, declared_value="90.00", currency="USD") == 90.0


@pytest.mark.parametrize(
    ("items", "value"),
    [
        ([{"qty": "3", "unit_value": "833.33"}, {"qty": "1", "unit_value": "0.01"}], 2500.0),
        ([{"qty": None, "unit_value": "20.00"}, {"unit_value": None}], 20.0),
        ([{"currency": "JPY", "unit_value": "9000"}, {"qty": "2", "currency": "", "unit_value": "5"}], 10.0),
        ([{"currency": "GBP", "qty": "3", "unit_value": "100"}, {"qty": "1", "unit_value": "5"}], 155.0),
        ([], 0.0),
    ],
)
def test_lines_of_goods_are_worth_what_those_in_dollars_add_up_to(
    items: list[dict[str, Any]], value: float
) -> None:
    assert fact("goods.value_usd", items=items) == value


@pytest.mark.parametrize(
    ("in_usd", "declared", "currency", "value"),
    [
        ("48.00", "9000.00", "USD", 9000.0),
        ("9000.00", "48.00", "USD", 9000.0),
        ("48.00", "9000.00", "JPY", 48.0),
        ("0.00", "48.00", "USD", 0.0),
        ("48.00", "9000.00", "EUR", 4500.0),
        ("48.00", "44.00", "EUR", 48.0),
    ],
)
def test_the_greatest_of_what_a_parcel_may_be_worth_in_dollars_counts(
    in_usd: str, declared: str, currency: str, value: float
) -> None:
    found = fact("parcel.value_usd", value_usd=in_usd, declared_value=declared, currency=currency)
    assert found == value


@pytest.mark.parametrize(
    ("established", "days"),
    [
        ("2026-11-20", 4),
        ("2026-12-24", 0),
        ("", -1),
        ("last week", -1),
        ("2026-11", 0),
        ("2026-10", 24),
        ("2026", 0),
        ("2025", 328),
        ("2026-13", -1),
        ("0000", -1),
        ("2026-02-30", -1),
        ("99999999999", -1),
    ],
)
def test_the_age_of_an_account_is_counted_to_the_entry(established: str, days: int) -> None:
    shipper = {"account": {"established": established}}

    assert fact("shipper.account_age_days", shipper=shipper) == days


@pytest.mark.parametrize(
    ("phone", "country"),
    [
        ("+86 755 2660 1234", "CN"),
        ("+852 2345 6789", "HK"),
        ("+1 416 363 9211", "CA"),
        ("+44 20 7946 0958", "GB"),
        ("+7 727 258 8888", "KZ"),
        ("", ""),
        ("call me", ""),
    ],
)
def test_the_country_of_a_phone_is_read_from_its_number(phone: str, country: str) -> None:
    assert fact("shipper.phone_country", shipper={"phone": phone}) == country


@pytest.mark.parametrize(
    ("ip", "is_masked"),
    [("10.0.0.1", True), ("not an address", True), ("fe80::1", True), ("8.8.8.8", False), ("", False)],
)
def test_an_ip_address_is_masked_when_the_internet_does_not_know_it(ip: str, is_masked: bool) -> None:
    assert fact("shipper.has_masked_ip", shipper={"ip": ip}) is is_masked


@pytest.mark.parametrize(
    ("lines", "has_door"),
    [
        (["12 Main St"], True),
        (["PO Box 9"], True),
        (["Main St"], False),
        (["Somewhere"], False),
        (["12"], False),
    ],
)
def test_an_address_has_a_door_when_it_names_a_house_or_a_box(lines: list[str], has_door: bool) -> None:
    assert fact("consignee.has_door", consignee={"addr_lines": lines}) is has_door


@pytest.mark.parametrize(
    ("city", "postal", "has_door"), [("", "43201", True), ("Columbus", "", True), ("", "", False)]
)
def test_a_door_is_in_a_town_or_at_a_postal_code(city: str, postal: str, has_door: bool) -> None:
    where = {"addr_lines": ["12 Main St"], "city": city, "region": "", "postal": postal}
    assert fact("consignee.has_door", consignee=where) is has_door


@pytest.mark.parametrize(
    ("hts", "count"),
    [
        ("6110.20.2079", 0),
        ("", 1),
        ("9999999999", 1),
        ("9903888800", 1),
        ("1111111111", 1),
        ("8500000000", 1),
        ("61102020", 1),
    ],
)
def test_a_tariff_number_that_says_nothing_is_unclassified(hts: str, count: int) -> None:
    assert fact("goods.unclassified", items=[{"hts10": hts}]) == count


def test_tariff_numbers_are_cut_to_chapter_heading_and_subheading() -> None:
    items = [{"hts10": "6110.20.2079"}, {"hts10": "6109100012"}, {"hts10": ""}]

    assert fact("goods.chapters", items=items) == ("61",)
    assert fact("goods.headings", items=items) == ("6110", "6109")
    assert fact("goods.subheadings", items=items) == ("611020", "610910")


def test_agencies_are_owed_until_their_data_are_sent() -> None:
    items = [{"pga": [{"agency": "fda"}, {"agency": "CPSC", "data_present": True}]}]

    assert fact("goods.agencies_owed", items=items) == ("FDA",)
    assert fact("goods.agencies_served", items=items) == ("CPSC",)


def test_the_terms_of_the_goods_are_those_of_the_entry_date() -> None:
    goods = [{"description": "propionyl chloride"}]

    before = facts(items=goods, arrival_time="2026-03-09T12:00:00Z").text__terms
    after = facts(items=goods, arrival_time="2026-03-10T12:00:00Z").text__terms
    assert isinstance(before, Mapping)
    assert isinstance(after, Mapping)

    assert (before["precursors"], before["reagents"]) == ((), ("propionyl chloride",))
    assert (after["precursors"], after["reagents"]) == (("propionyl chloride",), ())


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("CAS 437-38-7 powder", ("437-38-7",)),
        ("437-38-7 and again 437-38-7", ("437-38-7",)),
        ("CAS 437–38–7", ("437-38-7",)),
        ("CAS437-38-7", ("437-38-7",)),
        ("CAS no. 437387 white", ("437-38-7",)),
        ("CAS 000437-38-7", ("437-38-7",)),
        ("437&#45;38&#45;7", ("437-38-7",)),
        ("https://shop.example/437%2D38%2D7", ("437-38-7",)),
        ("cassette 437387", ()),
        ("phone case 437387", ()),
        ("437387", ()),
        ("437-38-8", ()),
        ("call 614-555-01-42", ()),
        ("1437-38-7", ()),
    ],
)
def test_valid_cas_numbers_are_found_in_the_text(text: str, numbers: tuple[str, ...]) -> None:
    assert fact("text.cas_numbers", items=[{"description": text}]) == numbers


def test_terms_are_found_in_the_makers_names_apart_from_the_goods() -> None:
    def substances(name: str, *items: dict[str, str]) -> object:
        terms = fact(name, items=list(items))
        assert isinstance(terms, Mapping)
        return terms["substances"]

    disguised = {"description": "Pigment", "manufacturer": "Ketamine 10 g"}
    assert substances("makers.terms", disguised, {"description": "Brush"}) == ("ketamine",)
    assert substances("text.terms", disguised) == ()
    assert substances("makers.terms", {"description": "Ketamine"}) == ()


@pytest.mark.parametrize(
    ("text", "is_name"),
    [
        ("Shenzhen Bright Trading Co Ltd", True),
        ("SHENZHEN BRIGHT TRADING CO., LTD.", True),
        ("Acme Holdings LLC", True),
        ("Sunny Trading Limited", True),
        ("深圳光明贸易有限公司", True),
        ("Vinyl record, edition limited", False),
        ("Controller module PLC", False),
        ("Tablet kılıfı 10 inç", False),
        ("Studio 54 Prints Inc", True),
        ("Sunny Trading Co., Ltd.&nbsp;", True),
        (" dana &lt;WHITFIELD&gt; ", True),
        ("Power bank 20000 mAh lithium-ion", False),
    ],
)
def test_a_description_may_be_only_a_companys_name(text: str, is_name: bool) -> None:
    assert fact("text.is_company_name", items=[{"description": text}]) is is_name


def test_a_description_beside_a_companys_name_says_what_the_goods_are() -> None:
    lines = [{"description": "Sunny Trading Limited"}, {"description": "Power bank 20000 mAh"}]
    assert fact("text.is_company_name", items=lines) is False
    assert fact("text.is_company_name", items=lines[:1], description_raw="Power bank 20000 mAh") is False


def test_a_cas_number_written_onto_a_word_names_its_substance() -> None:
    terms = facts(items=[{"description": "pigment CAS21409-26-7"}]).text__terms

    assert isinstance(terms, Mapping)
    assert terms["precursors"] == ("4-ANPP",)


def hit(**changes: Any) -> PartyHit:
    usual: dict[str, Any] = {
        "score": 0.9,
        "list": "ofac-sdn",
        "entry_id": "7",
        "entry_name": "DOE, J",
        "alias": "",
    }
    return PartyHit("shipper", Hit(**(usual | changes)))


HIT_FACTS = ("hits.narcotics", "hits.other", "hits.weak", "hits.forced_labor", "hits.export", "hits.local")


@pytest.mark.parametrize(
    ("changes", "counted_as"),
    [
        ({"holds": True, "programs": ("SDNTK",)}, "hits.narcotics"),
        ({"holds": True, "programs": ("UKRAINE-EO13661", "ILLICIT-DRUGS-EO14059")}, "hits.narcotics"),
        ({"holds": True, "programs": ("IRAN",)}, "hits.other"),
        ({"programs": ("SDNTK",)}, "hits.weak"),
        ({"list": "uflpa", "score": 0.99}, "hits.forced_labor"),
        ({"list": "bis-dpl", "holds": True, "programs": ("DPL",)}, "hits.export"),
        ({"list": "csl-el"}, "hits.export"),
        ({"list": "csl-sdn", "holds": True}, "hits.other"),
        ({"list": "local", "holds": True}, "hits.local"),
        ({"list": "local"}, "hits.weak"),
    ],
)
def test_a_name_hit_counts_in_one_fact(changes: dict[str, Any], counted_as: str) -> None:
    evidence = structs.replace(ORDINARY_EVIDENCE, hits=(hit(**changes),))

    assert {name for name in HIT_FACTS if fact(name, evidence)} == {counted_as}


def test_a_hit_that_an_officer_has_excepted_counts_nowhere() -> None:
    found = (
        hit(programs=("SDNTK",), excepted="another man"),
        hit(list="uflpa", score=1.0, excepted="cleared"),
        hit(list="bis-dpl", excepted="another firm"),
    )
    evidence = structs.replace(ORDINARY_EVIDENCE, hits=found)

    assert [name for name in HIT_FACTS if fact(name, evidence)] == []


@pytest.mark.parametrize(
    ("listed", "maker", "counts"),
    [
        ("Ninestar Corporation", "Ninestar Corporation", True),
        ("Ninestar Corporation", "NINESTAR CORP.", True),
        ("Ninestar Corporation", "Ninestar", True),
        ("Camel Group Co., Ltd.", "CAMEL GROUP CO LTD", True),
        ("Camel Group Co., Ltd.", "Camel Group", True),
        ("XPCC", "XPCC", True),
        ("Xinjiang Zhongtai Group Co., Ltd.", "Xinjiang Zhongtai Group", True),
        (
            "Xinjiang GCL New Energy Material Technology Co., Ltd.",
            "GCL New Energy Material Technology",
            False,
        ),
        ("Camel Group Co., Ltd.", "Camel Travel Group", False),
        ("Shandong Meijia Group Co., Ltd.", "Meijia Group", False),
    ],
)
def test_a_forced_labor_entry_counts_by_a_name_that_is_equal_however_short(
    listed: str, maker: str, counts: bool
) -> None:
    index = NameIndex.build([Entry("uflpa", "1", "organization", (EntryName(listed),))])
    found = screening.hits(index, maker, "unknown", MatchSubject())
    evidence = structs.replace(ORDINARY_EVIDENCE, hits=tuple(PartyHit("seller", each) for each in found))
    assert bool(fact("hits.forced_labor", evidence)) is counts


def test_a_consignee_is_not_held_for_the_name_of_a_forced_labor_entry() -> None:
    found = structs.replace(hit(list="uflpa", score=1.0), role="consignee")

    assert fact("hits.forced_labor", structs.replace(ORDINARY_EVIDENCE, hits=(found,))) == 0


@pytest.mark.parametrize(
    ("kind", "list_", "counted_as"),
    [
        ("address", "ofac-sdn", "listed.addresses"),
        ("phone", "ofac-sdn", "listed.contacts"),
        ("tax_id", "csl-sdn", "listed.contacts"),
        ("address", "csl-uvl", "listed.export"),
        ("phone", "bis-dpl", "listed.export"),
        ("address", "local", "listed.local"),
        ("phone", "local", "listed.local"),
    ],
)
def test_a_listed_identifier_counts_in_one_fact(kind: Any, list_: str, counted_as: str) -> None:
    found = IdentifierHit("shipper", kind, list_, "7", "DOE, J", is_local=list_ == "local")
    evidence = structs.replace(ORDINARY_EVIDENCE, identifiers=(found,))
    names = ("listed.addresses", "listed.contacts", "listed.export", "listed.local")

    assert {name for name in names if fact(name, evidence)} == {counted_as}


def test_windows_that_nobody_filled_in_did_not_answer() -> None:
    assert fact("evidence.unavailable", Evidence()) == ("windows",)


def test_the_limit_of_the_law_is_given_in_dollars() -> None:
    assert ParcelFacts(subject(law=limit(800))).law__threshold_usd == 800.0
    assert ParcelFacts(subject(law=OrdinaryLaw(threshold_usd=None))).law__threshold_usd == 0.0


def action(kind: Any, **changes: Any) -> OfficerAction:
    return OfficerAction(
        action_id="a1",
        action_type=kind,
        action_time=NOW,
        schema_version="1.0",
        source_carrier="FX",
        hawb="770000000001",
        officer_id="o1",
        reason="tip",
        **changes,
    )


@pytest.mark.parametrize(
    ("taken", "is_held"),
    [
        (action("MANUAL_HOLD"), True),
        (action("MANUAL_HOLD", expires_at=NOW + timedelta(hours=1)), True),
        (action("MANUAL_HOLD", expires_at=NOW - timedelta(hours=1)), False),
        (action("EXAM_RESULT", outcome="SEIZED"), True),
        (action("EXAM_RESULT", outcome="NEGATIVE"), False),
        (action("HOLD_REMOVED", hold_code="DOC-DESC"), False),
    ],
)
def test_an_officers_order_holds_while_it_is_in_force(taken: OfficerAction, is_held: bool) -> None:
    one = structs.replace(parcel(), actions=(taken,))
    found = Subject(one, ORDINARY_EVIDENCE, OrdinaryLaw(), shipped_ruleset().word_lists)

    assert ParcelFacts(found).officer__manual_hold is is_held


@pytest.mark.parametrize(("changes", "value"), [({"value_usd": None}, 12.0), ({"value_usd": "9.00"}, 2.25)])
def test_lines_without_a_currency_are_of_that_of_the_declared_value(
    changes: dict[str, Any], value: float
) -> None:
    items = [{"qty": "0", "currency": "", "unit_value": "12"}]
    assert fact("goods.value_usd", items=items, currency="", **changes) == value


@pytest.mark.parametrize(
    ("line", "declared", "value"),
    [
        ("EUR", "44.00", 60.0),
        ("", "44.00", 60.0),
        ("JPY", "44.00", 0.0),
        ("USD", "44.00", 55.0),
        ("EUR", "0", 0.0),
    ],
)
def test_lines_in_the_currency_of_the_declared_value_are_worth_what_that_is_in_dollars(
    line: str, declared: str, value: float
) -> None:
    items = [{"qty": "5", "currency": line, "unit_value": "11"}]
    found = fact("goods.value_usd", items=items, value_usd="48.00", declared_value=declared, currency="EUR")
    assert found == value


def test_net_weight_is_that_of_all_items() -> None:
    items = [{"net_weight_kg": "0.25"}, {"net_weight_kg": None}, {"net_weight_kg": "1.5"}]

    assert fact("goods.net_weight_kg", items=items) == float(Decimal("1.75"))


def found_and_vague(text: str) -> tuple[object, list[str]]:
    """The listed substances in a text, and what is vague in it."""
    read = facts(items=[{"description": text}])
    terms, vague = (getattr(read, attribute(name)) for name in ("text.terms", "text.vague"))
    return terms["substances"], [one.partition(":")[0] for one in vague]


@pytest.mark.parametrize("filler", ["cotton sweater ", "\ufdfa", "女士毛衣", "&#65018;"])
def test_what_is_too_long_to_be_searched_is_told_of(filler: str) -> None:
    long = filler * (300_000 // len(filler))

    substances, vague = found_and_vague(f"fentanyl {long} heroin")

    assert substances == ("fentanyl",)
    assert vague[-1] == "goods"


@pytest.mark.parametrize("field", ["shipper", "makers"])
def test_a_name_too_long_to_be_searched_is_told_of(field: str) -> None:
    long = "cotton sweater " * 20_000
    changes: dict[str, Any] = {
        "shipper": {"shipper": {"name": long}},
        "makers": {"items": [{"manufacturer": long}]},
    }

    assert str(fact("text.vague", **changes[field])).startswith(f"('{field}: of 300000 characters")


def test_makers_who_are_too_many_to_be_looked_up_are_told_of() -> None:
    items = [{"manufacturer": f"Velmora {number} Ltd"} for number in range(101)]

    assert fact("text.vague", items=items)[-1:] == ("makers: of 101 the first 100 are looked up",)  # type: ignore[index]
    assert fact("text.vague", items=items[:100])[-1:] == ()  # type: ignore[index]


def test_a_long_text_is_searched_to_its_end() -> None:
    assert found_and_vague(f"{'cotton sweater ' * 17_000} fentanyl") == (("fentanyl",), [])


def test_what_is_asked_for_and_not_enforced_is_a_fact_of_its_own() -> None:
    law = OrdinaryLaw(advised=("shipper.ip|shipper.account.known_consignor", "consignee.phone"))
    one = ParcelFacts(subject(law=law))
    assert getattr(one, attribute("parcel.missing_advised")) == law.advised[:1]
    assert getattr(one, attribute("parcel.missing")) == ()


def test_a_long_text_that_may_be_read_in_many_ways_is_told_of() -> None:
    """Eight readings of 100,000 letters, each of which hides others, took nine seconds."""
    ways = "iPhone чехол %41 <b x>a-1 b c d e3 |"

    assert found_and_vague(ways * (100_000 // len(ways)))[1] == ["goods"]


def test_a_long_text_of_which_few_lines_may_be_read_otherwise_is_searched_to_its_end() -> None:
    lines = ["iPhone case", *["cotton sweater"] * 16_000, "%68ero-", "in", "чехол"]

    assert found_and_vague("\n".join(lines)) == (("heroin",), [])
