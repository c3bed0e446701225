"""All that was looked up for one parcel before it is decided, and which sources did not answer."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from tidewaiter.domain.features import UNKNOWN_HABITS, Habits
from tidewaiter.domain.hit import Hit
from tidewaiter.domain.party import Role
from tidewaiter.domain.watchlist import IdentifierKind

Source = Literal["names", "identifiers", "windows", "history", "policy", "lists"]


class PartyHit(Struct, frozen=True):
    """A name hit of the party in one role. ``name`` is what matched where it is not the party's own name:
    that of its account's holder, of whom it is in care of, or of a maker.
    """

    role: Role
    hit: Hit
    name: str = ""


class IdentifierHit(Struct, frozen=True):
    """A listed identifier that a party carries exactly, after normalising both sides."""

    role: Role
    kind: IdentifierKind
    list: str
    entry_id: str
    entry_name: str
    programs: tuple[str, ...] = ()
    is_local: bool = False


class WindowTotals(Struct, frozen=True):
    """What the windows said when this parcel was counted in, itself included.

    Values are cents of US dollars; the greatest over the keys of one person is given.
    """

    person_day_cents: int = 0
    person_day_parcels: int = 0
    address_names_7d: int = 0
    address_names_30d: int = 0
    contact_parties_30d: int = 0
    person_press_parts_30d: int = 0
    pair_cents_3d: int = 0
    pair_parcels_3d: int = 0
    account_names_30d: int = 0
    person_positive_exams_90d: int = 0
    person_gifts_cents: int = 0
    person_gifts_parcels: int = 0


class Evidence(Struct, frozen=True):
    """Everything that `screen` may know beside the parcel. ``unavailable`` names sources without an answer.

    ``control_draw`` is in 0..1, drawn from a keyed hash of the parcel's key: unpredictable without the
    secret, the same at every replay. ``stale_lists`` are lists older than their allowed age.
    ``excepted_rules`` are those that a party was freed from, with the reason. ``habits`` that are not known
    make no source unavailable: they are learned beside the stream, and only add to a score.
    """

    hits: tuple[PartyHit, ...] = ()
    identifiers: tuple[IdentifierHit, ...] = ()
    windows: WindowTotals | None = None
    unavailable: frozenset[Source] = frozenset()
    generation: int = 0
    list_versions: Mapping[str, str] = {}
    stale_lists: tuple[str, ...] = ()
    control_draw: float = 1.0
    excepted_rules: Mapping[str, str] = {}
    habits: Habits = UNKNOWN_HABITS
