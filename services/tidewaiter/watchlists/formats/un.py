"""The consolidated list of the United Nations Security Council, an XML file."""

import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tidewaiter.domain.party import Address
from tidewaiter.domain.watchlist import Entry, EntryName, Identifier, NameKind
from tidewaiter.matching import address_line, countries
from tidewaiter.watchlists.formats.facts import contacts_in, identifier, iso_date, years_of
from tidewaiter.watchlists.formats.reading import (
    ListRefused,
    ListText,
    Problem,
    Reading,
    reading_of,
)

_NAME_PARTS: Final = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_BRANCH: Final = re.compile(r"^Branch Office [0-9]+: *")
_LISTED: Final = re.compile(r"(?:^|(?<=[ ;]))[ivx]{1,4}\) *|;")
_CONTACTS: Final = re.compile(r"[,;]? *(?:tele?phone|phone|tel|fax|e-?mail)\b.*", re.IGNORECASE)
_QUALITIES: Final[dict[str, NameKind]] = {"low": "weak_alias", "f.k.a.": "former"}


def is_un(head: str) -> bool:
    """Whether the text begins as XML does."""
    return head.lstrip().startswith(("<?xml", "<CONSOLIDATED_LIST"))


def read_un(text: ListText) -> Reading:
    """The entries, individuals first, under their reference numbers ("CDi.001")."""
    root = _root(text)
    entries, problems, elements = [], [], [*root.iter("INDIVIDUAL"), *root.iter("ENTITY")]
    for place, element in enumerate(elements, start=1):
        entry = _entry(element)
        if entry is None:
            reason = f"record {place} (DATAID {_text(element, 'DATAID')!r}): no name or REFERENCE_NUMBER"
            problems.append(Problem(text.name, 0, reason))
        else:
            entries.append(entry)
    return reading_of(text, "un-sc", entries, len(elements), problems)


def _root(text: ListText) -> Element:
    try:
        root: Element = fromstring(text.text, forbid_dtd=True)
    except ParseError as error:
        line = error.position[0]
        raise ListRefused(
            f"{text.name}: not whole XML at line {line}, expected the UN consolidated list"
        ) from error
    except DefusedXmlException as error:
        raise ListRefused(f"{text.name}: declares entities, expected plain XML") from error
    if root.tag != "CONSOLIDATED_LIST":
        raise ListRefused(f"{text.name}: root element {root.tag[:40]!r}, expected CONSOLIDATED_LIST")
    return root


def _entry(element: Element) -> Entry | None:
    name = " ".join(part for part in (_text(element, tag) for tag in _NAME_PARTS) if part)
    aliases = tuple(dict.fromkeys(_aliases(element)))
    names = (EntryName(name), *aliases) if name else aliases
    number = _text(element, "REFERENCE_NUMBER")
    if not names or not number:
        return None
    nations = [countries.code(_clean(value.text)) for value in element.iterfind("NATIONALITY/VALUE")]
    return Entry(
        list="un-sc",
        entry_id=number,
        kind="person" if element.tag == "INDIVIDUAL" else "organization",
        names=names,
        addresses=tuple(dict.fromkeys(_places(element))),
        identifiers=tuple(dict.fromkeys((*_documents(element), *_contacts(element)))),
        programs=tuple(filter(None, [_text(element, "UN_LIST_TYPE")])),
        birth_dates=tuple(dict.fromkeys(filter(None, _births(element)))),
        countries=tuple(dict.fromkeys(filter(None, nations))),
        remarks=_text(element, "COMMENTS1"),
    )


def _clean(text: str | None) -> str:
    return " ".join((text or "").split())


def _text(element: Element, tag: str) -> str:
    return _clean(element.findtext(tag))


def _aliases(element: Element) -> Iterator[EntryName]:
    script = _text(element, "NAME_ORIGINAL_SCRIPT")
    if script:
        yield EntryName(script, "alias")
    for alias in (*element.iterfind("INDIVIDUAL_ALIAS"), *element.iterfind("ENTITY_ALIAS")):
        kind = _QUALITIES.get(_text(alias, "QUALITY").lower(), "alias")
        for part in _text(alias, "ALIAS_NAME").split(";"):
            if part.strip():
                yield EntryName(part.strip(), kind)


def _places(element: Element) -> Iterator[Address]:
    for place in (*element.iterfind("INDIVIDUAL_ADDRESS"), *element.iterfind("ENTITY_ADDRESS")):
        street = _text(place, "STREET")
        address = Address(
            (street,) if street else (),
            _text(place, "CITY"),
            _text(place, "STATE_PROVINCE"),
            _text(place, "ZIP_CODE"),
            countries.code(_text(place, "COUNTRY")),
        )
        if address != Address():
            yield address
        else:
            yield from _noted_places(_text(place, "NOTE"))


def _noted_places(note: str) -> Iterator[Address]:
    """Addresses that stand in remarks alone: "Branch Office 5: i) A Road, Quetta, Pakistan ii) …"."""
    for line in _LISTED.split(_BRANCH.sub("", note)):
        yield from [place for place in address_line.read(_CONTACTS.sub("", line)) if place.country]


def _contacts(element: Element) -> Iterator[Identifier]:
    """Phones, mailboxes and websites, which the list has in its remarks."""
    places = (*element.iterfind("INDIVIDUAL_ADDRESS"), *element.iterfind("ENTITY_ADDRESS"))
    yield from contacts_in(_text(element, "COMMENTS1"))
    for place in places:
        for tag in ("STREET", "NOTE"):
            yield from contacts_in(_text(place, tag))


def _documents(element: Element) -> Iterator[Identifier]:
    for document in element.iterfind("INDIVIDUAL_DOCUMENT"):
        label = _text(document, "TYPE_OF_DOCUMENT").replace("National Identification", "National ID")
        issuer = _text(document, "ISSUING_COUNTRY") or _text(document, "COUNTRY_OF_ISSUE")
        found = identifier(label, _text(document, "NUMBER"), issuer)
        if found:
            yield found


def _births(element: Element) -> Iterator[str]:
    """Dates, years, and every year of a span."""
    for birth in element.iterfind("INDIVIDUAL_DATE_OF_BIRTH"):
        for tag in ("DATE", "YEAR"):
            yield iso_date(_text(birth, tag)[:10])
        ends = [iso_date(_text(birth, tag))[:4] for tag in ("FROM_YEAR", "TO_YEAR")]
        yield from years_of(*map(int, ends)) if all(ends) else ends
