"""What is wrong with a declaration in itself."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tidewaiter.domain.history import Version
from tidewaiter.domain.party import Party
from tidewaiter.rules import declaration
from tidewaiter.rules.errors import RuleError
from tidewaiter.rules.ordinary import ordinary_event


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-24T10:00:00"])
@pytest.mark.parametrize("field", ["event_time", "eta", "arrival_time"])
def test_an_event_at_a_time_that_no_event_has_is_refused(field: str, moment: str) -> None:
    with pytest.raises(RuleError, match="expected a time with its zone, from 1900 to 2199"):
        ordinary_event({field: moment})


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"mawb": "023-12345674"}, "mawb", "check digit"),
        ({"entry_type": "1"}, "entry_type", "two digits"),
        ({"entry_type": "٨٦"}, "entry_type", "two digits"),
        ({"s10": "RR123456784CN"}, "s10", "check digit"),
        ({"items": [{"hts10": "61102"}]}, "items[1].hts10", "expected 10 digits"),
        ({"consignee": {"postal": "90210"}}, "consignee.postal", "lies in CA, not in OH"),
        ({"consignee": {"postal": "4321"}}, "consignee.postal", "expected a US ZIP code"),
        ({"consignee": {"country": "CN"}}, "consignee.country", "'CN', and 43201 in OH"),
        ({"consignee": {"country": "MX", "region": "Ohio"}}, "consignee.country", "43201 in Ohio"),
        ({"shipper": {"country": "ZZ"}}, "shipper.country", "expected a country of ISO 3166-1"),
        ({"export_country": "QQ"}, "export_country", "found 'QQ'"),
        ({"items": [{"origin_country": "XX"}]}, "items[1].origin_country", "found 'XX'"),
    ],
)
def test_a_malformed_identifier_is_named_with_what_was_expected(
    changes: dict[str, Any], field: str, reason: str
) -> None:
    (found,) = declaration.malformed(ordinary_event(changes))

    assert found.startswith(f"{field}: ")
    assert reason in found


@pytest.mark.parametrize(("told", "decided"), [("2027", "2026"), ("2026", "2027")])
def test_an_arrival_is_measured_by_the_message_and_by_no_clock_that_is_ahead(told: str, decided: str) -> None:
    arrived = ordinary_event(
        {"event_time": f"{told}-11-24T10:00:00Z", "arrival_time": "2026-11-24T09:00:00Z"}
    )
    assert declaration.malformed(arrived, datetime(int(decided), 11, 24, 11, tzinfo=UTC)) == ()


def test_a_postal_code_abroad_is_not_read_as_a_zip_code() -> None:
    event = ordinary_event({"consignee": {"country": "CA", "postal": "K1A 0B1", "region": "ON"}})

    assert declaration.malformed(event) == ()


@pytest.mark.parametrize("code", ["UK", "EL", "EU", "XI", "XK", "PR", ""])
def test_codes_that_are_written_for_countries_are_in_order(code: str) -> None:
    assert declaration.malformed(ordinary_event({"items": [{"origin_country": code}]})) == ()


@pytest.mark.parametrize(
    ("country", "postal", "region"),
    [("IT", "20121", "MI"), ("IT", "43121", "PR"), ("MX", "22000", "BC"), ("PR", "00901", "PR")],
)
def test_a_province_abroad_is_no_state(country: str, postal: str, region: str) -> None:
    abroad = {"country": country, "postal": postal, "region": region}

    assert declaration.malformed(ordinary_event({"consignee": abroad})) == ()


@pytest.mark.parametrize(
    "name",
    [
        *("TBD", "t.b.d.", "N/A", "Unknown", "XXXX", "x x x x", "12345", "1 2", "--", "Same as consignee"),
        *("ＴＢＤ", "UNKNOWN RECEIVER", "Test Test", "Mr. Unknown", "Valued customer", "test 2", "as above"),
        *(
            "not provided",
            "Empfänger",
            "Неизвестно",
            "未知",
            " 收件人 ",
            "先生",
            "TEST1",
            "customer 12",
            "Ms",
        ),
        *("N/A N/A", "n/a, n/a", "N\\A", "John Doe", "JANE DOE", "Max Mustermann", "As per label", "Company"),
        *("asdf", "Asdf Qwerty", "asdasd", "qwe", "xxx yyy", "aaa bbb"),
    ],
)
def test_a_name_that_is_none_is_known(name: str) -> None:
    assert declaration.is_placeholder_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Test Marguerite",
        "Na Na",
        "Wei Zhi",
        "Mr To",
        "Unknown Records LLC",
        "Nana Addo",
        "Li",
        "Ng",
        "Bo Xi",
        "To Minh",
        "Noname Jeans Co",
        "李伟",
        "Же Ли",
        "3M Company",
        "The Label",
        "John Doerr",
        "John Doe Roofing",
        "Asda Stores",
        "Qwest Lee",
        "Anna Guest",
        "Na/Ana Silva",
        "Xxxtentacion Store",
        "عمر",
        "娜",
        "طبّاع",
    ],
)
def test_a_short_or_odd_name_is_a_name(name: str) -> None:
    assert not declaration.is_placeholder_name(name)


@pytest.mark.parametrize(
    ("name", "is_forwarder"),
    [
        ("Gateway Freight Forwarding LLC", True),
        ("Miami Forwarders Inc", True),
        ("Reshipping Partner", True),
        ("FREIGHT SERVICES OF LAREDO", True),
        ("Straightforward Design LLC", False),
        ("Forward Motion Fitness", False),
        ("Anna Freight", False),
    ],
)
def test_a_forwarder_is_known_by_its_trade(name: str, is_forwarder: bool) -> None:
    assert declaration.is_forwarder_name(name) is is_forwarder


def test_one_person_in_both_roles_is_found_whatever_the_address() -> None:
    event = ordinary_event({"shipper": {"name": "DANA WHITFIELD"}})

    assert declaration.placeholders(event) == ("consignee: the same as the shipper",)


def test_a_company_may_send_to_its_own_office() -> None:
    event = ordinary_event({"consignee": {"name": "Shenzhen Bright Trading Co Ltd"}})

    assert declaration.placeholders(event) == ()


def test_zeros_for_a_phone_are_found_in_any_role() -> None:
    event = ordinary_event({"notify": {"name": "Ana Lopez", "phone": "000 000 0000"}})

    assert declaration.placeholders(event) == ("notify.phone: found '000 000 0000', expected a number",)


@pytest.mark.parametrize(
    "phone", ["n/a", "123", "+86", "555-555-5555", "1234567890", "+1 234 567 8900", "98765432"]
)
def test_a_phone_that_is_no_number_is_found(phone: str) -> None:
    (found,) = declaration.placeholders(ordinary_event({"consignee": {"phone": phone}}))

    assert found == f"consignee.phone: found {phone!r}, expected a number"


@pytest.mark.parametrize("phone", ["21345", "+677 21345", "+1 614 200 0000", "234-5687", "0123 45678 1"])
def test_a_short_or_even_phone_is_a_number(phone: str) -> None:
    assert declaration.placeholders(ordinary_event({"consignee": {"phone": phone}})) == ()


def declared(seq: int, digest: str = "", value: int | None = 5000, **changes: str) -> Version:
    known = {"description": "Knitted sweater", "consignee": "Dana Whitfield"} | changes
    return Version(seq, digest or f"d{seq}", "CREATE", value, **known)


def test_a_lowered_value_is_a_conflict_and_a_raised_one_is_not() -> None:
    assert declaration.conflicts((declared(1, value=5000), declared(2, value=4000))) == ("value lowered",)
    assert declaration.conflicts((declared(1, value=4000), declared(2, value=5000))) == ()


def test_values_of_two_currencies_are_not_compared() -> None:
    yuan = declared(1, value=70_000, currency="CNY")

    assert declaration.conflicts((yuan, declared(2, value=9_600))) == ()
    assert declaration.conflicts((yuan, declared(2, value=60_000, currency="CNY"))) == ("value lowered",)


def test_two_contents_under_one_number_are_resent() -> None:
    assert "resent" in declaration.conflicts((declared(1, "a"), declared(1, "b")))


def test_two_numbers_of_entry_type_86_for_one_parcel_conflict() -> None:
    first, second = (declared(seq, low_value_entry=f"F55-123456{seq}-1") for seq in (1, 2))

    assert declaration.conflicts((first, second)) == ("entry",)
    assert declaration.conflicts((first, structs.replace(second, low_value_entry=""))) == ()
    assert declaration.conflicts((first, structs.replace(first, seq=2))) == ()


def test_case_and_script_of_a_description_do_not_conflict() -> None:
    versions = (declared(1, description="KNITTED SWEATER"), declared(2, description="Knitted Sweater"))

    assert declaration.conflicts(versions) == ()


def test_a_scan_between_declarations_is_no_declaration() -> None:
    assert declaration.conflicts((declared(1), Version(2, "s", "SCAN"))) == ()


@given(st.text(max_size=60))
def test_any_name_and_phone_can_be_asked_about(text: str) -> None:
    event = ordinary_event({"consignee": {"name": text, "phone": text, "postal": text, "region": text}})

    assert all(isinstance(found, str) for found in declaration.placeholders(event))
    assert all(isinstance(found, str) for found in declaration.malformed(event))
    assert declaration.is_placeholder_name(text) in (True, False)
    assert isinstance(declaration.is_forwarder_name(text), bool)


@pytest.mark.parametrize(
    ("postal", "region", "is_problem"),
    [
        ("10001", "N.Y.", False),
        ("10001", "New York City", False),
        ("10001", "纽约", False),
        ("90001", "Calif.", False),
        ("20001", "Washington, D.C.", False),
        ("10001 1234", "NY", False),
        ("10001", "N.J.", True),
        ("10001", "New Jersey", True),
        ("10001", "XX", True),
        ("1001", "MA", True),
    ],
)
def test_a_state_is_another_one_only_where_it_is_a_state(postal: str, region: str, is_problem: bool) -> None:
    party = Party(country="US", postal=postal, region=region)
    assert bool(declaration.zip_problems(party)) is is_problem


def test_a_party_with_an_address_abroad_has_no_zip_problem() -> None:
    assert declaration.zip_problems(Party(country="GB", postal="SW1A 1AA")) == ()


def test_of_many_long_descriptions_the_first_that_is_otherwise_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def folded(text: str) -> str:
        read.append(text)
        return text

    monkeypatch.setattr(declaration, "folded", folded)
    versions = [Version(seq, str(seq), "UPDATE", 100, f"sweater {seq}", "Dana") for seq in range(64)]

    assert declaration.conflicts(versions) == ("description",)
    assert len(read) == 3
