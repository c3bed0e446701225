"""docs/capacity.md: its plan follows from its measurements, and those are the README's."""

import re
from collections.abc import Mapping
from math import ceil

from tests.contracts.composition import ROOT
from tidewaiter.adapters.kafka_topics import read_topics
from tidewaiter.adapters.redis_evidence import EvidenceSettings
from tidewaiter.resources import topics_file

PAGE = (ROOT / "docs/capacity.md").read_text()
LOADS = (3_000_000, 30_000_000, 300_000_000)
DAYS_KEPT = {topic.name: topic.retention_days for topic in read_topics(topics_file())}
LIVES = (3, 5, 14, 32, 180)
GIB = 2**30


def inputs() -> Mapping[str, float]:
    """Every symbol of the page with its value."""
    measured = re.findall(r"^\| .+ \| `(\w+)` \| ([\d.]+) \|$", PAGE, re.MULTILINE)
    chosen = re.findall(r"`(\w+)` = ([\d.]+)", PAGE)
    return {symbol: float(value) for symbol, value in (*measured, *chosen)}


def planned(parcels: int, kept_days: Mapping[str, int] = DAYS_KEPT) -> Mapping[str, str]:
    """The plan's column for a load, by the formulas of the page."""
    of = inputs()
    at_peak = parcels / 86_400 * of["events"] * of["peak"]
    workers = max(2, ceil(at_peak / (of["rate"] * of["fill"])))
    memory = parcels * lived(of)
    cores = at_peak * of["redis_us"] / 1e6
    of_insight = parcels * of["insight_days"] * of["insight_bytes"]
    kept = {name: of[name.replace("-", "_")] for name in ("parcel-events", "parcel-decisions", "hold-orders")}
    disk = sum(size * kept_days[name] for name, size in kept.items())
    return {
        "events a second at the peak": f"{at_peak:,.0f}",
        "workers": f"{workers}",
        "partitions": f"{12 * ceil(2 * workers / 12)}",
        "memory of the workers": f"{workers * of['worker_mib'] / 1024:,.1f} GiB",
        "workers of insight": f"{ceil(at_peak * of['insight_us'] / 1e6 / of['fill'])}",
        "memory of insight": f"{of_insight / GIB:,.0f} GiB",
        "Redis memory": f"{memory / GIB:,.0f} GiB",
        "Redis processors at the peak": f"{cores:,.2f}",
        "Redis of 64 GiB": f"{max(ceil(memory / GIB / of['redis_gib']), ceil(cores / of['fill']))}",
        "Redis network at the peak": f"{at_peak * (of['redis_in'] + of['redis_out']) / 1e6:,.1f} MB/s",
        "Kafka disk": f"{parcels * of['events'] * disk * of['copies'] / 1e9:,.0f} GB",
        "Kafka network at the peak": f"{at_peak * sum(kept.values()) * of['copies'] / 1e6:,.1f} MB/s",
        "archive in 30 days": f"{parcels * of['events'] * of['archive'] * 30 / 1e9:,.0f} GB",
    }


def lived(of: Mapping[str, float], history_days: int = EvidenceSettings().history_days) -> float:
    """Bytes of Redis that one parcel a day comes to, each share of it kept as long as it lives."""
    shares = {life: of[f"live_{life}"] for life in LIVES}
    lives = {life: history_days if life == EvidenceSettings().history_days else life for life in LIVES}
    return sum(share * lives[life] for life, share in shares.items()) * of["memory"] / sum(shares.values())


def test_the_plan_follows_from_what_was_measured() -> None:
    columns = [planned(parcels) for parcels in LOADS]
    rows = "\n".join(f"| {what} | {' | '.join(column[what] for column in columns)} |" for what in columns[0])
    expected = f"| parcels a day | 3 M | 30 M | 300 M |\n|---|---|---|---|\n{rows}\n\n"
    assert expected in PAGE, f"\n{expected}"


def test_what_one_redis_holds_follows_too() -> None:
    of = inputs()
    thousands = of["redis_gib"] * GIB / lived(of) / 1000
    assert f"holds {round(thousands, -1):.0f} thousand parcels a day" in PAGE
    at_limit = of["fill"] / (of["redis_us"] / 1e6) * 86_400 / of["events"] / of["peak"]
    assert f"from some {round(at_limit / 1e6, -1):.0f} million parcels a day" in PAGE


def test_what_longer_kept_events_would_cost_follows_too() -> None:
    window_days, text = 30, " ".join(PAGE.split())
    longer = planned(LOADS[0], {**DAYS_KEPT, "parcel-events": window_days})
    memory = LOADS[0] * lived(inputs(), window_days + 3) / GIB
    now = planned(LOADS[0])
    less = now["Redis memory"].removesuffix(" GiB")
    assert f"{window_days + 3} days instead of 14: {memory:,.0f} GiB instead of {less}." in text
    assert f"{longer['Kafka disk']} instead of {now['Kafka disk'].removesuffix(' GB')}," in text
    assert f"up to {window_days / DAYS_KEPT['parcel-events']:.1f} times as long" in text


def test_every_symbol_is_explained_and_used() -> None:
    formulas = PAGE.partition("## Planned")[2]
    for symbol in inputs():
        assert f"`{symbol}`" in formulas or symbol in ("parcel_events", "parcel_decisions", "hold_orders"), (
            symbol
        )


def test_the_rate_and_the_memory_are_those_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text().replace(",", "")
    rate = re.search(r"^\| one worker catching up events/s \| (\d+) \|", readme, re.MULTILINE)
    memory = re.search(r"^\| worker memory peak \| (\d+) MiB \|", readme, re.MULTILINE)
    assert rate is not None
    assert memory is not None
    assert (inputs()["rate"], inputs()["worker_mib"]) == (float(rate[1]), float(memory[1]))


def test_what_insight_takes_is_that_of_its_page() -> None:
    page = (ROOT / "docs/insight.md").read_text()
    assert f"| CPU of the worker an event | {inputs()['insight_us']:.0f} µs |" in page
    assert f"with all that is kept beside it | {inputs()['insight_bytes']:.0f} bytes |" in page
    assert f"{2 * GIB / (inputs()['insight_days'] * inputs()['insight_bytes']) / 1000:.0f} thousand" in PAGE
    assert f"60,000 parcels a day | {inputs()['insight_days']:.0f} |" in page


def test_histories_live_as_long_as_the_page_says() -> None:
    settings = EvidenceSettings()
    assert {settings.history_days, settings.inspected_days} <= set(LIVES)
