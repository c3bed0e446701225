"""Phone numbers as E.164, however a shipper wrote them."""

import re
from functools import lru_cache
from typing import Final

import phonenumbers

from tidewaiter.matching import countries
from tidewaiter.matching.text import visible

_PUNCTUATION: Final = str.maketrans("", "", " -().\u00a0/\t")
_EXTENSION: Final = re.compile(
    r"(?:[,;]|\s*(?:ext|extension|extn|x|#|分机|доб))\.?\s*[:.]?\s*[0-9]{1,6}\W*$", re.IGNORECASE
)
_US: Final = re.compile(r"(?:\+?1)?([2-9][0-9]{2}[2-9][0-9]{6})")
_CN_MOBILE: Final = re.compile(r"(?:(?:\+|00)?86)?(1[3-9][0-9]{9})")
# Hong Kong's own numbers have eight digits: eleven are of a mobile across the border.
_WITH_CN_MOBILES: Final = frozenset({"CN", "HK", "MO"})
# As dialled until 2019, and written since.
_MX_FORMER: Final = re.compile(r"(?:(?:\+|00)?520?1|01|04[45])([2-9][0-9]{9})")
_SPREADSHEET: Final = re.compile(r"(?<=[0-9]{7})\.0+$")
# The number in a text with words around it, and what an extension without a word for it is.
_NUMBER: Final = re.compile(r"[+(]{0,2}[0-9][0-9 ().*_/-]{5,30}[0-9]")
_BEHIND: Final = re.compile(r" ?[-/] ?[0-9]{1,5}$")
_LEADING: Final = re.compile(r"[+(\s]*(?:00)?")
_MAX_CHARACTERS: Final = 80
_APART: Final = re.compile("[,;/|、\n]| or | and | & ")
# As many as the 40 signs of a message's field have room for, and what may be one: "1/1/1/1/" before a listed
# number would hide it.
_MOST_NUMBERS: Final = 8
_LEAST_DIGITS: Final = 5
# Kinds that make a number valid, in the names of phonenumbers' metadata.
_KINDS: Final = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
)


@lru_cache(maxsize=8_192)
def e164(phone: str, country: str) -> str:
    """``phone`` as E.164 ("+16175550123"), an extension cut off; "" when it is no possible number.

    ``country`` is the ISO alpha-2 code to read a national number by; without it only numbers that carry
    their country code are read.
    """
    if len(phone) > _MAX_CHARACTERS:
        return ""
    phone = visible(phone)
    if phone[-1:] == "0":
        phone = _SPREADSHEET.sub("", phone)
    bare = phone.translate(_PUNCTUATION)
    if country in ("US", "CA") and (match := _US.fullmatch(bare)):
        return "+1" + match[1]
    if (country in _WITH_CN_MOBILES or bare[:3] == "+86") and (match := _CN_MOBILE.fullmatch(bare)):
        bare = "+86" + match[1]
    if bare[:1] == "+" and bare[1:].isdecimal() and bare.isascii() and _is_plainly_valid(bare):
        return bare
    return _read(_EXTENSION.sub("", phone), country) or _read_within(phone, country)


def all_in(text: str, *homes: str) -> tuple[str, ...]:
    """The numbers that a field names, each once: nearly always one, but carriers write two into one.

    National ones are read as of the first of the countries ``homes`` of which there is a number: "China" and
    an address in Hong Kong.
    """
    for country in dict.fromkeys(homes):
        if found := _all_in(text, country):
            return found
    return ()


def _all_in(text: str, country: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    text = visible(text)
    if _APART.search(text):
        parts = [part for part in _APART.split(text) if sum(map(str.isdigit, part)) >= _LEAST_DIGITS]
        found = dict.fromkeys([e164(part, country) for part in parts[:_MOST_NUMBERS]])
        found.pop("", None)
        if len(found) > 1:
            return tuple(found)
    whole = e164(text, country)  # what follows a comma or a stroke may be an extension, or the number itself
    return (whole,) if whole else tuple(found)


def _is_plainly_valid(number: str) -> bool:
    """Whether "+" and digits are a number just as they stand: 1 us, where phonenumbers takes 14.

    False only says that they have to be read: a country code of several countries, or digits that begin
    like a trunk prefix, which is cut off.
    """
    for digits in (2, 3):
        shapes = _shapes(int(number[1 : 1 + digits] or "0"))
        if shapes:
            national = number[1 + digits :]
            whole, kinds, prefix = shapes
            return not prefix.match(national) and bool(
                whole.fullmatch(national) and kinds.fullmatch(national)
            )
    return False


@lru_cache(maxsize=1024)
def _shapes(calling_code: int) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]] | None:
    """Of a country that has its calling code alone: the shape of all numbers, of those of some kind, and what
    may be a trunk prefix. As phonenumbers' metadata have them."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(calling_code, ())
    known = phonenumbers.PhoneMetadata.metadata_for_region(regions[0]) if len(regions) == 1 else None
    if known is None or known.general_desc is None:
        return None
    kinds = [getattr(known, name) for name in _KINDS]
    return (
        re.compile(known.general_desc.national_number_pattern or ""),
        re.compile("|".join([kind.national_number_pattern or "" for kind in kinds if kind])),
        re.compile(f"0|{known.national_prefix_for_parsing or '0'}"),
    )


def _read(text: str, country: str) -> str:
    if text.startswith("00"):
        text = "+" + text[2:]
    number = _parsed(text, countries.iso(country))
    if number is None and text.lstrip("+( ")[:1].isdigit():
        # Lists write "8613314257947", "52 667 ..." or "(98)(21)(66153220)" with no plus sign.
        number = _parsed("+" + _LEADING.sub("", text, count=1), "")
    if number is None:
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _read_within(phone: str, country: str) -> str:
    """The number of a text that is none as a whole: with words around it, a bare extension behind it, a
    second one in short ("381 4431/4432"), or as Mexico's were dialled before 2019."""
    found = _NUMBER.search(phone)
    if not found:
        return ""
    text = found[0]
    bare = text.translate(_PUNCTUATION)
    if (country == "MX" or bare.lstrip("+0")[:2] == "52") and (former := _MX_FORMER.fullmatch(bare)):
        return _read("+52" + former[1], "MX")
    return _read(text, country) or _read(_BEHIND.sub("", text), country)


def _parsed(text: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None
