"""Who a party is across parcels: exact keys that survive the spelling noise of carriers' data."""

from functools import lru_cache
from itertools import groupby
from typing import Final, NewType

from msgspec import Struct

from tidewaiter.domain.party import Party
from tidewaiter.domain.watchlist import IdentifierKind
from tidewaiter.matching import addresses, emails, identifiers, ips, phones
from tidewaiter.matching.addresses import ParsedAddress
from tidewaiter.matching.text import words
from tidewaiter.matching.vocabulary import vocabulary_lines

UNTOLD: Final = frozenset(word for line in vocabulary_lines("untold_name_words.txt") for word in line.split())
_SAME_SOUND: Final = (("ph", "f"), ("ck", "k"), ("sch", "sh"), ("y", "i"), ("z", "s"), ("w", "v"))
FREE_MAIL: Final = frozenset(word for line in vocabulary_lines("free_mail.txt") for word in line.split())

ExactKey = NewType("ExactKey", str)
"""What a party is excepted by, and counted by: made by ``identity_of`` alone. Beside it ``alike.AlikeKey``
finds the misspelt, for counting alone: whom it takes for one may be two."""


@lru_cache(maxsize=65_536)
def _sounded(word: str) -> str:
    for written, sound in _SAME_SOUND:
        word = word.replace(written, sound)
    return "".join(sign for sign, _ in groupby(word))


def name_key(name: str) -> str:
    """A name with word order, titles, company forms, middle initials and doubled letters out of the way.

    "Dr. Phillip J. Meyers" and "MEIERS, PHILIP" have one key. "" for a name without words.
    """
    found = [word for word in words(name) if word not in UNTOLD]
    told = [word for word in found if len(word) > 1]
    return " ".join(sorted(map(_sounded, told if len(told) > 1 else found)))


class Identity(Struct, frozen=True, gc=False):
    """What of a party makes keys, normalised; "" and () are "not given".

    ``doors`` are the keys of its address: the door itself, then the house that it is in. ``person_keys`` are
    at most three keys under which windows count one person: name with door, with phone, with e-mail; ()
    without a name. Their door is house number (or box) and postal code (or city), so that a misspelt street
    or a missing unit does not make a new person. Two parcels are of one person when they share any key.
    ``more_phones`` and ``more_emails`` are what the same fields name besides, which is looked up and makes no
    keys. Plain text: the adapter turns keys into tokens.
    """

    name: str
    phone: str
    email: str
    place: ParsedAddress
    doors: tuple[str, ...]
    person_keys: tuple[ExactKey, ...]
    more_phones: tuple[str, ...] = ()
    more_emails: tuple[str, ...] = ()


def identity_of(party: Party) -> Identity:
    """The party read once: asking key by key reads name and address again."""
    name, place = name_key(party.name), addresses.parsed(party.address)
    numbers = phones.all_in(party.phone, party.country, place.country) if party.phone else ()
    mailboxes = emails.all_in(party.email) if party.email else ()
    phone, email = numbers[0] if numbers else "", mailboxes[0] if mailboxes else ""
    contacts = (_door(place), phone, email) if name else ()
    keys = tuple([ExactKey(f"{name}|{contact}") for contact in contacts if contact])
    return Identity(name, phone, email, place, addresses.parts_keys(place), keys, numbers[1:], mailboxes[1:])


def person_keys(party: Party) -> tuple[ExactKey, ...]:
    """See `Identity.person_keys`."""
    return identity_of(party).person_keys


def _door(parts: ParsedAddress) -> str:
    where = parts.postal or parts.city
    what = parts.number or (f"box {parts.po_box}" if parts.po_box else "".join(parts.street))
    return f"{parts.country}|{where}|{what}" if where and what else ""


def contacts_of(party: Party, identity: Identity) -> list[tuple[IdentifierKind, str]]:
    """What of a party is looked up exactly, as (kind, normalised value): phone, e-mail, the e-mail's domain
    as website unless it is a mailbox provider's, tax id, address (the door, then the house), account, ip.

    ``identity`` is the party as it was read.
    """
    found: list[tuple[IdentifierKind, str]] = []
    if identity.phone:
        found.append(("phone", identity.phone))
    if identity.email:
        found += _of_mailbox(identity.email)
    if identity.more_phones or identity.more_emails:
        found += [("phone", number) for number in identity.more_phones]
        found += [contact for email in identity.more_emails for contact in _of_mailbox(email)]
    if party.tax_id and (number := identifiers.tax_id(party.tax_id)):
        found.append(("tax_id", number))
    found += [("address", door) for door in identity.doors]
    if party.account and (account := identifiers.account(party.account.number)):
        found.append(("account", account))
    if party.ip:
        found.append(("ip", ips.normalised(party.ip)))
    return found


def _of_mailbox(email: str) -> list[tuple[IdentifierKind, str]]:
    domain = email.rpartition("@")[2]
    return [("email", email)] if domain in FREE_MAIL else [("email", email), ("website", domain)]
