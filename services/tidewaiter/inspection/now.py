"""How screening goes now, from the workers' own pages: two looks at each become one reading."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from tidewaiter.inspection.reading import Latency, Listed, Reading, Tally, Waiting, Worker
from tidewaiter.telemetry import catalogue
from tidewaiter.telemetry.catalogue import Metric
from tidewaiter.telemetry.scrape import Scrape, increases, quantile

# Of a decision, from the broker's time on; a bound of the latency's buckets.
OBJECTIVE_SECONDS = 1.0


class Look(Struct, frozen=True):
    """An address, looked at twice: ``before`` is None on first sight, ``after`` when it answers no more."""

    address: str
    before: Scrape | None
    after: Scrape | None

    @property
    def is_worker(self) -> bool:
        """Whether it is one, or cannot be told from one: nobody has ever answered."""
        seen = self.after or self.before
        return seen is None or seen.value(catalogue.READY.name) is not None

    @property
    def seconds(self) -> float:
        """Between the looks; 0 where there are not two."""
        return self.after.at - self.before.at if self.before and self.after else 0.0


def reading(looks: Sequence[Look]) -> Reading:
    """What these looks say together."""
    workers = [look for look in looks if look.is_worker]
    pages = [look.after for look in workers if look.after]
    pairs = [_Pair(look.before, look.after) for look in workers if look.before and look.after]
    return Reading(
        seconds=max((look.seconds for look in looks), default=0.0),
        workers=tuple(map(_worker, workers)),
        events_per_second=_rate(pairs, catalogue.BATCH_RECORDS.name + "_sum"),
        decisions_per_second=_rates(pairs, catalogue.DECISIONS.name, "outcome"),
        latency=dict(_latencies(pairs)),
        within_objective=_within_objective(pairs),
        lag=_lag(pages),
        unread=dict(_unread(look.after for look in looks if look.after)),
        lists=_lists(pages),
        generations=tuple(sorted({int(value) for value in _values(pages, catalogue.LIST_GENERATION)})),
        rulesets=tuple(sorted({one["ruleset"] for one, _ in _series(pages, catalogue.RULESET)})),
        holds=_tallies(pages, pairs, catalogue.HOLDS, "code"),
        dead_letters=_tallies(pages, pairs, catalogue.DEAD_LETTERS, "stage"),
        silent=tuple(look.address for look in looks if not (look.is_worker or look.after)),
        blind=tuple(look.address for look in looks if look.after and _is_blind(look.after)),
    )


class _Pair(Struct, frozen=True):
    before: Scrape
    after: Scrape

    @property
    def seconds(self) -> float:
        return self.after.at - self.before.at


def _worker(look: Look) -> Worker:
    page = look.after
    if page is None:
        return Worker(look.address, "down")
    breakers = [labels["state"] for labels, value in page.labelled(catalogue.REDIS_BREAKER.name) if value]
    pairs = [_Pair(look.before, page)] if look.before else []
    return Worker(
        address=look.address,
        state=_state(page),
        decisions_per_second=_rate(pairs, catalogue.DECISIONS.name),
        partitions=_whole(page, catalogue.PARTITIONS),
        stopped_partitions=_whole(page, catalogue.STOPPED_PARTITIONS),
        breaker=", ".join(breakers),
        generation=_whole(page, catalogue.LIST_GENERATION),
        brokers_down=int(max((n for _, n in page.labelled(catalogue.KAFKA_BROKERS_DOWN.name)), default=0)),
    )


def _is_blind(page: Scrape) -> bool:
    return page.value(catalogue.LAG_IS_KNOWN.name) == 0


def _state(page: Scrape) -> str:
    if not page.value(catalogue.READY.name):
        return "not ready"
    return "degraded" if page.value(catalogue.DEGRADED.name) else "ready"


def _whole(page: Scrape, metric: Metric) -> int:
    return int(page.value(metric.name) or 0)


def _values(pages: Iterable[Scrape], metric: Metric) -> Iterator[float]:
    return (value for page in pages if (value := page.value(metric.name)) is not None)


def _series(pages: Iterable[Scrape], metric: Metric) -> Iterator[tuple[dict[str, str], float]]:
    return (one for page in pages for one in page.labelled(metric.name))


def _rates(pairs: Sequence[_Pair], name: str, *by: str) -> dict[str, float]:
    """By the second, each worker over the time between its own looks."""
    rates: dict[str, float] = {}
    for pair in pairs:
        for key, count in increases(pair.before, pair.after, name, *by).items():
            label = "|".join(key)
            rates[label] = rates.get(label, 0.0) + count / pair.seconds
    return rates


def _rate(pairs: Sequence[_Pair], name: str) -> float | None:
    return sum(_rates(pairs, name).values()) if pairs else None


def _buckets(pairs: Sequence[_Pair], since: str) -> dict[float, float]:
    """Observations between the looks, under each bound."""
    found: dict[float, float] = {}
    for pair in pairs:
        name = catalogue.LATENCY.name + "_bucket"
        for (said, bound), count in increases(pair.before, pair.after, name, "since", "le").items():
            if said == since:
                found[float(bound)] = found.get(float(bound), 0.0) + count
    return found


def _latencies(pairs: Sequence[_Pair]) -> Iterator[tuple[str, Latency]]:
    for since in ("event", "broker"):
        buckets = _buckets(pairs, since)
        p50, p99 = quantile(buckets, 0.5), quantile(buckets, 0.99)
        if p50 is not None and p99 is not None:
            yield since, Latency(p50, p99)


def _within_objective(pairs: Sequence[_Pair]) -> float | None:
    buckets = _buckets(pairs, "broker")
    total = max(buckets.values(), default=0.0)
    return buckets.get(OBJECTIVE_SECONDS, 0.0) / total if total else None


def _lag(pages: Sequence[Scrape]) -> Waiting:
    seconds = [value for _, value in _series(pages, catalogue.LAG_SECONDS)]
    records = sum(value for _, value in _series(pages, catalogue.LAG_RECORDS))
    return Waiting(int(records), max(seconds, default=None))


def _unread(pages: Iterable[Scrape]) -> Iterator[tuple[str, Waiting]]:
    """By reader. A page that has lost Kafka has no such series, and says nothing."""
    pages = tuple(pages)
    records: Counter[str] = Counter()
    for labels, value in _series(pages, catalogue.LAG_UNREAD_RECORDS):
        records[labels["reader"]] += int(value)
    seconds: dict[str, float] = {}
    for labels, value in _series(pages, catalogue.LAG_UNREAD_SECONDS):
        seconds[labels["reader"]] = max(value, seconds.get(labels["reader"], 0.0))
    members = {labels["reader"]: int(value) for labels, value in _series(pages, catalogue.LAG_MEMBERS)}
    for reader in sorted(records.keys() | members.keys()):
        yield reader, Waiting(records[reader], seconds.get(reader), members.get(reader))


def _lists(pages: Sequence[Scrape]) -> dict[str, Listed]:
    ages: dict[str, float] = {}
    for labels, value in _series(pages, catalogue.LIST_AGE):
        ages[labels["list"]] = max(value, ages.get(labels["list"], value))
    entries = {labels["list"]: int(value) for labels, value in _series(pages, catalogue.LIST_ENTRIES)}
    return {name: Listed(age, entries.get(name, 0)) for name, age in sorted(ages.items())}


def _tallies(pages: Sequence[Scrape], pairs: Sequence[_Pair], metric: Metric, label: str) -> dict[str, Tally]:
    """The most frequent first."""
    totals: Counter[str] = Counter()
    for labels, value in _series(pages, metric):
        totals[labels[label]] += int(value)
    rates = _rates(pairs, metric.name, label)
    return {
        name: Tally(rates.get(name, 0.0) * 60 if pairs else None, total)
        for name, total in totals.most_common()
        if total
    }
