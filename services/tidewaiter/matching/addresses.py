"""Addresses read into their parts, so that the same door is known again however it was written."""

import re
from functools import lru_cache
from typing import Final

from msgspec import Struct, structs
from rapidfuzz import fuzz

from tidewaiter.domain.party import Address
from tidewaiter.matching import countries
from tidewaiter.matching.address_words import CITY_FORMS, DIVISIONS, US_STATE_CODES, US_STATES
from tidewaiter.matching.postcodes import us_states_of_zip
from tidewaiter.matching.street import street_of
from tidewaiter.matching.text import folded, visible, words

# Countries whose postal code names a few streets; elsewhere it is often left out or wrong: the city decides.
_POSTAL_DECIDES: Final = frozenset({"US", "CA", "GB", "AU", "NL", "JP", "DE", "FR"})
# Countries by ISO and states by USPS: carriers write both, "San Juan, PR, US" and "San Juan, PR".
_TERRITORIES: Final = frozenset({"PR", "GU", "VI", "AS", "MP"})
_CHINAS: Final = {"hongkong": "HK", "xianggang": "HK", "macau": "MO", "macao": "MO", "aomen": "MO"}
# Where city and country are one, lists and carriers leave the city out or give a district for it.
_CITY_STATES: Final = {"HK": "hongkong", "MO": "macau", "SG": "singapore", "MC": "monaco"}
_PO_BOX: Final = re.compile(
    r"\b(?:p\W{0,3}o\W{0,3}|post(?:al)? ?(?:office)?\W{0,2})(?:box|bag)\W{0,3}"
    r"([a-z]?[0-9][a-z0-9]*(?: ?[-/] ?[a-z0-9]+)*)"
    r"|\b(?:apartado(?: postal| aereo)?|postfach|casilla|caixa postal)\W{1,3}([0-9][a-z0-9-]*)"
)
_PO_BOX_LONE: Final = re.compile(r"^\W*(?:box|gpo box)\W{1,3}([0-9][a-z0-9-]*)\b")
# Commercial mail receiving agencies (USPS OIG SAT-AR-18-002, finding 7) by brand and by their own signs.
_MAIL_CENTER: Final = re.compile(
    r"\bp\.?m\.?b\b|\bups store|private mail ?box|\bmail ?box(?:es)?\b|postal ?annex|\bpak ?mail\b"
    r"|\bgoin ?postal\b|\bpostnet\b|\bparcel plus\b|\bmail (?:center|centre|depot|stop plus)\b"
    r"|\bpostal (?:connections|center)\b"
)
_FORWARDER: Final = re.compile(
    r"\bfreight|\bforward(?:er|ing)|\blogistic|\bwarehouse|\bconsolidat|\bcargo\b|\breship|\bc/o\b"
)


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
    street = street_of(address.lines, country)
    parts = ParsedAddress(
        number=street.number,
        street=street.words,
        unit=street.unit,
        house=street.house,
        city=normal_city(address.city) or _CITY_STATES.get(country, ""),
        region=normal_region(address.region, country),
        postal=normal_postal(address.postal, country),
        country=country,
    )
    return _with_signs(parts, folded(", ".join(address.lines))) if street.is_telling else parts


def _country(address: Address) -> str:
    """The ISO code; that of Hong Kong and Macau also where the carrier says China, of the US where it says no
    country, but a state and a ZIP code in it, or one of its territories."""
    country = countries.iso(address.country)
    if not country and address.region and address.postal:
        return "US" if normal_region(address.region, "US") in us_states_of_zip(address.postal) else ""
    if country in _TERRITORIES:
        return "US"
    if country == "CN":
        return _CHINAS.get(normal_city(address.city), country)
    return country


def _with_signs(parts: ParsedAddress, text: str) -> ParsedAddress:
    """The parts with box, mail center and forwarder, for an address that has a word of theirs."""
    box = _PO_BOX.search(text) or _PO_BOX_LONE.search(text)
    written = next((group for group in box.groups() if group), "") if box else ""
    po_box = written.replace(" ", "").replace("/", "-")
    number = "" if po_box and parts.number in po_box else parts.number
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
    if len(parts) > 1 and parts[-1] in DIVISIONS:
        parts = parts[:-1]
    return "".join(CITY_FORMS.get(part, part) for part in parts)


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
    """A postal code without spaces and hyphens, in upper case; the first five digits in the US."""
    bare = "".join(character for character in visible(postal) if character.isalnum()).upper()
    return bare[:5] if country.upper() == "US" and bare[:5].isdigit() else bare


def address_key(address: Address) -> str:
    """One text for one door, or "" where the address names no door: no number and box, or no locality.

    Made of country, locality (postal code where it decides, else city), number or box, street and unit; of
    house and unit where nothing is numbered.
    """
    keys = parts_keys(parsed(address))
    return keys[0] if keys else ""


def findable_door(address: Address) -> str:
    """``address_key`` of a listed address if a parcel's could have it: of one with a country, and with the
    postal code where that decides; else ""."""
    parts = parsed(address)
    is_told = parts.country and (parts.postal or parts.country not in _POSTAL_DECIDES)
    return address_key(address) if is_told else ""


def address_keys(address: Address) -> tuple[str, ...]:
    """The keys to look an address up under: the door itself and, if it has a unit, the house that it is in.

    An entry is stored under its ``address_key`` alone: one without a unit then answers for all of its house.
    """
    return parts_keys(parsed(address))


def parts_keys(parts: ParsedAddress) -> tuple[str, ...]:
    """``address_keys`` of an address that is already read."""
    locality = _locality(parts)
    if not locality:
        return ()
    if parts.po_box:
        return (f"{parts.country}|{locality}|box {parts.po_box}",)
    if parts.number and parts.street:
        house = f"{parts.country}|{locality}|{parts.number}|{''.join(parts.street)}"
        return (f"{house}|{parts.unit}", house) if parts.unit else (house,)
    # A tower as a whole is no door: a thousand offices are in it.
    if parts.house and parts.unit:
        return (f"{parts.country}|{locality}|{parts.house}|{parts.unit}",)
    return ()


def _locality(parts: ParsedAddress) -> str:
    if parts.country in _CITY_STATES:
        return _CITY_STATES[parts.country]
    if parts.country in _POSTAL_DECIDES or not parts.city:
        return parts.postal or parts.city
    return parts.city


def similarity(first: Address, second: Address) -> float:
    """How surely two addresses are one place, 0..1. Different countries, numbers or cities keep it under 0.5;
    an address without street or box never gets past 0.6, however well the rest agrees."""
    return parts_similarity(parsed(first), parsed(second))


def parts_similarity(first: ParsedAddress, second: ParsedAddress) -> float:
    """``similarity`` of addresses that are already read."""
    if first.country and second.country and first.country != second.country:
        return 0.0
    locality = _locality_similarity(first, second)
    if first.po_box or second.po_box:
        same = first.po_box == second.po_box
        return locality if same else min(0.3, locality)
    if not first.street or not second.street:
        return 0.6 * locality
    return _door_similarity(first, second, locality)


def _door_similarity(first: ParsedAddress, second: ParsedAddress, locality: float) -> float:
    street = fuzz.ratio("".join(first.street), "".join(second.street)) / 100
    street = max(street, fuzz.token_sort_ratio(" ".join(first.street), " ".join(second.street)) / 100)
    score = 0.5 * street + 0.5 * locality
    if street < 0.7 or locality < 0.6:
        return min(score, 0.45)
    if not first.number or not second.number:
        return 0.9 * score
    if first.number != second.number:
        return min(score, 0.45)
    return score if first.unit == second.unit or not first.unit or not second.unit else 0.9 * score


def _locality_similarity(first: ParsedAddress, second: ParsedAddress) -> float:
    """Agreement of postal code and city; 0.5 where nothing can be compared."""
    found = []
    if first.postal and second.postal:
        found.append(1.0 if first.postal == second.postal else 0.0)
    if first.city and second.city:
        found.append(fuzz.ratio(first.city, second.city) / 100)
    return max(found, default=0.5)
