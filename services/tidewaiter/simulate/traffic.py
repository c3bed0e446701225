"""The stream of parcel events: ordinary traffic with cases planted in it; one seed, the same bytes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from typing import Final

from tidewaiter.domain.watchlist import Entry
from tidewaiter.simulate.chance import Chance
from tidewaiter.simulate.clock import Clock
from tidewaiter.simulate.declaration import Desk, Slot
from tidewaiter.simulate.followup import FOLLOWED, FollowUp, follow_ups
from tidewaiter.simulate.message import Message, message
from tidewaiter.simulate.places import Fields
from tidewaiter.simulate.planted.catalogue import programme
from tidewaiter.simulate.planted.draft import Case, Draft, Scene, Truth
from tidewaiter.simulate.planted.usable import Usable

DEFAULT_START: Final = datetime(2026, 11, 23, 6, tzinfo=UTC)
PLANTED_SHARE: Final = 0.01
# A month of the country's. Planting is planned for all of them before the first comes.
PARCELS_MOST: Final = 100_000_000
# A crowd's parcels come within so many of each other, so that all of them make the same flight.
_CROWD_GAP: Final = 12
_RESEND_AFTER: Final = 40
# Follow-ups come up to this much later than their parcel: only the second matters, to keep times distinct.
_FOLLOW_UP_DELAY: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Traffic:
    """``parcels`` parcels from ``start`` on, with ``planted_share`` of them planted; iterate for messages.

    Deterministic: the same values give the same bytes. ``listed`` are the entries for the watchlist cases;
    without any, those cases are left out. ``also`` are cases beside those of the share, planted once each,
    as far as there is room for all of their parcels. Iterating again begins anew.
    """

    seed: int
    parcels: int
    start: datetime = DEFAULT_START
    planted_share: float = PLANTED_SHARE
    listed: Sequence[Entry] = ()
    also: Sequence[Case] = ()

    def __iter__(self) -> Iterator[Message]:
        return iter(_Stream(self))


class _Stream:
    """One pass over a traffic: what is planned, and what waits for its time."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic
        self._clock = Clock(traffic.start)
        self._desk = Desk(traffic.seed)
        self._chance = Chance(traffic.seed + 1)
        self._scene = Scene(Desk(traffic.seed + 2), Chance(traffic.seed + 3), Usable.of(traffic.listed))
        self._plan = planned(traffic, self._scene)
        self._drafts: dict[int, Draft] = {}
        self._waiting: list[tuple[int, int, int, FollowUp, Truth | None, Fields]] = []
        self._count = 0

    def __iter__(self) -> Iterator[Message]:
        for position in range(self._traffic.parcels):
            if self._waiting and self._waiting[0][0] <= position:
                yield from self._due(position)
            yield self._created(position)
        yield from self._due(None)

    def _created(self, position: int) -> Message:
        slot = self._slot(position)
        if position in self._plan:
            case, positions = self._plan[position]
            drafts = case.make(self._scene, [self._slot(place) for place in positions])
            self._drafts.update(zip(positions, drafts, strict=True))
        draft = self._drafts.pop(position, None)
        if draft is None:
            declaration = self._desk.ordinary(slot)
            if self._chance.random() < FOLLOWED:
                for number, later in enumerate(follow_ups(declaration, self._chance), start=2):
                    self._wait(position, number, later, None, declaration)
            return message(slot.at, "CREATE", 1, declaration)
        if draft.resend:
            later = FollowUp(_RESEND_AFTER, "UPDATE", draft.resend.declaration)
            self._wait(position, 2, later, draft.resend.truth, draft.declaration)
        return message(slot.at, "CREATE", 1, draft.declaration, draft.truth)

    def _slot(self, position: int) -> Slot:
        return Slot(position, self._clock.at(position), self._traffic.seed)

    def _wait(
        self, position: int, seq: int, later: FollowUp, truth: Truth | None, declaration: Fields
    ) -> None:
        parcel = {name: declaration[name] for name in ("source_carrier", "hawb")}
        self._count += 1
        heappush(self._waiting, (position + later.after, self._count, seq, later, truth, parcel))

    def _due(self, position: int | None) -> Iterator[Message]:
        """The follow-ups whose time has come; all that are left when there is no further position."""
        while self._waiting and (position is None or self._waiting[0][0] <= position):
            due, _, seq, later, truth, parcel = heappop(self._waiting)
            at = self._clock.at(due) + _FOLLOW_UP_DELAY
            yield message(at, later.event_type, seq, parcel | later.fields, truth)


def planned(traffic: Traffic, scene: Scene) -> Mapping[int, tuple[Case, Sequence[int]]]:
    """Which case begins at which position, with the positions of all of its parcels."""
    count = min(traffic.parcels, round(traffic.parcels * traffic.planted_share))
    chance = Chance(traffic.seed + 4)
    taken: set[int] = set()
    plan: dict[int, tuple[Case, Sequence[int]]] = {}
    also = _with_room(traffic.also, traffic.parcels - count)
    for case in sorted([*programme(count, scene.listed), *also], key=lambda case: -case.size):
        positions = free_positions(case.size, traffic.parcels, taken, chance)
        taken.update(positions)
        plan[positions[0]] = (case, positions)
    return plan


def _with_room(cases: Iterable[Case], room: int) -> Iterator[Case]:
    """The cases whose parcels have room beside those of the cases before them."""
    for case in cases:
        if case.size <= room:
            room -= case.size
            yield case


def free_positions(size: int, parcels: int, taken: set[int], chance: Chance) -> Sequence[int]:
    """``size`` positions that are not taken, rising, near to each other; round the end if need be."""
    found: list[int] = []
    place = chance.below(parcels)
    while len(found) < size:
        if place not in taken and place not in found:
            found.append(place)
            place += chance.between(0, _CROWD_GAP) if len(found) < size else 0
        place = (place + 1) % parcels
    return sorted(found)
