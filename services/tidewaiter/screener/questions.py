"""What a parcel asks of Redis: the windows it is counted into, and the identifiers that lists may name."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final

from msgspec import Struct, structs

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.lookup import Contribution, Lookup
from tidewaiter.domain.money import cents
from tidewaiter.domain.parcel import entry_date
from tidewaiter.domain.party import Party, Role
from tidewaiter.domain.watchlist import IdentifierKind
from tidewaiter.domain.window import WindowName
from tidewaiter.matching import identifiers, ips, websites
from tidewaiter.matching.alike import Alike, alike
from tidewaiter.matching.habits import PartyKeys
from tidewaiter.matching.identity import ExactKey, Identity, contacts_of, identity_of

_EPOCH = date(1970, 1, 1)
# Name with door, and name with phone or e-mail: who varies the one is found by the other, and who varies the
# name by ``matching.alike``.
_EXACT_KEYS = 2
# 3 kB each, for the 60 us that reading one takes. Of 65,000 senders by Zipf's law 8,192 stand behind two
# parcels in five, so many behind two in three.
_REMEMBERED_SENDERS = 32_768
# Declarations come first, arrivals refine them: together a rank below 2**53, which Redis' Lua holds exactly.
_ARRIVALS = 1 << 21
# With 9 hexadecimal digits for the seconds of three centuries they are the 16 of a digest that are compared.
_DECLARED_SIGNS = 7
_BEFORE_ALL = datetime(1899, 12, 31, tzinfo=UTC)
EXAM: Final = "|exam"
"""Ends the name that a parcel's examination is counted under: no waybill number has a bar."""


class Question(Struct, frozen=True):
    """A lookup, and for each of its identifiers the role of the party that carries it.

    ``habits`` are the keys of a declaration's parties that habits are asked under, read here once for both.
    """

    lookup: Lookup
    roles: tuple[Role, ...] = ()
    habits: PartyKeys | None = None


def rank(declaration_seq: int, arrival_seq: int = -1) -> int:
    """The order in which windows take a parcel's states: by declaration, then by what arrival added.

    One rank is left before the next declaration's, for a CANCEL under that number.
    """
    return declaration_seq * _ARRIVALS + min(arrival_seq + 1, _ARRIVALS - 2)


def arrived(digest: str, arrival: ParcelEvent) -> str:
    """The digest of a declaration once the parcel has arrived: of arrivals under one rank the later counts.

    Ranks tell arrivals apart up to a sequence of two million; seconds of the unix epoch are beyond that.
    """
    seconds = int((arrival.event_time - _BEFORE_ALL).total_seconds())
    return f"{digest[:_DECLARED_SIGNS]}{seconds:09x}"


def declared(
    event: ParcelEvent, order: int, digest: str, *, has_press_parts: bool, person: Role = "consignee"
) -> Question:
    """The questions of a declaration in force: it is counted, in place of what the parcel counted before.

    ``person`` is whose parcels of one day are added up; where it is not named, the consignee's.
    """
    roles: list[Role] = []
    carried: list[tuple[IdentifierKind, str]] = []
    identities: dict[Role, Identity] = {}
    for role, party in event.parties():
        identity, contacts = _read(party) if role == "consignee" else _read_again(party)
        identities[role] = identity
        carried += contacts
        roles += [role] * len(contacts)
    shops = _shops(event)
    carried += [("website", host) for host in shops]
    roles += ["seller"] * len(shops)
    contributions = tuple(_contributions(event, identities, person, has_press_parts=has_press_parts))
    lookup = Lookup(event.key, order, digest, "count", contributions, tuple(carried))
    return Question(lookup, tuple(roles), _habits(identities))


def _shops(event: ParcelEvent) -> tuple[str, ...]:
    """The hosts of the pages that the goods are offered on: their sellers'."""
    hosts = [websites.domain(item.sku_url) for item in event.items if item.sku_url]
    return tuple(dict.fromkeys(filter(None, hosts))) if hosts else ()


def _read(party: Party) -> tuple[Identity, tuple[tuple[IdentifierKind, str], ...]]:
    identity = identity_of(party)
    return identity, tuple(contacts_of(party, identity))


# Shippers come again, word for word, and so do their notify parties; hardly a consignee does.
_read_again = lru_cache(_REMEMBERED_SENDERS)(_read)


def _habits(identities: Mapping[Role, Identity]) -> PartyKeys:
    """As ``matching.habits.party_keys``."""
    shipper, consignee = identities.get("shipper"), identities.get("consignee")
    name = shipper.name if shipper else ""
    if consignee is None:
        return PartyKeys(name, "", "")
    return PartyKeys(name, consignee.doors[0] if consignee.doors else "", consignee.name)


def withdrawn(event: ParcelEvent, digest: str) -> Question:
    """A CANCEL takes back what earlier declarations counted; one under its own number stays in force."""
    return Question(Lookup(event.key, rank(event.message_seq) - 1, digest, "withdraw"))


def listed(event: ParcelEvent, digest: str) -> Question:
    """What a parcel that its carrier cancelled asks: it is counted nowhere, and listed as it ever was."""
    question = declared(event, 0, digest, has_press_parts=False)
    lookup = structs.replace(question.lookup, effect="look", contributions=())
    return structs.replace(question, lookup=lookup)


def known(key: str, digest: str) -> Question:
    """Only what is remembered of the parcel."""
    return Question(Lookup(key, 0, digest, "look"))


def examined(event: ParcelEvent, action_id: str, day: date) -> Question:
    """A positive examination is counted against the parcel's parties (S05), under a name of its own."""
    linked = _found_entities(identity_of(event.consignee)) if event.consignee else ()
    counted = tuple(Contribution("person_positive_exams", entity, days(day)) for entity in linked)
    return Question(Lookup(f"{event.key}{EXAM}", 1, action_id, "count", counted))


def days(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def _contributions(
    event: ParcelEvent, identities: Mapping[Role, Identity], person: Role, *, has_press_parts: bool
) -> list[Contribution]:
    day = days(entry_date(event))
    consignee, shipper = identities.get("consignee"), identities.get("shipper")
    found: list[Contribution] = []
    counted = _Counted.of(event.consignee, consignee)
    owner = (
        counted
        if person == "consignee"
        else _Counted.of(dict(event.parties()).get(person), identities.get(person))
    )
    if not event.is_formal:
        found += _of_persons_day(event, owner if owner.exact else counted, day)
    if has_press_parts:
        found += counted.under("person_press_parts", day)
    if consignee is not None:
        found += _of_place_and_contacts(consignee, day)
    if shipper is not None:
        amount = 0 if event.is_formal else _cents(event)
        pairs = [f"{shipper.name}>{key}" for key in (*counted.exact[:1], *counted.alike.keys[:1])]
        found += [Contribution("pair_values", pair, day, amount) for pair in pairs]
    if event.shipper is not None and shipper is not None:
        found += _of_account(event.shipper, shipper, day)
    if consignee is not None:
        for entity in _linked_entities(consignee):
            found.append(Contribution("person_positive_exams", entity, day, 0, "", False))
    return found


class _Counted(Struct, frozen=True):
    """Under which keys a person is counted."""

    exact: tuple[ExactKey, ...] = ()
    alike: Alike = Alike()

    @classmethod
    def of(cls, party: Party | None, identity: Identity | None) -> "_Counted":
        """Nobody where a party is not named, or has neither a door nor a phone nor an e-mail."""
        if party is None or identity is None or not identity.person_keys:
            return cls()
        return cls(identity.person_keys[:_EXACT_KEYS], alike(party.name, identity))

    def under(self, window: WindowName, day: int, amount: int = 0) -> list[Contribution]:
        """The parcel's contributions to a window of persons, one a key."""
        found = [Contribution(window, key, day, amount) for key in (*self.exact, *self.alike.keys)]
        if initials := self.alike.initials:
            found.append(Contribution(window, initials, day, amount, asked=self.alike.has_initial))
        return found


def _of_persons_day(event: ParcelEvent, person: _Counted, day: int) -> list[Contribution]:
    amount = _cents(event)
    found = person.under("person_day", day, amount)
    return found + person.under("person_gifts", day, amount) if event.claim == "GIFT" else found


def _cents(event: ParcelEvent) -> int:
    value = event.in_usd
    return 0 if value is None else cents(value)


def _of_place_and_contacts(consignee: Identity, day: int) -> list[Contribution]:
    name = consignee.name
    if not name:
        return []
    found = [Contribution("address_names", door, day, 0, name) for door in consignee.doors[:1]]
    for contact in (consignee.phone, consignee.email):
        if contact:
            found.append(Contribution("contact_parties", contact, day, 0, name))
    return found


def _of_account(shipper: Party, identity: Identity, day: int) -> list[Contribution]:
    """Whoever has no account is known by the phone, else by the address that the booking came from."""
    number = identifiers.account(shipper.account.number) if shipper.account else ""
    behind = number or identity.phone or (ips.normalised(shipper.ip) if ips.is_public(shipper.ip) else "")
    return [Contribution("account_names", behind, day, 0, identity.name)] if behind else []


def _linked_entities(consignee: Identity) -> tuple[str, ...]:
    """The keys by which a parcel is linked to an earlier one: the consignee, its door and its phone, which
    stays when name and door are others. Three questions a parcel are the price; senders are not linked, or
    one find would hold whatever a marketplace sells."""
    phone = (consignee.phone,) if consignee.phone else ()
    return consignee.person_keys[:1] + consignee.doors[:1] + phone


def _found_entities(consignee: Identity) -> tuple[str, ...]:
    """``_linked_entities`` of a parcel in which something was found, without a mail center's own door: its
    other customers, who name no box either, have nothing to do with it."""
    place, linked = consignee.place, _linked_entities(consignee)
    is_everybodys = place.is_mail_center and not (place.unit or place.po_box)
    return tuple(one for one in linked if one not in consignee.doors) if is_everybodys else linked
