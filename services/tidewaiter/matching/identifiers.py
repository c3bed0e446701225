"""Check digits and formats of the numbers on a parcel (domain.md, section 1.9), and tax ids in one form."""

import re
from functools import lru_cache
from typing import Final

from tidewaiter.matching import countries
from tidewaiter.matching.text import visible

_S10: Final = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}")
_S10_WEIGHTS: Final = (8, 6, 4, 2, 3, 5, 9, 7)
_MAWB: Final = re.compile(r"([0-9]{3})[- ]?([0-9]{4}) ?([0-9]{4})")
_CAS: Final = re.compile(r"([0-9]{2,7})-([0-9]{2})-([0-9])")
_USCC_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC: Final = re.compile(rf"[{_USCC_ALPHABET}]{{18}}")
_USCC_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_HTS: Final = re.compile(r"[0-9]{4}[. -]?[0-9]{2}[. -]?[0-9]{2}[. -]?[0-9]{2}")
# "Unified Social Credit Code: ...", "R.F.C. ...", "VAT Reg. No. ...".
_TAX_LABEL: Final = re.compile(
    r"^\W*+(?:(?:USCC|R\.?F\.?C|CURP|VAT|F?EIN|NIT|RUC|RIF|INN|OGRN|CNPJ|CPF|CUIT|GST(?:IN)?|TIN|TRN|IRS"
    r"|TAX ?(?:PAYER)?(?: ?ID)?|ID|UNIFIED|SOCIAL|CREDIT|CODE|REGISTRATION|REG|BUSINESS|LICEN[CS]E"
    r"|COMPANY|NUMBER|NUM|NO)(?![A-Z0-9])\W*+)++",
    re.IGNORECASE,
)


def s10_problem(value: str) -> str | None:
    """What is wrong with a postal item number, or None (UPU S10: modulus 11, weights 8 6 4 2 3 5 9 7)."""
    text = value.replace(" ", "").upper()
    if not _S10.fullmatch(text):
        return f"S10 {value[:40]!r}: expected 2 letters, 9 digits, 2 letters of country, as RR123456785CN"
    expected = (
        11 - sum(int(digit) * weight for digit, weight in zip(text[2:10], _S10_WEIGHTS, strict=True)) % 11
    )
    expected = {10: 0, 11: 5}.get(expected, expected)
    if int(text[10]) != expected:
        return f"S10 {value[:40]!r}: check digit is {text[10]}, expected {expected}"
    return None


def mawb_problem(value: str) -> str | None:
    """What is wrong with a master air waybill number, or None (IATA: 7 serial digits modulo 7)."""
    match = _MAWB.fullmatch(value.strip())
    if not match:
        return f"MAWB {value[:40]!r}: expected a 3-digit airline prefix and 8 digits, as 023-12345675"
    serial = match[2] + match[3]
    expected = int(serial[:7]) % 7
    if int(serial[7]) != expected:
        return f"MAWB {value[:40]!r}: check digit is {serial[7]}, expected {expected}"
    return None


def cas_problem(value: str) -> str | None:
    """What is wrong with a CAS registry number, or None (digits weighted 1, 2, 3… from the right, mod 10)."""
    match = _CAS.fullmatch(value.strip())
    if not match:
        return f"CAS {value[:40]!r}: expected 2 to 7 digits, 2 digits, check digit, as 437-38-7"
    digits = (match[1] + match[2])[::-1]
    expected = sum(place * int(digit) for place, digit in enumerate(digits, start=1)) % 10
    if int(match[3]) != expected:
        return f"CAS {value[:40]!r}: check digit is {match[3]}, expected {expected}"
    return None


def uscc_problem(value: str) -> str | None:
    """What is wrong with a Chinese unified social credit code, or None (GB 32100-2015: modulus 31)."""
    text = value.replace(" ", "").upper()
    if not _USCC.fullmatch(text):
        return f"USCC {value[:40]!r}: expected 18 digits and capital letters without I, O, S, V, Z"
    total = sum(
        _USCC_ALPHABET.index(sign) * weight for sign, weight in zip(text[:17], _USCC_WEIGHTS, strict=True)
    )
    expected = _USCC_ALPHABET[(31 - total % 31) % 31]
    if text[17] != expected:
        return f"USCC {value[:40]!r}: check character is {text[17]}, expected {expected}"
    return None


def hts_problem(value: str) -> str | None:
    """What is wrong with an HTSUS number, or None: 10 digits of a chapter that exists, which dots, hyphens or
    blanks may part.

    Chapter 77 is reserved. That the number is in the tariff of the day is not checked here.
    """
    text = value.strip()
    if not _HTS.fullmatch(text):
        return f"HTS {value[:40]!r}: expected 10 digits, as 9503.00.00.73"
    if text[:2] in ("00", "77"):
        return f"HTS {value[:40]!r}: no chapter {text[:2]}, expected 01 to 99 without 77"
    return None


def is_cas(value: str) -> bool:
    """Whether ``value`` is a CAS registry number with a right check digit."""
    return cas_problem(value) is None


def is_uscc(value: str) -> bool:
    """Whether ``value`` is a unified social credit code with a right check character."""
    return uscc_problem(value) is None


def account(value: str) -> str:
    """A carrier's account number in capitals."""
    return visible(value).strip().upper()


@lru_cache(maxsize=16_384)
def tax_id(value: str) -> str:
    """A tax or registration number in capitals without label, spaces and punctuation; "" if under 5 signs.

    A leading country code is cut ("BG 123456789" → "123456789"; that of Greece is "EL"): it comes and goes,
    whatever country the party or the entry is in. So is that of China before a social credit code.
    """
    text = _TAX_LABEL.sub("", visible(value[:64]).strip()).partition("(")[0]
    bare = "".join(sign for sign in text.upper() if sign.isascii() and sign.isalnum())
    if len(bare) > 9 and bare[2:].isdigit() and countries.code(countries.iso(bare[:2])):
        bare = bare[2:]
    if bare[:2] == "CN" and is_uscc(bare[2:]):
        bare = bare[2:]
    return bare if len(bare) >= 5 and any(sign.isdigit() for sign in bare) and bare.strip("0") else ""
