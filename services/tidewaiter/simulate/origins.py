"""Countries of origin, carriers and flights: which lane a parcel comes by."""

from datetime import datetime, timedelta
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from tidewaiter.simulate.chance import scattered
from tidewaiter.simulate.places import Fields
from tidewaiter.simulate.vocabulary import table


class Origin(NamedTuple):
    """A country that ships to the United States; ``weight`` is its share of 1,000 parcels."""

    country: str
    name: str
    weight: int
    airports: tuple[str, ...]
    flight_hours: int
    currency: str
    us_cents: int
    phone: str
    forms: tuple[str, ...]


class Port(NamedTuple):
    """An express hub by its Schedule D code."""

    code: str
    zone: str


class Carrier(NamedTuple):
    """An express carrier; ``number`` is its place in ``CARRIERS``, ``prefix`` begins its air waybills."""

    number: int
    code: str
    scac: str
    iata: str
    prefix: str
    hawb_prefix: str
    ports: tuple[Port, ...]


ORIGINS: Final = tuple(
    Origin(land, name, int(share), tuple(airports.split()), int(hours), money, int(rate), phone,
           tuple(forms.split(";")))
    for land, name, share, airports, hours, money, rate, phone, forms in table("origins")
)  # fmt: skip
BY_COUNTRY: Final = {origin.country: origin for origin in ORIGINS}
_SHARES: Final = tuple(accumulate(origin.weight for origin in ORIGINS))
# Courier hubs of Schedule D (CBP), the busiest first.
CARRIERS: Final = (
    Carrier(0, "FDX", "FDEN", "FX", "023", "770", (
        Port("2095", "America/Chicago"), Port("4198", "America/Indiana/Indianapolis"),
        Port("1068", "America/New_York"), Port("2895", "America/Los_Angeles"),
        Port("3195", "America/Anchorage"))),
    Carrier(1, "UPS", "UPSN", "5X", "406", "1Z8W5F040", (
        Port("4196", "America/Kentucky/Louisville"), Port("2795", "America/Los_Angeles"),
        Port("1069", "America/New_York"), Port("5273", "America/New_York"),
        Port("3196", "America/Anchorage"))),
    Carrier(2, "DHL", "DHLC", "D0", "615", "3", (
        Port("4197", "America/New_York"), Port("2770", "America/Los_Angeles"),
        Port("1072", "America/New_York"), Port("5271", "America/New_York"))),
)  # fmt: skip
BANK_HOURS: Final = 2


def origin_of(bits: int) -> Origin:
    """A country by its share of the parcels, from 64 bits."""
    point = bits % _SHARES[-1]
    return next(origin for origin, end in zip(ORIGINS, _SHARES, strict=True) if point < end)


def mawb(prefix: str, serial: int) -> str:
    """A master air waybill number: 7 serial digits and their remainder modulo 7 (IATA)."""
    seven = serial % 10_000_000
    return f"{prefix}-{seven:07d}{seven % 7}"


@lru_cache(maxsize=8_192)
def flight(carrier_number: int, airport: str, port_number: int, bank: int) -> Fields:
    """What all parcels of one flight share; bank n closes n + 1 times ``BANK_HOURS`` after year 0 (UTC).

    Carrier and port are given by their places in ``CARRIERS``: whole tuples as cache keys cost 1 µs more.
    """
    carrier = CARRIERS[carrier_number]
    port = carrier.ports[port_number]
    lane = carrier_number * 100 + port_number * 10
    bits = scattered(lane + sum(map(ord, airport)) * 1_000, bank)
    origin = next(origin for origin in ORIGINS if airport in origin.airports)
    closing = datetime.fromordinal(1) + timedelta(days=-1, hours=(bank + 1) * BANK_HOURS)
    departure = closing + timedelta(minutes=40 + bits % 50)
    eta = departure + timedelta(hours=origin.flight_hours, minutes=bits // 64 % 60)
    return {
        "mawb": mawb(carrier.prefix, bits >> 8),
        "carrier_scac": carrier.scac,
        "carrier_iata": carrier.iata,
        "flight_no": f"{carrier.iata}{bits % 900 + 100}",
        "flight_date": departure.date().isoformat(),
        "origin_airport": airport,
        "export_country": origin.country,
        "first_us_port": port.code,
        "eta": f"{eta:%Y-%m-%dT%H:%M:%SZ}",
        "arrival_tz": port.zone,
        "filer_code": carrier.code,
    }
