"""Which elements that the law asks for were not given."""

from typing import Any

import pytest

from tidewaiter.rules.elements import is_element, missing
from tidewaiter.rules.ordinary import OrdinaryLaw, ordinary_event

MANDATORY = OrdinaryLaw().mandatory


def test_nothing_is_missing_from_the_ordinary_declaration() -> None:
    assert missing(ordinary_event({}), MANDATORY) == ()


@pytest.mark.parametrize(
    ("changes", "element"),
    [
        ({"shipper": {"name": ""}}, "shipper.name"),
        ({"shipper": None}, "shipper.name"),
        ({"consignee": {"addr_lines": []}}, "consignee.address"),
        ({"consignee": {"city": "", "postal": ""}}, "consignee.address"),
        ({"consignee": {"phone": "", "email": ""}}, "consignee.phone|consignee.email"),
        ({"items": [{"description": ""}]}, "description_raw|items.description"),
        ({"items": [{}, {"description": ""}]}, "description_raw|items.description"),
        ({"gross_weight_kg": None}, "gross_weight_kg"),
        ({"value_usd": None, "declared_value": "300", "currency": "CNY"}, "value_usd|declared_value"),
        ({"value_usd": None, "declared_value": None}, "value_usd|declared_value"),
    ],
)
def test_an_element_that_was_not_given_is_missing(changes: dict[str, Any], element: str) -> None:
    assert element in missing(ordinary_event(changes), MANDATORY)


@pytest.mark.parametrize(
    "changes",
    [
        {"consignee": {"phone": ""}},
        {"consignee": {"city": ""}},
        {"value_usd": None},
        {"items": [{"description": ""}], "description_raw": "Knitted sweater"},
    ],
)
def test_either_of_two_elements_is_enough(changes: dict[str, Any]) -> None:
    assert missing(ordinary_event(changes), MANDATORY) == ()


VOUCHED = ("shipper.email|shipper.account.known_consignor",)


@pytest.mark.parametrize(
    ("shipper", "lost"),
    [
        ({"email": ""}, VOUCHED),
        ({"email": "", "account": None}, VOUCHED),
        ({"email": "", "account": {"known_consignor": False}}, VOUCHED),
        ({"email": "", "account": {"known_consignor": True}}, ()),
        ({"account": None}, ()),
    ],
)
def test_a_shipper_that_the_carrier_vouches_for_needs_no_contact(
    shipper: dict[str, Any], lost: tuple[str, ...]
) -> None:
    assert is_element(*VOUCHED)
    assert missing(ordinary_event({"shipper": shipper}), VOUCHED) == lost


@pytest.mark.parametrize(
    "email", ["n/a", "-", "unknown", "dana.whitfield", "@", "none@none.com", "TEST@test.com", "na@na.example"]
)
def test_a_mailbox_that_is_none_is_not_given(email: str) -> None:
    event = ordinary_event({"consignee": {"email": email}})

    assert missing(event, ("consignee.email",)) == ("consignee.email",)


@pytest.mark.parametrize(
    "email", ["Dana <dana@mail.example>", "nona@mail.example", "none@x.example, d@x.example"]
)
def test_a_mailbox_is_given_however_it_is_written(email: str) -> None:
    assert missing(ordinary_event({"consignee": {"email": email}}), ("consignee.email",)) == ()


@pytest.mark.parametrize(
    ("place", "is_given"), [("N/A", False), (" ", False), ("tbd", False), ("518000", True)]
)
def test_a_place_that_says_nothing_is_not_given(place: str, is_given: bool) -> None:
    found = missing(ordinary_event({"ship_from_location": place}), ("ship_from_location",))

    assert (found == ()) is is_given


def test_an_element_that_no_event_has_is_always_missing() -> None:
    wanted = ("consignee.shoe_size", "moon_phase", "items.colour")

    assert missing(ordinary_event({}), wanted) == wanted
