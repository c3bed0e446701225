"""Who may be one person to the windows, however the name is spelt: keys that find more than the exact ones.

For counting alone: one person too many is at worst a parcel held, which better data free. What frees
somebody (exceptions) goes by ``identity.ExactKey``; the two are types of their own. Whom they take for one,
``linkage`` does, too (measured in tests/unit/matching/test_linkage.py), and it finds more: it compares all
that two records have, while windows keep tokens, in which there is nothing to compare.
"""

from functools import lru_cache
from typing import Final, NewType

from msgspec import Struct

from tidewaiter.matching.addresses import ParsedAddress
from tidewaiter.matching.given_names import given_name, is_given_only, is_shared, mended_given_name
from tidewaiter.matching.identity import UNTOLD, Identity
from tidewaiter.matching.names_sound import frame, sound
from tidewaiter.matching.names_vocabulary import roles
from tidewaiter.matching.names_words import name_of
from tidewaiter.matching.text import words

AlikeKey = NewType("AlikeKey", str)
"""Begins with "~", as no exact key does: a parcel counts under each of its keys once."""
_sound = lru_cache(maxsize=65_536)(sound)  # words of names repeat as Zipf says
_SMALL: Final = frozenset({"particle", "kinship", "title"})


class AlikeName(Struct, frozen=True, gc=False):
    """``text`` is the same for one person's spellings of the name, "" where there is an initial for the given
    name. ``initials`` is that initial with the family, which the name in full has, too.
    """

    text: str
    initials: str


class Alike(Struct, frozen=True, gc=False):
    """Keys of a party for windows. ``keys`` are those of one person, ``initials`` what a person is found by
    whose given name is an initial: counted for everybody, and asked for by those alone (``has_initial``).
    """

    keys: tuple[AlikeKey, ...] = ()
    initials: AlikeKey | None = None
    has_initial: bool = False


def alike_name(name: str) -> AlikeName | None:
    """None for a firm, and for a name of one word.

    A known given name is taken in one spelling, together with the first letter of the family: "Bob Meyer",
    "MEIER, ROBERT J." and "Robret Meyre" are "robert m". A name without one, or with one that brothers share
    ("Jose Luis Vega"), is the sounds of all its words: "Wang Wei" and "Wang Wen" are two.
    """
    if name_of(name).is_company:
        return None
    found = [word for word in words(_given_first(name)) if word not in UNTOLD]
    told = [word for word in found if len(word) > 1]
    if len(told) > 1:
        return _in_full(told)
    return _with_initial(found, told[0]) if told and len(found) > 1 else None


def _given_first(name: str) -> str:
    """The name with what stands behind a comma in front: "Meyer, Robert"."""
    family, comma, rest = name.partition(",")
    return f"{rest} {family}" if comma else name


def _in_full(told: list[str]) -> AlikeName:
    given, others = _parted(told)
    if not given:
        return AlikeName(_sounds(told), f"{told[0][:1]} {frame(_sound(told[-1]))}")
    families = [word for word in others if not given_name(word) and roles().get(word) not in _SMALL]
    family = families[0] if families else others[-1]
    text = _sounds(told) if is_shared(given) else f"{given} {_sound(family)[:1]}"
    return AlikeName(text, f"{given[:1]} {frame(_sound(family))}")


def _parted(told: list[str]) -> tuple[str, list[str]]:
    """The given name, if one is known, and the others. It stands first, perhaps misspelt, or last of two."""
    first, last = told[0], told[-1]
    if not given_name(first) and len(told) == len((first, last)) and is_given_only(last):
        return given_name(last), [first]
    return given_name(first) or mended_given_name(first), told[1:]


def _sounds(told: list[str]) -> str:
    return " ".join(sorted(given_name(word) or _sound(word) for word in told))


def _with_initial(found: list[str], told: str) -> AlikeName:
    """Of one word and initials: "J. Meyer", "Meyer J", or "Jonathan M."."""
    given = given_name(told)
    if given and found[0] == told:
        return AlikeName(f"{given} {found[1]}", "")
    initial = next(word for word in found if word != told)
    return AlikeName("", f"{initial} {frame(_sound(told))}")


def alike(party_name: str, identity: Identity) -> Alike:
    """The keys of a party that was read as ``identity``: name with door, and name with phone or e-mail."""
    name = alike_name(party_name)
    if name is None:
        return Alike()
    door = alike_door(identity.place)
    contacts = [contact for contact in (door, identity.phone or identity.email) if contact]
    return Alike(
        tuple([AlikeKey(f"~{name.text}|{contact}") for contact in contacts]) if name.text else (),
        AlikeKey(f"~{name.initials}|{door}") if name.initials and door else None,
        not name.text,
    )


def alike_door(place: ParsedAddress) -> str:
    """The box; or house number, first letter of the street, and unit, since among the neighbours in a house
    there are names that are alike. "" where neither is told, and for a mail center's own: it is everybody's.
    """
    where = place.postal or place.city
    is_everybodys = place.is_mail_center and not (place.unit or place.po_box)
    if is_everybodys or not where or not (place.po_box or place.number):
        return ""
    street = "".join(place.street)[:1]
    what = f"box {place.po_box}" if place.po_box else f"{place.number} {street}|{place.unit}"
    return f"{place.country}|{where}|{what}"
