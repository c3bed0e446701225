"""Dates, places and labelled numbers as lists write them, brought to the shapes of an entry."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from tidewaiter.domain.party import Address
from tidewaiter.domain.watchlist import Identifier, IdentifierKind
from tidewaiter.matching import countries
from tidewaiter.matching.address_line import cut_postal
from tidewaiter.matching.identifiers import is_uscc

_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
    )
}
_MONTH_DAY_YEAR: Final = re.compile(r"([A-Za-z]{3})[a-z]*\.? ([0-9]{1,2}),? ([0-9]{4})")
# In figures: the year first, or last; then the day, unless it can only be the month ("05/17/1961").
_YEAR_FIRST: Final = re.compile(
    r"([12][0-9]{3})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{2})([0-9]{2}))(?:[T ][0-9:.]+Z?)?"
)
_YEAR_LAST: Final = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([12][0-9]{3})")
_DAY_MONTH_YEAR: Final = re.compile(r"(?:([0-9]{1,2}) )?([A-Za-z]{3})[a-z]* ([0-9]{4})")
_ISO: Final = re.compile(r"[12][0-9]{3}(?:-[01][0-9](?:-[0-3][0-9])?)?")
_YEAR: Final = re.compile(r"\b(1[89][0-9]{2}|20[0-9]{2})\b")
# What lists call their numbers, by the beginning of the label; the first that fits stands.
_LABELS: Final[Mapping[str, IdentifierKind]] = {
    "email": "email",
    "e-mail": "email",
    "website": "website",
    "phone number": "phone",
    "phone no": "phone",
    "telephone": "phone",
    "tel.": "phone",
    "fax": "phone",
    "unified social credit code": "tax_id",
    "united social credit code": "tax_id",
    "r.f.c.": "tax_id",
    "c.u.r.p.": "tax_id",
    "tax id": "tax_id",
    "v.a.t.": "tax_id",
    "nit #": "tax_id",
    "ruc #": "tax_id",
    "rif #": "tax_id",
    "c.n.p.j": "tax_id",
    "c.u.i.t": "tax_id",
    "fiscal code": "tax_id",
    "italian fiscal code": "tax_id",
    "paraguayan tax identification number": "tax_id",
    "us fein": "tax_id",
    "c.i.f.": "tax_id",
    "rtn ": "tax_id",
    "business number": "tax_id",
    "enterprise number": "tax_id",
    "central registration system number": "tax_id",
    "ssn": "tax_id",
    "passport": "passport",
    "numéro de passeport": "passport",
    "número de pasaporte": "passport",
    "stateless person id": "passport",
    "national id": "national_id",
    "cedula": "national_id",
    "identification number": "national_id",
    "personal id": "national_id",
    "d.n.i.": "national_id",
    "c.u.i.": "national_id",
    "driver's license": "national_id",
    "registration number": "national_id",
    "registration id": "national_id",
    "business registration": "national_id",
    "company number": "national_id",
    "uk company number": "national_id",
    "c.r. no": "national_id",
    "economic register number (cbls)": "national_id",
    "chamber of commerce number": "national_id",
    "certificate of incorporation number": "national_id",
    "registered charity no": "national_id",
    "trade license no": "national_id",
    "citizen's card number": "national_id",
    "national foreign id number": "national_id",
    "residency number": "national_id",
    "turkish identification number": "national_id",
    "turkish identificiation number": "national_id",
    "commercial registry": "national_id",
    "public registration number": "national_id",
    "legal entity number": "national_id",
    "matricula mercantil": "national_id",
    "folio mercantil": "national_id",
}
_LABEL: Final = re.compile("|".join(map(re.escape, _LABELS)))
_LABEL_TAIL: Final = re.compile(
    r"^(?:address|number|numbers|no\.?|#|booklet|certificate|\((?:USCC|USCCC|RU)\)|code|expired|[:.\s])+",
    re.IGNORECASE,
)

# The number, perhaps its country in brackets, and what does not matter: "D1 (Syria) expires 13 Nov 2008".
_VALUE: Final = re.compile(
    r"(.+?)(?: \(([A-Z][^()]*)\))?[ .]*(?:$|\b(?:issued|expires|Date of Issuance)\b.*)"
)


_LONGEST_SPAN: Final = 30
_EMAIL: Final = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}"
)
_WEBSITE: Final = re.compile(r"\bweb ?site(?: address)?s?:? +(\S+[^\s.,;)])", re.IGNORECASE)
_BARE_CONTACT: Final = re.compile(
    r"([^\s@]{1,64}@[^\s@]{4,190}|(?:https?://|www\.)\S{4,200})(?: \((?:e-?mail|website)\))?", re.IGNORECASE
)
_NUMBER: Final = r"\+?[0-9][0-9() /.-]{5,}[0-9]"
_NUMBERS: Final = re.compile(
    r"\b(?:tele?phone|phone|tel|fax|facsimile|mobile)(?: numbers?| no\b)?[ :.]*"
    rf"({_NUMBER}(?:(?: *[,;/])? *(?:and +)?{_NUMBER})*)",
    re.IGNORECASE,
)
_NUMBERS_APART: Final = re.compile(r"[,;]| / | and ")


def iso_date(text: str) -> str:
    """A list's date as ISO, cut to what is known: "28 Jun 1973" → "1973-06-28", "circa 1957" → "1957". Of
    "05/06/1961" only the year is known."""
    text = text.strip()
    if _ISO.fullmatch(text):
        return text
    if figures := _in_figures(text):
        return figures
    match = _DAY_MONTH_YEAR.search(text)
    month = _MONTHS.get(match[2].lower()) if match else None
    if match and month:
        return f"{match[3]}-{month:02}" + (f"-{int(match[1]):02}" if match[1] else "")
    year = _YEAR.search(text)
    return year[1] if year else ""


def birth_dates(text: str) -> tuple[str, ...]:
    """The dates that a list gives for a birth: one, or each year of a span ("1955 to 1957", "01 Jan 1961 to
    31 Dec 1964"), since whoever was born in the middle of it is contradicted by neither end."""
    years = [int(year) for year in _YEAR.findall(text)]
    if len(years) == 2 and years[0] <= years[1] <= years[0] + _LONGEST_SPAN:
        return years_of(*years)
    found = iso_date(text)
    return (found,) if found else ()


def years_of(first: int, last: int) -> tuple[str, ...]:
    """Every year from ``first`` to ``last``, of which there are not too many."""
    return tuple([str(year) for year in range(first, min(last, first + _LONGEST_SPAN) + 1)])


def _in_figures(text: str) -> str:
    if match := _YEAR_FIRST.fullmatch(text):
        return _iso(match[1], match[3] or match[5], match[4] or match[6])
    if match := _MONTH_DAY_YEAR.fullmatch(text):
        return _iso(match[3], str(_MONTHS.get(match[1].lower(), 0)), match[2])
    match = _YEAR_LAST.fullmatch(text)
    if not match:
        return ""
    day_first, month_first = _iso(match[4], match[3], match[1]), _iso(match[4], match[1], match[3])
    is_told = match[2] == "." or not month_first or day_first == month_first
    return day_first if is_told else month_first if not day_first else match[4]


def _iso(year: str, month: str, day: str) -> str:
    """The date, or "" where there is none such."""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def place(street: str, city_line: str, country: str) -> Address:
    """An address of which the list gives street, "city, region postal" and the country's name or code."""
    city, _, rest = city_line.partition(",")
    region, postal = cut_postal(rest.strip())
    if not rest:
        city, postal = cut_postal(city.strip())
    code = countries.code(country)
    return Address((street,) if street else (), city.strip(), region, postal, code)


def identifier(label: str, value: str, country: str) -> Identifier | None:
    """An identifier from a list's label ("Tax ID No.") and value; None where the label names none of ours.

    A ship's IMO number and whatever else stands for no person or company is not taken.
    """
    beginning = _LABEL.match(label.lower())
    if beginning is None:
        return None
    kind, value = _LABELS[beginning[0]], value.strip(" .,;")
    if not value or value.startswith("IMO "):
        return None
    if kind == "national_id" and is_uscc(value):
        kind = "tax_id"
    return Identifier(kind, value, countries.code(country))


def labelled_identifier(text: str) -> Identifier | None:
    """An identifier from running text: "Cedula No. 71980054 (Colombia)"; None if it holds none."""
    beginning = _LABEL.match(text.lower())
    if beginning is None:
        return _bare_contact(text)
    match = _VALUE.match(_LABEL_TAIL.sub("", text[beginning.end() :].strip()))
    value, country = (match[1], match[2] or "") if match else ("", "")
    return identifier(beginning[0], value.partition(", ")[0], country)


def _bare_contact(text: str) -> Identifier | None:
    """A mailbox or a web address that is all of the text, or is told by what stands behind it."""
    match = _BARE_CONTACT.fullmatch(text)
    if match is None:
        return None
    return Identifier("email" if "@" in match[1] else "website", match[1])


def contacts_in(text: str) -> list[Identifier]:
    """The mailboxes that running text names, and what it calls phones and websites."""
    phones = [number for run in _NUMBERS.findall(text) for number in _NUMBERS_APART.split(run)]
    found = [
        *[Identifier("phone", number.strip()) for number in phones if number.strip()],
        *[Identifier("email", mailbox) for mailbox in _EMAIL.findall(text)],
        *[Identifier("website", site) for site in _WEBSITE.findall(text)],
    ]
    return list(dict.fromkeys(found))
