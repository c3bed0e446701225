"""How much of what was planted was found: decisions held against the truth, which only the labels know."""

from collections.abc import Container, Iterable, Mapping
from typing import Protocol

from msgspec import Struct


class Truth(Protocol):
    """What is true of a planted parcel: the codes that may hold it, and whether one of them must."""

    @property
    def case(self) -> str: ...
    @property
    def expected_codes(self) -> tuple[str, ...]: ...
    @property
    def must_hold(self) -> bool: ...
    @property
    def innocent(self) -> bool: ...
    @property
    def group(self) -> str: ...


class CaseScore(Struct, frozen=True):
    """One planted case: its parcels, what of them was due to be held, what was found, and what was not.

    A crowd of parcels, of which only the last go too far, is due once, and found by any of its members.
    Cases that only have to score are not due: what scored without a hold is not in the stream.
    """

    case: str
    innocent: bool
    parcels: int
    due: int
    found: int
    missed: tuple[str, ...]
    wrongly_held: tuple[str, ...]


class Quality(Struct, frozen=True):
    """All planted cases, and the ordinary parcels that were held all the same.

    Ordinary parcels that their carrier cancelled are counted apart: each of them is held, as it should be.
    """

    cases: tuple[CaseScore, ...]
    ordinary: int
    ordinary_held: int
    cancelled_held: int = 0

    @property
    def due(self) -> int:
        return sum(score.due for score in self.cases)

    @property
    def found(self) -> int:
        return sum(score.found for score in self.cases)


def quality(
    truths: Mapping[str, Truth],
    held: Mapping[str, frozenset[str]],
    parcels: Iterable[str],
    cancelled: Container[str] = (),
) -> Quality:
    """Score every planted parcel. ``held`` maps a parcel's key to all codes that ever held it, ``cancelled``
    has the keys of those that their carrier took back.

    An innocent parcel is wrongly held under any code; a planted one is found under an expected code alone.
    """
    by_case: dict[str, list[str]] = {}
    for key, truth in truths.items():
        by_case.setdefault(truth.case, []).append(key)
    cases = tuple(_score(case, keys, truths, held) for case, keys in sorted(by_case.items()))
    unplanted = [key for key in parcels if key not in truths]
    ordinary = [key for key in unplanted if key not in cancelled]
    all_held, ordinary_held = (sum(1 for key in keys if held.get(key)) for keys in (unplanted, ordinary))
    return Quality(cases, len(ordinary), ordinary_held, all_held - ordinary_held)


def _score(
    case: str, keys: Iterable[str], truths: Mapping[str, Truth], held: Mapping[str, frozenset[str]]
) -> CaseScore:
    units: dict[str, list[str]] = {}
    for key in (keys := list(keys)):
        units.setdefault(truths[key].group or key, []).append(key)
    due = {unit: members for unit, members in units.items() if any(truths[m].must_hold for m in members)}
    missed = [unit for unit, members in due.items() if not _is_found(members, truths, held)]
    wrong = [key for key in keys if truths[key].innocent and held.get(key)]
    innocent = all(truths[key].innocent for key in keys)
    return CaseScore(case, innocent, len(keys), len(due), len(due) - len(missed), tuple(missed), tuple(wrong))


def _is_found(
    members: Iterable[str], truths: Mapping[str, Truth], held: Mapping[str, frozenset[str]]
) -> bool:
    """Whether any member is held under a code of any: the order of arrival decides which goes too far."""
    members = list(members)
    expected = {code for key in members for code in truths[key].expected_codes}
    return any(not held.get(key, frozenset()).isdisjoint(expected) for key in members)
