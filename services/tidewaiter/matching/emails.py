"""E-mail addresses in the form under which one mailbox is always the same text."""

import re
from functools import lru_cache
from typing import Final

from tidewaiter.matching.text import visible

_SHAPE: Final = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,190}\.[^\s@<>,;.]{2,63}")
_APART: Final = re.compile(r"[\s,;/|、]+")
# Google ignores dots in the local part, for both of its domains.
_DOTLESS: Final = frozenset({"gmail.com", "googlemail.com"})
_ONE_SERVICE: Final = {"googlemail.com": "gmail.com"}


@lru_cache(maxsize=8_192)
def normalised(email: str) -> str:
    """``email`` in lower case without display name, plus tag and dots that do not count; "" if it is none.

    "Li Wei <Li.Wei+shop@GoogleMail.com>" → "liwei@gmail.com". Cyrillic or accented domains become IDNA.
    """
    if len(email) > 320:
        return ""
    text = visible(email).rpartition("<")[2].strip(" >.\t\r\n").lower().removeprefix("mailto:")
    if not _SHAPE.fullmatch(text):
        return ""
    local, _, domain = text.rpartition("@")
    local = local.partition("+")[0] or local
    domain = domain.rstrip(".") if domain.isascii() else _idna(domain)
    if domain in _DOTLESS:
        local = local.replace(".", "")
    return f"{local}@{_ONE_SERVICE.get(domain, domain)}" if local and domain else ""


def all_in(text: str) -> tuple[str, ...]:
    """The mailboxes that a field names, each once: nearly always one, but carriers write two into one."""
    text = visible(text)
    if text.count("@") < 2:
        whole = normalised(text)
        return (whole,) if whole else ()
    return tuple(dict.fromkeys(filter(None, map(normalised, _APART.split(text)))))


def _idna(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
