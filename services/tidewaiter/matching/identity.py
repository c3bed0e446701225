"""Who a party is across parcels: exact keys that survive the spelling noise of carriers' data."""

from functools import lru_cache
from typing import Final

from tidewaiter.domain.party import Party
from tidewaiter.domain.watchlist import IdentifierKind
from tidewaiter.matching import addresses, emails, identifiers, phones
from tidewaiter.matching.text import words
from tidewaiter.matching.vocabulary import vocabulary_lines

_UNTOLD: Final = frozenset(
    word for line in vocabulary_lines("untold_name_words.txt") for word in line.split()
)
_SAME_SOUND: Final = (("ph", "f"), ("ck", "k"), ("sch", "sh"), ("y", "i"), ("z", "s"), ("w", "v"))
FREE_MAIL: Final = frozenset(word for line in vocabulary_lines("free_mail.txt") for word in line.split())


@lru_cache(maxsize=65_536)
def _sounded(word: str) -> str:
    for written, sound in _SAME_SOUND:
        word = word.replace(written, sound)
    return "".join(sign for place, sign in enumerate(word) if place == 0 or sign != word[place - 1])


def name_key(name: str) -> str:
    """A name with word order, titles, company forms, middle initials and doubled letters out of the way.

    "Dr. Phillip J. Meyers" and "MEIERS, PHILIP" have one key. "" for a name without words.
    """
    found = [word for word in words(name) if word not in _UNTOLD]
    told = [word for word in found if len(word) > 1]
    return " ".join(sorted(map(_sounded, told if len(told) > 1 else found)))


def person_keys(party: Party) -> tuple[str, ...]:
    """At most three keys under which windows count one person: name with door, with phone, with e-mail.

    The door is house number (or box) and postal code (or city), so that a misspelt street or a missing unit
    does not make a new person. Two parcels are of one person when they share any key; () without a name.
    Plain text: the adapter turns keys into tokens.
    """
    name = name_key(party.name)
    if not name:
        return ()
    place = _door(party)
    phone = phones.e164(party.phone, party.country) if party.phone else ""
    email = emails.normalised(party.email) if party.email else ""
    return tuple(f"{name}|{contact}" for contact in (place, phone, email) if contact)


def _door(party: Party) -> str:
    parts = addresses.parsed(party.address)
    where = parts.postal or parts.city
    what = parts.number or (f"box {parts.po_box}" if parts.po_box else "".join(parts.street))
    return f"{parts.country}|{where}|{what}" if where and what else ""


def contact_keys(party: Party) -> tuple[tuple[IdentifierKind, str], ...]:
    """What of a party is looked up exactly, as (kind, normalised value): phone, e-mail, the e-mail's domain
    as website unless it is a mailbox provider's, tax id, address (the door, then the house), account, ip."""
    email = emails.normalised(party.email) if party.email else ""
    domain = email.rpartition("@")[2]
    found: list[tuple[IdentifierKind, str]] = [
        ("phone", phones.e164(party.phone, party.country) if party.phone else ""),
        ("email", email),
        ("website", "" if domain in FREE_MAIL else domain),
        ("tax_id", identifiers.tax_id(party.tax_id, party.country) if party.tax_id else ""),
        *(("address", key) for key in addresses.address_keys(party.address)),
        ("account", party.account.number.strip().upper() if party.account else ""),
        ("ip", party.ip),
    ]
    return tuple(pair for pair in found if pair[1])
