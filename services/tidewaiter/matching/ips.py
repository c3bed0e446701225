"""IP addresses in the form under which one address is always the same text."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from tidewaiter.matching.text import visible


def read(ip: str) -> IPv4Address | IPv6Address | None:
    """The address; one of IPv4 that is written as of IPv6 ("::ffff:203.0.113.7") is that of IPv4. None for
    what is none."""
    try:
        found = ip_address(visible(ip).strip())
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def is_public(ip: str) -> bool:
    """Whether it is an address of the public internet: no private, reserved or unreadable one."""
    found = read(ip)
    return found is not None and found.is_global


@lru_cache(maxsize=16_384)
def normalised(ip: str) -> str:
    """ "2001:0DB8::0:1" → "2001:db8::1" (RFC 5952). What is no address is itself, without blanks around it: a
    list and a carrier may mask one alike ("203.0.113.x")."""
    found = read(ip)
    return ip.strip() if found is None else str(found)
