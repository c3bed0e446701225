"""Values of facts as text for an officer, with what could identify a person masked."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct, structs

from tidewaiter.domain.evidence import IdentifierHit, PartyHit
from tidewaiter.domain.party import Party
from tidewaiter.rules.cel.unknown import UNKNOWN

_MAX_CHARACTERS: Final = 300
_PERSONAL: Final = frozenset(("shipper.name", "consignee.name", "shipper.ip"))
_MASK: Final = "***"


def shown(name: str, value: object) -> str:
    """The value of a fact as text, cut to 300 characters; of word lists and maps only what is not empty."""
    text = masked(str(value)) if name in _PERSONAL else _text(value)
    return text if len(text) <= _MAX_CHARACTERS else f"{text[: _MAX_CHARACTERS - 1]}…"


def _text(value: object) -> str:
    if value is UNKNOWN:
        return "unavailable"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1 else f"{value:.2f}"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_text(one)}" for key, one in value.items() if one or one == 0)
    if isinstance(value, Struct):
        return _text({name: one for name, one in structs.asdict(value).items() if one})
    if isinstance(value, tuple):
        return ", ".join(map(_text, value))
    return str(value)


def masked(text: str) -> str:
    """Each word cut to its first sign: "Dana Whitfield" becomes "D*** W***"."""
    return " ".join(f"{word[0]}{_MASK}" for word in text.split())


def shown_hit(found: PartyHit, party: Party) -> str:
    """A name hit as one line: who, which entry, how well, by which words of the entry, what speaks for it."""
    hit = found.hit
    alias = f" as {hit.alias!r}" if hit.alias and hit.alias != hit.entry_name else ""
    words = ", ".join(f"{token.entry} {token.relation}" for token in hit.tokens)
    name = masked(found.name or party.name)
    parts = [
        f"{found.role} {name} is {hit.list}/{hit.entry_id} {hit.entry_name!r}{alias}",
        f"score {hit.score:.2f}",
        f"words: {words}" if words else "",
        f"corroborated by {', '.join(hit.corroborated)}" if hit.corroborated else "nothing corroborates it",
        f"contradicted by {', '.join(hit.contradicted)}" if hit.contradicted else "",
        f"programmes {', '.join(hit.programs)}" if hit.programs else "",
    ]
    return "; ".join(part for part in parts if part)


def shown_identifier(found: IdentifierHit) -> str:
    """A listed identifier as one line; the identifier itself is not repeated."""
    programs = f"; programmes {', '.join(found.programs)}" if found.programs else ""
    return (
        f"{found.role} {found.kind} is that of {found.list}/{found.entry_id} {found.entry_name!r}{programs}"
    )
