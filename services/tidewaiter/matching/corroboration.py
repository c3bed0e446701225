"""What else than the name speaks for, or against, a party being the entry that its name matched."""

from typing import Final

from msgspec import Struct

from tidewaiter.domain.hit import Corroboration
from tidewaiter.domain.party import Address, Party
from tidewaiter.domain.watchlist import Entry, IdentifierKind
from tidewaiter.matching import addresses, countries, emails, identifiers, phones, websites
from tidewaiter.matching.address_likeness import parts_similarity
from tidewaiter.matching.addresses import ParsedAddress
from tidewaiter.matching.identity import FREE_MAIL

# Street and city agree up to a typing error; numbers, cities or countries that differ stay under 0.5.
_SAME_PLACE: Final = 0.8
_FULL_DATE: Final = len("1961-05-17")
_MAX_YEARS_APART: Final = 1
# Not the country: a name that agrees, in the country of the entry, would hold 7 of 20,376 ordinary parcels of
# the simulator (OFAC's list of 7,379 entries); of people, one in 10,000 may be.
_STRONG: Final[frozenset[Corroboration]] = frozenset(
    {"address", "phone", "email", "website", "tax_id", "id_number"}
)


class Subject(Struct, frozen=True):
    """What is known of a party beside its name; "" is "not given". ``birth_date`` is ISO, or a part;
    ``country`` is one that is known beside the address."""

    address: Address = Address()
    phone: str = ""
    email: str = ""
    website: str = ""
    tax_id: str = ""
    id_number: str = ""
    birth_date: str = ""
    country: str = ""

    @classmethod
    def of(cls, party: Party) -> "Subject":
        """The subject that a parcel's party is."""
        return cls(party.address, party.phone, party.email, tax_id=party.tax_id)


class Corroborated(Struct, frozen=True):
    """``strong`` says whether the corroboration is enough, with the name, to hold a parcel: a place, a
    contact, a number or a full date of birth; country and year of birth alone are weak. ``at_door`` says that
    the place is the entry's very door, or the house that it is in."""

    corroborated: tuple[Corroboration, ...] = ()
    contradicted: tuple[Corroboration, ...] = ()
    strong: bool = False
    at_door: bool = False


def corroborate(entry: Entry, subject: Subject) -> Corroborated:
    """Compare everything that both sides give. What only one side gives says nothing."""
    for_: list[Corroboration] = []
    against: list[Corroboration] = []
    full_date = False
    verdicts: tuple[tuple[Corroboration, bool | None], ...] = (
        ("address", _same_place(entry, subject)),
        ("country", _same_country(entry, subject)),
        ("phone", _shares_phone(entry, subject)),
        ("email", _shares_email(entry, subject)),
        ("website", _shares_website(entry, subject)),
        ("tax_id", _shares_tax_id(entry, subject)),
        ("id_number", _shares_id_number(entry, subject)),
    )
    for kind, verdict in verdicts:
        if verdict is not None:
            (for_ if verdict else against).append(kind)
    born = _born(entry.birth_dates, subject.birth_date)
    if born is not None:
        (for_ if born else against).append("birth_date")
        full_date = born == _FULL_DATE
    return Corroborated(
        tuple(for_),
        tuple(against),
        strong=full_date or not _STRONG.isdisjoint(for_),
        at_door="address" in for_ and _at_door(entry, subject),
    )


def _same_place(entry: Entry, subject: Subject) -> bool | None:
    """True for one door, or one postal code of one city; None otherwise, since people move."""
    own = addresses.parsed(subject.address)
    if not own.city and not own.postal:
        return None
    listed = map(addresses.parsed, entry.addresses)
    near = any(parts_similarity(own, place) >= _SAME_PLACE or _one_quarter(own, place) for place in listed)
    return True if near or _at_door(entry, subject) else None


def _at_door(entry: Entry, subject: Subject) -> bool:
    own = set(addresses.address_keys(subject.address))
    return any(not own.isdisjoint(addresses.listed_keys(place)) for place in entry.addresses)


def _one_quarter(first: ParsedAddress, second: ParsedAddress) -> bool:
    """Whether city and postal code agree, and no street or box is given on both sides that could differ."""
    if first.po_box or second.po_box or (first.street and second.street):
        return False
    quarter = (first.postal, first.city, first.country)
    return bool(first.postal and first.city) and quarter == (second.postal, second.city, second.country)


def _same_country(entry: Entry, subject: Subject) -> bool | None:
    own = {countries.iso(subject.country), *_countries(subject.address)} - {""}
    listed = {*entry.countries, *(one for place in entry.addresses for one in _countries(place))} - {""}
    if not own or not listed:
        return None
    return not own.isdisjoint(listed)


def _countries(place: Address) -> tuple[str, str]:
    """The country that an address gives, and that which it is in: Hong Kong and Puerto Rico are given as
    either."""
    return countries.iso(place.country), addresses.parsed(place).country


def _values(entry: Entry, *kinds: IdentifierKind) -> list[tuple[str, str]]:
    return [
        (identifier.value, identifier.country) for identifier in entry.identifiers if identifier.kind in kinds
    ]


def _shares_phone(entry: Entry, subject: Subject) -> bool | None:
    if not subject.phone:
        return None
    place = subject.address
    own = phones.all_in(subject.phone, subject.country or place.country, addresses.parsed(place).country)
    home = next((place.country for place in entry.addresses if place.country), "")
    listed = [number for value, at in _values(entry, "phone") for number in phones.all_in(value, at or home)]
    return None if set(own).isdisjoint(listed) else True


def _shares_email(entry: Entry, subject: Subject) -> bool | None:
    own = emails.all_in(subject.email)
    return (
        True
        if own and any(set(own) & set(emails.all_in(value)) for value, _ in _values(entry, "email"))
        else None
    )


def _shares_website(entry: Entry, subject: Subject) -> bool | None:
    mail_domains = {email.rpartition("@")[2] for email in emails.all_in(subject.email)}
    own = {websites.domain(subject.website), *mail_domains} - FREE_MAIL - {""}
    return (
        True if own and any(websites.domain(value) in own for value, _ in _values(entry, "website")) else None
    )


def _shares_tax_id(entry: Entry, subject: Subject) -> bool | None:
    """Lists call the same number a tax id, a registration number or a cedula."""
    own = identifiers.tax_id(subject.tax_id)
    listed = {identifiers.tax_id(value) for value, _ in _values(entry, "tax_id", "national_id")}
    return None if not own or not listed else (own in listed or None)


def _shares_id_number(entry: Entry, subject: Subject) -> bool | None:
    own = identifiers.tax_id(subject.id_number)
    listed = {identifiers.tax_id(value) for value, _ in _values(entry, "passport", "national_id", "tax_id")}
    return True if own and own in listed else None


def _born(listed: tuple[str, ...], own: str) -> int | None:
    """How many characters of the date agree with the best listed one; 0 contradicts; None says nothing.

    A year off by one, where either date is cut short, is neither: lists often reckon a year from an age.
    """
    if not own or not listed:
        return None
    if any(date == own for date in listed if len(date) == _FULL_DATE):
        return _FULL_DATE
    if any(date.startswith(own) or own.startswith(date) for date in listed):
        return len("1961")
    if not (own[:4].isascii() and own[:4].isdigit()):
        return None
    near = [date for date in listed if abs(int(date[:4]) - int(own[:4])) <= _MAX_YEARS_APART]
    are_whole = len(own) == _FULL_DATE and all(len(date) == _FULL_DATE for date in near)
    is_of_year = any(date[:4] == own[:4] for date in near)
    return 0 if not near or (are_whole and not is_of_year) else None
