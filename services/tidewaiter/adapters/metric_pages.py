"""The /metrics pages of services, fetched side by side; one that does not answer in time is None."""

import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException

from tidewaiter.telemetry.scrape import Scrape, parsed

# A worker's page has some 60 kB; whatever is larger is none.
_MOST_BYTES = 8 * 1024 * 1024
_AT_ONCE = 16
_TIMEOUT_SECONDS = 2.0


def metric_pages(addresses: Iterable[str]) -> dict[str, Scrape | None]:
    """The page of each HOST:PORT now, without any proxy. Blocks up to the timeout for each 16 of them.

    None for an address that does not answer, or not with metrics.
    """
    asked = tuple(addresses)
    with ThreadPoolExecutor(_AT_ONCE, "metrics") as threads:
        return dict(zip(asked, threads.map(_page, asked), strict=True))


def _page(address: str) -> Scrape | None:
    host, _, port = address.rpartition(":")
    connection = HTTPConnection(host.strip("[]"), int(port), timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        body = answer.read(_MOST_BYTES)
        return parsed(body.decode(), time.monotonic()) if answer.status == 200 else None
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
