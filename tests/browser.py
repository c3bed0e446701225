"""Chromium as a reader of our pages uses it, but without a window on a screen."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

_NAMES = ("chromium", "chromium-browser", "google-chrome")
# It shall ask nobody for anything: neither for updates nor for its maker's lists.
_QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def has_browser() -> bool:
    """Whether Chromium and its driver are installed."""
    return _program() is not None and shutil.which("chromedriver") is not None


@contextmanager
def browser(profile: Path) -> Iterator[Chrome]:
    """A browser with the empty ``profile``, which keeps what pages write to its console."""
    options = ChromeOptions()
    options.binary_location = _program() or ""
    for argument in (*_QUIET, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def logged(driver: Chrome, kind: str) -> list[dict[str, Any]]:
    """What was logged since the last call: what its console shows, or (``performance``) what it did."""
    found: list[dict[str, Any]] = driver.get_log(kind)  # type: ignore[no-untyped-call]
    return found


def _program() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)
