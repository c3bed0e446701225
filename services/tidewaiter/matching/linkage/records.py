"""A person's record as linkage compares it, and the columns of a table that it is read from."""

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from tidewaiter.matching import addresses, emails, identifiers, phones
from tidewaiter.matching.address_words import PLAIN_FORMS, address_tokens
from tidewaiter.matching.text import folded, words

# The names under which a column is known; febrl's are among them.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name", "full_name"),
    "given": ("given_name", "first_name", "forename", "given"),
    "surname": ("surname", "last_name", "family_name"),
    "number": ("street_number", "house_number"),
    "street": ("address_1", "address", "street", "address1", "addr_line_1", "street_address"),
    "extra": ("address_2", "address2", "addr_line_2", "unit"),
    "city": ("suburb", "city", "town", "locality"),
    "postal": ("postcode", "postal", "zip", "zip_code", "postal_code"),
    "region": ("state", "region", "province"),
    "country": ("country",),
    "phone": ("phone", "phone_number", "telephone"),
    "email": ("email", "email_address", "e_mail"),
    "birth": ("date_of_birth", "birth_date", "dob"),
    "number_id": ("soc_sec_id", "ssn", "national_id", "tax_id", "id_number"),
}


class PersonRecord(Struct, frozen=True):
    """One record, normalised; "" is "not given". ``birth`` and ``number_id`` hold letters and digits only."""

    given: str = ""
    surname: str = ""
    number: str = ""
    street: str = ""
    extra: str = ""
    city: str = ""
    postal: str = ""
    region: str = ""
    phone: str = ""
    email: str = ""
    birth: str = ""
    number_id: str = ""


def known_columns(header: Sequence[str]) -> dict[str, str]:
    """Field → the header's column for it, for the columns whose name is known."""
    plain = {column.strip().lower().replace(" ", "_").replace("-", "_"): column for column in header}
    found = {
        field: next((plain[name] for name in names if name in plain), "") for field, names in COLUMNS.items()
    }
    return {field: column for field, column in found.items() if column}


def person_record(row: Mapping[str, str], columns: Mapping[str, str]) -> PersonRecord:
    """A row as a record; ``columns`` is what ``known_columns`` found. Never raises."""
    cells = {field: row.get(column) or "" for field, column in columns.items()}
    given, surname = _name(cells)
    number, street = _street(cells)
    country = cells.get("country", "").strip().upper()
    return PersonRecord(
        given=given,
        surname=surname,
        number=number,
        street=street,
        extra=_address(cells.get("extra", "")),
        city="".join(words(cells.get("city", ""))),
        postal=addresses.normal_postal(cells.get("postal", ""), country),
        region="".join(words(cells.get("region", ""))),
        phone=phones.e164(cells.get("phone", ""), country),
        email=emails.normalised(cells.get("email", "")),
        birth=_birth(cells.get("birth", "")),
        number_id=identifiers.tax_id(cells.get("number_id", "")),
    )


def _name(cells: Mapping[str, str]) -> tuple[str, str]:
    """Given name and surname, of which the surname is the last word, or stands before a comma."""
    given, surname = cells.get("given", ""), cells.get("surname", "")
    whole = cells.get("name", "")
    if whole and not given and not surname:
        before, comma, after = whole.partition(",")
        parts = words(whole)
        if comma:
            given, surname = after, before
        else:
            given, surname = " ".join(parts[:-1]), " ".join(parts[-1:])
    return "".join(words(given)), "".join(words(surname))


def _birth(text: str) -> str:
    """The date with its year first, so that files of two countries agree; of two numbers up to 12 the day may
    be the month, which comparing takes for nearly the same."""
    parts = words(text.replace("/", " ").replace(".", " ").replace("-", " "))
    if len(parts) != 3 or not all(part.isdigit() for part in parts):
        return "".join(words(text))
    year, month, day = parts if len(parts[0]) == len("1961") else parts[::-1]
    if month > "12" and len(month) == len("12"):
        month, day = day, month
    return f"{year}{month:0>2}{day:0>2}"


def _street(cells: Mapping[str, str]) -> tuple[str, str]:
    number, street = "".join(words(cells.get("number", ""))), _address(cells.get("street", ""))
    first, _, rest = folded(cells.get("street", "")).strip().partition(" ")
    if not number and first[:1].isdigit() and rest:
        return first, _address(rest)
    return number, street


def _address(text: str) -> str:
    return "".join(PLAIN_FORMS.get(token, token) for token in address_tokens(text))
