"""The windows of `domain.window` counted in memory, one contribution at a time, as the store counts them."""

from collections import defaultdict
from collections.abc import Mapping

from msgspec import Struct

from tidewaiter.domain.lookup import Contribution, Lookup, Standing
from tidewaiter.domain.window import WINDOW_NUMBERS, WINDOWS

# What the stores cut amounts, sequences and digests to: the answers have to be the same there, too.
CENTS_MOST = 10**12
SEQ_MOST = 2**53
DIGEST_SIGNS = 16

Answers = tuple[tuple[int, ...], ...]
_Entity = tuple[str, str]


class _Totals:
    """Cents and parcels of an entity by day."""

    __slots__ = ("_days",)

    def __init__(self) -> None:
        self._days: dict[int, tuple[int, int]] = {}

    def add(self, day: int, amount: int, sign: int) -> None:
        cents, parcels = self._days.get(day, (0, 0))
        self._days[day] = cents + sign * amount, parcels + sign

    def answer(self, day: int, spans: tuple[int, ...]) -> tuple[int, ...]:
        """Cents and parcels of the days up to ``day``."""
        found = [self._days.get(one, (0, 0)) for one in range(day - spans[0] + 1, day + 1)]
        return sum(cents for cents, _ in found), sum(parcels for _, parcels in found)


class _Distinct:
    """The members of an entity with the days on which each was seen, and how many have which latest day.

    The second makes a question as cheap for a mail center with 100,000 names as for anybody.
    """

    __slots__ = ("_days", "_latest")

    def __init__(self) -> None:
        self._days: dict[str | tuple[str], dict[int, int]] = {}
        self._latest: defaultdict[int, int] = defaultdict(int)

    def change(self, member: str | tuple[str], day: int, sign: int) -> None:
        days = self._days.setdefault(member, {})
        before = max(days, default=None)
        days[day] = days.get(day, 0) + sign
        if not days[day]:
            del days[day]
        self._moved(before, max(days, default=None))
        if not days:
            del self._days[member]

    def answer(self, day: int, spans: tuple[int, ...]) -> tuple[int, ...]:
        """How many members were seen later than each span before ``day``."""
        return tuple(sum(n for last, n in self._latest.items() if last > day - span) for span in spans)

    def _moved(self, before: int | None, after: int | None) -> None:
        if before == after:
            return
        if before is not None:
            self._latest[before] -= 1
        if after is not None:
            self._latest[after] += 1


class _Counted(Struct, gc=False):
    """What a parcel contributes now, and what its last event was answered."""

    version: tuple[int, str]
    contributions: tuple[Contribution, ...]
    answers: Answers


class Windows:
    """All windows of a replay. ``answered`` has the contract of ``EvidenceSource.gather`` for one lookup."""

    def __init__(self) -> None:
        self._totals: defaultdict[_Entity, _Totals] = defaultdict(_Totals)
        self._distinct: defaultdict[_Entity, _Distinct] = defaultdict(_Distinct)
        self._parcels: dict[str, _Counted] = {}

    def answered(self, lookup: Lookup) -> tuple[Standing, Answers]:
        """Count one event and say what the windows hold then. Idempotent by parcel, sequence and digest."""
        if lookup.effect == "look":
            return "new", self._answers(lookup)
        version = min(lookup.seq, SEQ_MOST), lookup.digest[:DIGEST_SIGNS]
        known = self._parcels.get(lookup.parcel)
        if known is not None and known.version >= version:
            if known.version > version:
                return "late", self._answers(lookup)
            is_same = len(known.answers) == len(lookup.contributions)
            return "repeat", known.answers if is_same else self._answers(lookup)
        self._replace(lookup, known)
        answers = self._answers(lookup)
        self._parcels[lookup.parcel] = _Counted(version, _counted(lookup), answers)
        return "new", answers

    def _replace(self, lookup: Lookup, known: _Counted | None) -> None:
        for one in known.contributions if known else ():
            self._count(lookup.parcel, one, -1)
        for one in _counted(lookup):
            self._count(lookup.parcel, one, 1)

    def _count(self, parcel: str, one: Contribution, sign: int) -> None:
        entity = (one.window, one.entity)
        if _MEASURES[one.window] == "totals":
            self._totals[entity].add(one.day, min(one.amount, CENTS_MOST), sign)
        else:
            self._distinct[entity].change(one.member or (parcel,), one.day, sign)

    def _answers(self, lookup: Lookup) -> Answers:
        return tuple(map(self._answer, lookup.contributions))

    def _answer(self, one: Contribution) -> tuple[int, ...]:
        window, entity = WINDOWS[WINDOW_NUMBERS[one.window]], (one.window, one.entity)
        found: _Totals | _Distinct | None = (
            self._totals.get(entity) if window.measure == "totals" else self._distinct.get(entity)
        )
        if found is None:
            return (0, 0) if window.measure == "totals" else (0,) * len(window.spans)
        return found.answer(one.day, window.spans)


_MEASURES: Mapping[str, str] = {window.name: window.measure for window in WINDOWS}


def _counted(lookup: Lookup) -> tuple[Contribution, ...]:
    """What an event makes its parcel contribute: of several an entity and window, the last."""
    if lookup.effect != "count":
        return ()
    return tuple({(one.window, one.entity): one for one in lookup.contributions if one.counted}.values())
