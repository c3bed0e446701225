"""What goods of a heading are worth and weigh: quantiles over the samples of thirty days."""

from collections.abc import Iterable, Sequence
from typing import Final

from tidewaiter.domain.features import GOODS_DAYS, GOODS_SIGHTINGS_LEAST, GoodsNorm, Quantiles
from tidewaiter.insight.day import Day
from tidewaiter.insight.keys import Entity
from tidewaiter.insight.ledger import Ledger

_CENTS, _GRAMS = 1, 2
_SHARES: Final = (0.01, 0.05, 0.5, 0.95, 0.99)


class Norms:
    """The norms of a ledger's headings; one that has new sightings is found anew when asked for."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._norms: dict[str, GoodsNorm] = {}
        self._outdated: set[str] = set()

    def restore(self) -> None:
        """Find the headings of a ledger that was there before."""
        self._outdated.update(entity.name for entity, _, _ in self._ledger.stored() if entity.kind == "goods")

    def outdate(self, heading: str) -> None:
        """The heading has new sightings."""
        self._outdated.add(heading)

    def begin_day(self) -> None:
        """Another day: old sightings do not count any more."""
        self._outdated.update(self._norms)

    def rows(self) -> dict[str, GoodsNorm]:
        """The norms by heading, of those with enough sightings; a millisecond for each that is outdated."""
        for heading in self._outdated:
            norm = self._found(heading)
            if norm is not None:
                self._norms[heading] = norm
            else:
                self._norms.pop(heading, None)
        self._outdated.clear()
        return dict(self._norms)

    def _found(self, heading: str) -> GoodsNorm | None:
        days = list(self._ledger.days(Entity("goods", heading), self._ledger.today, GOODS_DAYS))
        sightings = sum(day.parcels.count for day in days)
        if sightings < GOODS_SIGHTINGS_LEAST:
            return None
        return GoodsNorm(sightings, _quantiles(days, _CENTS), _quantiles(days, _GRAMS))


def _quantiles(days: Sequence[Day], value: int) -> Quantiles | None:
    """Quantiles of one value over the days, each member for as many parcels as it stands for."""
    weighed = sorted(
        (member[value], day.parcels.weight)
        for day in days
        for member in day.parcels.members.values()
        if member[value]
    )
    if sum(weight for _, weight in weighed) < GOODS_SIGHTINGS_LEAST:
        return None
    return Quantiles(*weighted_quantiles(weighed, _SHARES))


def weighted_quantiles(weighed: Sequence[tuple[float, float]], shares: Iterable[float]) -> tuple[float, ...]:
    """For each share (rising) the least of the values (rising) that so much of the weight does not exceed."""
    total = sum(weight for _, weight in weighed)
    found, reached, at = [], 0.0, -1
    for share in shares:
        while at < 0 or (reached < share * total and at < len(weighed) - 1):
            at += 1
            reached += weighed[at][1]
        found.append(float(weighed[at][0]))
    return tuple(found)
