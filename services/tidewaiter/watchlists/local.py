"""What officers enter beside the lists: hot-list entries that bite on the next batch, and exceptions."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Final, get_args

from msgspec import Struct, structs

from tidewaiter.domain.generation import LOCAL_LIST, KnownDifferent, LocalEntry, Removal, entry_digest
from tidewaiter.domain.party import Address, Party
from tidewaiter.domain.watchlist import Entry, IdentifierKind
from tidewaiter.matching import address_line, addresses, ips
from tidewaiter.matching.identity import ExactKey, name_key, person_keys
from tidewaiter.matching.listed import EXPECTED, normal_identifier
from tidewaiter.matching.names_parted import parted
from tidewaiter.matching.text import plain

NAME: Final = "name"
_NUMBER_BYTES: Final = 8  # of two in a million entries one number is shared with a chance of 1 in 10**7
_LONGEST_REASON: Final = 2_000  # as much as a hold order shows of it (hold-orders.v1)
_LONGEST_NAME: Final = 2_000  # so, too
KINDS: Final[tuple[str, ...]] = (NAME, "phone", "email", "website", "tax_id", "address", "account", "ip")


class LocalRefused(ValueError):
    """An entry or exception that cannot be made. Its text is one line: field, found, expected."""


class Warrant(Struct, frozen=True):
    """Who enters something beside the lists or takes them back, why, when, and until when ("" without end;
    see `end_of`).
    """

    reason: str
    author: str
    at: datetime
    until: str = ""

    def checked(self) -> "Warrant":
        """Itself. Raises LocalRefused without a reason or an author, or with an end that is past."""
        _check(self.reason, self.author)
        end_of(self.until, self.at)
        return self


def removal(reason: str, author: str, at: datetime) -> Removal:
    """What is remembered of a removal. Raises LocalRefused where nobody says why, or too much of it."""
    _check(reason, author)
    return Removal(reason.strip(), author, _iso(at))


def _check(reason: str, author: str) -> None:
    for field, said in (("reason", reason), ("author", author)):
        if not said.strip():
            raise LocalRefused(f"{field}: empty, expected one, for the record")
    if len(reason) > _LONGEST_REASON:
        raise LocalRefused(f"reason: {len(reason)} signs, expected at most {_LONGEST_REASON}")


def local_entry(
    kind: str, value: str, warrant: Warrant, country: str = ""
) -> tuple[LocalEntry, tuple[str, ...]]:
    """An entry and the normalised texts to keep it under: one, but for an address that may be read otherwise.

    Raises LocalRefused for what would never match.
    """
    normals = normal_local(kind, value, country)
    if kind == NAME and len(value) > _LONGEST_NAME:
        raise LocalRefused(f"name: {len(value)} signs, expected at most {_LONGEST_NAME}")
    warrant.checked()
    number = f"{LOCAL_LIST}-{blake2b(f'{kind}|{normals[0]}'.encode(), digest_size=_NUMBER_BYTES).hexdigest()}"
    shown = value if kind == NAME else f"{kind} entered {warrant.at:%Y-%m-%d}"
    added, until = _iso(warrant.at), end_of(warrant.until, warrant.at)
    return LocalEntry(kind, value, number, shown, warrant.reason, warrant.author, added, until), normals


def normal_local(kind: str, value: str, country: str = "") -> tuple[str, ...]:
    """The forms that a party's contact is compared in. Raises LocalRefused for a value not of ``kind``.

    A name is itself but for case and blanks: two that are one to the windows ("John A. Smith" and "John B.
    Smith") are matched apart, and an entry of the one must not take the place of the other's.
    """
    normals = _doors(value, country) if kind == "address" else (_normal(kind, value, country.upper()),)
    if not all(normals) or not normals:
        raise LocalRefused(
            f"{kind}: {value[:60]!r}, expected {_EXPECTED.get(kind, 'one of ' + ', '.join(KINDS))}"
        )
    return normals


def _normal(kind: str, value: str, country: str) -> str:
    if kind == NAME:
        return " ".join(plain(value).casefold().split()) if name_key(value) else ""
    if kind == "ip" and ips.read(value) is None:
        return ""
    return normal_identifier(kind, value, country) if kind in get_args(IdentifierKind) else ""  # type: ignore[arg-type]


def _doors(line: str, country: str) -> tuple[str, ...]:
    """The doors that the line may name, of those that a parcel's address may be."""
    doors = map(addresses.findable_keys, address_line.read_typed(line, country))
    return tuple(dict.fromkeys(door for found in doors for door in found))


_EXPECTED: Final = {
    **EXPECTED,
    "phone": "a number with its country code, as +16175550123, or --country",
    NAME: "a name with a letter in it",
    "address": "street with number, city, region, postal code (where streets are told by it), country",
}


def parties_of(name: str, address: str, phone: str, email: str, country: str) -> tuple[Party, ...]:
    """The party that an officer describes, with its address in each way that the line may be read.

    Raises LocalRefused for what nobody could be known by: it would be left out, and nobody told.
    """
    _refuse_unknowable(name, {"address": address, "phone": phone, "email": email}, country)
    return _parties(name, address, phone, email, country)


def _refuse_unknowable(name: str, contacts: Mapping[str, str], country: str) -> None:
    given = {kind: value for kind, value in contacts.items() if value}
    if given:
        normal_local(NAME, name)
    for kind, value in given.items():
        alone = {one: value if one == kind else "" for one in contacts}
        if not keys_of(_parties(name, **alone, country=country)):
            raise LocalRefused(f"{kind}: {value[:60]!r}, expected {_EXPECTED[kind]}")


def _parties(name: str, address: str, phone: str, email: str, country: str) -> tuple[Party, ...]:
    places = address_line.read_typed(address, country) or (Address(country=country.upper()),)
    return tuple(
        [Party(name, at.lines, at.city, at.region, at.postal, at.country, phone, email) for at in places]
    )


def end_of(until: str, now: datetime) -> str | None:
    """``until`` (a date, to its end, or a date-time; UTC where no zone is said) as ISO; None when empty."""
    if not until:
        return None
    try:
        end = datetime.fromisoformat(until)
        end = end.astimezone(UTC) if end.tzinfo else end.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise LocalRefused(f"until: {until[:40]!r}, expected a date as 2026-12-31") from error
    if _is_date(until):
        end = end.replace(hour=23, minute=59, second=59)
    if end <= now:
        raise LocalRefused(f"until: {until}, expected a time to come")
    return _iso(end)


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def keys_of(parties: Iterable[Party]) -> tuple[ExactKey, ...]:
    """The person keys of a party in each way that it may be read."""
    return tuple(dict.fromkeys(key for party in parties for key in person_keys(party)))


def known_different(
    parties: Iterable[Party], entry: Entry, warrant: Warrant
) -> tuple[KnownDifferent, tuple[ExactKey, ...]]:
    """An exception and the person keys that it holds for: those of each name that the party writes as one,
    too, since each is matched by itself.

    Raises LocalRefused for a party that cannot be known again: a name alone would except all who bear it.
    """
    keys = keys_of(
        structs.replace(party, name=name) for party in parties for name in (party.name, *parted(party.name))
    )
    if not keys:
        raise LocalRefused("party: name alone, expected a name with address, phone or e-mail")
    warrant.checked()
    added, until = _iso(warrant.at), end_of(warrant.until, warrant.at)
    digest = entry_digest(entry)
    return KnownDifferent(
        entry.list, entry.entry_id, digest, warrant.reason, warrant.author, added, until
    ), keys


def run_out(entries: Iterable[LocalEntry], now: datetime) -> tuple[LocalEntry, ...]:
    """The entries whose time is over: they no longer match, and can be dropped."""
    moment = _iso(now)
    return tuple(entry for entry in entries if entry.until is not None and entry.until <= moment)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
