"""Addresses: one door is one key, however it is written; two doors never are."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.matching.doors import door_key
from tidewaiter.domain.party import Address
from tidewaiter.matching import address_likeness, address_line, addresses

T_STREET = Address(("1745 T Street Southeast",), "Washington", "DC", "20020", "US")


def us(*lines: str, postal: str = "10011") -> Address:
    return Address(lines, "New York", "NY", postal, "US")


def cn(*lines: str, city: str = "Shenzhen") -> Address:
    return Address(lines, city, "", "", "CN")


@pytest.mark.parametrize(
    "other",
    [
        Address(("1745 T St SE",), "WASHINGTON", "District of Columbia", "20020-1234", "US"),
        Address(("1745 t street s.e.",), "Washington", "DC", "20020", "us"),
        Address(("Green House", "1745 T St. SE"), "Washington", "DC", "20020", "US"),
        Address(("1745 T St SE",), "Washington", "DC", "20020-1234"),
        Address(("1745 T St SE",), "Washington", "District of Columbia", "２００２０", "US"),
    ],
)
def test_us_address_has_one_key_however_abbreviated(other: Address) -> None:
    assert door_key(other) == door_key(T_STREET) != ""


def test_the_united_kingdom_is_one_country_under_both_of_its_codes() -> None:
    keys = {door_key(Address(("12 Baker St",), "London", "", "NW1 6XE", code)) for code in ("UK", "GB")}
    assert keys == {"GB|NW16XE|12|bakerst"}


@pytest.mark.parametrize(
    ("region", "postal", "country"),
    [
        ("PR", "00901-1234", "US"),
        ("", "00901", "PR"),
        ("PR", "00901-1234", "PR"),
        ("Puerto Rico", "00901", ""),
    ],
)
def test_a_territory_is_one_place_as_a_country_and_as_a_state(region: str, postal: str, country: str) -> None:
    address = Address(("12 Calle Luna",), "San Juan", region, postal, country)
    assert door_key(address) == "US|00901|12|stluna"


@pytest.mark.parametrize(
    ("region", "postal"), [("", "20020"), ("DC", ""), ("Jalisco", "44100"), ("CA", "20020")]
)
def test_a_country_that_is_not_told_is_the_us_only_by_a_state_and_a_zip_code_in_it(
    region: str, postal: str
) -> None:
    assert addresses.parsed(Address(("12 Main St",), "Anywhere", region, postal)).country == ""


@pytest.mark.parametrize(
    "written",
    [
        cn("No. 88 Zhongshan Rd., Futian District"),
        cn("88 Hao Zhongshan Lu"),
        cn("No.88 Zhongshan Road Futian District", city="Shenzhen City"),
        cn("福田区中山路88号", city="深圳市"),
        cn("福田区中山路88号", city="深圳"),
        cn("88 Zhongshan Road", city="Shen Zhen"),
        cn("88 Zhongshan Road", city="SHENZHENSHI"),
        cn("No88 Zhongshan Rd.,Futian Dist."),
        cn("FuTianQu ZhongShanLu 88Hao"),
        cn("futianqu zhongshanlu88hao"),
        Address(("CHINA GUANGDONG SHENZHEN ZHONGSHAN ROAD NO.88",), "Shenzhen", "Guangdong", "", "CN"),
        Address(("88 Zhongshan Road",), "Shenzhen, Guangdong", "Guangdong", "", "CN"),
        Address(("88 Zhongshan Road",), "Guangdong Shenzhen", "Guangdong Sheng", "", "CN"),
    ],
)
def test_chinese_address_has_one_key_in_english_pinyin_and_script(written: Address) -> None:
    assert door_key(written) == "CN|shenzhen|88|zhongshanrd"


@pytest.mark.parametrize(
    ("lines", "unit"),
    [
        (("100 5th Ave # 3",), "3"),
        (("100 Fifth Avenue Apt 4B",), "4b"),
        (("100 5th Ave", "Suite #210"), "210"),
        (("100 5th Ave, 3rd Floor",), "f3"),
        (("Room 1401, Building 5, 100 5th Ave",), "1401-b5"),
        (("100 5th Ave # Apt C",), "c"),
        (("100 5th Ave Apt4b",), "4b"),
        (("100 B 5th Ave",), "b"),
    ],
)
def test_unit_is_read_apart_from_the_street(lines: tuple[str, ...], unit: str) -> None:
    found = addresses.parsed(us(*lines))
    assert (found.number, found.street, found.unit) == ("100", ("5", "ave"), unit)


@pytest.mark.parametrize(
    "line",
    [
        "No. 88 Zhongshan Road, Building 3, Room 1401",
        "Rm1401,Bldg3,No88 Zhongshan Rd.",
        "88 Zhongshan Lu 3 Hao Lou 1401 Shi",
        "中山路88号3号楼1401室",
        "zhongshanlu88hao3dong1401shi",
        "ZhongShanLu 88Hao 3Dong 1401Shi",
    ],
)
def test_chinese_unit_is_read_in_english_pinyin_and_script(line: str) -> None:
    assert door_key(cn(line)) == "CN|shenzhen|88|zhongshanrd|1401-b3"


def test_road_whose_name_ends_like_a_road_keeps_it() -> None:
    assert addresses.parsed(cn("12 Honglu Road")).street == ("honglu", "rd")


@pytest.mark.parametrize(
    ("street", "written"),
    [
        ("Shennan Avenue", ("Shennan Da Dao", "Shennan Dadao", "深南大道", "南山区深南大道")),
        ("Zhongshan Street", ("Zhongshan Da Jie", "Zhongshan Dajie", "中山大街", "越秀区中山大街")),
    ],
)
def test_a_big_road_is_one_however_it_is_written(street: str, written: tuple[str, ...]) -> None:
    assert {door_key(cn(f"{each} 88号")) for each in written} == {door_key(cn(f"88 {street}"))}


@pytest.mark.parametrize(
    ("city", "postal", "country", "is_findable"),
    [
        ("Shenzhen", "", "CN", True),
        ("Reno", "89501", "US", True),
        ("Reno", "", "US", False),
        ("Reno", "89501", "", False),
        ("Shenzhen", "", "", False),
    ],
)
def test_a_door_is_found_by_its_country_and_where_it_decides_the_postal_code(
    city: str, postal: str, country: str, is_findable: bool
) -> None:
    listed = Address(("88 Oak Ave",), city, "", postal, country)
    assert bool(addresses.findable_keys(listed)) is is_findable


def test_cities_are_one_however_their_last_word_is_written() -> None:
    assert addresses.normal_city("Huangshi") == addresses.normal_city("黄石市") == "huangshi"
    assert addresses.normal_city("景德镇") == addresses.normal_city("Jingdezhen") == "jingdezhen"
    assert addresses.normal_city("Humen Zhen") == addresses.normal_city("Humen") == "humen"
    assert addresses.normal_city("Cape Town") == addresses.normal_city("Capetown") == "capetown"


@pytest.mark.parametrize(
    "written",
    [
        us("100 W 14th St Apt 3 New York NY 10011"),
        us("100 W 14th St Apt 3, New York, NY 10011-1234 USA"),
        us("0100 W 14th St Apt 3"),
    ],
)
def test_zip_code_behind_the_street_is_no_unit(written: Address) -> None:
    assert door_key(written) == "US|10011|100|w14st|3"


def test_house_number_that_is_as_the_zip_code_stays() -> None:
    assert addresses.parsed(us("10011 Main St")).number == "10011"


@pytest.mark.parametrize(
    ("written", "postal"), [("2138", "02138"), ("21381234", "02138"), ("902101234", "90210")]
)
def test_zip_code_has_the_zero_that_a_spreadsheet_took(written: str, postal: str) -> None:
    assert addresses.normal_postal(written, "US") == postal
    assert addresses.normal_postal("1010", "AT") == "1010"


def test_a_house_of_queens_is_one_with_its_hyphen_and_without() -> None:
    keys = {door_key(us(line, postal="11355")) for line in ("41-25 Main St", "4125 Main St")}
    assert keys == {"US|11355|4125|mainst"}
    assert addresses.parsed(us("41-25 Main St")).number == "41-25"


@pytest.mark.parametrize("line", ["12345 US Highway 19 N", "12345 US Hwy 19 North"])
def test_highway_keeps_its_number(line: str) -> None:
    assert addresses.parsed(us(line)).street == ("us", "hwy", "19", "n")


@pytest.mark.parametrize("line", ["300 New Jersey Ave., NW, Suite 5", "300 New Jersey Avenue N.W. # 5"])
def test_direction_behind_a_comma_belongs_to_the_street(line: str) -> None:
    assert addresses.parsed(us(line)).street == ("new", "jersey", "ave", "nw")


@pytest.mark.parametrize("line", ["1200 J Street", "1200 J St", "1200 J ST"])
def test_letter_before_a_street_type_is_the_streets_name(line: str) -> None:
    assert door_key(us(line)) == "US|10011|1200|jst"


@pytest.mark.parametrize(
    ("line", "number", "street"),
    [
        ("No. 555, Lansong Road, Pudong New Area", "555", ("lansong", "rd")),
        (
            "Room 901, Building 2, Century Building, No 188-23, Fenglin West Street",
            "188-23",
            ("fenglin", "w", "st"),
        ),
        ("Monte Rosa #657, Colonia Montebello", "657", ("monte", "rosa")),
        ("#22 Huayu", "22", ("huayu",)),
        ("Zweierstrasse 35", "35", ("zweierstrasse",)),
        ("ul. Tverskaya, d. 5, str. 1", "5", ("st", "tverskaya")),
        ("80 North East Street", "80", ("n", "e", "st")),
        ("1112 Flat Rock Road", "1112", ("flat", "rock", "rd")),
        ("7809 Highway 2302", "7809", ("hwy", "2302")),
        ("N6W23001 Bluemound Rd", "n6w23001", ("bluemound", "rd")),
    ],
)
def test_number_and_street_are_found_where_they_are_written(
    line: str, number: str, street: tuple[str, ...]
) -> None:
    found = addresses.parsed(cn(line))
    assert (found.number, found.street) == (number, street)


def test_type_alone_names_no_door() -> None:
    assert door_key(cn("str. 1")) == ""


@pytest.mark.parametrize("country", ["HK", "CN"])
@pytest.mark.parametrize("city", ["Hong Kong", "Hongkong", "香港"])
def test_hong_kong_is_one_place_whichever_country_is_written(country: str, city: str) -> None:
    written = Address(("Flat B, 33 Hysan Avenue",), city, "", "", country)
    assert door_key(written) == "HK|hongkong|33|hysanave|b"


@pytest.mark.parametrize(("city", "region"), [("", "Hong Kong"), ("Kowloon", "HK"), ("Kowloon", "")])
def test_hong_kong_is_known_by_its_region_and_parts(city: str, region: str) -> None:
    written = Address(("Flat B, 33 Hysan Avenue",), city, region, "", "CN")
    assert door_key(written) == "HK|hongkong|33|hysanave|b"


def test_address_with_a_unit_is_looked_up_under_its_house_too() -> None:
    door, house = addresses.address_keys(us("100 5th Ave Apt 3"))
    assert house == door_key(us("100 5th Avenue"))
    assert door != house


@pytest.mark.parametrize(
    "line", [
        "P.O. Box 123", "PO BOX 123", "Post Office Box 123", "p o box #123", "POB 123", "P.O.B. 123",
        "PO Bx 123", "PO Box No. 123", "P0 Box 123", "PO Box 00123", "P.O.Box123", "PO Drawer 123",
        "PO-Box 123", "PO_Box 123", "P-O Box 123", "Drawer 123", "Lockbox 123", "Lock-Box 123", "Bin 123",
        "Firm Caller 123",
    ],
)  # fmt: skip
def test_po_box_is_the_door_however_it_is_written(line: str) -> None:
    found = addresses.parsed(us(line))
    assert found.is_po_box
    assert door_key(us(line)) == "US|10011|box 123"


@pytest.mark.parametrize(
    "lines",
    [
        ("12 Main St PMB 204",),
        ("The UPS Store", "12 Main St"),
        ("Pak Mail, 1 A St",),
        ("UPS-Store, 12 Main St",),
        ("Mail-Box 7, 12 Main St",),
        ("Goin' Postal, 12 Main St",),
        ("iPostal1, 12 Main St",),
        ("AIM Mail Centers", "12 Main St"),
        ("Pack & Ship, 12 Main St",),
        ("FedEx Office", "12 Main St"),
        ("UPS Access Point, 12 Main St",),
        ("Amazon Hub Locker - Lima", "12 Main St"),
    ],
)
def test_mail_center_is_known_by_its_signs(lines: tuple[str, ...]) -> None:
    assert addresses.parsed(us(*lines)).is_mail_center


def test_forwarder_is_known_and_a_home_is_neither() -> None:
    assert addresses.parsed(us("c/o Apex Freight", "12 Dock Rd")).is_forwarder
    home = addresses.parsed(us("12 Mailer Street"))
    assert not any(
        addresses.parsed(us(line)).is_mail_center for line in ("1 Amazon Way", "8 Pack St", "3 Fedex Rd")
    )
    assert not home.is_mail_center
    assert not home.is_forwarder
    assert not home.is_po_box


@pytest.mark.parametrize(
    "vague",
    [Address(), us(""), us("Main Street"), Address(("12 Main St",)), us("Industrial Park", postal="")],
)
def test_address_without_door_or_locality_has_no_key(vague: Address) -> None:
    assert door_key(vague) == ""
    assert addresses.address_keys(vague) == ()


@pytest.mark.parametrize(
    "other",
    [
        us("101 W 14th St"),
        us("100 W 15th St"),
        us("100 E 14th St"),
        us("100 W 14th Ave"),
        us("100 W 14th St", postal="10012"),
    ],
)
def test_another_door_has_another_key(other: Address) -> None:
    assert door_key(other) != door_key(us("100 W 14th St"))


def test_similarity_tolerates_a_misspelt_street_but_no_other_number() -> None:
    listed = cn("No. 88 Zhongshan Road")
    assert address_likeness.similarity(listed, cn("88 Zhongshn Road")) > 0.9
    assert address_likeness.similarity(listed, cn("89 Zhongshan Road")) < 0.5


def test_a_box_and_a_street_are_two_ways_to_one_door() -> None:
    both = Address(("P.O. Box 52412, 12 Sheikh Zayed Road",), "Dubai", "", "", "AE")
    street = Address(("12 Sheikh Zayed Rd",), "Dubai", "", "", "AE")
    box = Address(("PO Box 52412",), "Dubai", "", "", "AE")
    assert address_likeness.similarity(both, street) > 0.9
    assert address_likeness.similarity(both, box) > 0.9
    assert address_likeness.similarity(box, street) < 0.5
    assert addresses.listed_keys(both) == ("AE|dubai|box 52412", "AE|dubai|12|sheikhzayedrd")


@pytest.mark.parametrize(
    ("country", "line", "other"),
    [
        ("US", "350 5th Ave", "350 6th Avenue"),
        ("US", "12 N Main St", "12 South Main St"),
        ("CN", "88 Zhongshan East Road", "88 Zhongshan West Road"),
        ("CO", "Cra. 43 No. 80-09", "Carrera 48 # 80 - 09"),
        ("MX", "Calle 16 No. 21", "Calle 61 No. 21"),
    ],
)
def test_street_of_another_number_or_side_is_another(country: str, line: str, other: str) -> None:
    one, two = (Address((each,), "Town", "", "", country) for each in (line, other))
    assert address_likeness.similarity(one, two) < 0.5
    assert address_likeness.similarity(one, one) == 1


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("ul. Argunovskaya d. 5", "ul. Spartakovskaya, d. 5"),
        ("Ul. Bolshaya Filevskaya D. 40", "40 Bolshaya Yakimanka Street"),
        ("No. 8 Shahid Haghani Street", "No. 8, Shahid Babaie Street"),
        ("88 Zhongshan Road", "88 Zhongxing Road"),
        ("c/o Velmora, S.A. de C.V.", "c/o Kestrina, S.A. de C.V."),
    ],
)
def test_streets_that_only_end_alike_are_two(line: str, other: str) -> None:
    one, two = (Address((each,), "Town", "", "", "IR") for each in (line, other))
    assert address_likeness.similarity(one, two) < 0.5


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("4 Olkhovskaya Street", "ul. Olkhovskaia, 4"),
        ("Khalage Rd. 3", "3 Khalaj Road"),
        ("474 Piotr Tchaikovski", "474 Tchaikovsky"),
        ("12 Francisco Eusebio Kino", "12 Fco. Eusebio Kino"),
        ("2 Fa Yuen St", "2 Fayuen Street"),
        ("Marienstrasse 54", "Marienstr #54"),
        ("77 Saint Marks Pl", "77 St. Marks Place"),
        ("89 Shahid Khodami Street", "89 Khoddami Street"),
        ("88 Nanshan Zhongshan Road", "88 Zhongshan Road"),
        ("ST 1/A, Block 2, Gulshan-e-Iqbal", "ST-1/A, Gulshan-e-Iqbal, Block 2"),
        ("3 Avenida 19 59, Local 14, Zona 1", "3 Avenida 19-59, Local 14, Zona 1"),
    ],
)
def test_a_street_romanised_or_shortened_otherwise_is_one(line: str, other: str) -> None:
    one, two = (Address((each,), "Town", "", "", "IR") for each in (line, other))
    assert address_likeness.similarity(one, two) >= 0.8


def test_street_without_its_type_is_the_same() -> None:
    assert address_likeness.similarity(us("88 Oak Ave"), us("88 OAK")) > 0.9


def test_districts_of_a_city_that_is_a_country_are_one_city() -> None:
    one = Address(("300 Lockhart Road",), "Wan Chai", "", "", "HK")
    other = Address(("300 Lockhart Rd, Wanchai",), "Hong Kong", "", "", "CN")
    assert address_likeness.similarity(one, other) == 1
    assert address_likeness.similarity(one, Address((), "Kowloon", "", "", "HK")) <= 0.6


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Shenzhen", ""), ("Beijing", ""), False),
        (("Shenzhen", ""), ("Shenzen", ""), True),
        (("Shenzhen", "518000"), ("Shenzen", ""), True),
        (("Shenzhen", "518000"), ("Futian", "518000"), True),
        (("Shenzhen", "518000"), ("Shenzhen", "518028"), True),
        (("Guangzhou", "510000"), ("Hangzhou", "310000"), False),
        (("", "510000"), ("", "310000"), False),
        (("", "510000"), ("Guangzhou", ""), False),
    ],
)
def test_a_door_is_of_the_same_city_or_postal_code(
    one: tuple[str, str], other: tuple[str, str], same: bool
) -> None:
    first, second = (Address(("88 Zhongshan Rd",), city, "", postal, "CN") for city, postal in (one, other))
    assert (address_likeness.similarity(first, second) >= 0.8) is same


@pytest.mark.parametrize(
    ("cut", "whole"),
    [
        (("Valletta VLT", "1107", "MT"), ("Valletta", "VLT 1107", "MT")),
        (("Stockholm 111", "22", "SE"), ("Stockholm", "111 22", "SE")),
        (("Grand Cayman KY1-", "1108", "KY"), ("Grand Cayman", "KY1-1108", "KY")),
    ],
    ids=["Malta", "Sweden", "Cayman"],
)
def test_a_postal_code_of_which_a_part_stands_beside_the_city_is_no_other(
    cut: tuple[str, str, str], whole: tuple[str, str, str]
) -> None:
    first, second = (
        Address(("14 Harbour Lane",), city, "", postal, country) for city, postal, country in (cut, whole)
    )
    assert address_likeness.similarity(first, second) >= 0.8


def test_similarity_of_a_bare_city_is_never_a_place() -> None:
    assert address_likeness.similarity(cn(), cn("88 Zhongshan Road")) <= 0.6


def test_similarity_of_different_countries_is_none() -> None:
    assert (
        address_likeness.similarity(
            Address(city="Birmingham", country="GB"), Address(city="Birmingham", country="US")
        )
        == 0
    )


@given(
    st.lists(st.text(max_size=80), max_size=4),
    st.text(max_size=30),
    st.text(max_size=12),
    st.sampled_from(["US", "CN", "CO", "MX", "RU", "TR", "AE", ""]),
)
@example(["AA", "D:\U00013a4f"], "", "0", "TR")
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_without_error_and_is_like_itself(
    lines: list[str], city: str, postal: str, country: str
) -> None:
    address = Address(tuple(lines), city, "", postal, country)
    found, place = address_likeness.similarity(address, address), addresses.parsed(address)
    assert found <= 1.0
    if door_key(address):  # an office in a tower has one, too, and is surer with the house number
        assert found == (1.0 if place.number or place.po_box else 0.9)


WORST = (
    "1 " * 50_000, "#" * 50_000, "apt " * 20_000, "é, " * 20_000, "p.o." * 20_000,
    "p.o. box 1" + "-1" * 20_000, "calle 1 " * 20_000, "cra 1 a bis a sur no " * 9_000,
    "near 1 " * 20_000, "no no 1 " * 20_000,
    "km 1.1 " * 20_000, " - " * 20_000, "tower 1, " * 20_000, "a1" * 50_000, "unit " + "a" * 50_000 + "12",
    "po box no " * 20_000, "china " * 20_000, "lu" * 50_000, "88hao" * 20_000, "hao lou " * 20_000,
    "aaaaqu" * 20_000, "10011 " * 20_000, "16 de " * 20_000, "d. 1 str. 1 " * 9_000,
)  # fmt: skip


@pytest.mark.parametrize("country", ["US", "CO", "MX", "RU", "TR", "HK", "CN", "AE"])
@pytest.mark.parametrize("line", WORST)
def test_enormous_line_is_read_in_bounded_work(line: str, country: str) -> None:
    found = addresses.parsed(Address((line,), "Town", "", "10011", country))
    assert len(found.unit) + len("".join(found.street)) < 10_000


def _real_addresses() -> list[Address]:
    path = Path(os.environ.get("TIDEWAITER_DATA", "../shared/data")) / "geo" / "rrad_us_addresses.json"
    if not path.exists():
        pytest.skip(f"no {path}")
    rows = json.loads(path.read_text())["addresses"]
    return [
        Address(
            (row["address1"], row["address2"]), row.get("city", ""), row["state"], row["postalCode"], "US"
        )
        for row in rows
    ]


def test_real_us_addresses_nearly_all_have_a_key_of_their_own() -> None:
    rows = _real_addresses()
    keys = [door_key(row) for row in rows]
    assert sum(not key for key in keys) <= 0.001 * len(rows)
    assert len(set(keys)) >= 0.98 * len(set(rows))


@pytest.mark.parametrize(
    ("line", "country", "city", "region", "postal", "read_as"),
    [
        pytest.param("5 Bay Rd, Reno, Nevada, US", "", "Reno", "NV", "", "US", id="state in full"),
        pytest.param("5 Bay Rd, Reno NV, US", "", "Reno", "NV", "", "US", id="state beside the city"),
        pytest.param("5 Bay Rd, Reno, NV 89501", "", "Reno", "NV", "89501", "US", id="state with its code"),
        pytest.param("5 Bay Rd, Reno NV 89501", "", "Reno", "NV", "89501", "US", id="all in one"),
        pytest.param("5 Bay Rd, Perth, WA, 6000, AU", "", "Perth", "WA", "6000", "AU", id="no state"),
        pytest.param("5 Bay Rd, Perth, WA", "", "Perth", "WA", "", "", id="of no country"),
        pytest.param("5 Bay Rd, Perth, 6000", "", "Perth", "", "6000", "", id="code of no country"),
        pytest.param("5 Bay Rd, Toronto, CA", "CA", "Toronto", "", "", "CA", id="Canada"),
        pytest.param("5 Bay Rd, Fresno, CA", "US", "Fresno", "CA", "", "US", id="California"),
    ],
)
def test_a_line_that_a_person_typed_is_read_into_its_parts(
    line: str, country: str, city: str, region: str, postal: str, read_as: str
) -> None:
    address = Address(("5 Bay Rd",), city, region, postal, read_as)
    assert address_line.read_typed(line, country) == (address,)


def test_a_line_of_nothing_is_read_in_no_way() -> None:
    assert address_line.read(" , ", "US") == ()
