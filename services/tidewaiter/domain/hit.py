"""An entry that a party matched: how well, by which words, and what speaks for and against it."""

from typing import Literal

from msgspec import Struct

Corroboration = Literal[
    "address", "country", "phone", "email", "website", "tax_id", "id_number", "birth_date", "program"
]
TokenRelation = Literal[
    "exact", "spelling", "phonetic", "initial", "nickname", "transliteration", "form", "joined", "cut"
]


class TokenMatch(Struct, frozen=True):
    """A word of the party's name beside the word of the entry's name that it was taken for."""

    query: str
    entry: str
    relation: TokenRelation
    similarity: float


class Hit(Struct, frozen=True):
    """One watchlist entry that a party's name matched at the alert threshold or above.

    ``score`` is in 0..1 and orders hits. ``holds`` says whether name and corroboration together are
    enough to stop a parcel; a hit that does not hold only scores (domain.md, section 0, fact 4).
    ``excepted`` is the reason of a remembered exception: an officer knows that the party is another one.
    """

    score: float
    list: str
    entry_id: str
    entry_name: str
    alias: str
    programs: tuple[str, ...] = ()
    tokens: tuple[TokenMatch, ...] = ()
    corroborated: tuple[Corroboration, ...] = ()
    contradicted: tuple[Corroboration, ...] = ()
    holds: bool = False
    excepted: str = ""
