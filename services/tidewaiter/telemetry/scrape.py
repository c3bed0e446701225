"""A page of metrics read back, and what two readings of it say: increases over restarts, and quantiles."""

from collections.abc import Iterator, Mapping

from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families

Labels = frozenset[tuple[str, str]]
Buckets = Mapping[float, float]


class Scrape(Struct, frozen=True):
    """One page as it was ``at`` some second of a clock that never goes back."""

    at: float
    samples: dict[str, dict[Labels, float]]

    def value(self, name: str) -> float | None:
        """The value of a metric without labels; None when the page has none of that name."""
        return self.samples.get(name, {}).get(frozenset())

    def labelled(self, name: str) -> Iterator[tuple[dict[str, str], float]]:
        """Each series of a name with its labels."""
        for labels, value in self.samples.get(name, {}).items():
            yield dict(labels), value


def parsed(text: str, at: float) -> Scrape:
    """A page in Prometheus' text format. Raises ValueError for what is none."""
    samples: dict[str, dict[Labels, float]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            samples.setdefault(sample.name, {})[frozenset(sample.labels.items())] = float(sample.value)
    return Scrape(at, samples)


def increases(before: Scrape, after: Scrape, name: str, *by: str) -> dict[tuple[str, ...], float]:
    """By how much a counter's series grew, summed by these labels.

    A series that shrank was begun anew by a restart and has grown by what it shows; so has one that is new.
    """
    grown: dict[tuple[str, ...], float] = {}
    known = before.samples.get(name, {})
    for labels, value in after.samples.get(name, {}).items():
        earlier, named = known.get(labels, 0.0), dict(labels)
        key = tuple(named.get(label, "") for label in by)
        grown[key] = grown.get(key, 0.0) + (value - earlier if value >= earlier else value)
    return grown


def quantile(buckets: Buckets, share: float) -> float | None:
    """The value that ``share`` of the observations do not exceed, as `histogram_quantile` estimates it.

    ``buckets`` maps upper bounds (the last is infinite) to how many observations lie under each. Within a
    bucket observations are taken to be spread evenly; in the last one only its lower bound is known. None
    without observations.
    """
    bounds = sorted(buckets)
    if not bounds or not buckets[bounds[-1]]:
        return None
    rank = share * buckets[bounds[-1]]
    lower, below = 0.0, 0.0
    for bound in bounds[:-1]:
        if buckets[bound] >= rank:
            return lower + (bound - lower) * (rank - below) / (buckets[bound] - below)
        lower, below = bound, buckets[bound]
    return lower
