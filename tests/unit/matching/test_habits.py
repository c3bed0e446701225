"""The keys under which habits are kept: the same for the same shipper, text and door, none for too little."""

from typing import Any

from tidewaiter.matching.habits import (
    GoodsMeasures,
    address_key,
    goods_measures,
    heading,
    shipper_key,
    text_key,
)
from tidewaiter.rules.ordinary import ordinary_event

LINE = {"description": "Knitted cotton sweater for women", "hts10": "6110.20.2079", "qty": "2"}


def with_items(*items: dict[str, Any], **changes: Any) -> Any:
    return ordinary_event({"items": list(items), **changes})


def test_shipper_key_survives_the_form_of_its_name() -> None:
    one = ordinary_event({"shipper": {"name": "SHENZHEN BRIGHT TRADING CO., LTD"}}).shipper
    assert shipper_key(one) == shipper_key(ordinary_event({}).shipper) != ""
    assert shipper_key(None) == ""


def test_address_key_survives_the_spelling_of_the_street() -> None:
    one = ordinary_event({"consignee": {"addr_lines": ["1180 NEIL AVENUE"]}}).consignee
    assert address_key(one) == address_key(ordinary_event({}).consignee) != ""
    assert address_key(ordinary_event({"consignee": {"addr_lines": ["Columbus"]}}).consignee) == ""


def test_text_key_ignores_case_spaces_and_repetition_but_not_words() -> None:
    one = with_items({**LINE, "description": "KNITTED  cotton sweater for women "})
    assert text_key(one) == text_key(with_items(LINE, LINE)) == "knitted cotton sweater for women"
    assert text_key(one) != text_key(with_items({**LINE, "description": "Knitted cotton sweater for men"}))


def test_text_key_is_none_for_a_text_that_is_everybodys() -> None:
    assert text_key(with_items({**LINE, "description": "Phone case, phone case, black"})) == ""


def test_heading_is_that_of_all_items_or_none() -> None:
    assert heading(with_items(LINE, {**LINE, "hts10": "6110309990"})) == "6110"
    assert heading(with_items(LINE, {**LINE, "hts10": "4202920000"})) == ""
    assert heading(with_items({**LINE, "hts10": "61"})) == ""


def test_goods_are_measured_by_weight_and_unit() -> None:
    event = with_items(LINE, {**LINE, "qty": "3"}, value_usd="48.00", gross_weight_kg="0.8")
    assert goods_measures(event) == GoodsMeasures("6110", 6_000.0, 160.0)


def test_goods_of_several_headings_are_not_measured() -> None:
    assert goods_measures(with_items(LINE, {**LINE, "hts10": "4202920000"})) is None


def test_measure_is_none_for_what_was_not_declared() -> None:
    no_weight = with_items(LINE, gross_weight_kg=None)
    assert goods_measures(no_weight) == GoodsMeasures("6110", None, None)
    one_uncounted = with_items(LINE, {**LINE, "qty": None}, value_usd="48.00", gross_weight_kg="0.8")
    assert goods_measures(one_uncounted) == GoodsMeasures("6110", 6_000.0, None)
    foreign = with_items({**LINE, "qty": None}, value_usd=None, declared_value="300", currency="CNY")
    assert goods_measures(foreign) == GoodsMeasures("6110", None, None)
