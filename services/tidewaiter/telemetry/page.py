"""The page of all metrics, from the catalogue: ``python -m tidewaiter.telemetry.page > docs/metrics.md``."""

import sys

from tidewaiter.telemetry.catalogue import CATALOGUE, Metric

_HEAD = """# Metrics
Each worker serves these on `/metrics` of its own port (9464 + its slot). Made from the catalogue in
`services/tidewaiter/telemetry/catalogue.py` by `python -m tidewaiter.telemetry.page`.

| metric | kind | labels | meaning | wanted |
|---|---|---|---|---|
"""


def page() -> str:
    """The page in Markdown, a line a metric in the catalogue's order."""
    return _HEAD + "".join(map(_row, CATALOGUE))


def _row(metric: Metric) -> str:
    labels = ", ".join(metric.labels) or "–"
    return f"| `{metric.name}` | {metric.kind} | {labels} | {metric.meaning} | {metric.objective} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
