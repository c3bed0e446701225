"""The domain behind a web address: what a list and a shipper's link have in common."""

import re
from functools import lru_cache
from typing import Final

from tidewaiter.matching.text import visible

_HOST: Final = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{1,62}")


@lru_cache(maxsize=16_384)
def domain(url: str) -> str:
    """The host of ``url`` in lower case without "www.", port and path; "" if there is none.

    "HTTPS://www.Example.com:443/a?b" → "example.com". Hosts in other scripts become IDNA.
    """
    if len(url) > 2048:
        return ""
    url = visible(url)
    rest = url.strip().lower().rpartition("://")[2] if "://" in url[:12] else url.strip().lower()
    host = re.split(
        r"[/?#:\s]", rest.rpartition("@")[2] if "@" in rest.partition("/")[0] else rest, maxsplit=1
    )[0]
    host = host.strip(".").removeprefix("www.")
    if not host.isascii():
        host = _idna(host)
    return host if _HOST.fullmatch(host) else ""


def _idna(host: str) -> str:
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
