"""The page of all metrics, from the catalogue: ``python -m tidewaiter.telemetry.page > docs/metrics.md``."""

import sys

from tidewaiter.telemetry.catalogue import CATALOGUE, Metric, Service

_HEAD = """# Metrics
What each service serves on `/metrics` of a port of its own. Made from the catalogue in
`services/tidewaiter/telemetry/catalogue.py` by `python -m tidewaiter.telemetry.page`.
"""
_TITLES: dict[Service, str] = {
    "screener": "Each worker of `tidewaiter screen` (port 9464 + its slot)",
    "lag": "`tidewaiter lag` (port 9463): what readers have not read, seen from outside, dead ones included",
    "insight": "Each worker of `tidewaiter insight` (port 9462)",
}
_TABLE = """
## {title}
| metric | kind | labels | meaning | wanted |
|---|---|---|---|---|
"""


def page() -> str:
    """The page in Markdown, a table a service, a line a metric in the catalogue's order."""
    return _HEAD + "".join(map(_table, _TITLES))


def _table(service: Service) -> str:
    rows = "".join(_row(metric) for metric in CATALOGUE if metric.service == service)
    return _TABLE.format(title=_TITLES[service]) + rows


def _row(metric: Metric) -> str:
    labels = ", ".join(metric.labels) or "–"
    wanted = f"{metric.objective}; not watched: {metric.unused}" if metric.unused else metric.objective
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.meaning} | {wanted} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
