"""Addresses read into their parts, so that the same door is known again however it was written."""

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct, structs

from tidewaiter.domain.party import Address
from tidewaiter.matching import countries
from tidewaiter.matching.address_words import (
    CITY_FORMS,
    DIVISIONS,
    US_STATE_CODES,
    US_STATES,
)
from tidewaiter.matching.postcodes import us_states_of_zip
from tidewaiter.matching.street import street_of
from tidewaiter.matching.text import MAX_CHARACTERS, folded, visible, words

# Countries whose postal code names a few streets; elsewhere it is often left out or wrong: the city decides.
_POSTAL_DECIDES: Final = frozenset({"US", "CA", "GB", "AU", "NL", "JP", "DE", "FR"})
# Countries by ISO and states by USPS: carriers write both, "San Juan, PR, US" and "San Juan, PR".
_TERRITORIES: Final = frozenset({"PR", "GU", "VI", "AS", "MP"})
_CHINAS: Final = {
    **dict.fromkeys(("hongkong", "xianggang", "hk", "hksar", "kowloon", "newterritories"), "HK"),
    **dict.fromkeys(("macau", "macao", "aomen"), "MO"),
}
# Where city and country are one, lists and carriers leave the city out or give a district for it.
CITY_STATES: Final = {"HK": "hongkong", "MO": "macau", "SG": "singapore", "MC": "monaco"}
# Cities whose names end with a word for town, which is written apart or not.
_WHOLE_CITIES: Final = frozenset({"shenzhen", "jingdezhen", "georgetown", "capetown", "bridgetown"})
# "Yiwushi", but not Huangshi.
_CITY_SHI: Final = re.compile(r"(?<!^huang)(?<=[a-z]{4})shi$")
_PO_BOX: Final = re.compile(
    r"\b(?:(?:p[\W_]{0,3}[o0][\W_]{0,3}|post(?:al)? ?(?:office)?\W{0,2})(?:box|bx|bag|drawer)|p\.?o\.?b)"
    r"(?![a-z])\W{0,3}"
    r"(?:(?:no|num|number|nr)\b\W{0,3})?([a-z]?[0-9][a-z0-9]*(?: ?[-/] ?[a-z0-9]+)*)"
    r"|\b(?:apartado(?: postal| aereo)?|postfach|casilla|caixa postal)\W{1,3}([0-9][a-z0-9-]*)"
)
# Callers, bins, drawers and lock boxes are PO boxes, too (USPS Publication 28, section 283).
_PO_BOX_LONE: Final = re.compile(
    r"^\W*(?:(?:gpo )?box|(?:firm )?caller|bin|drawer|lock\W?box)\W{1,3}([0-9][a-z0-9-]*)\b"
)
# Commercial mail receiving agencies (USPS OIG SAT-AR-18-002, finding 7) by brand and by their own signs, and
# where carriers keep parcels until they are fetched: there, too, a thousand people have one door.
_MAIL_CENTER: Final = re.compile(
    r"\bp\.?m\.?b\b|\bups\W?store|private mail ?box|\bmail[ -]?box(?:es)?\b|postal ?annex|\bpak ?mail\b"
    r"|\bgoin'? ?postal\b|\bpostnet\b|\bparcel plus\b|\bmail (?:cent(?:er|re)s?|depot|stop plus)\b"
    r"|\bpostal (?:connections|center|plus)\b|\bi ?postal ?1\b|\bvirtual ?post ?mail\b|\bearth class mail\b"
    r"|\b(?:mail|pack) ?(?:n|&|and) ?(?:more|ship|mail)\b|\bfedex (?:office|onsite|ship)"
    r"|\bups access point\b|\bamazon (?:locker|hub)\b"
)
_FORWARDER: Final = re.compile(
    r"\bfreight|\bforward(?:er|ing)|\blogistic|\bwarehouse|\bconsolidat|\bcargo\b|\breship|\bc/o\b"
)


_CHINA: Final = ("china", "prc", "p.r.china")
# The city, state and ZIP code once more behind the street: "12 Main St Apt 5 Austin TX 78701".
_ZIP_BEHIND: Final = re.compile(r"(?<=[A-Za-z,] )[0-9]{5}(?:-[0-9]{4})?(?:[ ,]+U\.?S\.?A?\.?)?\W*$")
# In Queens, NY, "41-25" and "4125" are one house (USPS Publication 28, section 25).
_QUEENS: Final = frozenset({"110", "111", "113", "114", "116"})
_QUEENS_NUMBER: Final = re.compile(r"([0-9]{1,3})-([0-9]{2})")


class ParsedAddress(Struct, frozen=True):
    """An address in normalised parts; "" or () is "not given".

    ``street`` holds words in their short forms ("w", "5", "ave"); ``unit`` the inner parts, sorted, joined by
    "-" ("b5-302"); ``house`` the building's name where nothing is numbered ("sabatower"); ``region`` the USPS
    code in the US; ``postal`` 5 digits in the US; ``country`` alpha-2.
    """

    number: str = ""
    street: tuple[str, ...] = ()
    unit: str = ""
    house: str = ""
    po_box: str = ""
    city: str = ""
    region: str = ""
    postal: str = ""
    country: str = ""
    is_mail_center: bool = False
    is_po_box: bool = False
    is_forwarder: bool = False


def parsed(address: Address) -> ParsedAddress:
    """The parts of ``address``. Never raises; the same address is read once in a while of 8,192 others."""
    return _parsed(address)


@lru_cache(maxsize=8_192)
def _parsed(address: Address) -> ParsedAddress:
    country = _country(address)
    postal = normal_postal(address.postal, country)
    region = normal_region(address.region, country)
    city = _city(address.city, region) or CITY_STATES.get(country, "")
    street = street_of(_lines(address.lines, postal, country, (city, region)), country)
    parts = ParsedAddress(
        number=_house_number(street.number, postal, country),
        street=street.words,
        unit=street.unit,
        house=street.house,
        city=city,
        region=region,
        postal=postal,
        country=country,
    )
    return _with_signs(parts, folded(", ".join(address.lines))) if street.is_telling else parts


def _lines(lines: tuple[str, ...], postal: str, country: str, places: tuple[str, str]) -> tuple[str, ...]:
    """The lines without what is around the street: in the US the address's own ZIP code, which would be read
    as a unit; in China country, province and city ("CHINA GUANGDONG SHENZHEN ZHONGSHAN ROAD 88")."""
    if country == "US" and postal and any(postal in line for line in lines):
        return tuple(
            [_ZIP_BEHIND.sub("", line[:MAX_CHARACTERS]) if postal in line else line for line in lines]
        )
    if country == "CN" and lines:
        around = (*_CHINA, *filter(None, places))
        if lines[0][:24].lower().startswith(around):
            return (_without_places(lines[0][:MAX_CHARACTERS], around), *lines[1:])
    return lines


def _without_places(line: str, around: tuple[str, ...]) -> str:
    """One such word alone is kept: "Guangdong Road" is in Shanghai."""
    found = line.split(" ")
    leading = next((at for at, word in enumerate(found) if word.lower() not in around), len(found))
    return " ".join(found[leading:]) if leading > 1 else line


def _house_number(number: str, postal: str, country: str) -> str:
    """The number without zeros in front, and in Queens without its hyphen."""
    plain = number.lstrip("0") if number[:1] == "0" and number[1:2].isdigit() else number
    if country == "US" and "-" in plain and postal[:3] in _QUEENS:
        plain = _QUEENS_NUMBER.sub(r"\1\2", plain)
    return plain or number


def _city(written: str, region: str) -> str:
    """The city without its province's name, where that is written with it: "Shenzhen, Guangdong"."""
    city = normal_city(written)
    if len(region) > len("TX") and city != region:
        city = city.removeprefix(region).removesuffix(region)
    return city


def _country(address: Address) -> str:
    """The ISO code; that of Hong Kong and Macau also where the carrier says China, of the US where it says no
    country, but a state and a ZIP code in it, or one of its territories."""
    country = countries.iso(address.country)
    if not country and address.region and address.postal:
        return "US" if normal_region(address.region, "US") in us_states_of_zip(address.postal) else ""
    if country in _TERRITORIES:
        return "US"
    if country == "CN":
        named = _CHINAS.get(normal_city(address.city)) or _CHINAS.get(normal_city(address.region))
        return named or country
    return country


def _with_signs(parts: ParsedAddress, text: str) -> ParsedAddress:
    """The parts with box, mail center and forwarder, for an address that has a word of theirs."""
    box = _PO_BOX.search(text) or _PO_BOX_LONE.search(text)
    written = next((group for group in box.groups() if group), "") if box else ""
    po_box = written.replace(" ", "").replace("/", "-")
    if po_box.isdigit():
        po_box = po_box.lstrip("0") or po_box
    number = parts.number
    if po_box and number.replace("/", "-") in (po_box, *po_box.split("-")):
        number = ""
    return structs.replace(
        parts,
        number=number,
        street=() if po_box and not number else parts.street,
        po_box=po_box,
        is_po_box=bool(po_box),
        is_mail_center=_MAIL_CENTER.search(text) is not None,
        is_forwarder=_FORWARDER.search(text) is not None,
    )


@lru_cache(maxsize=16_384)
def normal_city(city: str) -> str:
    """A city's name without its word for city ("深圳市", "Shenzhen Shi", "Shenzhen City" → "shenzhen")."""
    parts = words(city)
    if len(parts) > 1 and parts[-1] in DIVISIONS and "".join(parts) not in _WHOLE_CITIES:
        parts = parts[:-1]
    return _CITY_SHI.sub("", "".join(CITY_FORMS.get(part, part) for part in parts))


@lru_cache(maxsize=8192)
def normal_region(region: str, country: str) -> str:
    """A state or province: its USPS code in the US, else folded without the word for province."""
    if not region:
        return ""
    parts = words(region)
    if country.upper() == "US":
        plain = " ".join(parts)
        return plain.upper() if plain.upper() in US_STATE_CODES else US_STATES.get(plain, plain)
    return "".join(part for part in parts if part not in DIVISIONS)


@lru_cache(maxsize=16_384)
def normal_postal(postal: str, country: str) -> str:
    """A postal code without spaces and hyphens, in upper case; the first five digits in the US, with the zero
    in front that spreadsheets take from it."""
    bare = "".join(character for character in visible(postal) if character.isalnum()).upper()
    if country.upper() != "US" or not bare[:5].isdigit():
        return bare
    return (f"0{bare}" if len(bare) in (4, 8) else bare)[:5]


def address_keys(address: Address) -> tuple[str, ...]:
    """The keys to look an address up under: box and door and, if that has a unit, the house that it is in.

    Each is made of country, locality (postal code where it decides, else city), number or box, street and
    unit; of house and unit where nothing is numbered. None where the address names no door: no number and
    box, or no locality. An entry is stored under its ``listed_keys``: one without a unit then answers for all
    of its house.
    """
    return parts_keys(parsed(address))


def listed_keys(address: Address) -> tuple[str, ...]:
    """The keys of an entry's address: its box and its door, but not the house that a unit is in."""
    parts = parsed(address)
    keys = parts_keys(parts)
    return keys[:-1] if parts.unit and parts.number and parts.street else keys


def findable_keys(address: Address) -> tuple[str, ...]:
    """``listed_keys`` if a parcel's address could have one: of an address with a country, and with the postal
    code where that decides; else ()."""
    parts = parsed(address)
    is_told = parts.country and (parts.postal or parts.country not in _POSTAL_DECIDES)
    return listed_keys(address) if is_told else ()


def parts_keys(parts: ParsedAddress) -> tuple[str, ...]:
    """``address_keys`` of an address that is already read."""
    locality = _locality(parts)
    if not locality:
        return ()
    box = (f"{parts.country}|{locality}|box {parts.po_box}",) if parts.po_box else ()
    if parts.number and parts.street:
        house = f"{parts.country}|{locality}|{parts.number}|{''.join(parts.street)}"
        return (*box, f"{house}|{parts.unit}", house) if parts.unit else (*box, house)
    # A tower as a whole is no door: a thousand offices are in it.
    if parts.house and parts.unit and not box:
        return (f"{parts.country}|{locality}|{parts.house}|{parts.unit}",)
    return box


def _locality(parts: ParsedAddress) -> str:
    if parts.country in CITY_STATES:
        return CITY_STATES[parts.country]
    if parts.country in _POSTAL_DECIDES or not parts.city:
        return parts.postal or parts.city
    return parts.city
