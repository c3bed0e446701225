"""What a watchlist says of somebody: entries, in one shape whatever list they come from."""

from typing import Final, Literal, get_args

from msgspec import Struct

from tidewaiter.domain.party import Address

NameKind = Literal["primary", "alias", "weak_alias", "former"]
EntryKind = Literal["person", "organization", "vessel", "aircraft", "unknown"]
IdentifierKind = Literal[
    "phone", "email", "website", "tax_id", "passport", "national_id", "account", "address", "ip"
]
IDENTIFIER_KINDS: Final[tuple[IdentifierKind, ...]] = get_args(IdentifierKind)


class EntryName(Struct, frozen=True):
    """One name of an entry. A ``weak_alias`` is one that the list itself calls too common to act on alone."""

    text: str
    kind: NameKind = "primary"


class Identifier(Struct, frozen=True):
    """An exact identifier of an entry, as the list writes it (not normalised)."""

    kind: IdentifierKind
    value: str
    country: str = ""


class Entry(Struct, frozen=True):
    """A person, company, vessel or aircraft on a list.

    ``list`` is the list's short name ("ofac-sdn", "un-sc", "local"), ``entry_id`` its own number there;
    the two together are the key. ``programs`` are the sanction programmes as written ("SDNTK").
    ``birth_dates`` are ISO dates, cut to what is known ("1961", "1961-05"); ``countries`` ISO alpha-2
    of nationality and citizenship (those of the addresses stand with the addresses).
    """

    list: str
    entry_id: str
    kind: EntryKind
    names: tuple[EntryName, ...]
    addresses: tuple[Address, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    programs: tuple[str, ...] = ()
    birth_dates: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    remarks: str = ""

    @property
    def name(self) -> str:
        """The primary name, for showing."""
        return self.names[0].text if self.names else ""
