"""The page of metrics is current, and what the catalogue promises is set by somebody."""

import re
from pathlib import Path

import pytest

from tidewaiter.telemetry.catalogue import CATALOGUE
from tidewaiter.telemetry.metrics import LagMetrics, Metrics
from tidewaiter.telemetry.page import page

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "services/tidewaiter"
SOURCES = "\n".join(
    path.read_text() for path in PACKAGE.rglob("*.py") if path != PACKAGE / "telemetry/metrics.py"
)
PAGES = (Metrics(), LagMetrics())
ATTRIBUTES = sorted({name for page in PAGES for name in vars(page)} - {"registry"})


def test_the_page_is_made_from_the_catalogue_of_now() -> None:
    assert (ROOT / "docs/metrics.md").read_text() == page()


def test_the_page_has_every_metric_in_a_line() -> None:
    assert re.findall(r"^\| `(\w+)`", page(), re.MULTILINE) == [metric.name for metric in CATALOGUE]


@pytest.mark.parametrize("attribute", ATTRIBUTES)
def test_every_metric_is_set_somewhere(attribute: str) -> None:
    uses = rf"metrics\.{attribute}\s*\.(?:labels\([^\n]*\)\s*\.)?(?:inc|set|observe)\("
    handed = rf"= (?:self\.)?_?metrics\.{attribute}\.labels\("
    assert re.search(f"{uses}|{handed}", SOURCES), f"nobody sets {attribute}"
