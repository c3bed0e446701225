"""Where parcels come from and go to: cities whose state, ZIP and area code agree, and addresses in them."""

from typing import Final, NamedTuple, TypeAlias

from tidewaiter.simulate.vocabulary import table, words

Fields: TypeAlias = dict[str, object]


class City(NamedTuple):
    """An American city with the range of its ZIP codes."""

    name: str
    state: str
    first_zip: int
    last_zip: int
    area_code: str


class Street(NamedTuple):
    """How a country writes a street address."""

    pattern: str
    names: tuple[str, ...]


class ForeignCity(NamedTuple):
    """A city outside the United States."""

    name: str
    region: str
    postal: str


def _foreign_cities() -> dict[str, tuple[ForeignCity, ...]]:
    rows = table("foreign_cities")
    countries = {row[0] for row in rows}
    return {land: tuple(ForeignCity(*row[1:]) for row in rows if row[0] == land) for land in countries}


def _streets() -> dict[str, Street]:
    return {
        land: Street(pattern, tuple(names.split(";") if ";" in names else names.split()))
        for land, pattern, names in table("foreign_streets")
    }


US_CITIES: Final = tuple(
    City(name, state, int(first), int(last), area) for name, state, first, last, area in table("us_cities")
)
FOREIGN_CITIES: Final = _foreign_cities()
_FOREIGN_STREETS: Final = _streets()
_US_STREETS: Final = words("streets")
_US_STREET_KINDS: Final = words("street_kinds")
_UNITS: Final = ("Apt {}", "Unit {}", "# {}", "Apt {}B")
# Exchanges of the North American plan: not N11, not the fictitious 555.
_EXCHANGES: Final = tuple(n for n in range(200, 1000) if n % 100 != 11 and n != 555)
_LINES: Final = len(_EXCHANGES) * 10_000


def us_address(bits: int, city: City) -> Fields:
    """A house in that city, from 64 bits; one in four has a flat."""
    bits, street = divmod(bits, len(_US_STREETS))
    bits, kind = divmod(bits, len(_US_STREET_KINDS))
    bits, number = divmod(bits, 9_899)
    bits, unit = divmod(bits, 1_600)
    line = f"{number + 100} {_US_STREETS[street]} {_US_STREET_KINDS[kind]}"
    lines = [line, _UNITS[unit % 4].format(unit // 4 + 1)] if unit % 16 < 4 else [line]
    postal = city.first_zip + bits % (city.last_zip - city.first_zip + 1)
    return {
        "addr_lines": lines,
        "city": city.name,
        "region": city.state,
        "postal": f"{postal:05d}",
        "country": "US",
    }


def us_phone(index: int, city: City) -> str:
    """A telephone number of its own for every index below 7.9 million, as carriers write them."""
    line = (index * 48_271) % _LINES
    exchange, last = _EXCHANGES[line // 10_000], line % 10_000
    if index % 3:
        return f"+1{city.area_code}{exchange}{last:04d}"
    return f"({city.area_code}) {exchange}-{last:04d}"


def foreign_address(bits: int, country: str, first_number: int = 2) -> Fields:
    """An address in a country of origin, from 64 bits; house numbers are 1,800 from the first on."""
    street = _FOREIGN_STREETS[country]
    cities = FOREIGN_CITIES[country]
    bits, name = divmod(bits, len(street.names))
    bits, number = divmod(bits, 1_800)
    bits, unit = divmod(bits, 60)
    city = cities[bits % len(cities)]
    fields: Fields = {
        "addr_lines": [street.pattern.format(n=number + first_number, u=unit + 1, w=street.names[name])],
        "city": city.name,
        "region": city.region,
        "postal": city.postal,
        "country": country,
    }
    if not city.postal:
        del fields["postal"]
    return fields


def foreign_phone(index: int, pattern: str) -> str:
    """A telephone number by a pattern that ends in ``#`` for digits: with n of them, 10**n indexes have each
    their own, since 48,271 and 10 have no factor in common."""
    count = pattern.count("#")
    return pattern.rstrip("#") + f"{index * 48_271 % 10**count:0{count}d}"
