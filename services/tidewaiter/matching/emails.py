"""E-mail addresses in the form under which one mailbox is always the same text."""

import re
from functools import lru_cache
from typing import Final

from tidewaiter.matching.text import MAX_CHARACTERS, visible

_OUTSIDE: Final = r"\s@<>,;:()\[\]{}\"\\、"
_SHAPE: Final = re.compile(
    rf"[^{_OUTSIDE}]{{1,64}}@[^{_OUTSIDE}'/?|]{{1,190}}[.。][^{_OUTSIDE}'/?|.。]{{2,63}}"
)
_APART: Final = re.compile(rf"[{_OUTSIDE.replace('@', '')}/?|]+")
_AROUND: Final = " '`*.。!-@\t\r\n"
# Blanks around the sign, or the word for it: both are how people keep a mailbox from being collected.
_SPACED_SIGN: Final = re.compile(
    r" {1,3}@ {0,3}|@ {1,3}| {0,3}[(\[{] {0,2}at {0,2}[)\]}] {0,3}", re.IGNORECASE
)
_LABEL: Final = re.compile(r"^[\u3400-\u9fff]+(?=[!-~]+$)")
# As many as the 254 signs of a message's field have room for: of four a listed fifth would go free.
_MOST_MAILBOXES: Final = 40
# Domains of one service, under which a name is one and the same mailbox.
_ONE_SERVICE: Final = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
    **dict.fromkeys(("yandex.com", "yandex.by", "yandex.kz", "yandex.ua", "ya.ru"), "yandex.ru"),
}
# Google ignores dots in the local part, Proton dots, hyphens and underscores; to Yandex a hyphen is a dot.
_SAME_SIGNS: Final[dict[str, dict[int, int | None]]] = {
    "gmail.com": {ord("."): None},
    "proton.me": dict.fromkeys(map(ord, ".-_")),
    "yandex.ru": {ord("-"): ord(".")},
}


@lru_cache(maxsize=8_192)
def normalised(email: str) -> str:
    """``email`` in lower case without display name, plus tag and signs that do not count; "" if it is none.

    "Li Wei <Li.Wei+shop@GoogleMail.com>" → "liwei@gmail.com". Cyrillic or accented domains become IDNA. Of a
    field that names several it is the first.
    """
    found = all_in(email)
    return found[0] if found else ""


def all_in(text: str) -> tuple[str, ...]:
    """The mailboxes that a field names, each once: nearly always one, but carriers write two into one, and
    words or brackets around it."""
    text = visible(text)[:MAX_CHARACTERS]
    if whole := _mailbox(text):
        return (whole,)
    if "@" not in text and "at" not in text.lower():
        return ()
    parts = _APART.split(text)
    if (joined := _SPACED_SIGN.sub("@", text)) != text:
        parts = [*_APART.split(joined), *parts]
    mailboxes = [part for part in parts if "@" in part]
    return tuple(dict.fromkeys(filter(None, map(_mailbox, mailboxes[:_MOST_MAILBOXES]))))


@lru_cache(maxsize=8_192)
def _mailbox(text: str) -> str:
    text = text.strip(_AROUND).lower()
    if not _SHAPE.fullmatch(text):
        return ""
    local, _, domain = text.rpartition("@")
    local = _LABEL.sub("", local.partition("+")[0] or local)
    domain = domain if domain.isascii() else _idna(domain)
    domain = _ONE_SERVICE.get(domain, domain)
    if domain in _SAME_SIGNS:
        local = local.translate(_SAME_SIGNS[domain])
    return f"{local}@{domain}" if local and domain else ""


def _idna(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
