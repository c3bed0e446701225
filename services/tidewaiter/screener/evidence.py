"""From answers to evidence: what Redis said and what the name index found, as the deciding core reads it."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Protocol

from msgspec import Struct

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.evidence import Evidence, IdentifierHit, PartyHit, Source, WindowTotals
from tidewaiter.domain.features import UNKNOWN_HABITS, Habits
from tidewaiter.domain.hit import Hit
from tidewaiter.domain.lookup import Answer
from tidewaiter.domain.party import Party
from tidewaiter.screener.questions import Question


class NameScreen(Protocol):
    """Who of the lists in force a party may be."""

    def hits(self, party: Party) -> tuple[Hit, ...]: ...


class Lists(Struct, frozen=True):
    """The lists in force as far as evidence names them."""

    generation: int
    versions: Mapping[str, str] = {}
    stale: tuple[str, ...] = ()


def party_hits(event: ParcelEvent, names: NameScreen) -> tuple[PartyHit, ...]:
    """The name hits of all parties of a parcel, and of the makers of its items as sellers."""
    found = [
        PartyHit(role, hit) for role, party in event.parties() if party.name for hit in names.hits(party)
    ]
    for maker in dict.fromkeys([item.manufacturer for item in event.items if item.manufacturer]):
        found += [PartyHit("seller", hit) for hit in names.hits(Party(name=maker))]
    return tuple(found)


def evidence_of(
    question: Question,
    answer: Answer,
    hits: tuple[PartyHit, ...],
    lists: Lists,
    draw: float,
    habits: Habits = UNKNOWN_HABITS,
) -> Evidence:
    """The evidence of a parcel whose question was answered."""
    return Evidence(
        hits=hits,
        identifiers=tuple(_identified(question, answer)) if any(answer.identifiers) else (),
        windows=_totals(question, answer) if question.lookup.contributions else WindowTotals(),
        generation=lists.generation,
        list_versions=lists.versions,
        stale_lists=lists.stale,
        control_draw=draw,
        habits=habits,
    )


def blind_evidence(
    hits: tuple[PartyHit, ...], lists: Lists, draw: float, habits: Habits = UNKNOWN_HABITS
) -> Evidence:
    """The evidence when Redis does not answer: names are matched in memory, everything else is unknown."""
    gaps: frozenset[Source] = frozenset({"identifiers", "windows", "history"})
    return Evidence(
        hits=hits,
        unavailable=gaps,
        generation=lists.generation,
        list_versions=lists.versions,
        stale_lists=lists.stale,
        control_draw=draw,
        habits=habits,
    )


def _identified(question: Question, answer: Answer) -> Iterator[IdentifierHit]:
    pairs = question.lookup.identifiers
    for (kind, _), role, listings in zip(pairs, question.roles, answer.identifiers, strict=True):
        for entry in listings:
            yield IdentifierHit(
                role, kind, entry.list, entry.entry_id, entry.entry_name, entry.programs, entry.is_local
            )


def _totals(question: Question, answer: Answer) -> WindowTotals:
    """The greatest answer of each window over the entities asked: one person has more than one key."""
    greatest: dict[str, tuple[int, ...]] = {}
    for contribution, numbers in zip(question.lookup.contributions, answer.windows, strict=True):
        known = greatest.get(contribution.window)
        if known is None or numbers > known:
            greatest[contribution.window] = numbers
    fields: dict[str, int] = {}
    for window, numbers in greatest.items():
        fields.update(zip(_FIELDS[window], numbers, strict=True))
    return WindowTotals(**fields)


_FIELDS: Mapping[str, tuple[str, ...]] = {
    "person_day": ("person_day_cents", "person_day_parcels"),
    "address_names": ("address_names_7d", "address_names_30d"),
    "contact_parties": ("contact_parties_30d",),
    "person_press_parts": ("person_press_parts_30d",),
    "pair_parcels": ("pair_parcels_3d",),
    "account_names": ("account_names_30d",),
    "person_positive_exams": ("person_positive_exams_90d",),
}


class ControlDraw:
    """The compliance draw of a parcel: a keyed hash, so that nobody without the secret foresees it (R01)."""

    def __init__(self, secret: bytes) -> None:
        self._keyed = hashlib.blake2b(b"control-draw", key=secret[:64], digest_size=8)

    def of(self, key: str) -> float:
        """A number in 0..1, always the same for a parcel."""
        keyed = self._keyed.copy()
        keyed.update(key.encode())
        return int.from_bytes(keyed.digest()) / 2**64
