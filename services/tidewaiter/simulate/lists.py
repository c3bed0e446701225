"""A fictitious watchlist in the OFAC file format, so that a demonstration accuses nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tidewaiter.simulate import people
from tidewaiter.simulate.chance import Chance
from tidewaiter.simulate.origins import BY_COUNTRY, Origin
from tidewaiter.simulate.places import US_CITIES, Fields, foreign_address, foreign_phone, us_address
from tidewaiter.simulate.vocabulary import parts, words

_NULL: Final = "-0- "
_FIRST_NUMBER: Final = 900_001
_PERSONS, _COMPANIES, _VESSELS = 380, 210, 12
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# Programmes of every second entry have to do with drugs; several are joined as OFAC joins them.
_PROGRAMS: Final = (
    "SDNTK", "ILLICIT-DRUGS-EO14059", "SDNTK] [ILLICIT-DRUGS-EO14059", "ILLICIT-DRUGS-EO14059", "SDNTK",
    "TCO", "RUSSIA-EO14024", "SDGT", "CYBER2", "GLOMAG",
)  # fmt: skip
_COUNTRIES: Final = ("CN", "MX", "MX", "CN", "HK", "IN", "TR", "VN", "IT", "CN")
_USCC_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_FAMILY_SYLLABLES: Final = 24
# House numbers above all that ordinary shippers have, so that nobody lives at a listed address by chance.
_FIRST_HOUSE: Final = 4_000


@dataclass(frozen=True, slots=True)
class Rows:
    """What is written of one entry: its row of sdn.csv, and those of alt.csv and add.csv."""

    primary: Sequence[str]
    aliases: Sequence[Sequence[str]] = ()
    addresses: Sequence[Sequence[str]] = ()


def write_fictitious_list(directory: Path, seed: int) -> int:
    """Write sdn.csv, alt.csv and add.csv (latin-1, no header, ``-0-`` for nothing); return how many entries.

    The same seed gives the same bytes. The directory is made if need be; files of these names are replaced.
    """
    directory.mkdir(parents=True, exist_ok=True)
    entries = fictitious_entries(seed)
    _write(directory / "sdn.csv", [entry.primary for entry in entries])
    _write(directory / "alt.csv", [row for entry in entries for row in entry.aliases])
    _write(directory / "add.csv", [row for entry in entries for row in entry.addresses])
    return len(entries)


def fictitious_entries(seed: int) -> Sequence[Rows]:
    """Persons, companies and vessels with invented names."""
    chance = Chance(seed)
    kinds = [_person] * _PERSONS + [_company] * _COMPANIES + [_vessel] * _VESSELS
    return [make(number, chance) for number, make in enumerate(kinds, start=_FIRST_NUMBER)]


def _write(path: Path, rows: Sequence[Sequence[str]]) -> None:
    with path.open("w", encoding="latin-1", newline="") as file:
        file.writelines(",".join(map(_cell, row)) + "\r\n" for row in rows)


def _cell(value: str) -> str:
    return value if value == _NULL or value.isdigit() else '"' + value.replace('"', "'") + '"'


def _primary(number: int, name: str, kind: str, program: str, remarks: Sequence[str]) -> Sequence[str]:
    text = "; ".join(remarks) + "." if remarks else _NULL
    return (str(number), name, kind, program, *[_NULL] * 7, text)


def _person(number: int, chance: Chance) -> Rows:
    origin, name = _named(chance)
    family = name.partition(",")[0]
    remarks = [
        f"DOB {chance.between(1, 28):02d} {chance.pick(_MONTHS)} {chance.between(1952, 1996)}",
        f"nationality {origin.name}",
        "Gender Male",
    ]
    if chance.often(0.35):
        remarks.append(f"Phone Number {foreign_phone(number, origin.phone).lstrip('+')}")
    if chance.often(0.2):
        remarks.append(f"Email Address {family.lower().replace(' ', '')}{number % 1_000}@mailbox.example")
    if chance.often(0.3):
        remarks.append(f"Passport G{chance.between(10_000_000, 99_999_999)} ({origin.name})")
    alias = f"{family}, {chance.pick(words('rare_surname_stems'))}{chance.pick(('o', 'en', 'ir'))}"
    return Rows(
        _primary(number, name, "individual", chance.pick(_PROGRAMS), remarks),
        _aliases(number, alias.upper()) if chance.often(0.4) else (),
        [_address(number, origin, chance)] if chance.often(0.8) else (),
    )


def _named(chance: Chance) -> tuple[Origin, str]:
    """A country, and a name: Chinese, Slavic, one that thousands have, or a rare one."""
    kind = chance.below(10)
    if kind < 3:
        syllables = parts("hanzi")[0]
        given = chance.pick(syllables[_FAMILY_SYLLABLES:]) + chance.pick(syllables[_FAMILY_SYLLABLES:])
        family = chance.pick(syllables[:_FAMILY_SYLLABLES])
        return BY_COUNTRY["CN"], f"{family.upper()}, {given.title()}"
    if kind == 3:
        families, givens = parts("slavic_names")
        return BY_COUNTRY["TR"], f"{chance.pick(families).upper()}, {chance.pick(givens)}"
    origin = BY_COUNTRY[chance.pick(_COUNTRIES)]
    first, _, last = people.us_name(chance.below(1 << 60))
    if kind == 4:
        return origin, f"{chance.pick(words('shared_surnames')).upper()}, {first}"
    rare = f"{chance.pick(words('rare_surname_stems'))}{chance.pick(words('rare_surname_endings'))}"
    return origin, f"{rare.upper()} {last.upper()}, {first}"


def _company(number: int, chance: Chance) -> Rows:
    origin = BY_COUNTRY[chance.pick(_COUNTRIES)]
    name = people.foreign_company(chance.below(1 << 60), origin)
    site = "".join(filter(str.isalnum, name.partition(" ")[0].lower()))
    remarks = ["Organization Type: Wholesale trade"]
    if chance.often(0.5):
        remarks.append(f"Website www.{site}{number % 1_000}.example")
    if chance.often(0.4):
        remarks.append(f"Phone Number {foreign_phone(number, origin.phone).lstrip('+')}")
    if origin.country == "CN":
        remarks.append(f"Unified Social Credit Code (USCC) {_uscc(chance)} (China)")
    short = " ".join(name.split()[:2])
    return Rows(
        _primary(number, name.upper(), _NULL, chance.pick(_PROGRAMS), remarks),
        _aliases(number, short.upper()) if chance.often(0.5) else (),
        [_address(number, origin, chance)],
    )


def _vessel(number: int, chance: Chance) -> Rows:
    name = f"{chance.pick(parts('company_words')[1])} {chance.pick(words('colours'))}".upper()
    remark = f"Vessel Registration Identification IMO {chance.between(9_100_000, 9_899_999)}"
    flag = chance.pick(("Panama", "Comoros", "Cameroon"))
    kind = ("vessel", "RUSSIA-EO14024", _NULL, f"V3{number % 1_000}", "General Cargo", _NULL, "8120", flag)
    return Rows((str(number), name, *kind, _NULL, remark + "."))


def _uscc(chance: Chance) -> str:
    """A unified social credit code with its right check character (GB 32100-2015: modulus 31)."""
    body = f"91{chance.between(110_000, 659_000)}" + "".join(chance.pick(_USCC_SIGNS) for _ in range(9))
    total = sum(_USCC_SIGNS.index(sign) * weight for sign, weight in zip(body, _USCC_WEIGHTS, strict=True))
    return body + _USCC_SIGNS[(31 - total % 31) % 31]


def _aliases(number: int, name: str) -> Sequence[Sequence[str]]:
    return [(str(number), str(number + 50_000), "aka", name, _NULL)]


def _address(number: int, origin: Origin, chance: Chance) -> Sequence[str]:
    """A row of add.csv; one entry in twelve sits in the United States."""
    bits = chance.below(1 << 60)
    if chance.below(12) == 0:
        return _address_row(number, us_address(bits, chance.pick(US_CITIES)), "United States")
    return _address_row(number, foreign_address(bits, origin.country, _FIRST_HOUSE), origin.name)


def _address_row(number: int, address: Fields, country: str) -> Sequence[str]:
    lines = address["addr_lines"]
    street = ", ".join(lines) if isinstance(lines, list) else _NULL
    place = f"{address['region']} {address.get('postal', '')}".strip()
    return (str(number), str(number + 70_000), street, f"{address['city']}, {place}", country, _NULL)
