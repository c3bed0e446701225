"""What a parcel asks of Redis: the windows it is counted into, and the identifiers that lists may name."""

from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.lookup import Contribution, Lookup
from tidewaiter.domain.money import cents
from tidewaiter.domain.parcel import entry_date
from tidewaiter.domain.party import Party, Role
from tidewaiter.domain.watchlist import IdentifierKind
from tidewaiter.matching import addresses, emails, phones
from tidewaiter.matching.identity import contact_keys, name_key, person_keys

_EPOCH = date(1970, 1, 1)
# Name with door, and name with phone or e-mail: who varies the one is found by the other.
_PERSON_KEYS = 2
# Declarations come first, arrivals refine them: together a rank below 2**53, which Redis' Lua holds exactly.
_ARRIVALS = 1 << 21


class Question(Struct, frozen=True):
    """A lookup, and for each of its identifiers the role of the party that carries it."""

    lookup: Lookup
    roles: tuple[Role, ...] = ()


def rank(declaration_seq: int, arrival_seq: int = -1) -> int:
    """The order in which windows take a parcel's states: by declaration, then by what arrival added."""
    return declaration_seq * _ARRIVALS + min(arrival_seq + 1, _ARRIVALS - 1)


def declared(event: ParcelEvent, order: int, digest: str, *, has_press_parts: bool) -> Question:
    """The questions of a declaration in force: it is counted, in place of what the parcel counted before."""
    carried = tuple(_carried(event))
    contributions = tuple(_contributions(event, has_press_parts=has_press_parts))
    lookup = Lookup(event.key, order, digest, "count", contributions, tuple(pair for _, pair in carried))
    return Question(lookup, tuple(role for role, _ in carried))


def withdrawn(event: ParcelEvent, digest: str) -> Question:
    """A CANCEL takes back what earlier declarations counted."""
    return Question(Lookup(event.key, rank(event.message_seq), digest, "withdraw"))


def known(key: str, digest: str) -> Question:
    """Only what is remembered of the parcel."""
    return Question(Lookup(key, 0, digest, "look"))


def examined(event: ParcelEvent, action_id: str, day: date) -> Question:
    """A positive examination is counted against the parcel's parties (S05), under a name of its own."""
    counted = tuple(
        Contribution("person_positive_exams", entity, days(day)) for entity in _linked_entities(event)
    )
    return Question(Lookup(f"{event.key}#exam", 1, action_id, "count", counted))


def days(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def _carried(event: ParcelEvent) -> Iterator[tuple[Role, tuple[IdentifierKind, str]]]:
    for role, party in event.parties():
        for pair in contact_keys(party):
            yield role, pair


def _contributions(event: ParcelEvent, *, has_press_parts: bool) -> Iterator[Contribution]:
    day = days(entry_date(event))
    if event.consignee is not None:
        yield from _of_consignee(event, event.consignee, day, has_press_parts)
    if event.shipper is not None:
        yield from _of_shipper(event.shipper, day)
    for entity in _linked_entities(event):
        yield Contribution("person_positive_exams", entity, day, counted=False)


def _of_consignee(
    event: ParcelEvent, party: Party, day: int, has_press_parts: bool
) -> Iterator[Contribution]:
    name = name_key(party.name)
    keys = person_keys(party)[:_PERSON_KEYS]
    value = event.value_usd if event.value_usd is not None else event.declared_value
    amount = cents(value) if value is not None else 0
    for key in keys:
        yield Contribution("person_day", key, day, amount)
        if has_press_parts:
            yield Contribution("person_press_parts", key, day)
    place = addresses.address_key(party.address)
    if place and name:
        yield Contribution("address_names", place, day, member=name)
    for contact in _contacts(party) if name else ():
        yield Contribution("contact_parties", contact, day, member=name)
    if keys and event.shipper is not None:
        yield Contribution("pair_parcels", f"{name_key(event.shipper.name)}>{keys[0]}", day)


def _of_shipper(party: Party, day: int) -> Iterator[Contribution]:
    account = party.account.number if party.account else ""
    if account:
        yield Contribution("account_names", account, day, member=name_key(party.name))


def _contacts(party: Party) -> Iterable[str]:
    phone = phones.e164(party.phone, party.country) if party.phone else ""
    email = emails.normalised(party.email) if party.email else ""
    return (contact for contact in (phone, email) if contact)


def _linked_entities(event: ParcelEvent) -> tuple[str, ...]:
    """The keys by which a parcel is linked to an earlier one: the consignee and its door."""
    party = event.consignee
    if party is None:
        return ()
    keys = (*person_keys(party)[:1], addresses.address_key(party.address))
    return tuple(key for key in keys if key)
