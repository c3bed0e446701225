"""Addresses in one line, as officers and some lists write them, read into their parts."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tidewaiter.domain.party import Address
from tidewaiter.matching import addresses, countries
from tidewaiter.matching.address_words import US_STATE_CODES
from tidewaiter.matching.addresses import normal_region

_APART: Final = re.compile(r"[,;，；\n]")
_POSTAL_END: Final = re.compile(
    r"^(.*?)[ ,]*\b(?:C\.?P\.? ?)?"
    r"((?:[A-Z]{1,2}-)?[0-9][0-9A-Z]*(?:[- ][0-9]{3,6})?|[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2})$"
)
_POSTAL_GROUP: Final = "(?:[A-Z]{1,2}|[A-Z]{0,2}[0-9][A-Z0-9]{0,9})"
_POSTAL_PART: Final = re.compile(rf"(?=.*[0-9]){_POSTAL_GROUP}(?:[ -]{_POSTAL_GROUP}){{0,2}}")
_POSTAL_START: Final = re.compile(r"([0-9]{4,6}) +([^0-9]+)")
_LEAST_POSTAL: Final = 4
_STATE_WITH_ZIP: Final = re.compile(r"(.+?) +([0-9]{5}(?:-[0-9]{4})?)")
# Countries with a city of their name, which stands before their code: "Panama, PA".
_NAMESAKES: Final = frozenset({"PA", "GT", "KW", "DJ", "LU"})
# A district and a region may stand behind the city.
_MOST_CITIES: Final = 3
_CITY_WITH_STATE: Final = re.compile(r"(.+?) +([A-Z]{2})")
_REGION_PART: Final = re.compile(r"[A-Z]{2}|.* (?:Province|Oblast|Region|State|Krai|obl\.?|a\.o\.?)")


def read(text: str, country: str = "") -> tuple[Address, ...]:
    """Each way that the line may be read, the likeliest first; () where it says nothing.

    "12 A Rd, Laredo, TX, 78040, US": from the end, a country, a postal code, a region and a city, of which
    any may be left out; ``country`` is taken where the line names none. What stands in the city's place may
    be its region or district ("Culiacan, Sinaloa, MX"): such a line is read as either.
    """
    parts = _parts(text)
    code = countries.code(parts[-1]) if len(parts) > 1 or (parts and len(parts[0]) == 2) else ""
    city = ""
    while code and parts and countries.code(parts[-1]) == code:
        named = parts.pop()
        city = named if code in _NAMESAKES and len(named) > len("PAN") else city
    if not parts and not code:
        return ()
    found = _read([*parts, city], code) if city and parts else ()
    return (*found, *_read(parts, code or _code(country)))


def read_typed(text: str, country: str = "") -> tuple[Address, ...]:
    """``read`` of a line that a person typed, in which CA may be California, too."""
    parts = _parts(text)
    is_state = len(parts) > 2 and normal_region(parts[-1], "US") in US_STATE_CODES
    if not is_state or not countries.code(parts[-1]) or _code(country) not in ("", "US"):
        return read(text, country)
    return (*_read(parts, "US"), *(() if country else read(text)))


def cut_postal(text: str) -> tuple[str, str]:
    """What stands before a postal code, and the code; the whole and "" where it ends in none."""
    match = _POSTAL_END.fullmatch(text)
    return (match[1].strip(" ,"), match[2]) if match else (text, "")


def _code(country: str) -> str:
    return countries.code(country) or countries.iso(country.strip())


def _parts(text: str) -> list[str]:
    return [part.strip() for part in _APART.split(text) if part.strip()]


def _read(given: Sequence[str], code: str) -> Iterator[Address]:
    parts = list(given)
    region, postal = _cut_ends(parts, code)
    if not code and region in US_STATE_CODES and postal:
        code = "US"
    if code in addresses.CITY_STATES and parts and _has_digit(parts[-1]):
        parts.append("")
    known: set[tuple[str, ...]] = set()
    for place in range(len(parts), max(0, len(parts) - _MOST_CITIES), -1):
        city = parts[place - 1 : place]
        is_likely = place == len(parts)
        if not is_likely and (place == 1 or code == "US" or _has_digit(city[0])):
            return
        address = _address(parts[:place], ", ".join((*parts[place:], *filter(None, (region,)))), postal, code)
        doors = addresses.listed_keys(address)
        if is_likely or not doors or doors not in known:
            yield address
        known.add(doors)
    if not parts:
        yield _address(parts, region, postal, code)


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def _address(parts: Sequence[str], region: str, postal: str, code: str) -> Address:
    street, city = ", ".join(parts[:-1]), parts[-1] if parts else ""
    return Address((street,) if street else (), city, region, postal, code)


def _cut_ends(parts: list[str], code: str) -> tuple[str, str]:
    """The region and the postal code, which are cut off ``parts``."""
    zip_code = _cut_zip(parts) if code in ("", "US") else ""
    postal = zip_code or _cut_postal(parts, code)
    return _cut_region(parts, code), postal


def _cut_zip(parts: list[str]) -> str:
    """The ZIP code of "NV 89501" and of "Reno NV 89501"."""
    match = _STATE_WITH_ZIP.fullmatch(parts[-1]) if parts else None
    if match is None:
        return ""
    parts[-1] = match[1]
    return match[2]


def _cut_postal(parts: list[str], code: str) -> str:
    if not parts:
        return ""
    if parts[-1].isdigit() or (len(parts) > 1 and _POSTAL_PART.fullmatch(parts[-1].upper())):
        return parts.pop()
    if len(parts) < 2:
        return ""
    before, postal = cut_postal(parts[-1])
    if start := _POSTAL_START.fullmatch(parts[-1]):
        postal, before = start[1], start[2]
    if len(postal) < _LEAST_POSTAL:
        return ""
    parts[-1:] = [before] if before and countries.code(before) != code else []
    return postal


def _cut_region(parts: list[str], code: str) -> str:
    if len(parts) < 2:
        return ""
    if code in ("", "US"):
        state = normal_region(parts[-1], "US")
        if state in US_STATE_CODES:
            parts.pop()
            return state
        if (match := _CITY_WITH_STATE.fullmatch(parts[-1])) and match[2] in US_STATE_CODES:
            parts[-1] = match[1]
            return match[2]
    return parts.pop() if _REGION_PART.fullmatch(parts[-1]) else ""
