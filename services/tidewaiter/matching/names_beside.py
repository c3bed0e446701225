"""Who else stands behind a party than its name says: the names that it is made of, its account's holder, and
in whose care it is."""

import re
from typing import Final

from tidewaiter.domain.party import Party
from tidewaiter.matching.names_parted import parted
from tidewaiter.matching.text import visible

# Behind a name, or anywhere in a line of the address; a name that begins so is that person's own.
_CARE_OF: Final = re.compile(r"(?<=\w)\W+(?:c/o|attn|attention)\b\W*(\w.*)", re.IGNORECASE)
_LINE_IN_CARE: Final = re.compile(r"(?<!\w)(?:c/o|attn|attention)\b\W*(\w.*)", re.IGNORECASE)
_SIGNS: Final = ("c/o", "att")


def names_beside(party: Party) -> tuple[str, ...]:
    """Each further name once, as it is written; nearly every party has none."""
    found = list(parted(party.name))
    if party.account and party.account.holder:
        found += (party.account.holder, *parted(party.account.holder))
    if _may_name_another("\n".join((party.name, *party.addr_lines))):
        found += _CARE_OF.findall(visible(party.name))
        for line in party.addr_lines:
            found += _LINE_IN_CARE.findall(visible(line))
    return tuple(dict.fromkeys(name for name in found if name != party.name)) if found else ()


def _may_name_another(text: str) -> bool:
    """A cheap look first."""
    plain = (text if text.isascii() else visible(text)).lower()
    return any(sign in plain for sign in _SIGNS)
