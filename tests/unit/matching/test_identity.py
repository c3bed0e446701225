"""Identity keys: one person under one key in spite of spelling, two persons under two."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidewaiter.domain.party import Account, Party
from tidewaiter.domain.watchlist import IdentifierKind
from tidewaiter.matching.identity import contacts_of, identity_of, name_key, person_keys


def person(name: str = "Phillip Meyers", **changes: str) -> Party:
    parts = {"city": "Springfield", "region": "IL", "postal": "62701", "country": "US", **changes}
    line = parts.pop("line", "12 Main St")
    return Party(name, (line,), **parts)  # type: ignore[arg-type]


def contacts(party: Party) -> tuple[tuple[IdentifierKind, str], ...]:
    """What of a party is looked up."""
    return tuple(contacts_of(party, identity_of(party)))


@pytest.mark.parametrize(
    "other",
    [
        person("MEYERS, PHILLIP"),
        person("Dr. Philip J. Meiers"),
        person("Phillip Meyers", line="12 Mian Street Apt 3"),
        person("Phillip Meyers", postal="62701-4455"),
    ],
)
def test_person_shares_a_key_in_spite_of_spelling(other: Party) -> None:
    assert set(person_keys(person())) & set(person_keys(other))


@pytest.mark.parametrize(
    "other",
    [
        person("Paula Meyers"),
        person(line="14 Main St"),
        person(line=""),
        person(postal="62702"),
        person("Phillip Moyers"),
    ],
)
def test_another_person_shares_no_key(other: Party) -> None:
    assert not set(person_keys(person())) & set(person_keys(other))


def test_person_who_moved_is_known_by_phone_or_email() -> None:
    before = person(phone="217-555-0123", email="phil@example.com")
    after = person(line="9 Elm Ave", postal="60601", phone="+1 (217) 555-0123", email="Phil+x@example.com")
    assert len(set(person_keys(before)) & set(person_keys(after))) == 2


@pytest.mark.parametrize(
    ("line", "city", "postal", "keys"),
    [
        ("12 Main St", "Reno", "", ("ana|US|reno|12",)),
        ("PO Box 7", "Reno", "89501", ("ana|US|89501|box 7",)),
        ("Main St", "Reno", "89501", ("ana|US|89501|mainst",)),
        ("", "Reno", "89501", ()),
        ("12 Main St", "", "", ()),
    ],
)
def test_the_door_of_a_person_is_what_is_known_of_it(
    line: str, city: str, postal: str, keys: tuple[str, ...]
) -> None:
    assert person_keys(Party("Ana", (line,), city, "", postal, "US")) == keys


def test_company_form_does_not_make_another_person() -> None:
    assert name_key("Acme Trading Co., Ltd.") == name_key("ACME TRADING LIMITED")


def test_nameless_party_has_no_person_key() -> None:
    assert person_keys(person("")) == ()
    assert person_keys(person("!!!")) == ()


@given(st.lists(st.text("abcdefghij", min_size=2, max_size=8), min_size=1, max_size=4))
def test_name_key_does_not_depend_on_word_order(parts: list[str]) -> None:
    assert len({name_key(" ".join(order)) for order in permutations(parts)}) == 1


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=20), st.text(max_size=20))
@settings(deadline=None)
def test_any_party_has_at_most_three_keys(name: str, line: str, phone: str, email: str) -> None:
    assert len(person_keys(Party(name, (line,), "Reno", "NV", "89501", "US", phone, email))) <= 3


def test_contacts_are_looked_up_by_kind_and_normal_form() -> None:
    party = Party(
        "Acme",
        ("12 Main St Unit 5",),
        "Springfield",
        "IL",
        "62701",
        "US",
        "217 555 0123",
        "Sales@Acme-Chem.example",
        "12-3456789",
        Account(number="ab-77"),
        "203.0.113.7",
    )
    assert contacts(party) == (
        ("phone", "+12175550123"),
        ("email", "sales@acme-chem.example"),
        ("website", "acme-chem.example"),
        ("tax_id", "123456789"),
        ("address", "US|62701|12|mainst|5"),
        ("address", "US|62701|12|mainst"),
        ("account", "AB-77"),
        ("ip", "203.0.113.7"),
    )


def test_a_second_contact_in_a_field_is_looked_up_and_makes_no_key() -> None:
    both = person(phone="217 555 0123 / 217 555 0124", email="a@one.example, b@two.example")
    one = person(phone="217 555 0123", email="a@one.example")
    assert person_keys(both) == person_keys(one)
    more = set(contacts(both)) - set(contacts(one))
    assert more == {("phone", "+12175550124"), ("email", "b@two.example"), ("website", "two.example")}


def test_mailbox_provider_is_no_website() -> None:
    two = Party(email="a@qq.com, b@gmail.com")
    assert contacts(two) == (("email", "a@qq.com"), ("email", "b@gmail.com"))
