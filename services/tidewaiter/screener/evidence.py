"""From answers to evidence: what Redis said and what the name index found, as the deciding core reads it."""

import hashlib
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Protocol

from msgspec import Struct, structs

from tidewaiter.domain.event import MOST_MAKERS, ParcelEvent
from tidewaiter.domain.evidence import Evidence, IdentifierHit, PartyHit, Source, WindowTotals
from tidewaiter.domain.features import UNKNOWN_HABITS, Habits
from tidewaiter.domain.hit import Hit
from tidewaiter.domain.lookup import Answer
from tidewaiter.domain.party import Party
from tidewaiter.domain.window import WindowName
from tidewaiter.matching.names_beside import names_beside
from tidewaiter.matching.names_parted import parted
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
    """The name hits of all parties of a parcel, of who stands behind them under the same roles, at the same
    addresses and contacts as far as anybody knows, and of the makers of its items as sellers."""
    found: list[PartyHit] = []
    for role, party in event.parties():
        if party.name:
            found += [PartyHit(role, hit) for hit in names.hits(party)]
        for name in names_beside(party):
            found += [PartyHit(role, hit, name) for hit in names.hits(structs.replace(party, name=name))]
    for maker in event.makers()[:MOST_MAKERS]:
        for name in (maker, *parted(maker)):
            found += [PartyHit("seller", hit, name) for hit in names.hits(Party(name=name))]
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
    """The greatest answer of each window over the entities asked: one person has more than one key, under all
    of which a parcel is counted, and sums under two keys are mostly of the same parcels."""
    greatest = dict(_NOTHING)
    for contribution, numbers in zip(question.lookup.contributions, answer.windows, strict=True):
        if contribution.asked and numbers > greatest[contribution.window]:
            greatest[contribution.window] = numbers
    return WindowTotals(*chain.from_iterable(greatest.values()))


# In the order of the fields of ``WindowTotals``: those of windows that answer two numbers stand together.
_NOTHING: Mapping[WindowName, tuple[int, ...]] = {
    "person_day": (0, 0),
    "address_names": (0, 0),
    "contact_parties": (0,),
    "person_press_parts": (0,),
    "pair_values": (0, 0),
    "account_names": (0,),
    "person_positive_exams": (0,),
    "person_gifts": (0, 0),
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
