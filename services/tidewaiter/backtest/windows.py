"""The windows of `domain.window` counted in memory, one contribution at a time, as the store counts them."""

from collections import defaultdict
from collections.abc import Container, Iterable

from msgspec import Struct

from tidewaiter.domain.lookup import Contribution, Lookup, Standing
from tidewaiter.domain.window import WINDOWS, Window
from tidewaiter.screener.questions import EXAM

# What the stores cut amounts, sequences and digests to: the answers have to be the same there, too.
CENTS_MOST = 10**12
SEQ_MOST = 2**53
DIGEST_SIGNS = 16

Answers = tuple[tuple[int, ...], ...]
_Member = str | tuple[str]
_Once = tuple[_Member, int, int]
"""What an entity holds that one parcel contributed to, as most have: the member, the day, the cents."""


class _Totals:
    """Cents and parcels of an entity by day."""

    __slots__ = ("_days",)

    def __init__(self) -> None:
        self._days: dict[int, tuple[int, int]] = {}

    def change(self, _: _Member, day: int, amount: int, sign: int) -> None:
        """Add what a parcel contributes, or with the sign -1 take it back."""
        cents, parcels = self._days.get(day, (0, 0))
        self._days[day] = cents + sign * amount, parcels + sign

    def answer(self, day: int, spans: tuple[int, ...]) -> tuple[int, ...]:
        """Cents and parcels of the days nearer to ``day`` than the span."""
        known, span = self._days, spans[0]
        found = [known[one] for one in range(day - span + 1, day + span) if one in known]
        if len(found) == 1:
            return found[0]
        return sum([cents for cents, _ in found]), sum([parcels for _, parcels in found])


class _Distinct:
    """The members of an entity with the days on which each was seen, and how many have which latest day.

    The second makes a question as cheap for a mail center with 100,000 names as for anybody.
    """

    __slots__ = ("_days", "_latest")

    def __init__(self) -> None:
        self._days: dict[_Member, dict[int, int]] = {}
        self._latest: defaultdict[int, int] = defaultdict(int)

    def change(self, member: _Member, day: int, _: int, sign: int) -> None:
        """Add a day on which a member was seen, or with the sign -1 take it back."""
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
        latest = self._latest.items()
        return tuple([sum([n for last, n in latest if last > day - span]) for span in spans])

    def _moved(self, before: int | None, after: int | None) -> None:
        if before is not None:
            self._latest[before] -= 1
        if after is not None:
            self._latest[after] += 1


class _OneWindow:
    """All entities of one window."""

    def __init__(self, window: Window) -> None:
        self._spans = window.spans
        self._is_totals = window.measure == "totals"
        self._nothing = (0, 0) if self._is_totals else (0,) * len(window.spans)
        self._entities: dict[str, _Once | _Totals | _Distinct] = {}

    def change(self, entity: str, once: _Once, sign: int) -> None:
        """Add what a parcel contributes, or with the sign -1 take it back."""
        known = self._entities.get(entity)
        if known is None:
            self._entities[entity] = once
        elif sign < 0 and known == once:
            del self._entities[entity]
        else:
            self._counter(entity, known).change(*once, sign)

    def answer(self, entity: str, day: int) -> tuple[int, ...]:
        """What the window holds of an entity at a day; see ``Window``."""
        known = self._entities.get(entity)
        if known is None:
            return self._nothing
        if not isinstance(known, tuple):
            return known.answer(day, self._spans)
        _, seen, cents = known
        if self._is_totals:
            return (cents, 1) if abs(seen - day) < self._spans[0] else self._nothing
        return tuple([1 if seen > day - span else 0 for span in self._spans])

    def _counter(self, entity: str, known: _Once | _Totals | _Distinct) -> _Totals | _Distinct:
        if not isinstance(known, tuple):
            return known
        counter = _Totals() if self._is_totals else _Distinct()
        counter.change(*known, 1)
        self._entities[entity] = counter
        return counter


class _Counted(Struct, gc=False):
    """What a parcel contributes now, and what its last event was answered."""

    version: tuple[int, str]
    contributions: tuple[Contribution, ...]
    answers: Answers


class Windows:
    """All windows of a replay. ``answered`` has the contract of ``EvidenceSource.gather`` for one lookup.

    ``again`` holds the parcels that may come again, None for any: of the others only their counts are kept.
    """

    def __init__(self, again: Container[str] | None = None) -> None:
        self._windows = {window.name: _OneWindow(window) for window in WINDOWS}
        self._parcels: dict[str, _Counted] = {}
        self._again = again

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
        counted = _counted(lookup)
        self._replace(lookup.parcel, known.contributions if known else (), counted)
        answers = self._answers(lookup)
        if self._again is None or lookup.parcel.removesuffix(EXAM) in self._again:
            self._parcels[lookup.parcel] = _Counted(version, counted, answers)
        return "new", answers

    def _replace(self, parcel: str, old: Iterable[Contribution], new: Iterable[Contribution]) -> None:
        windows, itself = self._windows, (parcel,)
        for one in old:
            once = one.member or itself, one.day, min(one.amount, CENTS_MOST)
            windows[one.window].change(one.entity, once, -1)
        for one in new:
            once = one.member or itself, one.day, min(one.amount, CENTS_MOST)
            windows[one.window].change(one.entity, once, 1)

    def _answers(self, lookup: Lookup) -> Answers:
        return tuple([self._windows[one.window].answer(one.entity, one.day) for one in lookup.contributions])


def _counted(lookup: Lookup) -> tuple[Contribution, ...]:
    """What an event makes its parcel contribute: of several an entity and window, the last."""
    if lookup.effect != "count":
        return ()
    last = {(one.window, one.entity): one for one in lookup.contributions if one.counted}
    return tuple(last.values())
