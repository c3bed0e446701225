"""Who ships and who receives: each party is made from its number, the same whenever it comes."""

from functools import lru_cache
from typing import Final

from tidewaiter.simulate.chance import leaning, scattered
from tidewaiter.simulate.origins import Origin, origin_of
from tidewaiter.simulate.places import (
    FOREIGN_CITIES,
    US_CITIES,
    City,
    Fields,
    foreign_address,
    foreign_phone,
    us_address,
    us_phone,
)
from tidewaiter.simulate.vocabulary import parts, phrases, table, words

_FIRST: Final = words("first_names")
_SURNAMES: Final = words("surnames")
_STEMS: Final = words("rare_surname_stems")
_ENDINGS: Final = words("rare_surname_endings")
_RARE_FIRST: Final = parts("rare_first_names")
_COMPANY: Final = parts("company_words")
_TRADES: Final = phrases("us_company_trades")
_MAIL: Final = words("mail_domains")
_FOREIGN: Final = {land: (family.split(), given) for land, family, given in table("foreign_names")}
_GIVEN: Final = {
    land: tuple(given.split(";") if ";" in given else given.split()) for land, (_, given) in _FOREIGN.items()
}
_INITIALS: Final = "ABCDEFGHJKLMNPRSTW"
# Numbers of parties of different kinds must not give the same bits.
_PERSON, _COMPANY_SALT, _SHIPPER, _IMPORTER = 11, 13, 17, 19


def us_name(bits: int) -> tuple[str, str, str]:
    """Given name, middle initial (half of them "") and family name of a resident; one in four is rare."""
    bits, rare = divmod(bits, 20)
    bits, initial = divmod(bits, 2 * len(_INITIALS))
    first = _FIRST[leaning(bits, len(_FIRST))]
    if rare in (0, 1):
        first = _joined(bits >> 16, _RARE_FIRST[0], _RARE_FIRST[1])
    last = _SURNAMES[leaning(bits >> 16, len(_SURNAMES))]
    if rare in (1, 2, 3, 4, 5):
        last = _joined(bits >> 20, _STEMS, _ENDINGS)
    return first, _INITIALS[initial : initial + 1], last


def _joined(bits: int, stems: tuple[str, ...], endings: tuple[str, ...]) -> str:
    rest, stem = divmod(bits, len(stems))
    return stems[stem] + endings[rest % len(endings)]


def written(first: str, initial: str, last: str, style: int) -> str:
    """A name as carriers' customers write it; ``style`` is 0 to 15."""
    if style == 0:
        return f"{last}, {first}"
    name = f"{first} {initial}. {last}" if initial else f"{first} {last}"
    return name.upper() if style < 3 else name.lower() if style == 3 else name


def consignee(index: int) -> Fields:
    """A private person in the United States, or in one of fourteen cases a shop or office."""
    bits = scattered(index, _PERSON)
    city = US_CITIES[bits % len(US_CITIES)]
    bits //= len(US_CITIES)
    if bits % 14 == 0:
        return company(index, city)
    first, initial, last = us_name(bits >> 4)
    mailbox = f"{first}.{last}{index % 997}@{_MAIL[leaning(bits >> 40, len(_MAIL))]}".lower()
    return {
        "name": written(first, initial, last, bits & 15),
        **us_address(scattered(index, _PERSON + 1), city),
        "phone": us_phone(index, city),
        "email": mailbox,
    }


def company(index: int, city: City) -> Fields:
    """An American shop or office."""
    bits = scattered(index, _COMPANY_SALT)
    _, _, last = us_name(bits)
    name = f"{last} {_TRADES[bits % len(_TRADES)]}"
    form = ("", " LLC", " Inc", "")[bits // 64 % 4]
    return {
        "name": name + form,
        **us_address(scattered(index, _COMPANY_SALT + 1), city),
        "phone": us_phone(index, city),
        "email": f"orders@{name.replace(' ', '').lower()}{index % 997}.example",
    }


def importer(index: int) -> Fields:
    """A company that makes formal entries; none of them is among the consignees."""
    bits = scattered(index, _IMPORTER)
    return company(6_000_000 + index, US_CITIES[bits % len(US_CITIES)])


def foreign_person(bits: int, country: str) -> str:
    """A personal name as it is written in that country."""
    family, given = _FOREIGN[country][0], _GIVEN[country]
    bits, surname = divmod(bits, len(family))
    bits, first = divmod(bits, len(given))
    if country in ("CN", "TW", "HK", "VN", "KR"):
        second = given[bits % len(given)].lower() if country == "CN" and bits % 3 else ""
        return f"{family[surname]} {given[first]}{second}"
    return f"{given[first]} {family[surname]}"


def foreign_company(bits: int, origin: Origin) -> str:
    """An invented company of that country."""
    eastern, western, trades = _COMPANY
    bits, form = divmod(bits, len(origin.forms))
    bits, trade = divmod(bits, len(trades))
    city = ""
    if origin.country in ("CN", "HK", "TW", "VN"):
        bits, a = divmod(bits, len(eastern))
        bits, b = divmod(bits, len(eastern))
        bits, c = divmod(bits, 2 * len(eastern))
        brand = eastern[a] + eastern[b].lower() + (eastern[c].lower() if c < len(eastern) else "")
        cities = FOREIGN_CITIES[origin.country]
        city = f"{cities[bits // 2 % len(cities)].name} " if bits % 2 else ""
    else:
        bits, a = divmod(bits, len(western))
        bits, b = divmod(bits, len(western))
        brand = western[a] + western[b].lower()
    return f"{city}{brand} {trades[trade]} {origin.forms[form]}"


@lru_cache(maxsize=32_768)
def shipper(index: int) -> Fields:
    """A shipper with its carrier's account; shared between parcels, so never to be changed."""
    bits = scattered(index, _SHIPPER)
    return shipper_of(index, origin_of(bits))


def shipper_of(index: int, origin: Origin) -> Fields:
    """A shipper in the country given; one in twelve is a private person."""
    bits = scattered(index, _SHIPPER + 1)
    private = bits % 12 == 0
    name = foreign_person(bits >> 8, origin.country) if private else foreign_company(bits >> 8, origin)
    return {
        "name": name,
        **foreign_address(scattered(index, _SHIPPER + 2), origin.country),
        "phone": foreign_phone(index, origin.phone),
        "email": f"{'post' if private else 'sales'}{index}@{_domain(name)}.example",
        "account": _account(index, bits, name, private),
    }


def _domain(name: str) -> str:
    first_two = "".join(name.split(" ")[:2]).lower()
    return "".join(sign for sign in first_two if sign.isascii() and sign.isalnum())


def _account(index: int, bits: int, name: str, private: bool) -> Fields:
    year, month, day = 2012 + bits // 16 % 14, bits // 256 % 12 + 1, bits // 4_096 % 28 + 1
    return {
        "number": f"{300_000_000 + index * 7_919 % 600_000_000}",
        "holder": name,
        "established": f"{year}-{month:02d}-{day:02d}",
        "type": "INDIVIDUAL" if private else "BUSINESS",
        "billing": ("SENDER", "SENDER", "THIRD_PARTY")[bits // 128 % 3],
        "known_consignor": bits // 32 % 10 < 7,
    }


def is_private(party: Fields) -> bool:
    """Whether a shipper is a private person."""
    account = party["account"]
    return isinstance(account, dict) and account["type"] == "INDIVIDUAL"
