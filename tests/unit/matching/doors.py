"""The one key that most addresses have."""

from tidewaiter.domain.party import Address
from tidewaiter.matching.addresses import address_keys


def door_key(address: Address) -> str:
    """The first of ``address_keys``; "" of an address that names no door."""
    return next(iter(address_keys(address)), "")
