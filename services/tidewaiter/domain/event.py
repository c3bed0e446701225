"""A carrier's message about one parcel, field for field as `parcel-events.v1` publishes it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from msgspec import Struct

from tidewaiter.domain.party import ROLES, Party, Role

EventType = Literal["CREATE", "UPDATE", "CANCEL", "ARRIVAL", "SCAN"]
Channel = Literal["EXPRESS", "AIR", "POST", "TRUCK", "OCEAN"]
Claim = Literal["SEC321", "GIFT", "INFORMAL", "FORMAL", "NONE"]

MOST_MAKERS: Final = 100
"""So many makers are looked up; no parcel has more, and 999 of 300 signs took three seconds."""

# ACE's consumption entries: formal, quota, anti-dumping or countervailing duty, out of a foreign-trade zone.
_FORMAL_ENTRIES = frozenset(("01", "02", "03", "06", "07"))


LEAST_USD: Final = {
    "USD": Decimal(1),
    **dict.fromkeys(("EUR", "GBP", "CHF", "CAD", "KWD", "BHD", "OMR", "JOD"), Decimal("0.5")),
}
"""What one of a currency is worth at least, in US dollars: of these no other has been under half a dollar
since 1999 (exchange rates by general knowledge)."""


class AgencyData(Struct, frozen=True):
    """What a partner government agency (FDA, CPSC, …) asks for an item, and whether it was sent."""

    agency: str
    program: str = ""
    data_present: bool = False


class Item(Struct, frozen=True):
    """One line of goods. ``unit_value`` is in ``currency``, the weight in kilograms net."""

    line: int = 1
    description: str = ""
    sku_url: str = ""
    hts10: str = ""
    qty: Decimal | None = None
    uom: str = ""
    unit_value: Decimal | None = None
    currency: str = ""
    net_weight_kg: Decimal | None = None
    origin_country: str = ""
    manufacturer: str = ""
    pga: tuple[AgencyData, ...] = ()
    cas: tuple[str, ...] = ()


class ParcelEvent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One message. CREATE and UPDATE carry the whole declaration; the others what they are about.

    ``message_seq`` orders a parcel's messages at the carrier, whatever order they arrive in. Countries are
    ISO alpha-2, ports Schedule D, weights kilograms; an empty string or ``None`` is "not given".
    """

    event_id: str
    event_type: EventType
    event_time: datetime
    schema_version: str
    source_carrier: str
    message_seq: int
    hawb: str
    mawb: str = ""
    s10: str = ""
    bag_id: str = ""
    tracking_numbers: tuple[str, ...] = ()
    carrier_scac: str = ""
    carrier_iata: str = ""
    flight_no: str = ""
    flight_date: date | None = None
    origin_airport: str = ""
    export_country: str = ""
    first_us_port: str = ""
    firms: str = ""
    eta: datetime | None = None
    arrival_time: datetime | None = None
    arrival_tz: str = ""
    entry_type: str = ""
    entry_number: str = ""
    filer_code: str = ""
    ior_number: str = ""
    channel: Channel = "EXPRESS"
    claim: Claim = "NONE"
    shipper: Party | None = None
    consignee: Party | None = None
    buyer: Party | None = None
    seller: Party | None = None
    deliver_to: Party | None = None
    notify: Party | None = None
    items: tuple[Item, ...] = ()
    pieces: int | None = None
    gross_weight_kg: Decimal | None = None
    scanned_weight_kg: Decimal | None = None
    dims_cm: tuple[Decimal, ...] = ()
    declared_value: Decimal | None = None
    currency: str = ""
    value_usd: Decimal | None = None
    value_basis: str = ""
    description_raw: str = ""
    ship_from_location: str = ""
    security_screening: str = ""
    image_refs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.source_carrier}|{self.hawb}"

    @property
    def in_usd(self) -> Decimal | None:
        """The value in US dollars; a declared value counts when its currency is the dollar.

        Of two different ones, both said to be in dollars, the greater: the lesser avoids a limit. So does one
        that is less than the declared value may be worth in whatever currency it is.
        """
        if self.value_usd is None:
            return self.declared_value if self.currency in ("", "USD") else None
        if self.currency in LEAST_USD and self.value_usd and self.declared_value is not None:
            return max(self.value_usd, self.declared_value * LEAST_USD[self.currency])
        return self.value_usd

    @property
    def is_formal(self) -> bool:
        """Whether it is entered formally, which has no limit: by its entry type, else by its claim."""
        return self.entry_type in _FORMAL_ENTRIES if self.entry_type else self.claim == "FORMAL"

    @property
    def has_declaration(self) -> bool:
        return self.event_type in ("CREATE", "UPDATE")

    def makers(self) -> tuple[str, ...]:
        """The names of those who made the goods, each once."""
        return tuple(dict.fromkeys([item.manufacturer for item in self.items if item.manufacturer]))

    def parties(self) -> tuple[tuple[Role, Party], ...]:
        """The parties that were named, in the order of ``ROLES``."""
        return tuple([(role, party) for role in ROLES if (party := getattr(self, role)) is not None])
