"""The exact identifiers of list entries in the normal form that a party's contacts are looked up in."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from tidewaiter.domain.lookup import Listing
from tidewaiter.domain.watchlist import Entry, Identifier, IdentifierKind
from tidewaiter.matching import addresses, emails, identifiers, ips, phones, websites
from tidewaiter.matching.identity import FREE_MAIL
from tidewaiter.matching.vocabulary import vocabulary_lines

# Raised when anything above gives another form: lists are told by it from those kept in the form before.
NORMAL_FORM: Final = 6

# What each kind has to be to be looked up, in the words of those who list it.
EXPECTED: Final[Mapping[str, str]] = {
    "phone": "a number with its country code, as +16175550123, or a country to read it by",
    "email": "an address, as somebody@example.com",
    "website": "a host that is not shared by many, as example.com",
    "tax_id": "at least 5 letters and digits",
    "account": "an account number",
    "ip": "an IP address",
}

ListedIdentifiers = Mapping[IdentifierKind, Mapping[str, tuple[Listing, ...]]]

_SHARED: Final = FREE_MAIL | {host for line in vocabulary_lines("shared_hosts.txt") for host in line.split()}


def _website(value: str, _country: str) -> str:
    host = websites.domain(value)
    return "" if host in _SHARED else host


_NORMAL: Final[Mapping[IdentifierKind, Callable[[str, str], str]]] = {
    "phone": phones.e164,
    "email": lambda value, _country: emails.normalised(value),
    "website": _website,
    "tax_id": lambda value, _country: identifiers.tax_id(value),
    "account": lambda value, _country: identifiers.account(value),
    "ip": lambda value, _country: ips.normalised(value),
}


def normal_identifier(kind: IdentifierKind, value: str, country: str) -> str:
    """``value`` as `identity.contacts_of` gives it for a party; "" if it is none, or not looked up."""
    normal = _NORMAL.get(kind)
    return normal(value, country) if normal else ""


def normal_identifiers(kind: IdentifierKind, value: str, country: str) -> tuple[str, ...]:
    """The normal forms of all that ``value`` names: lists write two phones or mailboxes into one, too."""
    if kind == "phone":
        return phones.all_in(value, country)
    if kind == "email":
        return emails.all_in(value)
    text = normal_identifier(kind, value, country)
    return (text,) if text else ()


def listed_identifiers(entries: Iterable[Entry]) -> ListedIdentifiers:
    """Kind → normalised identifier → the entries that carry it.

    Addresses are those that name a door (`addresses.listed_keys`). Passports and national ids are not in it:
    parcels do not carry them.
    """
    found: dict[IdentifierKind, dict[str, dict[Listing, None]]] = defaultdict(lambda: defaultdict(dict))
    for entry in entries:
        listing = Listing(entry.list, entry.entry_id, entry.name, entry.programs)
        for kind, text in _normal_identifiers(entry):
            found[kind][text][listing] = None
    return {
        kind: {text: tuple(listings) for text, listings in texts.items()} for kind, texts in found.items()
    }


def _normal_identifiers(entry: Entry) -> Iterator[tuple[IdentifierKind, str]]:
    for one in entry.identifiers:
        for text in normal_identifiers(one.kind, one.value, _country(entry, one)):
            yield one.kind, text
    for address in entry.addresses:
        for key in addresses.listed_keys(address):
            yield "address", key


def _country(entry: Entry, one: Identifier) -> str:
    return one.country or next((address.country for address in entry.addresses if address.country), "")
