"""Corroboration: what beside the name is enough to hold, what is not, and what speaks against."""

import pytest
from msgspec import structs

from tidewaiter.domain.party import Address, Party
from tidewaiter.domain.watchlist import Entry, EntryName, Identifier
from tidewaiter.matching.corroboration import Subject, corroborate

ENTRY = Entry(
    list="ofac-sdn",
    entry_id="29897",
    kind="organization",
    names=(EntryName("Fictitious Fine Chemical Co., Ltd."),),
    addresses=(
        Address(("Room 1401, No. 88 Zhongshan Rd",), "Shenzhen", "Guangdong", "518000", "CN"),
        Address((), "Culiacan", "Sinaloa", "80000", "MX"),
    ),
    identifiers=(
        Identifier("phone", "8613812345678", "CN"),
        Identifier("email", "1160437003@qq.com"),
        Identifier("website", "www.fictitious-chem.example"),
        Identifier("tax_id", "91350100M000100Y43", "CN"),
        Identifier("passport", "G12345678", "CN"),
        Identifier("national_id", "440301-1036744", "CN"),
    ),
    birth_dates=("1961-05-17", "1970"),
    countries=("CN",),
)


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("address", Subject(Address(("88 Zhongshan Lu",), "Shenzhen Shi", "", "", "CN"))),
        ("address", Subject(Address(("Calle 5",), "Culiacan", "", "80000", "MX"))),
        ("phone", Subject(phone="+86 138-1234-5678", country="CN")),
        ("phone", Subject(phone="614-299-0142 / +86 138-1234-5678", country="US")),
        ("phone", Subject(phone="13812345678 (WeChat)", country="CN")),
        ("email", Subject(email="1160437003@QQ.com")),
        ("email", Subject(email="QQ: (1160437003@qq.com)")),
        ("email", Subject(email="dana@mail.example; 1160437003@qq.com")),
        ("website", Subject(email="dana@qq.com, sales@fictitious-chem.example")),
        ("website", Subject(website="https://fictitious-chem.example/shop")),
        ("website", Subject(email="sales@fictitious-chem.example")),
        ("tax_id", Subject(tax_id="9135 0100 M000 100Y 43", country="CN")),
        ("tax_id", Subject(tax_id="4403011036744", country="CN")),
        ("id_number", Subject(id_number="g12345678")),
        ("birth_date", Subject(birth_date="1961-05-17")),
    ],
)
def test_particular_fact_corroborates_strongly(kind: str, subject: Subject) -> None:
    found = corroborate(ENTRY, subject)
    assert kind in found.corroborated
    assert found.strong


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("country", Subject(country="CN")),
        ("country", Subject(Address((), "Beijing", "", "", "CN"))),
        ("birth_date", Subject(birth_date="1961")),
        ("birth_date", Subject(birth_date="1970")),
        ("birth_date", Subject(birth_date="1970-03-01")),
    ],
)
def test_common_fact_corroborates_weakly(kind: str, subject: Subject) -> None:
    found = corroborate(ENTRY, subject)
    assert found.corroborated == (kind,)
    assert not found.strong


@pytest.mark.parametrize(
    ("listed", "given", "city"),
    [
        ("GB", "UK", "London"),
        ("US", "PR", "San Juan"),
        ("PR", "US", "San Juan"),
        ("HK", "CN", "Hong Kong"),
        ("CN", "HK", "Hong Kong"),
    ],
)
def test_a_country_under_its_other_code_contradicts_nothing(listed: str, given: str, city: str) -> None:
    place = Address((), city, "", "", listed)
    entry = Entry("un-sc", "1", "person", (EntryName("X"),), (place,), countries=(listed,))
    found = corroborate(entry, Subject.of(Party("X", ("1 A St",), city, "", "", given)))
    assert ("country" in found.corroborated, found.contradicted) == (True, ())


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("country", Subject(country="NO")),
        ("birth_date", Subject(birth_date="1999-01-01")),
    ],
)
def test_fact_that_differs_contradicts(kind: str, subject: Subject) -> None:
    found = corroborate(ENTRY, subject)
    assert found.contradicted == (kind,)
    assert not found.strong


@pytest.mark.parametrize(
    ("listed", "given", "contradicts"),
    [
        ("1957", "1958-03-01", False),
        ("1957-06", "1958-03-01", False),
        ("1957-03-01", "1958-03-01", True),
        ("1957-03-01", "1958", False),
        ("1957-03-01", "1957-04-01", False),
        ("1957", "1959-03-01", True),
    ],
)
def test_a_year_off_by_one_contradicts_whole_dates_alone(listed: str, given: str, contradicts: bool) -> None:
    found = corroborate(structs.replace(ENTRY, birth_dates=(listed,)), Subject(birth_date=given))
    assert ("birth_date" in found.contradicted) is contradicts
    assert "birth_date" not in found.corroborated


@pytest.mark.parametrize(
    "subject",
    [
        Subject(),
        Subject(Address(("89 Zhongshan Rd",), "Shenzhen", "", "", "CN")),
        Subject(Address(("5 Nanshan Rd",), "Shenzhen", "", "518000", "CN")),
        Subject(Address(("PO Box 9",), "Culiacan", "", "80000", "MX")),
        Subject(phone="+8613812345679"),
        Subject(email="other@qq.com"),
        Subject(website="other-chem.example"),
        Subject(tax_id="G12345678"),
        Subject(birth_date="1962"),
        Subject(birth_date="unknown"),
        Subject(birth_date="²²²²-01-01"),
    ],
)
def test_another_door_contact_or_near_year_is_not_strong(subject: Subject) -> None:
    assert not corroborate(ENTRY, subject).strong


@pytest.mark.parametrize(
    ("listed", "party"),
    [
        (
            Address(("PO Box 52404, 12 Sheikh Zayed Rd",), "Dubai", "", "", "AE"),
            Address(("12 Sheikh Zayed Road",), "Dubai", "", "", "AE"),
        ),
        (
            Address(("300 Lockhart Road",), "Wan Chai", "", "", "HK"),
            Address(("300 Lockhart Rd, Wanchai",), "", "", "", "HK"),
        ),
        (
            Address(("88 Zhongshan Road",), "Shenzhen", "", "", "CN"),
            Address(("中山路88号",), "深圳", "", "", "CN"),
        ),
    ],
)
def test_the_same_place_otherwise_written_corroborates(listed: Address, party: Address) -> None:
    entry = Entry("own", "1", "organization", (EntryName("X"),), (listed,))
    found = corroborate(entry, Subject(party))
    assert (found.strong, found.at_door) == (True, True)


@pytest.mark.parametrize("postal", ["", "80000"])
def test_a_city_is_a_place_by_its_postal_code_alone(postal: str) -> None:
    place = Address((), "Culiacan", "", postal, "MX")
    entry = Entry("own", "1", "person", (EntryName("X"),), (place,))
    assert corroborate(entry, Subject(place)).strong is bool(postal)


@pytest.mark.parametrize(("at", "home"), [("CN", "US"), ("", "CN")])
@pytest.mark.parametrize(("country", "place"), [("CN", "US"), ("", "CN")])
def test_a_national_phone_is_read_as_of_its_country_else_of_the_address(
    at: str, home: str, country: str, place: str
) -> None:
    number = Identifier("phone", "138 1234 5678", at)
    entry = Entry("own", "1", "person", (EntryName("X"),), (Address(country=home),), (number,))
    own = Subject(Address(country=place), "13812345678", country=country)
    assert "phone" in corroborate(entry, own).corroborated


def test_numbers_that_are_none_are_not_the_same() -> None:
    numbers = (Identifier("tax_id", "n/a"), Identifier("passport", "n/a"))
    entry = Entry("own", "1", "person", (EntryName("X"),), identifiers=numbers)
    assert not corroborate(entry, Subject(tax_id="none", id_number="none")).strong


def test_a_phone_of_hong_kong_is_known_in_what_is_declared_as_china() -> None:
    entry = Entry("own", "1", "person", (EntryName("X"),), (), (Identifier("phone", "+852 2345 6789"),))
    party = Party("X", ("1 Queens Rd",), "Hong Kong", "", "", "CN", "2345 6789")
    assert corroborate(entry, Subject.of(party)).strong


def test_entry_without_facts_says_nothing() -> None:
    bare = Entry("un-sc", "1", "person", (EntryName("X"),))
    found = corroborate(
        bare, Subject.of(Party("X", ("1 A St",), "Reno", "NV", "89501", "US", "775 322 0000"))
    )
    assert (found.corroborated, found.contradicted, found.strong) == ((), (), False)
