"""Who ships, who receives: the parties of a parcel, as the carrier declared them."""

from typing import Literal

from msgspec import Struct

Role = Literal["shipper", "consignee", "buyer", "seller", "deliver_to", "notify"]
ROLES: tuple[Role, ...] = ("shipper", "consignee", "buyer", "seller", "deliver_to", "notify")


class Address(Struct, frozen=True):
    """A postal address in parts. ``country`` is ISO 3166-1 alpha-2; an empty string is "not given"."""

    lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postal: str = ""
    country: str = ""


class Account(Struct, frozen=True):
    """The carrier's customer account behind a shipment (Enhanced ACAS, 90 FR 52796)."""

    number: str = ""
    holder: str = ""
    issuer: str = ""
    established: str = ""  # ISO date
    type: str = ""
    billing: str = ""
    known_consignor: bool | None = None


class Party(Struct, frozen=True):
    """A party in one role, field for field as on the wire; an empty string is "not given"."""

    name: str = ""
    addr_lines: tuple[str, ...] = ()
    city: str = ""
    region: str = ""
    postal: str = ""
    country: str = ""
    phone: str = ""
    email: str = ""
    tax_id: str = ""
    account: Account | None = None
    ip: str = ""

    @property
    def address(self) -> Address:
        return Address(self.addr_lines, self.city, self.region, self.postal, self.country)
